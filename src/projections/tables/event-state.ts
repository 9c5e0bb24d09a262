import type { PendingQuery, Row } from "postgres";
import type { Category, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import {
  column,
  columns,
  namesOf,
  rowOf,
  together,
  withListsAsJson,
} from "../../database/table-columns.ts";
import type { Values } from "../../rules/value.ts";
import { countNumbers, salesTable } from "./count-tables.ts";
import { salesOf } from "./counts.ts";
import { type DescribedTypes, describedAgain, readTypes, typesTable } from "./described-types.ts";
import { headColumns, underShopColumns } from "./description-tables.ts";
import { eventsOf, itemsOf, ticketTypes, underShops } from "./event-rows.ts";
import { type RememberedTable, type RowsMemory, readRemembered } from "./remembered-rows.ts";

/** What is kept of one event as it is now. */
export interface EventInRows extends DescribedTypes {
  event: EventColumns;
  /** What was counted, whether or not a count of all ticket types is there. */
  sales: SalesColumns[];
  /** All that the event ever had. */
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
export const readEventsInRows = (
  tx: Sql,
  eventIds?: readonly string[],
  memory?: RowsMemory,
): Promise<EventInRows[]> => readFrom(tx, tx``, eventIds, memory);

/**
 * Some events as they were at an instant, by all that is known now: those that had been described by
 * then. The same statements, over what the history says that the tables held.
 */
export const readEventsAt = (
  tx: Sql,
  eventIds: readonly string[],
  at: Date,
): Promise<EventInRows[]> => readFrom(tx, tablesAt(tx, eventIds, at), eventIds);

/** In place of the tables that `readFrom` reads. */
function tablesAt(sql: Sql, eventIds: readonly string[], at: Date) {
  const pairs = (table: string, item: string) => sql`(
    select event_id, ${sql(item)} from ${sql(table)} where event_id = any(${[...eventIds]}::text[])
  )`;
  const { row, item } = ticketTypes;
  const countedSince = sql`(
    select event_id, ticket_type_id from ticket_type_sales
    where event_id = any(${[...eventIds]}::text[]) and changed_at > ${at}
  )`;
  return sql`
    with event as (${eventsOf(sql, eventIds, at)}),
    ticket_type as (${itemsOf(sql, pairs(row, item), ticketTypes, at)}),
    under_shop as (${itemsOf(sql, pairs(underShops.row, underShops.item), underShops, at)}),
    ticket_type_sales as (
      -- What no later count has changed is what was counted by then.
      select event_id, ticket_type_id, ${namesOf(sql, countNumbers)}, changed_at
      from ticket_type_sales
      where event_id = any(${[...eventIds]}::text[]) and changed_at <= ${at}
      union all
      ${salesOf(sql, countedSince, at)}
    ),
    event_count as not materialized (select * from event_count where counted_at <= ${at}),
    event_head_version as not materialized (
      select * from event_head_version where version_at <= ${at}
    )
  `;
}

async function readFrom(
  tx: Sql,
  tables: PendingQuery<Row[]>,
  eventIds: readonly string[] | undefined,
  memory?: RowsMemory,
): Promise<EventInRows[]> {
  const only = eventIds === undefined ? tx`` : tx`where event_id = any(${[...eventIds]}::text[])`;
  const things =
    eventIds && memory ? thingsAgain(tx, eventIds, memory) : readThings(tx, tables, only);
  const [events, thingsOf] = await Promise.all([
    tx<(KeptEvent & CountColumns)[]>`
      ${tables}
      select event.event_id, ${withListsAsJson(tx, headColumns)}, deleted_at, changed_at,
        newest.counted_at, exists (
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
      order by start_at, event_id
    `.execute(),
    things,
  ]);
  return events.map(({ countedAt, isCountOld, ...event }) => ({
    event: { ...event, childEventIds: event.childEventIds ?? [] },
    ...thingsOf(event.eventId),
    countedAt: countedAt ?? undefined,
    isCountOld,
  }));
}

/** What hundreds of rows of an event say. */
type Things = Pick<EventInRows, keyof DescribedTypes | "sales" | "shops">;

async function readThings(
  tx: Sql,
  tables: PendingQuery<Row[]>,
  only: PendingQuery<Row[]>,
): Promise<(eventId: string) => Things> {
  const [typesOf, sales, shops] = await Promise.all([
    readTypes(tx, tables, only),
    tx<Together[]>`
      ${tables}
      select event_id, ${together(tx, salesColumns)} as rows
      from (select * from ticket_type_sales ${only} order by event_id, ticket_type_id) found
      group by event_id
    `.execute(),
    tx<Together[]>`
      ${tables}
      select event_id, ${together(tx, shopColumns)} as rows
      from (select * from under_shop ${only} order by event_id, under_shop_id) found
      group by event_id
    `.execute(),
  ]);
  const salesOf = new Map(
    // The cast: the columns are those of a row.
    sales.map(({ eventId, rows }) => [
      eventId,
      rows.map((row) => rowOf(salesColumns, row) as unknown as SalesColumns),
    ]),
  );
  const shopsOf = new Map(
    // The cast: as above.
    shops.map(({ eventId, rows }) => [
      eventId,
      rows.map((row) => rowOf(shopColumns, row) as unknown as ShopColumns),
    ]),
  );
  return (eventId) => ({
    ...typesOf(eventId),
    sales: salesOf.get(eventId) ?? [],
    shops: shopsOf.get(eventId) ?? [],
  });
}

/** The same of the tables as they are, for who read most of it before. */
async function thingsAgain(
  tx: Sql,
  eventIds: readonly string[],
  memory: RowsMemory,
): Promise<(eventId: string) => Things> {
  const remembered = readRemembered(tx, [typesTable, salesTable, shopsTable], eventIds, memory);
  const [rowsOf, typesOf] = await Promise.all([
    remembered,
    describedAgain(tx, eventIds, remembered),
  ]);
  return (eventId) => ({
    ...typesOf(eventId),
    // The casts: as above.
    sales: rowsOf(salesTable, eventId) as unknown as SalesColumns[],
    shops: rowsOf(shopsTable, eventId) as unknown as ShopColumns[],
  });
}

interface Together {
  eventId: string;
  rows: unknown[][];
}

const salesColumns = columns({
  ticket_type_id: "text",
  sold: "integer",
  sold_under_shop: "integer",
  sold_by_under_shop: "jsonb",
  complimentary: "integer",
  replaced: "integer",
  reserved: "integer",
  reserved_by_under_shop: "jsonb",
  value: "jsonb",
  changed_at: "timestamptz",
});

const shopColumns = [...columns({ event_id: "text", under_shop_id: "text" }), ...underShopColumns];

const shopsTable: RememberedTable = {
  table: "under_shop",
  item: column("under_shop_id", "text"),
  columns: () => [...columns({ event_id: "text" }), ...underShopColumns],
  order: [],
};

/** Of facts from before there is nothing that says whether an event holds others. */
type KeptEvent = Omit<EventColumns, "childEventIds"> & { childEventIds: string[] | null };

/** What is used of `headColumns`: each of them is read. */
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

export interface SalesColumns {
  ticketTypeId: string;
  sold: number;
  soldUnderShop: number;
  /** Null where the count does not tell. */
  soldByUnderShop: Record<string, number> | null;
  complimentary: number;
  replaced: number;
  reserved: number;
  /** Null for none, and where the count does not tell. */
  reservedByUnderShop: Record<string, number> | null;
  /** By currency; null where the count does not tell. */
  value: Values | null;
  changedAt: Date;
}

export interface ShopColumns {
  eventId: string;
  underShopId: string;
  name: string;
  active: boolean;
  sellStart: Date | null;
  sellEnd: Date | null;
  inventoryStrategy: UnderShop["inventoryStrategy"];
  maxAmount: number | null;
  /** Null for none. */
  categoryAmounts: NonNullable<UnderShop["categoryAmounts"]> | null;
  customerTags: UnderShop["customerTags"];
}

interface CountColumns {
  countedAt: Date | null;
  isCountOld: boolean;
}
