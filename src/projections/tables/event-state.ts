import type { PendingQuery, Row } from "postgres";
import type { Category, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { someTexts } from "../../database/some-texts.ts";
import { columns, rowOf, together, withListsAsJson } from "../../database/table-columns.ts";
import type { Values } from "../../rules/value.ts";
import { salesTable } from "./count-tables.ts";
import { type DescribedTypes, describedAgain, readTypes, typesTable } from "./described-types.ts";
import { headColumns, shopsTable, underShopColumns } from "./description-tables.ts";
import { type RowsMemory, readRemembered } from "./remembered-rows.ts";

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
): Promise<EventInRows[]> => {
  const tables = tx``;
  if (eventIds && memory)
    return withThings(
      thingsAgain(tx, eventIds, memory),
      readEventsAlone(tx, { tables, only: tx`where event_id = any(${someTexts(tx, eventIds)})` }),
    );
  const of = { tables, only: onlyOf(tx, eventIds) };
  return withThings(readThings(tx, of), readEventsAlone(tx, of));
};

async function withThings(
  things: Promise<(eventId: string) => Things>,
  alone: Promise<EventAlone[]>,
): Promise<EventInRows[]> {
  const [thingsOf, events] = await Promise.all([things, alone]);
  return events.map((one) => ({ ...one, ...thingsOf(one.event.eventId) }));
}

export const onlyOf = (sql: Sql, eventIds: readonly string[] | undefined) =>
  eventIds === undefined ? sql`` : sql`where event_id = any(${[...eventIds]}::text[])`;

/** What is read of events, and of which of them. `tables` may stand in place of those that are read. */
export interface Reading {
  tables: Fragment;
  only: Fragment;
}

type Fragment = PendingQuery<Row[]>;

/** An event by itself, and its counts. */
export type EventAlone = Pick<EventInRows, "event" | "countedAt" | "isCountOld">;

/** By their dates. It is asked for at once. */
export async function readEventsAlone(tx: Sql, { tables, only }: Reading): Promise<EventAlone[]> {
  const events = await tx<(KeptEvent & CountColumns)[]>`
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
    `.execute();
  return events.map(({ countedAt, isCountOld, ...event }) => ({
    event: eventOf(event),
    countedAt: countedAt ?? undefined,
    isCountOld,
  }));
}

/** What hundreds of rows of an event say. */
export type Things = Pick<EventInRows, keyof DescribedTypes | "sales" | "shops">;

export async function readThings(
  tx: Sql,
  { tables, only }: Reading,
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

/** Of facts from before there is nothing that says whether an event holds others. */
export type KeptEvent = Omit<EventColumns, "childEventIds"> & { childEventIds: string[] | null };

export const eventOf = (event: KeptEvent): EventColumns => ({
  ...event,
  childEventIds: event.childEventIds ?? [],
});

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
