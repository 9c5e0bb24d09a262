import type { Sql } from "../../database/connect.ts";

/** By event what is another whenever one of its derived rows became another, also by a replay. */
export async function readDerivedRevisions(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ eventId: string; revision: string }[]>`
    select event_id, max(revision)::text as revision from derived_event group by event_id
  `;
  return new Map(rows.map(({ eventId, revision }) => [eventId, revision]));
}
