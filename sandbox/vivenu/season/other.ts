import { seeded } from "../../random.ts";
import { idFrom } from "../ids.ts";
import { DAY_MS, localTime, plus, raceDays } from "./calendar.ts";
import { eventDocument } from "./event-document.ts";
import { ticketHistory } from "./history.ts";
import { seedOf, sellerOf } from "./made-up.ts";
import type { Moment, OtherSpec, PlannedEvent } from "./spec.ts";
import type { TypePlan } from "./ticket-types.ts";

/** What seller accounts hold beside HYROX: one ticket type, on sale for two months. */
export function otherEvent(spec: OtherSpec, { seed, now }: Moment): PlannedEvent {
  const id = idFrom(seed, "event", spec.key);
  const [day = now] = raceDays(now, spec.startsInDays, 1);
  const sellStart = plus(now, -60 * DAY_MS);
  const type: TypePlan = {
    id: idFrom(id, "ticket type", spec.typeName),
    name: spec.typeName,
    category: "Spectator",
    price: spec.price,
    amount: spec.amount,
    active: true,
  };
  return {
    region: spec.region,
    currency: spec.currency,
    partners: {},
    document: {
      ...eventDocument({
        ...spec,
        id,
        sellerId: sellerOf(spec.region),
        venue: `${spec.city} office`,
        createdAt: plus(sellStart, -3 * DAY_MS),
        updatedAt: plus(now, -9 * DAY_MS),
        start: localTime(day, 9, spec.timezone),
        end: localTime(day, 18, spec.timezone),
        sellStart,
        maxAmount: spec.amount,
        categoryAmounts: {},
        types: [type],
        underShops: [],
        rules: true,
      }),
      slogan: spec.name,
      description: `<p>${spec.name}</p>`,
    },
    tickets: ticketHistory({
      eventId: id,
      region: spec.region,
      random: seeded(seedOf(seed, spec.key)),
      sales: [{ type, count: spec.sold, from: sellStart, until: now }],
      invalid: Math.round(spec.sold * 0.05),
      reserved: 0,
      blank: 0,
      imported: 0,
    }),
  };
}
