import type { Row as Columns, PendingQuery } from "postgres";
import type { Category } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";

/** What is kept of one event as it is now. */
export interface EventInRows {
  event: EventColumns;
  types: TypeColumns[];
  sales: SalesColumns[];
  /** Those that the event still has. */
  shops: ShopColumns[];
  /** When its newest complete count began. */
  countedAt: Date | undefined;
  /** A newer count could not read every ticket. */
  isCountOld: boolean;
}

/**
 * All events, or some, by their dates. Totals and their ticket types must not be of two moments: whoever
 * calls holds a snapshot or the lock of these events.
 */
export async function readEventsInRows(
  tx: Sql,
  eventIds?: readonly string[],
): Promise<EventInRows[]> {
  const only = eventIds === undefined ? tx`` : tx`where event_id = any(${[...eventIds]}::text[])`;
  const [events, types, sales, shops, counts] = await Promise.all([
    tx<EventColumns[]>`
      select
        event_id, account, name, event_type,
        coalesce(child_event_ids, '{}') as child_event_ids, location_name, location_city, location_country, timezone,
        start_at, end_at, sell_start, sell_end, visible_after, hide_in_listing, max_amount,
        currency, categories, ticket_type_ids, under_shop_ids, deleted_at, changed_at
      from event ${only}
      order by start_at, event_id
    `,
    readTogether<TypeColumns>(
      tx,
      tx`
      select
        event_id as "eventId", ticket_type_id as "ticketTypeId", name,
        price_minor::float8 as "priceMinor", amount, active, category_ref as "categoryRef",
        auto_added as "autoAdded", ignore_for_max_amounts as "ignoreForMaxAmounts",
        conditional_availability as "conditionalAvailability",
        hidden_in_selection_area as "hiddenInSelectionArea", allocations, changed_at as "changedAt",
        case when category_ref is not null and not exists (
          select from event e
          where e.event_id = ticket_type.event_id
            and ticket_type.ticket_type_id = any(e.ticket_type_ids)
        ) then (
          select content -> 'categories' from event_head_version v
          where v.event_id = ticket_type.event_id
            and v.content -> 'ticketTypeIds' ? ticket_type.ticket_type_id
          order by version_at desc, observed_at desc, fact_key desc limit 1
        ) end as "formerCategories"
      from ticket_type ${only}
      order by event_id, name, ticket_type_id
    `,
    ),
    readTogether<SalesColumns>(
      tx,
      tx`
      select
        event_id as "eventId", ticket_type_id as "ticketTypeId", sold,
        sold_under_shop as "soldUnderShop", sold_by_under_shop as "soldByUnderShop", complimentary,
        replaced, reserved, changed_at as "changedAt"
      from ticket_type_sales ${only}
      order by event_id, ticket_type_id
    `,
    ),
    tx<ShopColumns[]>`
      select event_id, under_shop_id, active, sell_start, sell_end, inventory_strategy
      from under_shop ${only}
      order by event_id, under_shop_id
    `,
    tx<CountColumns[]>`
      select
        event_id, newest.counted_at,
        exists (
          select from event_count c
          where c.event_id = event.event_id and not complete
            and counted_at > coalesce(newest.counted_at, '-infinity')
        ) as is_count_old
      from event
      left join lateral (
        select counted_at from event_count c
        where c.event_id = event.event_id and complete
        group by counted_at
        -- Of a count that is not all there yet, the missing part's ticket types would pass for unsold.
        having count(distinct part_number) >= max(part_of)
        order by counted_at desc
        limit 1
      ) newest on exists (
        -- What changed says nothing of the ticket types that it does not name.
        select from event_count w
        where w.event_id = event.event_id and w.complete and w.whole
          and w.counted_at <= newest.counted_at
        group by w.counted_at
        having count(distinct w.part_number) >= max(w.part_of)
      )
      ${only}
    `,
  ]);
  const shopsOf = Map.groupBy(shops, (shop) => shop.eventId);
  const countOf = new Map(counts.map((count) => [count.eventId, count]));
  return events.map((event) => {
    const { eventId, underShopIds } = event;
    const count = countOf.get(eventId);
    return {
      event,
      types: types.get(eventId) ?? [],
      sales: count?.countedAt ? (sales.get(eventId) ?? []) : [],
      shops: (shopsOf.get(eventId) ?? []).filter((shop) => underShopIds.includes(shop.underShopId)),
      countedAt: count?.countedAt ?? undefined,
      isCountOld: count?.isCountOld ?? false,
    };
  });
}

/**
 * Each event's rows of a query, in its order, as one value: an event has hundreds, and to take so many
 * columns of each from the connection takes longer than all else that is done with them.
 */
async function readTogether<Row extends { changedAt: Date }>(
  tx: Sql,
  query: PendingQuery<Columns[]>,
): Promise<Map<string, Row[]>> {
  const found = await tx<{ eventId: string; rows: (Omit<Row, "changedAt"> & Said)[] }[]>`
    select found."eventId" as event_id, json_agg(found) as rows from (${query}) found
    group by found."eventId"
  `;
  return new Map(
    found.map(({ eventId, rows }) => [
      eventId,
      // The cast: a spread does not keep what else the row is.
      rows.map((row) => ({ ...row, changedAt: new Date(row.changedAt) }) as unknown as Row),
    ]),
  );
}

interface Said {
  /** As PostgreSQL says instants in JSON. */
  changedAt: string;
}

export interface EventColumns {
  eventId: string;
  account: string;
  name: string;
  eventType: string;
  childEventIds: string[];
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

export interface TypeColumns {
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
  /** Of one that is gone: the event's when it last had it. */
  formerCategories: Category[] | null;
}

export interface SalesColumns {
  eventId: string;
  ticketTypeId: string;
  sold: number;
  soldUnderShop: number;
  /** Null where the count does not tell. */
  soldByUnderShop: Record<string, number> | null;
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

interface CountColumns {
  eventId: string;
  countedAt: Date | null;
  isCountOld: boolean;
}
