import type { Pool } from "../../database/connect.ts";
import { knownZone } from "../../lib/zones.ts";
import type { CapacityPolicy } from "../../rules/capacity.ts";
import { classify } from "../../rules/classify.ts";
import { toMajor } from "../../rules/money.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { isParent } from "../../rules/parents.ts";
import { isSaleOpen, statusOf } from "../../rules/status.ts";
import { balanceOfEvent, capacityOfEvent } from "./event-capacity.ts";
import { type EventColumns, type EventInRows, readEventsInRows } from "./row-columns.ts";
import { aloneOf, type OnEventFault } from "./row-faults.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";

export type { EventRow, TicketTypeRow } from "./row-types.ts";

export interface RowsOptions {
  now: Date;
  policy: CapacityPolicy;
  /** What the operator says ticket types are. */
  classes?: ClassOverrides;
  /** Without it an event of which no rows can be made is a failure. */
  onFault?: OnEventFault;
  /** One event only. */
  eventId?: string;
}

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
  /** Events that are there and of which no rows can be made; absent where there is none. */
  unshown?: string[];
}

/**
 * Every event and ticket type, or those of one event: what the sheet and the API show alike. Events are
 * in the order of their dates, ticket types in that of their events and names.
 */
export async function readRows(sql: Pool, options: RowsOptions): Promise<Rows> {
  const found = await readEventsInRows(sql, options.eventId);
  // Who asks for one alone is told that it cannot be shown, and not that it is not there.
  const onFault = options.eventId === undefined ? options.onFault : undefined;
  const rows = found.flatMap((one) =>
    aloneOf(one.event.eventId, () => [rowsOf(one, options)], onFault),
  );
  const shown = new Set(rows.map(({ event }) => event.eventId));
  const unshown = found.map(({ event }) => event.eventId).filter((id) => !shown.has(id));
  return {
    events: rows.map(({ event }) => event),
    ticketTypes: rows.flatMap(({ ticketTypes }) => ticketTypes),
    ...(unshown.length > 0 && { unshown }),
  };
}

function rowsOf(
  { event, types, sales, shops, countedAt, isCountOld }: EventInRows,
  { now, policy, classes: overrides }: RowsOptions,
): { event: EventRow; ticketTypes: TicketTypeRow[] } {
  const present = new Set(event.ticketTypeIds);
  const classes = classify(types, overrides, event.categories);
  const counts = countedAt === undefined ? null : sales;
  const described = { event, types, classes, shops, counts };
  const capacity = capacityOfEvent(described, policy);
  const { totals } = capacity;
  const hasRaces = capacity.ticketTypes.some(({ counted }) => counted);
  const status = statusOf(
    {
      ...event,
      deleted: event.deletedAt !== null,
      isParent: isParent(event),
      end: event.endAt,
      anyActiveType: types.some((type) => type.active && present.has(type.ticketTypeId)),
      underShops: shops,
      availability: hasRaces ? totals.totalAvailable : null,
      availableToBuy: hasRaces ? capacity.availableToBuy : null,
      percentSold: totals.percentSold,
    },
    now,
  );
  const salesOf = new Map(sales.map((type) => [type.ticketTypeId, type]));
  const typeOf = new Map(types.map((type) => [type.ticketTypeId, type]));
  const ticketTypes = capacity.ticketTypes.map((numbers): TicketTypeRow => {
    const type = typeOf.get(numbers.ticketTypeId);
    const counted = salesOf.get(numbers.ticketTypeId);
    const { sold, soldUnderShop } = numbers;
    const canBeBought = isSaleOpen(status) && type?.active === true && !numbers.removed;
    return {
      eventId: event.eventId,
      eventName: event.name,
      region: event.account,
      timezone: knownZone(event.timezone),
      ticketTypeId: numbers.ticketTypeId,
      ticketName: type?.name ?? "(not described by Vivenu)",
      class: numbers.class,
      active: type?.active ?? false,
      removed: numbers.removed,
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
      ...(isParent(event) && noNumbers.type),
      lastUpdated: latest(
        type?.changedAt,
        counted?.changedAt,
        type && !numbers.removed ? undefined : event.changedAt,
      ).toISOString(),
    };
  });
  return {
    ticketTypes,
    event: {
      eventId: event.eventId,
      region: event.account,
      eventName: event.name,
      eventType: event.eventType,
      childEventIds: event.childEventIds,
      eventDate: event.startAt.toISOString(),
      eventEndDate: event.endAt.toISOString(),
      timezone: knownZone(event.timezone),
      location: locationOf(event),
      salesLaunchDate: event.sellStart?.toISOString() ?? null,
      salesEndDate: event.sellEnd?.toISOString() ?? null,
      status: status.status,
      presale: status.presale,
      limited: status.limited,
      currency: event.currency,
      totalCapacity: totals.totalCapacity,
      totalSold: totals.totalSold,
      totalAvailable: totals.totalAvailable,
      availableToBuy: isSaleOpen(status) ? capacity.availableToBuy : 0,
      ...(balanceOfEvent(described, policy) ?? notCounted),
      percentSold: totals.percentSold,
      oversold: totals.oversold,
      countedAt: countedAt?.toISOString() ?? null,
      countComplete: isCountOld ? false : countedAt === undefined ? null : true,
      ...(isParent(event) && noNumbers.event),
      // Of the ticket types only those that the totals hold: the others change nothing in this row.
      lastUpdated: latest(
        event.changedAt,
        ...capacity.ticketTypes
          .filter(({ counted }) => counted)
          .flatMap(({ ticketTypeId }) => [
            typeOf.get(ticketTypeId)?.changedAt,
            salesOf.get(ticketTypeId)?.changedAt,
          ]),
      ).toISOString(),
    },
  };
}

const notCounted = { reserved: null, heldForUnderShops: null, oversoldPlaces: null };

/** What an event that holds others sells its children sell: a number here would be in a sum twice. */
const noNumbers = {
  event: {
    totalCapacity: null,
    totalSold: null,
    totalAvailable: null,
    availableToBuy: null,
    ...notCounted,
    percentSold: null,
    oversold: null,
    countedAt: null,
    countComplete: null,
  },
  type: {
    capacity: null,
    sold: null,
    soldDirect: null,
    soldUnderShop: null,
    allocatedUnderShop: 0,
    reserved: null,
    complimentary: null,
    replaced: null,
    available: null,
    availableToBuy: null,
    oversold: null,
  },
} satisfies { event: NoNumbersOf<EventRow>; type: NoNumbersOf<TicketTypeRow, "price"> };

/** Each of a row's numbers, so that the compiler misses none that is added. */
type NoNumbersOf<Row, Other extends keyof Row = never> = {
  [K in Exclude<keyof Row, Other> as number extends Row[K] ? K : never]: Extract<Row[K], null> | 0;
} & Partial<Row>;

const priceOf = (minor: number | null | undefined, currency: string | null) =>
  minor === null || minor === undefined || currency === null ? null : toMajor(minor, currency);

const locationOf = ({ locationName, locationCity, locationCountry }: EventColumns) =>
  [locationName, locationCity, locationCountry].filter(Boolean).join(", ") || null;

const latest = (...times: (Date | undefined)[]) =>
  new Date(Math.max(...times.flatMap((time) => time?.getTime() ?? [])));
