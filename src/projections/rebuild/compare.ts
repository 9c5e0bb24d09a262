import type { Sql } from "../../database/connect.ts";
import type { Projection } from "../tables/projection.ts";
import { LIVE, SHADOW } from "./shadow.ts";

/** Of each table no more rows than these are named. */
const NAMED = 20;

export interface TableComparison {
  table: string;
  liveRows: number;
  replayedRows: number;
  liveHash: string;
  replayedHash: string;
  /** Which rows differ: by the event's name where there is one. */
  differing: string[];
}

/** Compares the rebuilt rows with the live ones, table by table; the hashes do not depend on row order. */
export async function compareRows(sql: Sql, projections: Projection[]): Promise<TableComparison[]> {
  const comparisons: TableComparison[] = [];
  for (const table of projections.flatMap(({ tables }) => tables)) {
    const live = await sizeAndHash(sql, LIVE, table);
    const replayed = await sizeAndHash(sql, SHADOW, table);
    const isSame = live.hash === replayed.hash && live.rows === replayed.rows;
    comparisons.push({
      table,
      liveRows: live.rows,
      replayedRows: replayed.rows,
      liveHash: live.hash,
      replayedHash: replayed.hash,
      differing: isSame ? [] : await nameDiffering(sql, table),
    });
  }
  return comparisons;
}

export const isSame = (comparison: TableComparison) =>
  comparison.liveHash === comparison.replayedHash &&
  comparison.liveRows === comparison.replayedRows;

async function sizeAndHash(sql: Sql, schema: string, table: string) {
  const [row] = await sql<{ rows: number; hash: string }[]>`
    select
      count(*)::int as rows,
      coalesce(sum(hashtextextended(one::text, 0)::numeric), 0)::text as hash
    from ${sql(schema)}.${sql(table)} as one
  `;
  return row ?? { rows: 0, hash: "0" };
}

/** The rows that only one of the two has, by what a person calls them. */
async function nameDiffering(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    with live as (select to_jsonb(one) as columns from ${sql(LIVE)}.${sql(table)} as one),
         replayed as (select to_jsonb(one) as columns from ${sql(SHADOW)}.${sql(table)} as one),
         differing as (
           (select columns from live except select columns from replayed)
           union all
           (select columns from replayed except select columns from live)
         )
    select distinct concat_ws(
      ' / ',
      coalesce(event.name, columns ->> 'name', columns ->> 'event_id', columns ->> 'account'),
      columns ->> 'ticket_type_id', columns ->> 'under_shop_id', columns ->> 'hour',
      columns ->> 'fact_key'
    ) as name
    from differing
    left join ${sql(LIVE)}.event on event.event_id = columns ->> 'event_id'
    order by name
    limit ${NAMED}
  `;
  return rows.map(({ name }) => name);
}
