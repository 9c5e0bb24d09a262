import type { Sql } from "../../database/connect.ts";

/** The events that a backfill which is under way has finished. */
export async function readBackfilled(sql: Sql, account: string): Promise<Set<string>> {
  const rows = await sql<{ eventId: string }[]>`
    select event_id from backfill_event where account = ${account}
  `;
  return new Set(rows.map(({ eventId }) => eventId));
}

export const saveBackfilled = (sql: Sql, account: string, eventId: string, at: Date) => sql`
  insert into backfill_event (account, event_id, finished_at) values (${account}, ${eventId}, ${at})
  on conflict (account, event_id) do update set finished_at = excluded.finished_at
`;

/** The next backfill of the account is a new one. */
export const forgetBackfilled = (sql: Sql, account: string) => sql`
  delete from backfill_event where account = ${account}
`;
