import type { Sql } from "../../database/connect.ts";
import { namesOf } from "../../database/table-columns.ts";
import { once } from "../../lib/once.ts";
import type { KnownFact, Run } from "./change-history.ts";
import { isFromStart, startsOf } from "./history-starts.ts";
import {
  type EventFacts,
  orderOf,
  orderOfRow,
  type RowTable,
  seenOf,
  sinceColumns,
  THE_ONE,
} from "./history-tables.ts";
import { readSets } from "./named-sets.ts";
import { type FoundRow, readNewestRows } from "./newest-before.ts";
import type { KeepOptions } from "./projection.ts";
import { type RememberedRow, type RowsMemory, readRemembered } from "./remembered-rows.ts";

export interface MergeOptions extends KeepOptions {
  /** The current rows' runs, which were asked for before it was known whether the facts are late. */
  currentRuns?: Promise<FoundRun[]> | undefined;
}

/** The facts from where something may change. */
export async function readKnown(
  sql: Sql,
  { facts, setColumn }: RowTable,
  late: readonly EventFacts[],
): Promise<Map<string, KnownFact[]>> {
  const found = await sql<(Record<string, unknown> & { eventId: string; setId: string | null })[]>`
    select known.event_id, ${namesOf(sql, facts.order, "known")},
      ${setColumn === undefined ? sql`null` : sql`known.${sql(setColumn)}::text`} as set_id
    from ${startsOf(sql, facts, late)}
    join ${sql(facts.table)} known on known.event_id = start.event_id
      and ${isFromStart(sql, facts, "known")}
      ${facts.where === undefined ? sql`` : sql`and known.${sql(facts.where)}`}
  `;
  const sets = await readSets(
    sql,
    found.flatMap(({ setId }) => setId ?? []),
  );
  const namesOfSet = new Map([...sets].map(([setId, ids]) => [setId, new Set(ids)]));
  return listed(found, (row): KnownFact => {
    const order = orderOfRow(facts, row);
    const names = setColumn === undefined ? ONE_NAME : namesOfSet.get(row.setId ?? "");
    return { order, seen: seenOf(facts, order), names: names ?? new Set() };
  });
}

const ONE_NAME: ReadonlySet<string> = new Set([THE_ONE]);

export async function readKeptRows(sql: Sql, history: RowTable, late: readonly EventFacts[]) {
  const { table, facts } = history;
  const found = await sql<FoundRow[]>`
    select kept.event_id, ${columnsOfRow(sql, history)}
    from ${startsOf(sql, facts, late)}
    join ${sql(table)} kept on kept.event_id = start.event_id and ${isFromStart(sql, facts, "kept")}
  `;
  const runOf = runOfRow(history);
  return listed(found, (row) => ({ id: row.itemId, ...runOf(row) }));
}

interface Around extends MergeOptions {
  known: ReadonlyMap<string, KnownFact[]>;
}

type Before = Map<string, Run | null>;

/**
 * The run before of each thing that is named: what is not cached takes one look into the index. What
 * is cached is not copied: a count names hundreds of things, and says something new of a few.
 */
export async function readBefore(
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  { known, memory, current, currentRuns }: Around,
): Promise<Map<string, Before>> {
  const before = new Map<string, Before>();
  const uncached = new Map<string, string[]>();
  for (const event of events) {
    const { eventId, isLate } = event;
    const cached = isLate ? undefined : memory?.runs(history.table, eventId);
    const ids = cached ? newTo(cached, event) : [...namedBy(event, known.get(eventId))];
    before.set(eventId, cached ?? new Map());
    if (ids.length > 0) uncached.set(eventId, ids);
  }
  const asked = events.filter(({ eventId }) => uncached.has(eventId));
  const isInCurrent = ({ isLate }: EventFacts) =>
    current !== undefined && history.current !== undefined && !isLate;
  const [found, newest] = await Promise.all([
    readNewestRows(
      sql,
      history,
      asked.filter((event) => !isInCurrent(event)),
      { idsOf: uncached, memory: current },
    ),
    currentRunsOf(asked.filter(isInCurrent)),
  ]);
  const runOf = runOfRow(history);
  for (const row of found) before.get(row.eventId)?.set(row.itemId, runOf(row));
  for (const { eventId, itemId, run } of newest) before.get(eventId)?.set(itemId, run);
  for (const [eventId, ids] of uncached) {
    const runs = before.get(eventId);
    for (const id of ids) if (!runs?.has(id)) runs?.set(id, null);
  }
  return before;

  async function currentRunsOf(events: readonly EventFacts[]) {
    const eventIds = new Set(events.map(({ eventId }) => eventId));
    if (currentRuns) return (await currentRuns).filter(({ eventId }) => eventIds.has(eventId));
    return current ? readCurrentRuns(sql, history, [...eventIds], current) : [];
  }
}

function newTo(cached: Before, { fresh }: EventFacts): string[] {
  const ids = new Set<string>();
  for (const { values } of fresh) for (const id of values.keys()) if (!cached.has(id)) ids.add(id);
  return [...ids];
}

function namedBy({ fresh, forgotten }: EventFacts, known: readonly KnownFact[] = []): Set<string> {
  const names = new Set<string>();
  for (const { values } of fresh) for (const id of values.keys()) names.add(id);
  for (const { order, names: told } of known)
    if (forgotten.has(order)) for (const id of told) names.add(id);
  return names;
}

export interface FoundRun {
  eventId: string;
  itemId: string;
  run: Run;
}

/**
 * What was said last of each thing of these events, for facts that are newer than all others: it is in the
 * current rows.
 */
export async function readCurrentRuns(
  sql: Sql,
  history: RowTable,
  eventIds: readonly string[],
  memory: RowsMemory,
): Promise<FoundRun[]> {
  const { current } = history;
  if (eventIds.length === 0 || current === undefined) return [];
  const rowsOf = await readRemembered(sql, [current], eventIds, memory);
  const runOf = currentRunOf(history);
  return eventIds.flatMap((eventId) =>
    rowsOf(current, eventId).map((row) => ({
      eventId,
      itemId: String(row[current.item.field]),
      run: runOf(row),
    })),
  );
}

/** Which fact said it is not in a current row, and whoever compares values does not ask. */
const currentRunOf = once(({ facts, textOf }: RowTable) =>
  once((row: RememberedRow): Run => {
    // The cast: the column is a time.
    const since = row.changedAt as Date;
    const order = orderOf(...facts.order.map(({ name }) => (name === facts.seen ? since : "")));
    return { order, since: since.toISOString(), value: textOf(row) };
  }),
);

const columnsOfRow = (sql: Sql, history: RowTable) => sql`
  ${history.item === undefined ? sql`${THE_ONE}` : sql`kept.${sql(history.item)}`} as item_id,
  ${namesOf(sql, [...history.facts.order, ...history.values, ...sinceColumns(history)], "kept")}
`;

/** A row that is remembered is the same object for fact after fact. */
const runOfRow = once(({ facts, textOf, keepsSince }: RowTable) =>
  once((row: FoundRow): Run => {
    const order = orderOfRow(facts, row);
    // The cast: the column is a time.
    const since = keepsSince ? (row.since as Date).toISOString() : seenOf(facts, order);
    return { order, since, value: textOf(row) };
  }),
);

function listed<Row extends { eventId: string }, Item>(rows: Row[], itemOf: (row: Row) => Item) {
  const byEvent = Map.groupBy(rows, ({ eventId }) => eventId);
  return new Map([...byEvent].map(([eventId, some]) => [eventId, some.map(itemOf)]));
}
