import type { PendingQuery, Row } from "postgres";
import type { Category, TicketType, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { columns, namesOf } from "../../database/table-columns.ts";
import {
  type CountColumns,
  type Head,
  type Known,
  type MomentColumns,
  type Past,
  pastOf,
  type SourceColumns,
  type VersionColumns,
} from "./event-past.ts";
import { type Window, windowsOf } from "./windows.ts";

/** What became otherwise of events behind an instant of each. */
export interface Looked {
  pastOf(eventId: string): Past;
  /** The instant; null for the beginning, undefined where it is none of these events. */
  afterOf(eventId: string): Date | null | undefined;
}

/** The things of an event of `past` whose histories are looked up, each as a table `item`. */
interface Histories {
  types: PendingQuery<Row[]>;
  shops: PendingQuery<Row[]>;
  counts: PendingQuery<Row[]>;
}

/**
 * Two statements, sent at once: each asks for several kinds of rows, for a statement has its price. `offset`
 * has PostgreSQL look each event up.
 */
export async function lookUpPasts(
  sql: Sql,
  past: PendingQuery<Row[]>,
  histories: Histories,
): Promise<Looked> {
  const [described, counted] = await Promise.all([
    sql<DescribedColumns[]>`
      select event_id, found.* from ${past}
      cross join lateral (
        select 'head' as kind, '' as item_id, version.*, null as source
        from (${versionsIn(sql, "event_head_version")}) version
        union all
        select 'type', item.ticket_type_id, version.*, null
        from ${histories.types}
        cross join lateral (${versionsIn(sql, "ticket_type_version", "ticket_type_id")}) version
        union all
        select 'shop', item.under_shop_id, version.*, null
        from ${histories.shops}
        cross join lateral (${versionsIn(sql, "under_shop_version", "under_shop_id")}) version
        union all (
          select distinct on (version_at, observed_at)
            'source', '', false, version_at, observed_at, fact_key, null, source
          from event_version v
          where v.event_id = past.event_id and version_at > past.after and version_at <= past.until
          order by version_at, observed_at, fact_key desc
        )
        offset 0
      ) found
      order by version_at, observed_at, fact_key, item_id
    `.execute(),
    sql<CountedColumns[]>`
      select event_id, found.* from ${past}
      cross join lateral (
        select 'numbers' as kind, item.ticket_type_id, counted.*, null as source, null as is_counted
        from ${histories.counts}
        cross join lateral (
          (
            select true as is_before, counted_at as at, fact_key, ${namesOf(sql, numbers)}
            from ticket_type_count c
            where c.event_id = past.event_id and c.ticket_type_id = item.ticket_type_id
              and c.counted_at <= past.after
            order by counted_at desc, fact_key desc limit 1
          ) union all (
            select false, counted_at, fact_key, ${namesOf(sql, numbers)}
            from ticket_type_count c
            where c.event_id = past.event_id and c.ticket_type_id = item.ticket_type_id
              and c.counted_at > past.after and c.counted_at <= past.until
          )
        ) counted
        union all
        select 'count', null, false, counted_at, null, ${noNumbers(sql)}, min(source), coalesce(
          count(distinct part_number) filter (where complete and whole)
            >= max(part_of) filter (where complete and whole),
          false
        )
        from event_count c
        where c.event_id = past.event_id and counted_at > past.after and counted_at <= past.until
        group by counted_at
        union all
        select 'before', null, true, nullif(past.after, '-infinity'), null, ${noNumbers(sql)}, null,
          exists (
            select from event_count c
            where c.event_id = past.event_id and complete and whole and counted_at <= past.after
            group by counted_at
            having count(distinct part_number) >= max(part_of)
          )
        offset 0
      ) found
      order by at, fact_key, ticket_type_id
    `.execute(),
  ]);
  const describedOf = Map.groupBy(described, ({ eventId }) => eventId);
  const countedOf = Map.groupBy(counted, ({ eventId }) => eventId);
  const beforeOf = (eventId: string) =>
    countedOf.get(eventId)?.find((row) => row.kind === "before");
  return {
    afterOf: (eventId) => beforeOf(eventId)?.at,
    pastOf(eventId) {
      const versions = describedOf.get(eventId) ?? [];
      const counts = countedOf.get(eventId) ?? [];
      const rows = {
        heads: versions.filter((row) => row.kind === "head"),
        types: versions.filter((row) => row.kind === "type"),
        shops: versions.filter((row) => row.kind === "shop"),
        sources: versions.filter((row) => row.kind === "source"),
        counts: counts.filter((row) => row.kind === "numbers"),
        moments: counts.filter((row) => row.kind === "count"),
      };
      return pastOf(rows, beforeOf(eventId)?.isCounted ?? false);
    },
  };
}

/** What of a count says what is left. */
const numbers = columns({
  sold: "integer",
  sold_under_shop: "integer",
  sold_by_under_shop: "jsonb",
  reserved: "integer",
  reserved_by_under_shop: "jsonb",
});

const noNumbers = (sql: Sql) => sql.unsafe(numbers.map(() => "null").join(", "));

type DescribedColumns =
  | ({ kind: "head" } & VersionColumns<Head>)
  | ({ kind: "type" } & VersionColumns<TicketType>)
  | ({ kind: "shop" } & VersionColumns<UnderShop>)
  | ({ kind: "source" } & SourceColumns);

type CountedColumns =
  | ({ kind: "numbers" } & CountColumns)
  | ({ kind: "count" } & MomentColumns)
  | ({ kind: "before" } & BeforeColumns);

/** Of each event one row: what its past was looked up behind. */
interface BeforeColumns {
  eventId: string;
  at: Date | null;
  isCounted: boolean;
}

/** At each window's beginning, of the ticket types that were gone by then. */
export async function readFormerCategories(sql: Sql, windows: readonly Window[]) {
  const rows =
    windows.length === 0
      ? []
      : await sql<FormerColumns[]>`
          select event_id, item.ticket_type_id, last.categories
          from ${windowsOf(sql, windows)}
          cross join lateral (
            select array(select jsonb_array_elements_text(v.content -> 'ticketTypeIds')) as ids
            from event_head_version v
            where v.event_id = past.event_id and v.version_at <= past.after
            order by version_at desc, observed_at desc, fact_key desc limit 1
          ) newest
          cross join lateral ${eachOf(sql, "ticket_type", "ticket_type_id")}
          cross join lateral (
            select content -> 'categories' as categories from event_head_version v
            where v.event_id = past.event_id and v.version_at <= past.after
              and v.content -> 'ticketTypeIds' ? item.ticket_type_id
            order by version_at desc, observed_at desc, fact_key desc limit 1
          ) last
          where item.ticket_type_id <> all(newest.ids)
        `;
  const byEvent = Map.groupBy(rows, ({ eventId }) => eventId);
  return (eventId: string): Known["formerCategories"] =>
    new Map(
      byEvent.get(eventId)?.map(({ ticketTypeId, categories }) => [ticketTypeId, categories]),
    );
}

interface FormerColumns {
  eventId: string;
  ticketTypeId: string;
  categories: Category[];
}

export const historiesOfAll = (sql: Sql): Histories => ({
  types: eachOf(sql, "ticket_type", "ticket_type_id"),
  shops: eachOf(sql, "under_shop", "under_shop_id"),
  counts: eachOf(sql, "ticket_type_sales", "ticket_type_id"),
});

/** Of those alone that became otherwise behind the window's beginning. */
export const historiesOfOthers = (sql: Sql): Histories => ({
  types: eachSince(sql, "ticket_type_version", "ticket_type_id"),
  shops: eachSince(sql, "under_shop_version", "under_shop_id"),
  counts: sql`(
    select ticket_type_id from ticket_type_sales one
    where one.event_id = past.event_id and one.changed_at > past.after offset 0
  ) item`,
});

const eachSince = (sql: Sql, table: string, item: string) => sql`(
  select distinct ${sql(item)} from ${sql(table)} one
  where one.event_id = past.event_id and one.version_at > past.after
) item`;

/** Without `offset` PostgreSQL would rather read the whole table than look each event up. */
const eachOf = (sql: Sql, table: string, item: string) => sql`(
  select ${sql(item)} from ${sql(table)} one where one.event_id = past.event_id offset 0
) item`;

/** Of a table of changes: the one that held at the window's beginning, and those within. */
function versionsIn(sql: Sql, table: string, item?: string) {
  const ofItem = item === undefined ? sql`` : sql`and v.${sql(item)} = item.${sql(item)}`;
  return sql`
    (
      select true as is_before, version_at, observed_at, fact_key, content from ${sql(table)} v
      where v.event_id = past.event_id ${ofItem} and v.version_at <= past.after
      order by version_at desc, observed_at desc, fact_key desc limit 1
    ) union all (
      select false, version_at, observed_at, fact_key, content from ${sql(table)} v
      where v.event_id = past.event_id ${ofItem}
        and v.version_at > past.after and v.version_at <= past.until
    )
  `;
}
