import type { Sql } from "../../database/connect.ts";
import { type KeptRow, type KnownFact, mergeFacts, type Run } from "./change-history.ts";
import type { HistoryMemory } from "./history-memory.ts";
import { type MergeOptions, readBefore, readKeptRows, readKnown } from "./history-reads.ts";
import { type EventFacts, type EventMerge, type RowTable, seenOf } from "./history-tables.ts";
import { deleteRows, writeRows } from "./history-writes.ts";
import type { KeepOptions } from "./projection.ts";

/** Merges facts into the history of each event, and says what became of its rows. */
export async function mergeInto(
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  options: MergeOptions = {},
): Promise<EventMerge[]> {
  if (events.length === 0) return [];
  const { memory } = options;
  const merged = await mergedOf(sql, history, events, options);
  const withCurrent = isCurrentKept(history, events, options);
  await Promise.all([
    deleteRows(sql, history, merged),
    writeRows(sql, history, merged, { withCurrent }),
  ]);
  if (memory) cache(memory, history, events, merged);
  return merged;
}

/** What a fact says that is newer than all others is what is so now: it is kept with the history. */
export const isCurrentKept = (
  { current }: Pick<RowTable, "current">,
  events: readonly Pick<EventFacts, "isLate">[],
  options: KeepOptions,
): boolean =>
  options.current !== undefined && current !== undefined && events.every(({ isLate }) => !isLate);

function cache(
  memory: HistoryMemory,
  { table, facts }: RowTable,
  events: readonly EventFacts[],
  merged: readonly EventMerge[],
) {
  const writtenOf = new Map(merged.map(({ eventId, written }) => [eventId, written]));
  for (const { eventId, isLate, fresh } of events) {
    if (isLate) {
      memory.forget(eventId);
      continue;
    }
    const newest = fresh
      .map(({ order }) => order)
      .sort()
      .at(-1);
    if (newest !== undefined) memory.newest(facts.table).set(eventId, newest);
    const runs = memory.runs(table, eventId);
    for (const { id, ...run } of writtenOf.get(eventId) ?? []) runs.set(id, run);
  }
}

async function mergedOf(
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  options: MergeOptions,
): Promise<EventMerge[]> {
  const late = events.filter(({ isLate }) => isLate);
  const known = late.length > 0 ? await readKnown(sql, history, late) : noneKnown;
  const before = await readBefore(sql, history, events, { ...options, known });
  const unclear = late.flatMap((event) => reachingBack(history, event, before.get(event.eventId)));
  if (unclear.length > 0) {
    const unclearIds = new Set(unclear.map(({ eventId }) => eventId));
    const others = events.filter(({ eventId }) => !unclearIds.has(eventId));
    const clear = others.length > 0 ? await mergedOf(sql, history, others, options) : [];
    return [...clear, ...(await mergedOf(sql, history, unclear, options))];
  }
  const rows = late.length > 0 ? await readKeptRows(sql, history, late) : noRows;
  return events.map(({ eventId, fresh, forgotten }) => ({
    eventId,
    ...mergeFacts({
      before: before.get(eventId) ?? new Map(),
      fresh,
      forgotten,
      known: known.get(eventId) ?? [],
      rows: rows.get(eventId) ?? [],
    }),
  }));
}

const noneKnown: ReadonlyMap<string, KnownFact[]> = new Map();
const noRows: ReadonlyMap<string, KeptRow[]> = new Map();

/**
 * A late fact may cut a run in two. Where the run's first fact was not the first to be seen, it takes
 * the run's other facts to say since when each half has been so: then the event is read from there on.
 */
function reachingBack(
  { facts }: RowTable,
  event: EventFacts,
  before: ReadonlyMap<string, Run | null> = new Map(),
): EventFacts[] {
  const orders = [...before.values()]
    .filter((run) => run !== null)
    .filter(({ order, since }) => seenOf(facts, order) !== since)
    .map(({ order }) => order)
    .sort();
  return orders[0] === undefined ? [] : [{ ...event, from: orders[0] }];
}
