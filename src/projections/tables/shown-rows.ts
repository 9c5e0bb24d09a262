import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, takenOver, typesOf } from "../../database/table-columns.ts";
import { type EventInRows, readEventsInRows } from "./event-state.ts";
import { eventKeyColumns } from "./list-keys.ts";
import { type ShownOptions, shownDigest, shownOf } from "./made-shown.ts";
import { recordset } from "./projection.ts";
import type { RowsMemory } from "./remembered-rows.ts";
import { type EventSaid, markEvents, REVISION_TABLES } from "./row-revisions.ts";
import { keptTypes, readKept, type ShownMemory, shownMemory, writeTypes } from "./shown-types.ts";

const SHOWN_TABLES = ["event_shown", "ticket_type_shown"];

export interface ShownRows {
  tables: string[];
  memory: string[];
  /** Until the transaction ends nobody else makes the rows of the events that these facts are of. */
  lock(sql: Sql, facts: readonly Fact[]): Promise<unknown>;
  /** Makes these rows, for who holds the lock or has sent for it before; what it asks first it sends at once. */
  refresh(sql: Sql, facts: readonly Fact[], rows: RowsMemory): Promise<Refreshed>;
  rebuild(sql: Sql): Promise<void>;
}

export interface Refreshed {
  /** What the events' rows were made of. */
  rows: EventInRows[];
  /** Waits for the statements that were sent. */
  written: Promise<unknown>;
}

/** The rows that people read, kept as the other projections' tables change: so it comes behind these. */
export function shownRows(options: ShownOptions): ShownRows {
  const memory = shownMemory();
  return {
    tables: SHOWN_TABLES,
    memory: REVISION_TABLES,
    async lock(sql, facts) {
      const eventIds = eventsOf(facts);
      if (eventIds.length > 0) await lock(sql, eventIds);
    },
    refresh: (sql, facts, rows) =>
      makeShownRows(sql, eventsOf(facts), options, { ...memory, rows }),
    async rebuild(sql) {
      await placeShown(sql);
      const all = await sql<{ eventId: string }[]>`select event_id from event order by event_id`;
      for (let from = 0; from < all.length; from += CHUNK)
        await keepShown(
          sql,
          all.slice(from, from + CHUNK).map(({ eventId }) => eventId),
          options,
        );
      // Nothing is known of a table that was just filled, and whoever reads it is to read it well.
      await sql`analyze event_shown, ticket_type_shown`;
    },
  };
}

const CHUNK = 20;

const eventsOf = (facts: readonly Fact[]) => [
  ...new Set(facts.flatMap(({ payload }) => ("eventId" in payload ? payload.eventId : []))),
];

/** Says that these events, or all, are there: whoever reads them makes their rows until they are kept. */
export const placeShown = (sql: Sql, eventIds?: readonly string[]) => sql`
  insert into event_shown (event_id)
  select event_id from event
  ${eventIds === undefined ? sql`` : sql`where event_id = any(${[...eventIds]}::text[])`}
  order by 1
  on conflict do nothing
`;

/** The events whose shown rows are not made yet as these settings make them. */
export const readShownLeft = (sql: Sql, options: ShownOptions) => sql<{ eventId: string }[]>`
  select event_id from event where not exists (
    select from event_shown
    where event_shown.event_id = event.event_id and made_of = ${shownDigest(options)}
  )
`;

export const shownEventColumns = [
  ...columns({
    account: "text",
    start_at: "timestamptz",
    turns_at: "timestamptz[]",
    statuses: "text[]",
    document: "json",
    digest: "text",
    fault: "text",
    made_of: "text",
    in_doubt: "boolean",
  }),
  ...eventKeyColumns,
];

interface EventToKeep {
  event_id: string;
  made_of: string;
  digest: string;
}

/**
 * Makes the rows of these events anew as people read them, and writes those that differ: whatever of an
 * event differs, its own row is written, so that who reads `event_shown` sees which events have changed.
 * An event of which no rows can be made says so in its row, and takes no other's with it.
 */
export async function keepShown(
  sql: Sql,
  eventIds: readonly string[],
  options: ShownOptions,
): Promise<void> {
  if (eventIds.length === 0) return;
  // They are sent together, the lock first: each sees what is committed when it is held.
  const [, { written }] = await Promise.all([
    lock(sql, eventIds),
    makeShownRows(sql, eventIds, options),
  ]);
  await written;
}

/** The same; what is written may still be under way when it is known what the rows were made of. */
async function makeShownRows(
  sql: Sql,
  eventIds: readonly string[],
  options: ShownOptions,
  memory?: ShownMemory & { rows: RowsMemory },
): Promise<Refreshed> {
  const wanted = [...new Set(eventIds)];
  if (wanted.length === 0) return { rows: [], written: Promise.resolve() };
  const [rows, known] = await Promise.all([
    readEventsInRows(sql, wanted, memory?.rows),
    readKept(sql, wanted, memory?.kept),
  ]);
  const made = rows.map((one) => shownOf(one, options, memory?.made));
  const changed = made.filter(({ event }) => {
    const before = known.get(event.event_id);
    return before?.digest !== event.digest || before.madeOf !== event.made_of;
  });
  if (changed.length === 0) return { rows, written: Promise.resolve() };
  for (const { event, types } of changed)
    memory?.kept.set(event.event_id, {
      digest: event.digest,
      madeOf: event.made_of,
      types: new Map(types.map((type) => [type.ticket_type_id, type.digest])),
    });
  const written = Promise.all([
    ...writeTypes(
      sql,
      changed.flatMap(({ event }) => keptTypes(event.event_id, known.get(event.event_id)?.types)),
      changed.flatMap(({ types }) => types),
    ),
    writeEvents(
      sql,
      changed.map(({ event, said }) => ({ ...event, ...said })),
    ),
  ]);
  // It may fail before anybody waits for it, who is told of it all the same.
  written.catch(() => {});
  return { rows, written };
}

const writeEvents = (sql: Sql, events: readonly (EventToKeep & EventSaid)[]) =>
  sql`
  with new as materialized (
    select * from json_to_recordset(${recordset([...events])}::text::json) as new (
      event_id text, says text, turns text, ${typesOf(sql, shownEventColumns)}
    )
  ), kept as (
    insert into event_shown (event_id, ${namesOf(sql, shownEventColumns)})
    select event_id, ${namesOf(sql, shownEventColumns)} from new
    on conflict (event_id) do update set ${takenOver(sql, shownEventColumns)}
  )
  ${markEvents(sql, sql`new`)}
`.execute();

const LOCKS = 256;

/**
 * Two transactions that change one event each see the other's facts only when these are committed: the
 * second waits for the first, and makes the rows of both. All take these locks in one order. A rebuilt
 * schema has locks of its own.
 */
const lock = (sql: Sql, eventIds: readonly string[]) =>
  sql`
    select pg_advisory_xact_lock(hashtext(current_schema()), number)
    from (
      select distinct abs(hashtext(id)::bigint % ${LOCKS})::int as number
      from unnest(${[...eventIds]}::text[]) as id
      order by 1
    ) as needed
  `.execute();
