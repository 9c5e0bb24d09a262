import { knownZone } from "../../lib/zones.ts";
import type { CapacityPolicy } from "../../rules/capacity.ts";
import { classify } from "../../rules/classify.ts";
import { type EventForStatus, type EventStatus, isSaleOpen } from "../../rules/event-status.ts";
import { toMajor } from "../../rules/money.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { isParent } from "../../rules/parents.ts";
import { FEWEST_VALUED, sumOfValues, type Value } from "../../rules/value.ts";
import { balanceOfEvent, capacityOfEvent } from "./event-capacity.ts";
import type { EventColumns, EventInRows, SalesColumns } from "./event-state.ts";
import type { EventRow, ShownValue, TicketTypeRow } from "./row-types.ts";

/** The name of a ticket type of which only tickets are known. */
export const NOT_DESCRIBED = "(not described by Vivenu)";

/** What an operator decides about rows. */
export interface RowPolicy {
  policy: CapacityPolicy;
  /** What the operator says ticket types are. */
  classes?: ClassOverrides;
}

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

/** Of one event, all that its rows say whatever the time is. */
export function makeRows(
  { event, types, typesChangedAt, formerCategories, countedAt, isCountOld, ...all }: EventInRows,
  { policy, classes: overrides }: RowPolicy,
): MadeEvent {
  const sales = countedAt === undefined ? [] : all.sales;
  const shops = all.shops.filter(({ underShopId }) => event.underShopIds.includes(underShopId));
  const present = new Set(event.ticketTypeIds);
  const categoriesOf = (id: string) => formerCategories.get(id) ?? event.categories;
  const classes = classify(types, overrides, categoriesOf);
  const counts = countedAt === undefined ? null : sales;
  const described = { event, types, classes, shops: all.shops, counts };
  const capacity = capacityOfEvent(described, policy);
  const { totals, charity } = capacity;
  const hasRaces = capacity.ticketTypes.some(({ counted }) => counted);
  const toBuyWhenShut = isParent(event) ? null : 0;
  const salesOf = new Map(sales.map((type) => [type.ticketTypeId, type]));
  const typeOf = new Map(types.map((type) => [type.ticketTypeId, type]));
  const timezone = knownZone(event.timezone);
  const eventDate = event.startAt.toISOString();
  const ticketTypes = capacity.ticketTypes.map((numbers): TicketTypeRow => {
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
      class: numbers.class,
      inTotals: numbers.counted && !isParent(event),
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
      percentSold: numbers.percentSold,
      value: shownValue(countedValue(counted, sold, event.currency)),
      ...(isParent(event) && noNumbers.type),
      lastUpdated: latest(
        typesChangedAt.get(numbers.ticketTypeId),
        counted?.changedAt,
        type && !numbers.removed ? undefined : event.changedAt,
      ).toISOString(),
    };
  });
  return {
    forStatus: {
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
    ticketTypes: ticketTypes.map((row) => ({ row, toBuyWhenShut })),
    event: {
      toBuyWhenShut,
      row: {
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
        status: "ON_SALE",
        presale: false,
        limited: false,
        currency: event.currency,
        totalCapacity: totals.totalCapacity,
        totalSold: totals.totalSold,
        totalAvailable: totals.totalAvailable,
        availableToBuy: capacity.availableToBuy,
        ...(balanceOfEvent(described, policy) ?? notCounted),
        charityCapacity: charity.totalCapacity,
        charitySold: charity.totalSold,
        charityAvailable: charity.totalAvailable,
        percentSold: totals.percentSold,
        oversold: totals.oversold,
        value: shownValue(
          sumOfValues(
            capacity.ticketTypes
              .filter((type) => type.counted)
              .map(({ ticketTypeId, sold }) =>
                countedValue(salesOf.get(ticketTypeId), sold, event.currency),
              ),
          ),
        ),
        countedAt: countedAt?.toISOString() ?? null,
        countComplete: isCountOld ? false : countedAt === undefined ? null : true,
        ...(isParent(event) && noNumbers.event),
        // Of the ticket types only those that the totals hold: the others change nothing in this row.
        lastUpdated: latest(
          event.changedAt,
          ...capacity.ticketTypes
            .filter(({ counted }) => counted)
            .flatMap(({ ticketTypeId }) => [
              typesChangedAt.get(ticketTypeId),
              salesOf.get(ticketTypeId)?.changedAt,
            ]),
        ).toISOString(),
      },
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
    charityCapacity: null,
    charitySold: null,
    charityAvailable: null,
    percentSold: null,
    oversold: null,
    value: null,
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
    percentSold: null,
    value: null,
  },
} satisfies { event: NoNumbersOf<EventRow>; type: NoNumbersOf<TicketTypeRow, "price"> };

/** Each of a row's numbers, so that the compiler misses none that is added. */
type NoNumbersOf<Row, Other extends keyof Row = never> = {
  [K in Exclude<keyof Row, Other> as number extends Row[K] ? K : never]: Extract<Row[K], null> | 0;
} & Partial<Row>;

/** Null where the count does not tell; nothing sold has no value, and is known to have none. */
function countedValue(
  counted: Pick<SalesColumns, "value"> | undefined,
  sold: number | null,
  currency: string | null,
): Value | null {
  if (sold === null || currency === null) return null;
  const none = { tickets: 0, paid: 0, list: 0 };
  if (sold === 0) return none;
  return counted?.value ? (counted.value[currency] ?? none) : null;
}

/** A sum of few tickets would say what one of them cost. */
const shownValue = (value: Value | null): ShownValue | null =>
  value && value.tickets >= FEWEST_VALUED
    ? { paid: value.paid, list: value.list, tickets: value.tickets }
    : null;

const priceOf = (minor: number | null | undefined, currency: string | null) =>
  minor === null || minor === undefined || currency === null ? null : toMajor(minor, currency);

const locationOf = ({ locationName, locationCity, locationCountry }: EventColumns) =>
  [locationName, locationCity, locationCountry].filter(Boolean).join(", ") || null;

const latest = (...times: (Date | undefined)[]) =>
  new Date(Math.max(...times.flatMap((time) => time?.getTime() ?? [])));
