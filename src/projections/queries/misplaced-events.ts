import type { Sql } from "../../database/connect.ts";

/**
 * How many events have a description that an older program kept by a clock that ran far ahead, so that
 * it stands above everything that was said later. A replay reads them as they are read now.
 */
export async function countMisplacedEvents(sql: Sql): Promise<number> {
  const [row] = await sql<{ events: number }[]>`
    select count(distinct event_id)::int as events from event_version
    where extract(epoch from version_at - observed_at) > 600
  `;
  return row?.events ?? 0;
}
