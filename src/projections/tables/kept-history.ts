import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";
import { once } from "../../lib/once.ts";
import {
  type FreshFact,
  type KeptRow,
  type KnownFact,
  type Merged,
  mergeFacts,
  type Order,
  type Run,
  type Seen,
  type Value,
} from "./change-history.ts";
import type { HistoryMemory } from "./history-memory.ts";
import { readSets } from "./named-sets.ts";
import type { KeepOptions } from "./projection.ts";
import {
  type RememberedRow,
  type RememberedTable,
  type RowsMemory,
  readRemembered,
} from "./remembered-rows.ts";
import {
  type Column,
  columns,
  fieldTypesOf,
  namesOf,
  rowOf,
  takenOver,
  together,
  typesOf,
} from "./table-columns.ts";

/** The facts of a history: one row each, which says where it stands and which things it names. */
export interface FactTable {
  table: string;
  /** What orders facts: their times, and last their key. */
  order: readonly Column[];
  /** Which column of the order says when the fact was learned. */
  seen: string;
  /** Only rows of which this column is true are facts of the history. */
  where?: string;
  /** The numbers of the sets of things that a fact names. */
  sets: readonly Column[];
}

/** Rows of a history: each says what a fact said that was not said before it. */
export interface RowTable {
  table: string;
  facts: FactTable;
  /** Names the thing; absent where an event has but one. */
  item?: string;
  /** The table that holds each thing's newest values, in columns of the same names, and `changed_at`. */
  current?: RememberedTable;
  /** Whether a fact may have been learned before one that it stands behind, so that runs say since when. */
  keepsSince: boolean;
  /** Of the facts' table: the set of things that a fact names; absent where each names the one. */
  setColumn?: string;
  values: readonly Column[];
  /**
   * Where the value is a document: what it is as columns. A row that no current row can be made of is
   * refused whether or not a newer one makes it.
   */
  document?: readonly Column[];
  /** A row's columns as the text that two of them are compared by, and back. */
  textOf: (row: Record<string, unknown>) => Value;
  columnsOf: (value: Value) => Record<string, unknown>;
}

/** What is to be merged into one event's history. */
export interface EventFacts {
  eventId: string;
  /** Before the first fact that is fresh or forgotten nothing changes. */
  from: Order;
  /** The newest known fact stands at or behind it. */
  isLate: boolean;
  fresh: readonly FreshFact[];
  forgotten: ReadonlySet<Order>;
}

export interface EventMerge extends Merged {
  eventId: string;
}

/** Where an event has one thing of a kind, that is its name. */
export const THE_ONE = "";

const SEPARATOR = " ";

/** Times to the millisecond in UTC sort as texts do. */
export const orderOf = (...parts: readonly (Date | string)[]): Order =>
  parts.map((part) => (part instanceof Date ? part.toISOString() : part)).join(SEPARATOR);

/** An order as columns; a key may hold blanks, a time does not. */
export function columnsOfOrder({ order }: FactTable, text: Order): Record<string, string> {
  const parts = text.split(SEPARATOR);
  return Object.fromEntries(
    order.map(({ name }, index) => [
      name,
      index < order.length - 1 ? (parts[index] ?? "") : parts.slice(index).join(SEPARATOR),
    ]),
  );
}

/** The instant at which it stands: of its times the first. */
export const instantOf = (order: Order) => new Date(order.split(SEPARATOR, 1)[0] ?? "");

/** When a fact that stands here was learned. */
export const seenOf = (facts: FactTable, order: Order): Seen =>
  columnsOfOrder(facts, order)[facts.seen] ?? "";

const SINCE = columns({ since: "timestamptz" });

export const orderOfRow = ({ order }: FactTable, row: Record<string, unknown>) =>
  // The cast: an order's columns are times and a text.
  orderOf(...order.map(({ field }) => row[field] as Date | string));

export interface MergeOptions extends KeepOptions {
  /** The current rows' runs, which were asked for before it was known whether the facts are late. */
  ahead?: Promise<FoundRun[]> | undefined;
}

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
  const rows = late.length > 0 ? await readRows(sql, history, late) : noRows;
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

/** The facts from where something may change. */
async function readKnown(
  sql: Sql,
  { facts, setColumn }: RowTable,
  late: readonly EventFacts[],
): Promise<Map<string, KnownFact[]>> {
  const found = await sql<(Record<string, unknown> & { eventId: string; setId: string | null })[]>`
    select known.event_id, ${namesOf(sql, facts.order, "known")},
      ${setColumn === undefined ? sql`null` : sql`known.${sql(setColumn)}::text`} as set_id
    from ${startsOf(sql, facts, late)}
    join ${sql(facts.table)} known on known.event_id = start.event_id
      and ${behind(sql, facts, "known")}
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

async function readRows(sql: Sql, history: RowTable, late: readonly EventFacts[]) {
  const { table, facts } = history;
  const found = await sql<FoundRow[]>`
    select kept.event_id, ${columnsOfRow(sql, history)}
    from ${startsOf(sql, facts, late)}
    join ${sql(table)} kept on kept.event_id = start.event_id and ${behind(sql, facts, "kept")}
  `;
  return listed(found, (row) => ({ id: row.itemId, ...runOfRow(history, row) }));
}

interface Around extends MergeOptions {
  known: ReadonlyMap<string, KnownFact[]>;
}

type Before = Map<string, Run | null>;

/**
 * The run before of each thing that is named: what is not cached takes one look into the index. What
 * is cached is not copied: a count names hundreds of things, and says something new of a few.
 */
async function readBefore(
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  { known, memory, current, ahead }: Around,
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
      uncached,
    ),
    currentRunsOf(asked.filter(isInCurrent)),
  ]);
  for (const row of found) before.get(row.eventId)?.set(row.itemId, runOfRow(history, row));
  for (const { eventId, itemId, run } of newest) before.get(eventId)?.set(itemId, run);
  for (const [eventId, ids] of uncached) {
    const runs = before.get(eventId);
    for (const id of ids) if (!runs?.has(id)) runs?.set(id, null);
  }
  return before;

  async function currentRunsOf(events: readonly EventFacts[]) {
    const eventIds = new Set(events.map(({ eventId }) => eventId));
    if (ahead) return (await ahead).filter(({ eventId }) => eventIds.has(eventId));
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

async function readNewestRows(
  sql: Sql,
  history: RowTable,
  events: readonly EventFacts[],
  idsOf: ReadonlyMap<string, string[]>,
): Promise<FoundRow[]> {
  if (events.length === 0) return [];
  const { table, facts, item } = history;
  const columns = columnsOfNewest(history);
  const found = await sql<Together[]>`
    select start.event_id, ${together(sql, columns, "newest")} as rows
    from ${startsOf(sql, facts, events, ({ eventId }) => idsOf.get(eventId) ?? [])}
    cross join lateral unnest(start.ids) as wanted (item_id)
    cross join lateral (
      select wanted.item_id, kept.* from ${sql(table)} kept
      where kept.event_id = start.event_id
        ${item === undefined ? sql`` : sql`and kept.${sql(item)} = wanted.item_id`}
        and ${ahead(sql, facts, "kept")}
      order by ${descending(sql, facts, "kept")}
      limit 1
    ) newest
    group by start.event_id
  `;
  return found.flatMap((event) => apart(event, columns));
}

interface FoundRun {
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

const columnsOfNewest = ({ facts, values, keepsSince }: RowTable) => [
  ...columns({ item_id: "text" }),
  ...facts.order,
  ...values,
  ...(keepsSince ? SINCE : []),
];

interface Together {
  eventId: string;
  rows: unknown[][];
}

const apart = ({ eventId, rows }: Together, list: readonly Column[]): FoundRow[] =>
  // The cast: the columns name the item.
  rows.map((values) => ({ ...rowOf(list, values), eventId }) as FoundRow);

/** What was said of a thing, by its columns. */
export type FoundRow = Record<string, unknown> & { eventId: string; itemId: string };

const columnsOfRow = (sql: Sql, { facts, item, values, keepsSince }: RowTable) => sql`
  ${item === undefined ? sql`${THE_ONE}` : sql`kept.${sql(item)}`} as item_id,
  ${namesOf(sql, [...facts.order, ...values, ...(keepsSince ? SINCE : [])], "kept")}
`;

function runOfRow({ facts, textOf, keepsSince }: RowTable, row: FoundRow): Run {
  const order = orderOfRow(facts, row);
  // The cast: the column is a time.
  const since = keepsSince ? (row.since as Date).toISOString() : seenOf(facts, order);
  return { order, since, value: textOf(row) };
}

function listed<Row extends { eventId: string }, Item>(rows: Row[], itemOf: (row: Row) => Item) {
  const byEvent = Map.groupBy(rows, ({ eventId }) => eventId);
  return new Map([...byEvent].map(([eventId, some]) => [eventId, some.map(itemOf)]));
}

async function deleteRows(sql: Sql, history: RowTable, merged: readonly EventMerge[]) {
  const { table, facts, item } = history;
  const gone = merged.flatMap(({ eventId, deleted }) =>
    deleted.map(({ id, order }) => ({
      event_id: eventId,
      item_id: id,
      ...columnsOfOrder(facts, order),
    })),
  );
  if (gone.length === 0) return;
  await sql`
    delete from ${sql(table)} kept
    using jsonb_to_recordset(${JSON.stringify(gone)}::text::jsonb) as gone (
      event_id text, item_id text, ${typesOf(sql, facts.order)}
    )
    where kept.event_id = gone.event_id
      ${item === undefined ? sql`` : sql`and kept.${sql(item)} = gone.item_id`}
      and (${namesOf(sql, facts.order, "kept")}) = (${namesOf(sql, facts.order, "gone")})
  `;
}

async function writeRows(
  sql: Sql,
  history: RowTable,
  merged: readonly EventMerge[],
  { withCurrent }: { withCurrent: boolean },
) {
  const { table, facts, item, values, document, keepsSince, columnsOf } = history;
  const written = merged.flatMap(({ eventId, written: rows }) =>
    rows.map(({ id, order, value, since }) => ({
      event_id: eventId,
      item_id: id,
      since,
      ...columnsOfOrder(facts, order),
      ...columnsOf(value),
    })),
  );
  if (written.length === 0) return;
  const names = namesOf(sql, [...facts.order, ...values, ...(keepsSince ? SINCE : [])]);
  const readable =
    document &&
    sql`cross join lateral jsonb_to_record(content) as readable (${fieldTypesOf(sql, document)})`;
  const insert = sql`
    insert into ${sql(table)} (event_id, ${item === undefined ? sql`` : sql`${sql(item)},`} ${names})
    select new.event_id, ${item === undefined ? sql`` : sql`item_id,`} ${names}
    from jsonb_to_recordset(${JSON.stringify(written)}::text::jsonb) as new (
      event_id text, item_id text, ${typesOf(sql, [...facts.order, ...values, ...SINCE])}
    )
    ${readable ?? sql``}
  `;
  await (withCurrent ? insertWithCurrent(sql, history, insert) : insert);
}

/** Of each thing the newest row is what it is now. */
function insertWithCurrent(sql: Sql, history: RowTable, insert: PendingQuery<Row[]>) {
  const { current, item, values, facts } = history;
  if (current === undefined || item === undefined) return insert;
  return sql`
    with written as (${insert} returning *)
    insert into ${sql(current.table)} (
      event_id, ${sql(item)}, ${namesOf(sql, values)}, changed_at
    )
    select distinct on (event_id, ${sql(item)})
      event_id, ${sql(item)}, ${namesOf(sql, values)}, ${sql(facts.seen)}
    from written
    order by event_id, ${sql(item)}, ${descending(sql, facts, "written")}
    on conflict (event_id, ${sql(item)}) do update set
      ${takenOver(sql, values)}, changed_at = excluded.changed_at
  `;
}

/** Where each event's facts begin to matter, as a table `start`. */
const startsOf = (
  sql: Sql,
  facts: FactTable,
  events: readonly EventFacts[],
  idsOf: (event: EventFacts) => string[] = () => [],
) => sql`
  jsonb_to_recordset(${JSON.stringify(
    events.map((event) => ({
      event_id: event.eventId,
      ids: idsOf(event),
      ...columnsOfOrder(facts, event.from),
    })),
  )}::text::jsonb) as start (event_id text, ids text[], ${typesOf(sql, facts.order)})
`;

const behind = (sql: Sql, { order }: FactTable, table: string) =>
  sql`(${namesOf(sql, order, table)}) >= (${startColumns(sql, order)})`;
const ahead = (sql: Sql, { order }: FactTable, table: string) =>
  sql`(${namesOf(sql, order, table)}) < (${startColumns(sql, order)})`;

/** Keys are compared by their characters' codes, as this program compares them, in any database. */
const startColumns = (sql: Sql, order: readonly Column[]) =>
  sql.unsafe(
    order
      .map(({ name, type }) => `start."${name}"${type === "text" ? ' collate "C"' : ""}`)
      .join(", "),
  );

const descending = (sql: Sql, { order }: FactTable, table: string) =>
  sql.unsafe(order.map(({ name }) => `${table}."${name}" desc`).join(", "));
