import { LRUCache } from "lru-cache";
import type { Sql } from "../../database/connect.ts";
import { someTexts } from "../../database/some-texts.ts";
import { type Column, column, namesOf, rowOf, together } from "../../database/table-columns.ts";

/** Things of events, hundreds of an event, of which a transaction writes a few. */
export interface RememberedTable {
  table: string;
  /** Names one of an event's things. */
  item: Column;
  /** What is read of each beside its name; asked for each time, as it is when it is asked for. */
  columns: () => readonly Column[];
  /** The columns by whose values an event's things are in their order, before their names. */
  order: readonly Column[];
}

/** A thing by its fields. Nobody writes into it: it is the same object as long as its row is the same. */
export type RememberedRow = Readonly<Record<string, unknown>>;

/** The rows of some events and tables, as one transaction read them. */
export type RowsOf = (of: RememberedTable, eventId: string) => RememberedRow[];

interface Kept {
  /** Tells the row from every other that stood or will stand for this thing. */
  stamp: bigint;
  row: RememberedRow;
}

export interface Remembered {
  /** Which PostgreSQL said so: another, as a replica that took over, counts its transactions by itself. */
  server: string;
  /** Of all stamps. */
  sum: bigint;
  /** By name, in their order. */
  things: ReadonlyMap<string, Kept>;
}

/** What was read of events, by table and event. */
export type RowsMemory = LRUCache<string, Remembered>;

const MOST_REMEMBERED = 10_000;

/** For who reads the same events' rows again and again; of so many things at most. */
export const rowsMemory = (most = MOST_REMEMBERED): RowsMemory =>
  new LRUCache({ maxSize: most, sizeCalculation: ({ things }) => things.size + 1 });

/**
 * A row that is written again stands elsewhere, or another transaction wrote it. The number of one that was
 * never committed is used again after a crash: so whoever fails to commit clears the memory.
 */
export const stampOf = (sql: Sql, besides = sql`''`) =>
  sql`hashtextextended(concat(ctid, xmin, ${besides}), tableoid::bigint)`;
/** As text, for a number of JSON has no room for it. */
const STAMP = column("stamp_text", "text");

interface Asked {
  server: string;
  eventId: string;
  /** Which of the tables. */
  number: number;
  /** The sum of the stamps of rows that this transaction did not write. */
  others: string;
  /** The rows that it wrote. */
  own: unknown[][] | null;
}

/**
 * The rows of these events, for who read most of them before: only those that this transaction wrote are
 * sent, as long as the sum of the other rows' stamps is that of what is remembered of them. It never
 * concludes from what was written what is there: whoever else writes these rows makes another sum.
 */
export async function readRemembered(
  sql: Sql,
  tables: readonly RememberedTable[],
  eventIds: readonly string[],
  memory: RowsMemory,
): Promise<RowsOf> {
  const keyOf = ({ table }: RememberedTable, eventId: string) => `${table} ${eventId}`;
  const each = eventIds.flatMap((eventId) => tables.map((of) => ({ of, eventId })));
  // What is asked of has to be at hand when it is answered: meanwhile others may put it out of the memory.
  const now = new Map(
    each.map(({ of, eventId }) => [keyOf(of, eventId), memory.get(keyOf(of, eventId))]),
  );
  const asked = await ask(sql, tables, eventIds);
  const unknown = new Map<RememberedTable, string[]>();
  for (const { server, eventId, number, others, own } of asked) {
    const of = tables[number];
    if (!of) continue;
    const key = keyOf(of, eventId);
    const found = { server, others: BigInt(others), own: foundIn(of, own ?? []) };
    const known = withOwn(of, now.get(key), found);
    now.set(key, known);
    if (!known) unknown.set(of, [...(unknown.get(of) ?? []), eventId]);
  }
  await Promise.all(
    [...unknown].map(async ([of, some]) => {
      for (const [eventId, things] of await readAll(sql, of, some))
        now.set(keyOf(of, eventId), things);
    }),
  );
  const none: Remembered = { server: asked[0]?.server ?? "", sum: 0n, things: new Map() };
  for (const { of, eventId } of each) {
    const key = keyOf(of, eventId);
    const things = now.get(key) ?? none;
    now.set(key, things);
    memory.set(key, things);
  }
  return (of, eventId) =>
    [...(now.get(keyOf(of, eventId)) ?? none).things.values()].map(({ row }) => row);
}

interface Found extends Kept {
  id: string;
}

/** The name comes first. */
const columnsOf = ({ item, columns: others }: RememberedTable) => [item, ...others()];

/** Rows that are told with their stamps. */
function foundIn(of: RememberedTable, rows: readonly unknown[][]): Found[] {
  const list = columnsOf(of);
  return rows.map(([stamp, ...values]) => ({
    id: String(values[0]),
    stamp: BigInt(String(stamp)),
    row: rowOf(list, values),
  }));
}

const withStamps = (sql: Sql, of: RememberedTable) => together(sql, [STAMP, ...columnsOf(of)]);

/** Undefined where what was read before is not what is there, or does not stand as it did. */
function withOwn(
  { order }: RememberedTable,
  before: Remembered | undefined,
  { server, others, own }: { server: string; others: bigint; own: readonly Found[] },
): Remembered | undefined {
  if (before?.server !== server) return undefined;
  if (own.length === 0) return before.sum === others ? before : undefined;
  const things = new Map(before.things);
  let left = before.sum;
  let sum = others;
  for (const { id, ...found } of own) {
    const known = things.get(id);
    if (!known || order.some(({ field }) => known.row[field] !== found.row[field]))
      return undefined;
    left -= known.stamp;
    sum += found.stamp;
    if (known.stamp !== found.stamp) things.set(id, found);
  }
  return left === others ? { server, sum, things } : undefined;
}

export const serverOf = (sql: Sql) => sql`pg_postmaster_start_time()::text`;

/** It is asked for at once. */
const ask = (sql: Sql, tables: readonly RememberedTable[], eventIds: readonly string[]) =>
  sql<Asked[]>`
    select ${serverOf(sql)} as server, wanted.event_id, found.*
    from unnest(${someTexts(sql, eventIds)}) as wanted (event_id)
    cross join lateral (${tables.map(
      (of, number) => sql`
        ${number === 0 ? sql`` : sql`union all`}
        select ${sql.unsafe(String(number))} as number,
          coalesce(sum(stamp) filter (where not is_own), 0)::text as others,
          ${withStamps(sql, of)} filter (where is_own) as own
        from (
          select *, ${stampOf(sql)} as stamp, ${stampOf(sql)}::text as stamp_text,
            coalesce(xmin = pg_current_xact_id_if_assigned()::xid, false) as is_own
          from ${sql(of.table)} thing where thing.event_id = wanted.event_id
        ) thing
      `,
    )}) found
  `.execute();

async function readAll(sql: Sql, of: RememberedTable, eventIds: readonly string[]) {
  const found = await sql<{ server: string; eventId: string; rows: unknown[][] }[]>`
    select ${serverOf(sql)} as server, event_id, ${withStamps(sql, of)} as rows
    from (
      select *, ${stampOf(sql)}::text as stamp_text from ${sql(of.table)}
      where event_id = any(${[...eventIds]}::text[])
      order by event_id, ${namesOf(sql, [...of.order, of.item])}
    ) found
    group by event_id
  `;
  return found.map(({ server, eventId, rows }): [string, Remembered] => {
    const all = foundIn(of, rows);
    const sum = all.reduce((before, { stamp }) => before + stamp, 0n);
    return [eventId, { server, sum, things: new Map(all.map(({ id, ...kept }) => [id, kept])) }];
  });
}
