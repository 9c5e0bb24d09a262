import type { Pool, Sql } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import type { EventInRows } from "../tables/event-state.ts";
import { readEventsAt } from "../tables/events-at.ts";
import type { RowsMemory } from "../tables/remembered-rows.ts";
import { type Rows, type RowsOptions, rowsOf } from "./rows.ts";

/** So many events are in one statement. */
const TOGETHER = 25;

export interface RowsAtOptions extends Omit<RowsOptions, "now"> {
  /** The instant; what was said of it later counts as well. */
  at: Date;
  /** Of what is so now, for who looks at one instant after another. */
  memory?: RowsMemory | undefined;
}

/**
 * Every event that had been described by then, or some, and their ticket types, as they were in Vivenu at
 * an instant by all that is known now. Statuses are that instant's.
 */
export async function readRowsAt(
  sql: Pool,
  { at, memory, ...options }: RowsAtOptions,
): Promise<Rows> {
  const { eventId, eventIds } = options;
  const wanted = eventId === undefined ? eventIds : [eventId];
  const found = await eachEventAt(sql, { at, wanted, memory }, (event) => event);
  return rowsOf(found.sort(byDate), { ...options, now: at });
}

/**
 * What `make` makes of each event as it was, in one snapshot; of all where none are named. Some are read at a
 * time, so that a season's descriptions are not in memory together; PostgreSQL reads the next ones meanwhile.
 */
export async function eachEventAt<Made>(
  sql: Pool,
  {
    at,
    wanted,
    memory,
  }: Pick<RowsAtOptions, "at" | "memory"> & { wanted?: readonly string[] | undefined },
  make: (event: EventInRows) => Made,
): Promise<Made[]> {
  const made: Made[] = [];
  await sql.begin(ONE_SNAPSHOT, async (tx) => {
    const eventIds = wanted ?? (await allEvents(tx));
    const readFrom = (from: number) => {
      if (from >= eventIds.length) return undefined;
      const some = readEventsAt(tx, eventIds.slice(from, from + TOGETHER), { at, memory });
      // Whoever made of those before has failed then, and says so.
      some.catch(() => {});
      return some;
    };
    let next = readFrom(0);
    for (let from = 0; next; from += TOGETHER) {
      const some = await next;
      next = readFrom(from + TOGETHER);
      made.push(...some.map(make));
    }
  });
  return made;
}

/** Each that is, or was, there. */
async function allEvents(sql: Sql) {
  const events = await sql<{ eventId: string }[]>`select event_id from event order by event_id`;
  return events.map(({ eventId }) => eventId);
}

const byDate = ({ event: one }: EventInRows, { event: other }: EventInRows) =>
  one.startAt.getTime() - other.startAt.getTime() || (one.eventId < other.eventId ? -1 : 1);
