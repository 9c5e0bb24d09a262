import { type EventForStatus, type EventStatus, isSaleOpen } from "../../rules/event-status.ts";
import { toMajor } from "../../rules/money.ts";
import { sumOfValues } from "../../rules/value.ts";
import { type NumbersMemory, numbersMemory } from "./event-capacity.ts";
import { type EventMadeOf, eventMadeOf, type RowPolicy } from "./event-made-of.ts";
import type { EventColumns, EventInRows } from "./event-state.ts";
import { noNumbers, notCounted } from "./no-numbers.ts";
import type { EventRow, TicketTypeRow } from "./shown-row-types.ts";
import { countedValue, shownValue } from "./shown-value.ts";

/** The name of a ticket type of which only tickets are known. */
export const NOT_DESCRIBED = "(not described by Vivenu)";

/** A row as it reads while its event's sale is open: the clock says what of it holds. */
export interface Made<Row> {
  row: Row;
  /** `availableToBuy` at all other times. */
  toBuyWhenShut: 0 | null;
}

export interface MadeEvent {
  event: Made<EventRow>;
  ticketTypes: Made<TicketTypeRow>[];
  forStatus: EventForStatus;
}

type Standing = Pick<EventStatus, "status" | "presale" | "limited">;

/** As people see it while its status is that. */
export function eventAt({ row, toBuyWhenShut }: Made<EventRow>, standing: Standing): EventRow {
  const { status, presale, limited } = standing;
  const availableToBuy = isSaleOpen(standing) ? row.availableToBuy : toBuyWhenShut;
  return { ...row, status, presale, limited, availableToBuy };
}

export const ticketTypeAt = (
  { row, toBuyWhenShut }: Made<TicketTypeRow>,
  standing: Pick<Standing, "status">,
): TicketTypeRow => (isSaleOpen(standing) ? row : { ...row, availableToBuy: toBuyWhenShut });

/** What was made of one event, for who makes its rows again under the same policy. */
export interface RowsMade {
  numbers: NumbersMemory;
  /** Whose numbers are the same object, all that its row has of itself is the same. */
  ticketTypes: WeakMap<TypeNumbers, { ofEvent: string; made: Made<TicketTypeRow> }>;
}

export const nothingMade = (): RowsMade => ({
  numbers: numbersMemory(),
  ticketTypes: new WeakMap(),
});

/**
 * Of one event, all that its rows say whatever the time is. Of a ticket type whose rows in the tables are the
 * same objects as before, the row is the same object, too.
 */
export function makeRows(kept: EventInRows, policy: RowPolicy, before = nothingMade()): MadeEvent {
  const made = eventMadeOf(kept, policy, before.numbers);
  const { forStatus, event } = eventIn(made);
  const ofEvent = JSON.stringify(saidByEvent(made));
  return {
    forStatus,
    event,
    ticketTypes: made.capacity.ticketTypes.map((numbers) => {
      const known = before.ticketTypes.get(numbers);
      if (known?.ofEvent === ofEvent) return known.made;
      const now = { row: ticketTypeRowOf(made, numbers), toBuyWhenShut: event.toBuyWhenShut };
      before.ticketTypes.set(numbers, { ofEvent, made: now });
      return now;
    }),
  };
}

/** Whatever a ticket type's row has of its event. */
const saidByEvent = ({ kept: { event }, eventDate, timezone, isGroup }: EventMadeOf) => ({
  ...{ eventDate, timezone, isGroup, eventId: event.eventId, name: event.name },
  ...{ account: event.account, currency: event.currency, changedAt: event.changedAt },
});

/** The same without the rows of its ticket types: of each what its event's row tells of it. */
export function makeEventRow(kept: EventInRows, policy: RowPolicy) {
  const made = eventMadeOf(kept, policy);
  return {
    ...eventIn(made),
    kinds: made.capacity.ticketTypes.map((numbers) => ({
      ticketTypeId: numbers.ticketTypeId,
      ...kindOfType(made, numbers),
    })),
  };
}

const eventIn = (made: EventMadeOf) => ({
  forStatus: forStatusOf(made),
  event: { toBuyWhenShut: made.isGroup ? null : 0, row: eventRowOf(made) } as const,
});

const kindOfType = (
  { isGroup, typeOf }: EventMadeOf,
  { ticketTypeId, class: name, counted, removed }: TypeNumbers,
) => ({
  class: name,
  inTotals: counted && !isGroup,
  active: typeOf.get(ticketTypeId)?.active ?? false,
  removed,
});

function forStatusOf({ kept, isGroup, capacity, shops }: EventMadeOf): EventForStatus {
  const { event, types } = kept;
  const present = new Set(event.ticketTypeIds);
  const hasRaces = capacity.ticketTypes.some(({ counted }) => counted);
  return {
    ...event,
    deleted: event.deletedAt !== null,
    isParent: isGroup,
    end: event.endAt,
    anyActiveType: types.some((type) => type.active && present.has(type.ticketTypeId)),
    underShops: shops,
    availability: hasRaces ? capacity.totals.totalAvailable : null,
    availableToBuy: hasRaces ? capacity.availableToBuy : null,
    percentSold: capacity.totals.percentSold,
  };
}

type TypeNumbers = EventMadeOf["capacity"]["ticketTypes"][number];

function ticketTypeRowOf(made: EventMadeOf, numbers: TypeNumbers): TicketTypeRow {
  const { eventDate, timezone, isGroup, ...event } = saidByEvent(made);
  const { kept, salesOf, typeOf } = made;
  const { typesChangedAt } = kept;
  const type = typeOf.get(numbers.ticketTypeId);
  const counted = salesOf.get(numbers.ticketTypeId);
  const { sold, soldUnderShop } = numbers;
  const canBeBought = type?.active === true && !numbers.removed;
  return {
    eventId: event.eventId,
    eventName: event.name,
    region: event.account,
    timezone,
    eventDate,
    ticketTypeId: numbers.ticketTypeId,
    ticketName: type?.name ?? NOT_DESCRIBED,
    ...kindOfType(made, numbers),
    price: priceOf(type?.priceMinor, event.currency),
    currency: event.currency,
    capacity: numbers.capacity,
    sold,
    soldDirect: sold === null || soldUnderShop === null ? null : sold - soldUnderShop,
    soldUnderShop,
    allocatedUnderShop: numbers.allocatedUnderShop,
    reserved: numbers.reserved,
    complimentary: counted?.complimentary ?? (sold === null ? null : 0),
    replaced: counted?.replaced ?? (sold === null ? null : 0),
    available: numbers.available,
    availableToBuy: canBeBought ? numbers.available : 0,
    oversold: numbers.oversold,
    percentSold: numbers.percentSold,
    value: shownValue(countedValue(counted, sold, event.currency)),
    ...(isGroup && noNumbers.type),
    lastUpdated: latest(
      typesChangedAt.get(numbers.ticketTypeId),
      counted?.changedAt,
      type && !numbers.removed ? undefined : event.changedAt,
    ).toISOString(),
  };
}

function eventRowOf(made: EventMadeOf): EventRow {
  const { kept, eventDate, timezone, isGroup, capacity, balance, salesOf } = made;
  const { event, typesChangedAt, countedAt, isCountOld } = kept;
  const { totals, charity } = capacity;
  // The others change nothing in this row.
  const inTotals = capacity.ticketTypes.filter(({ counted }) => counted);
  const values = inTotals.map(({ ticketTypeId, sold }) =>
    countedValue(salesOf.get(ticketTypeId), sold, event.currency),
  );
  return {
    ...headRowOf(event, { eventDate, timezone }),
    status: "ON_SALE",
    presale: false,
    limited: false,
    currency: event.currency,
    totalCapacity: totals.totalCapacity,
    totalSold: totals.totalSold,
    totalAvailable: totals.totalAvailable,
    availableToBuy: capacity.availableToBuy,
    ...(balance ?? notCounted),
    charityCapacity: charity.totalCapacity,
    charitySold: charity.totalSold,
    charityAvailable: charity.totalAvailable,
    percentSold: totals.percentSold,
    oversold: totals.oversold,
    value: shownValue(sumOfValues(values)),
    countedAt: countedAt?.toISOString() ?? null,
    countComplete: isCountOld ? false : countedAt === undefined ? null : true,
    ...(isGroup && noNumbers.event),
    lastUpdated: latest(
      event.changedAt,
      ...inTotals.flatMap(({ ticketTypeId }) => [
        typesChangedAt.get(ticketTypeId),
        salesOf.get(ticketTypeId)?.changedAt,
      ]),
    ).toISOString(),
  };
}

/** What an event says by itself. */
export const headRowOf = (
  event: EventColumns,
  { eventDate, timezone }: Pick<EventRow, "eventDate" | "timezone">,
) => ({
  eventId: event.eventId,
  region: event.account,
  eventName: event.name,
  eventType: event.eventType,
  childEventIds: event.childEventIds,
  eventDate,
  eventEndDate: event.endAt.toISOString(),
  timezone,
  location: locationOf(event),
  salesLaunchDate: event.sellStart?.toISOString() ?? null,
  salesEndDate: event.sellEnd?.toISOString() ?? null,
});

const priceOf = (minor: number | null | undefined, currency: string | null) =>
  minor === null || minor === undefined || currency === null ? null : toMajor(minor, currency);

const locationOf = ({ locationName, locationCity, locationCountry }: EventColumns) =>
  [locationName, locationCity, locationCountry].filter(Boolean).join(", ") || null;

const latest = (...times: (Date | undefined)[]) =>
  new Date(Math.max(...times.flatMap((time) => time?.getTime() ?? [])));
