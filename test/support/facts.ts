import { createHash } from "node:crypto";
import type {
  EventDeleted,
  EventType,
  EventUpdated,
  Fact,
  NewFact,
  Payload,
  PollFinished,
  SalesChanged,
  SalesCounted,
  TicketType,
  TicketTypeCount,
  UnderShop,
} from "../../src/contracts/index.ts";
import { lowestIdAt } from "../../src/datacore/time-uuid.ts";

export const EVENT_ID = "68f000000000000000000001";

/** An id that the datacore could have given at this time; `n` tells apart those of one millisecond. */
export function factIdAt(time: Date | string, n = 0): string {
  const rest = (n + 1).toString(16).padStart(12, "0");
  return `${lowestIdAt(new Date(time)).slice(0, 18)}-8001-${rest}`;
}

let stored = 0;

/** A fact as it is read from the log, stored at a time of its own unless one is given. */
export function asRead(fact: NewFact, at?: Date | string): Fact {
  stored += 1;
  const factId = factIdAt(at ?? new Date(Date.UTC(2026, 0, 1) + stored), stored);
  // The cast: a spread does not keep which payload goes with which event type.
  return { factId, ...fact } as Fact;
}

const digest = (value: unknown) =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);

const build = <T extends EventType>(eventType: T, payload: Payload<T>) =>
  // The cast: TypeScript does not relate the type parameter to a member of the union.
  ({ eventType, payload }) as NewFact<T>;

export const ticketType = (more: Partial<TicketType> = {}): TicketType => ({
  ticketTypeId: "men",
  name: "HYROX MEN | Saturday",
  priceMinor: 9_900,
  amount: 100,
  active: true,
  categoryRef: null,
  autoAdded: false,
  ignoreForMaxAmounts: false,
  conditionalAvailability: false,
  hiddenInSelectionArea: false,
  allocations: [],
  ...more,
});

export const underShop = (more: Partial<UnderShop> = {}): UnderShop => ({
  underShopId: "partners",
  name: "Partners",
  active: true,
  sellStart: null,
  sellEnd: null,
  inventoryStrategy: "dependent",
  maxAmount: null,
  customerTags: [],
  ...more,
});

/** The key is made from what the fact says, as the service makes it: who saw it and when stay out. */
export function eventUpdated(said: Partial<EventUpdated> = {}): NewFact<"event.updated.0"> {
  const {
    idempotencyKey,
    source = "poll",
    observedAt = "2026-02-01T10:00:01.000Z",
    ...more
  } = said;
  const ticketTypes = more.ticketTypes ?? [ticketType()];
  const underShops = more.underShops ?? [];
  const content = {
    eventId: EVENT_ID,
    part: { number: 1, of: 1 },
    name: "HYROX Testville",
    eventType: "SINGLE",
    locationName: "Messe",
    locationCity: "Testville",
    locationCountry: "DE",
    timezone: "Europe/Berlin",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-02-01T10:00:00.000Z",
    start: "2026-10-03T06:00:00.000Z",
    end: "2026-10-04T20:00:00.000Z",
    sellStart: "2026-02-12T11:00:00.000Z",
    sellEnd: "2026-10-01T00:00:00.000Z",
    visibleAfter: null,
    hideInListing: false,
    maxAmount: null,
    currency: "EUR",
    categories: [],
    ticketTypeIds: ticketTypes.map(({ ticketTypeId }) => ticketTypeId).sort(),
    underShopIds: underShops.map(({ underShopId }) => underShopId).sort(),
    ticketTypes,
    underShops,
    account: "DACH",
    ...more,
  };
  const at = content.updatedAt ?? observedAt;
  const key = `event.updated/${content.account}/${content.eventId}/${at}/${digest(content)}`;
  return build("event.updated.0", {
    ...content,
    idempotencyKey: idempotencyKey ?? key.slice(0, 200),
    source,
    observedAt,
  });
}

export function eventDeleted(more: Partial<EventDeleted> = {}): NewFact<"event.deleted.0"> {
  const { eventId = EVENT_ID, account = "DACH", observedAt = "2026-03-01T00:00:00.000Z" } = more;
  return build("event.deleted.0", {
    eventId,
    account,
    observedAt,
    idempotencyKey: `event.deleted/${account}/${eventId}/${observedAt}`,
    source: "webhook",
    name: null,
    ...more,
  });
}

export const typeCount = (more: Partial<TicketTypeCount> = {}): TicketTypeCount => ({
  ticketTypeId: "men",
  sold: 0,
  soldUnderShop: 0,
  complimentary: 0,
  replaced: 0,
  triggered: 0,
  flexAddOns: 0,
  reserved: 0,
  invalid: 0,
  blank: 0,
  newSales: {},
  replacements: {},
  ...more,
});

export function salesCounted(more: Partial<SalesCounted> = {}): NewFact<"sales.counted.0"> {
  const { eventId = EVENT_ID, account = "DACH", countedAt = "2026-03-01T02:00:00.000Z" } = more;
  const { part = { number: 1, of: 1 } } = more;
  const content = {
    eventId,
    account,
    countedAt,
    part,
    complete: true,
    ticketsRead: 0,
    expectedTotal: 0,
    currencies: ["EUR"],
    ticketTypes: [typeCount()],
    ...more,
  };
  return build("sales.counted.0", {
    idempotencyKey: `sales.counted/${account}/${eventId}/${countedAt}/${digest(content)}`,
    source: "poll",
    observedAt: countedAt,
    ...content,
  });
}

/** What differs from what the counts before said. */
export function salesChanged(more: Partial<SalesChanged> = {}): NewFact<"sales.changed.0"> {
  const { payload } = salesCounted(more);
  return build("sales.changed.0", {
    ...payload,
    ...more,
    complete: true,
    idempotencyKey: more.idempotencyKey ?? payload.idempotencyKey.replace("counted", "changed"),
  });
}

export function pollFinished(more: Partial<PollFinished> = {}): NewFact<"poll.finished.0"> {
  const { account = "DACH", startedAt = "2026-03-01T02:00:00.000Z" } = more;
  return build("poll.finished.0", {
    idempotencyKey: `poll.finished/${account}/${startedAt}`,
    account,
    source: "poll",
    observedAt: startedAt,
    startedAt,
    finishedAt: "2026-03-01T02:05:00.000Z",
    complete: true,
    eventsRead: 1,
    eventsCounted: 1,
    ticketsRead: 9,
    requests: 3,
    failures: [],
    ...more,
  });
}
