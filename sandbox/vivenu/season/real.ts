import { seeded } from "../../random.ts";
import frankfurt from "../data/frankfurt-2025.json";
import paris from "../data/paris-2025.json";
import { idFrom } from "../ids.ts";
import { eventDocument, partnersByType } from "./event-document.ts";
import { type Sale, ticketHistory } from "./history.ts";
import { seedOf, sellerOf } from "./made-up.ts";
import { PLAIN } from "./places.ts";
import type { Moment, PlannedEvent } from "./spec.ts";
import { type Category, extras, type TypePlan, withPartners } from "./ticket-types.ts";

type Counted = typeof frankfurt;

interface Setting {
  counted: Counted;
  city: string;
  venue: string;
  country: string;
  createdAt: string;
  sellStart: string;
  countedAt: string;
  start: string;
  end: string;
}

const SETTINGS: readonly Setting[] = [
  {
    counted: frankfurt,
    city: "Frankfurt",
    venue: "Messehalle am Main",
    country: "DE",
    createdAt: "2025-07-29T08:12:40.000Z",
    sellStart: "2025-08-05T10:00:00.000Z",
    countedAt: "2025-08-27T08:00:00.000Z",
    start: "2025-12-05T06:00:00.000Z",
    end: "2025-12-07T20:00:00.000Z",
  },
  {
    counted: paris,
    city: "Paris",
    venue: "Halle de la Seine",
    country: "FR",
    createdAt: "2025-05-20T09:30:00.000Z",
    sellStart: "2025-06-12T10:00:00.000Z",
    countedAt: "2025-08-27T08:00:00.000Z",
    start: "2025-10-22T05:00:00.000Z",
    end: "2025-10-26T20:00:00.000Z",
  },
];

const PRICES: Record<Category, number> = { Race: 119, Charity: 250, Spectator: 15, Extras: 0 };

/** Of the records that are neither listed nor partners: extras; the others are invalid tickets. */
const EXTRAS_SHARE = 0.45;

/** The two events whose types and counts are real; dates, prices and everything else are not. */
export const realEvents = (moment: Moment) => SETTINGS.map((setting) => realEvent(setting, moment));

function realEvent(setting: Setting, { seed }: Moment): PlannedEvent {
  const { counted } = setting;
  const id = idFrom(seed, "event", counted.event);
  const types = typesOf(counted, id);
  const window = { from: new Date(setting.sellStart), until: new Date(setting.countedAt) };
  const sales = salesOf(counted, types, window);
  const valid = sales.reduce(
    (sum, { type, count }) => sum + count * (1 + (type.partner?.count ?? 0)),
    0,
  );
  return {
    region: counted.region,
    currency: counted.currency,
    partners: partnersByType(types),
    document: eventDocument({
      ...setting,
      id,
      sellerId: sellerOf(counted.region),
      name: counted.event,
      timezone: counted.timezone,
      createdAt: new Date(setting.createdAt),
      updatedAt: window.until,
      start: new Date(setting.start),
      end: new Date(setting.end),
      sellStart: window.from,
      maxAmount: 100_000,
      categoryAmounts: {},
      types,
      underShops: [],
      rules: true,
    }),
    tickets: ticketHistory({
      eventId: id,
      region: counted.region,
      random: seeded(seedOf(seed, counted.event)),
      sales,
      invalid: counted.totalTicketRecords - valid,
      reserved: 0,
      blank: 0,
      imported: 0,
    }),
  };
}

function typesOf({ ticketTypes }: Counted, eventId: string): TypePlan[] {
  const listed = ticketTypes.map(({ name, capacity }) => ({
    id: idFrom(eventId, "ticket type", name),
    name,
    category: categoryOf(name),
    price: PRICES[categoryOf(name)],
    amount: capacity,
    active: true,
  }));
  return [...withPartners(listed, PLAIN, eventId), ...extras(eventId)];
}

const categoryOf = (name: string): Category =>
  /charity/i.test(name) ? "Charity" : /spectator/i.test(name) ? "Spectator" : "Race";

function salesOf(
  { ticketTypes, totalTicketRecords }: Counted,
  types: readonly TypePlan[],
  window: { from: Date; until: Date },
): Sale[] {
  const sold = new Map(ticketTypes.map(({ name, sold: count }) => [name, count]));
  const listed = types.map((type) => ({ type, count: sold.get(type.name) ?? 0, ...window }));
  const records = listed.reduce(
    (sum, { type, count }) => sum + count * (1 + (type.partner?.count ?? 0)),
    0,
  );
  const more = types.filter(
    ({ category, partnerOf }) => category === "Extras" && partnerOf === undefined,
  );
  const each = Math.floor(((totalTicketRecords - records) * EXTRAS_SHARE) / more.length);
  return [
    ...listed.filter(({ count }) => count > 0),
    ...more.map((type) => ({ type, count: each, ...window })),
  ];
}
