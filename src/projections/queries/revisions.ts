import type { Sql } from "../../database/connect.ts";

/** By event what is another whenever something of it became otherwise, also by a replay. */
export async function readRevisions(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ eventId: string; revision: string }[]>`
    select event_id, max(revision)::text as revision from derived_event group by event_id
  `;
  return new Map(rows.map(({ eventId, revision }) => [eventId, revision]));
}
