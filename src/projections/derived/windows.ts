import type { Sql } from "../../database/connect.ts";

/** Of an event, what was known at an instant and the steps after it, as far as another. */
export interface Window {
  eventId: string;
  /** Null for the beginning. */
  after: Date | null;
  /** Null for the end. */
  until: Date | null;
}

/** Where the next so many facts behind an instant end; null where they are fewer. */
export async function readWindows(
  sql: Sql,
  starts: readonly Pick<Window, "eventId" | "after">[],
  facts: number,
): Promise<Window[]> {
  const rows = await sql<{ eventId: string; until: Date | null }[]>`
    select event_id, least(counted.at, described.at) as until
    from ${windowsOf(
      sql,
      starts.map((start) => ({ ...start, until: null })),
    )}
    ${nextFacts(sql, facts)}
  `;
  const untilOf = new Map(rows.map(({ eventId, until }) => [eventId, until]));
  return starts.map((start) => ({ ...start, until: untilOf.get(start.eventId) ?? null }));
}

/** Joins to `past` (event and `after`) where the next so many facts end, if they do. */
export const nextFacts = (sql: Sql, facts: number) => sql`
  left join lateral (
    select counted_at as at from event_count c
    where c.event_id = past.event_id and c.counted_at > past.after
    order by counted_at offset ${facts} limit 1
  ) counted on true
  left join lateral (
    select version_at as at from event_version v
    where v.event_id = past.event_id and v.version_at > past.after
    order by version_at offset ${facts} limit 1
  ) described on true
`;

/** Both ends of time have a name in PostgreSQL. */
export const windowsOf = (sql: Sql, windows: readonly Window[]) => sql`
  jsonb_to_recordset(${JSON.stringify(
    windows.map(({ eventId, after, until }) => ({
      event_id: eventId,
      after: after ?? "-infinity",
      until: until ?? "infinity",
    })),
  )}::text::jsonb) as past (event_id text, after timestamptz, until timestamptz)
`;
