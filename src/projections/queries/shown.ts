import type { Pool, Sql } from "../../database/connect.ts";
import { standingAt } from "../../rules/standings.ts";
import { eventAt, ticketTypeAt } from "../tables/made-rows.ts";
import type { ShownEvent, ShownType } from "../tables/made-shown.ts";
import { type Rows, type RowsOptions, readRows } from "./rows.ts";

export type ReadingOptions = Omit<RowsOptions, "eventId" | "eventIds">;

/**
 * One event and its ticket types in its own order, or nothing. Where its rows are not made yet they are
 * made here, and who asks for one that cannot be shown is told so.
 */
export async function readEventRows(
  sql: Pool,
  eventId: string,
  options: ReadingOptions,
): Promise<Rows> {
  // One statement, and so one snapshot: totals and their ticket types must not be of two times.
  const kept = await readAtOnce<KeptRow>(
    sql,
    sql`
      select document, -1 as place,
        exists (select from under_shop where event_id = ${eventId}) as "hasUnderShops"
      from event_shown where event_id = ${eventId} and document is not null
      union all
      select document, place, null from ticket_type_shown where event_id = ${eventId}
      order by place
    `,
  );
  const [event, ...types] = kept;
  if (event?.place !== -1) return readRows(sql, { ...options, eventId });
  // The casts: `keepShown` wrote them.
  const shown = event.document as ShownEvent;
  const standing = standingAt(shown.standings, options.now);
  return {
    events: [eventAt(shown, standing)],
    ticketTypes: types.map(({ document }) => ticketTypeAt(document as ShownType, standing)),
    hasUnderShops: event.hasUnderShops ?? true,
  };
}

interface KeptRow {
  document: unknown;
  place: number;
  /** Of the event's own row. */
  hasUnderShops: boolean | null;
}

/** The rows of a query as one value: hundreds of documents are parsed at once, and not one by one. */
export async function readAtOnce<Row>(sql: Sql, query: ReturnType<Sql>): Promise<Row[]> {
  const [found] = await sql<{ rows: Row[] }[]>`
    select coalesce(json_agg(found), '[]') as rows from (${query}) found
  `;
  return found?.rows ?? [];
}

/** What an event's status is by the clock, in a query over `event_shown`. */
export const statusIn = (sql: Sql, now: Date) => turnedIn(sql, sql`event_shown.statuses`, now);

/** The same of another of its arrays that has a value from each turn to the next. */
export const turnedIn = (sql: Sql, values: ReturnType<Sql>, now: Date) =>
  sql`(${values})[1 + width_bucket(${now}::timestamptz, event_shown.turns_at)]`;

/** The events of which no rows can be made, and what kind of fault that is. */
export const readUnshown = (sql: Sql) => sql<Unshown[]>`
  select event_id, fault as reason, event.account
  from event_shown left join event using (event_id)
  where document is null and fault is not null
  order by event_id
`;

export interface Unshown {
  eventId: string;
  reason: string;
  /** Null where no event is kept under its id. */
  account: string | null;
}
