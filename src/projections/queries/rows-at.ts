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
    const batches = await batchesOf(tx, wanted ?? (await allEvents(tx)), memory);
    const readNext = () => {
      const batch = batches.shift();
      if (!batch) return undefined;
      const some = readEventsAt(tx, batch.eventIds, { at, memory: batch.memory });
      // Whoever made of those before has failed then, and says so.
      some.catch(() => {});
      return some;
    };
    let next = readNext();
    while (next) {
      const some = await next;
      next = readNext();
      made.push(...some.map(make));
    }
  });
  return made;
}

interface Batch {
  eventIds: readonly string[];
  memory: RowsMemory | undefined;
}

/** What there is no room for in the memory would only put out of it what is asked for next. */
async function batchesOf(
  sql: Sql,
  eventIds: readonly string[],
  memory: RowsMemory | undefined,
): Promise<Batch[]> {
  if (!memory || eventIds.length <= TOGETHER) return inBatches(eventIds, memory);
  const found = await sql<{ eventId: string; types: number }[]>`
    select event_id, count(*)::int as types from ticket_type
    where event_id = any(${[...eventIds]}::text[]) group by event_id
  `;
  const typesOf = new Map(found.map(({ eventId, types }) => [eventId, types]));
  let room = memory.maxSize;
  const fitting = eventIds.filter((eventId) => {
    // Each with its numbers; and that the event has them, of each of the three tables.
    room -= 2 * (typesOf.get(eventId) ?? 0) + 3;
    return room >= 0;
  });
  const others = new Set(eventIds).difference(new Set(fitting));
  return [...inBatches(fitting, memory), ...inBatches([...others], undefined)];
}

const inBatches = (eventIds: readonly string[], memory: RowsMemory | undefined): Batch[] =>
  Array.from({ length: Math.ceil(eventIds.length / TOGETHER) }, (_, n) => ({
    eventIds: eventIds.slice(n * TOGETHER, (n + 1) * TOGETHER),
    memory,
  }));

/** Each that is, or was, there. */
export async function allEvents(sql: Sql) {
  const events = await sql<{ eventId: string }[]>`select event_id from event order by event_id`;
  return events.map(({ eventId }) => eventId);
}

const byDate = ({ event: one }: EventInRows, { event: other }: EventInRows) =>
  one.startAt.getTime() - other.startAt.getTime() || (one.eventId < other.eventId ? -1 : 1);
