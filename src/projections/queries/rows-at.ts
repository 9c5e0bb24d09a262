import type { Pool, Sql } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import { type EventInRows, readEventsAt } from "../tables/event-state.ts";
import { type Rows, type RowsOptions, rowsOf } from "./rows.ts";

/** So many events are in one statement. */
const TOGETHER = 50;

export interface RowsAtOptions extends Omit<RowsOptions, "now"> {
  /** The instant; what was said of it later counts as well. */
  at: Date;
}

/**
 * Every event that had been described by then, or some, and their ticket types, as they were in Vivenu at
 * an instant by all that is known now. Statuses are that instant's.
 */
export async function readRowsAt(sql: Pool, { at, ...options }: RowsAtOptions): Promise<Rows> {
  const found = await sql.begin(ONE_SNAPSHOT, async (tx) => {
    const { eventId, eventIds = eventId === undefined ? await allEvents(tx) : [eventId] } = options;
    const parts = [];
    for (let from = 0; from < eventIds.length; from += TOGETHER)
      parts.push(...(await readEventsAt(tx, eventIds.slice(from, from + TOGETHER), at)));
    return parts;
  });
  return rowsOf(found.sort(byDate), { ...options, now: at });
}

/** Each that is, or was, there. */
export async function allEvents(sql: Sql) {
  const events = await sql<{ eventId: string }[]>`select event_id from event order by event_id`;
  return events.map(({ eventId }) => eventId);
}

const byDate = ({ event: one }: EventInRows, { event: other }: EventInRows) =>
  one.startAt.getTime() - other.startAt.getTime() || (one.eventId < other.eventId ? -1 : 1);
