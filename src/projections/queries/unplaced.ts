import type { Pool, Sql } from "../../database/connect.ts";

/** A list is read hundreds of times a second, and what it looks for happens while a new program takes over. */
const LOOK_MS = 2_000;

interface Look {
  at: number;
  isNone: boolean;
}

const lastLooks = new WeakMap<Pool, Look>();

/**
 * The events that are there and of which `event_shown` knows nothing: a program from before it described
 * them, as it may until it is stopped. Within seconds they are in every list, as those are whose rows are
 * yet to be made.
 */
export async function readUnplaced(sql: Pool, now: Date): Promise<string[]> {
  const last = lastLooks.get(sql);
  const at = now.getTime();
  if (last?.isNone && Math.abs(at - last.at) < LOOK_MS) return [];
  const rows = await sql<{ eventId: string }[]>`${unplacedIn(sql)}`;
  lastLooks.set(sql, { at, isNone: rows.length === 0 });
  return rows.map(({ eventId }) => eventId);
}

export const unplacedIn = (sql: Sql) => sql`
  select event_id from event
  where not exists (select from event_shown where event_shown.event_id = event.event_id)
`;
