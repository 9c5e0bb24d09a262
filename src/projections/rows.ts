import type { Category } from "../contracts/index.ts";
import type { Pool } from "../database/connect.ts";
import type { CapacityPolicy } from "../rules/capacity.ts";
import { classify } from "../rules/classify.ts";
import { toMajor } from "../rules/money.ts";
import type { ClassOverrides } from "../rules/overrides.ts";
import { statusOf } from "../rules/status.ts";
import { capacityOfEvent } from "./event-capacity.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";

export type { EventRow, TicketTypeRow } from "./row-types.ts";

export interface RowsOptions {
  now: Date;
  policy: CapacityPolicy;
  /** What the operator says ticket types are. */
  classes?: ClassOverrides;
  /** One event only. */
  eventId?: string;
}

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
}

/**
 * Every event and ticket type, or those of one event: what the sheet and the API show alike. Events are
 * in the order of their dates, ticket types in that of their events and names.
 */
export async function readRows(sql: Pool, options: RowsOptions): Promise<Rows> {
  const { eventId } = options;
  const only = eventId === undefined ? sql`` : sql`where event_id = ${eventId}`;
  // One snapshot: totals and their ticket types must not be of two moments.
  const [events, types, sales, shops, counts] = await sql.begin(
    "isolation level repeatable read read only",
    (tx) =>
      Promise.all([
        tx<EventColumns[]>`
        select
          event_id, account, name, location_name, location_city, location_country, timezone,
          start_at, end_at, sell_start, sell_end, visible_after, hide_in_listing, max_amount,
          currency, categories, ticket_type_ids, under_shop_ids, deleted_at, changed_at
        from event ${only}
        order by start_at, event_id
      `,
        tx<TypeColumns[]>`
        select
          event_id, ticket_type_id, name, price_minor::float8 as price_minor, amount, active,
          category_ref, auto_added, ignore_for_max_amounts, conditional_availability,
          hidden_in_selection_area, allocations, changed_at
        from ticket_type ${only}
        order by event_id, name, ticket_type_id
      `,
        tx<SalesColumns[]>`
        select
          event_id, ticket_type_id, sold, sold_under_shop, complimentary, replaced, reserved,
          changed_at
        from ticket_type_sales ${only}
        order by event_id, ticket_type_id
      `,
        tx<ShopColumns[]>`
        select event_id, under_shop_id, active, sell_start, sell_end, inventory_strategy
        from under_shop ${only}
        order by event_id, under_shop_id
      `,
        tx<{ eventId: string; countedAt: Date }[]>`
        select event_id, newest.counted_at
        from event, lateral (
          select counted_at from event_count c
          where c.event_id = event.event_id and complete
          group by counted_at
          -- Of a count that is not all there yet, the missing part's ticket types would pass for unsold.
          having count(distinct part_number) >= max(part_of)
          order by counted_at desc
          limit 1
        ) newest
        ${only}
      `,
      ]),
  );
  const typesOf = Map.groupBy(types, (type) => type.eventId);
  const salesOf = Map.groupBy(sales, (type) => type.eventId);
  const shopsOf = Map.groupBy(shops, (shop) => shop.eventId);
  const countedAt = new Map(counts.map((count) => [count.eventId, count.countedAt]));
  const rows = events.map((event) =>
    rowsOf(
      {
        event,
        types: typesOf.get(event.eventId) ?? [],
        sales: countedAt.has(event.eventId) ? (salesOf.get(event.eventId) ?? []) : [],
        shops: (shopsOf.get(event.eventId) ?? []).filter(({ underShopId }) =>
          event.underShopIds.includes(underShopId),
        ),
        countedAt: countedAt.get(event.eventId),
      },
      options,
    ),
  );
  return {
    events: rows.map(({ event }) => event),
    ticketTypes: rows.flatMap(({ ticketTypes }) => ticketTypes),
  };
}

interface EventColumns {
  eventId: string;
  account: string;
  name: string;
  locationName: string | null;
  locationCity: string | null;
  locationCountry: string | null;
  timezone: string | null;
  startAt: Date;
  endAt: Date;
  sellStart: Date | null;
  sellEnd: Date | null;
  visibleAfter: Date | null;
  hideInListing: boolean;
  maxAmount: number | null;
  currency: string | null;
  categories: Category[];
  ticketTypeIds: string[];
  underShopIds: string[];
  deletedAt: Date | null;
  changedAt: Date;
}

interface TypeColumns {
  eventId: string;
  ticketTypeId: string;
  name: string;
  priceMinor: number | null;
  amount: number;
  active: boolean;
  categoryRef: string | null;
  autoAdded: boolean;
  ignoreForMaxAmounts: boolean;
  conditionalAvailability: boolean;
  hiddenInSelectionArea: boolean;
  allocations: { underShopId: string; amount: number | null; active: boolean }[];
  changedAt: Date;
}

interface SalesColumns {
  eventId: string;
  ticketTypeId: string;
  sold: number;
  soldUnderShop: number;
  complimentary: number;
  replaced: number;
  reserved: number;
  changedAt: Date;
}

interface ShopColumns {
  eventId: string;
  underShopId: string;
  active: boolean;
  sellStart: Date | null;
  sellEnd: Date | null;
  inventoryStrategy: string;
}

interface OneEvent {
  event: EventColumns;
  types: TypeColumns[];
  sales: SalesColumns[];
  shops: ShopColumns[];
  countedAt: Date | undefined;
}

function rowsOf(
  { event, types, sales, shops, countedAt }: OneEvent,
  { now, policy, classes: overrides }: RowsOptions,
): { event: EventRow; ticketTypes: TicketTypeRow[] } {
  const present = new Set(event.ticketTypeIds);
  const classes = classify(types, overrides);
  const capacity = capacityOfEvent(
    { event, types, classes, shops, counts: countedAt === undefined ? null : sales },
    policy,
  );
  const { totals } = capacity;
  const hasRaces = capacity.ticketTypes.some(({ counted }) => counted);
  const status = statusOf(
    {
      ...event,
      deleted: event.deletedAt !== null,
      end: event.endAt,
      anyActiveType: types.some((type) => type.active && present.has(type.ticketTypeId)),
      underShops: shops,
      availability: hasRaces ? totals.totalAvailable : null,
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
    return {
      eventId: event.eventId,
      eventName: event.name,
      region: event.account,
      timezone: event.timezone,
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
      oversold: numbers.oversold,
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
      eventDate: event.startAt.toISOString(),
      eventEndDate: event.endAt.toISOString(),
      timezone: event.timezone,
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
      percentSold: totals.percentSold,
      oversold: totals.oversold,
      countedAt: countedAt?.toISOString() ?? null,
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

const priceOf = (minor: number | null | undefined, currency: string | null) =>
  minor === null || minor === undefined || currency === null ? null : toMajor(minor, currency);

const locationOf = ({ locationName, locationCity, locationCountry }: EventColumns) =>
  [locationName, locationCity, locationCountry].filter(Boolean).join(", ") || null;

const latest = (...times: (Date | undefined)[]) =>
  new Date(Math.max(...times.flatMap((time) => time?.getTime() ?? [])));
