/**
 * A history that holds changes only. Facts say what things are (a count says what was sold of each
 * ticket type); a row is kept where what a fact says differs from what was said before it in the
 * facts' own order, and nowhere else. It stands for a run: for all facts behind it that say the same.
 * What always holds: the rows are a function of the set of facts, so a fact that comes late leaves the
 * rows that it would have left in time.
 *
 * A fact that is newer than all others is compared with the newest rows. One that is late is merged
 * with the facts behind it: of these it is known what each named, so that a row which was left out
 * can be made again where the late fact now stands before it (`known` and `rows`).
 */

/** Sorts as the facts follow one another. */
export type Order = string;

/** What a thing is said to be; the same content is the same text. */
export type Value = string;

/** When somebody learned of it, as ISO text: facts do not follow one another by this. */
export type Seen = string;

/** A fact that is not in the history yet, by what it says of each thing that it names. */
export interface FreshFact {
  order: Order;
  seen: Seen;
  values: ReadonlyMap<string, Value>;
}

/** A fact that is in the history: it said of a thing what the newest row up to it says. */
export interface KnownFact {
  order: Order;
  seen: Seen;
  names: ReadonlySet<string>;
}

/** A run: what was said from one fact on until another said otherwise. */
export interface Run {
  order: Order;
  value: Value;
  /** When it was first learned from any fact of the run. */
  since: Seen;
}

export interface KeptRow extends Run {
  id: string;
}

export interface Merging {
  /** The run that each thing was in before all facts that are given, if it was in any. */
  before: ReadonlyMap<string, Run | null>;
  fresh: readonly FreshFact[];
  /** The facts from the first fresh one on. */
  known?: readonly KnownFact[];
  /** Their rows. */
  rows?: readonly KeptRow[];
  /** Known facts that are to leave no row, for they are told anew. */
  forgotten?: ReadonlySet<Order>;
}

export interface Merged {
  /** Deleted first: another row may be written in one's place. */
  deleted: { id: string; order: Order }[];
  written: KeptRow[];
}

/** Which rows have to go and come so that the history is that of all the facts. */
export function mergeFacts({
  before,
  fresh,
  known = [],
  rows = [],
  forgotten = new Set(),
}: Merging): Merged {
  if (known.length === 0 && forgotten.size === 0) return append(before, fresh);
  const merged: Merged = { deleted: [], written: [] };
  const rowsOf = Map.groupBy(rows, ({ id }) => id);
  const facts = inOrder(known, fresh);
  for (const id of concerned(fresh, known, forgotten)) {
    const kept = [...(rowsOf.get(id) ?? [])];
    const first = before.get(id);
    if (first) kept.push({ id, ...first });
    const keptAt = new Map(kept.map((row) => [row.order, row]));
    for (const run of runsOf(id, facts, { keptAt, first, forgotten })) {
      const row = keptAt.get(run.order);
      keptAt.delete(run.order);
      if (row && row.value === run.value && row.since === run.since) continue;
      if (row) merged.deleted.push({ id, order: row.order });
      merged.written.push({ id, ...run });
    }
    for (const order of keptAt.keys()) merged.deleted.push({ id, order });
  }
  return merged;
}

/** Where nothing stands behind the fresh facts, each is compared with what was said before it. */
function append(before: ReadonlyMap<string, Run | null>, fresh: readonly FreshFact[]): Merged {
  const merged: Merged = { deleted: [], written: [] };
  const newest = new Map<string, KeptRow>();
  for (const { order, seen, values } of fresh.toSorted(byOrder))
    for (const [id, value] of values) {
      const run = newest.get(id) ?? before.get(id);
      if (run?.value === value && run.since <= seen) continue;
      const row = newest.get(id);
      if (row?.value === value) {
        row.since = seen;
        continue;
      }
      const same = run?.value === value ? run : undefined;
      if (same) merged.deleted.push({ id, order: same.order });
      const written = { id, value, since: seen, order: same?.order ?? order };
      newest.set(id, written);
      merged.written.push(written);
    }
  return merged;
}

/** Nothing changes but for what a fresh or a forgotten fact names. */
function concerned(
  fresh: readonly FreshFact[],
  known: readonly KnownFact[],
  forgotten: ReadonlySet<Order>,
): Set<string> {
  const told = fresh.flatMap(({ values }) => [...values.keys()]);
  const untold = known
    .filter(({ order }) => forgotten.has(order))
    .flatMap(({ names }) => [...names]);
  return new Set([...told, ...untold]);
}

interface RunsOf {
  keptAt: ReadonlyMap<Order, Run>;
  first: Run | null | undefined;
  forgotten: ReadonlySet<Order>;
}

function runsOf(
  id: string,
  facts: readonly (KnownFact | FreshFact)[],
  { keptAt, first, forgotten }: RunsOf,
): Run[] {
  const runs = first ? [{ ...first }] : [];
  let said = first?.value;
  for (const fact of facts) {
    if ("values" in fact) {
      const value = fact.values.get(id);
      if (value !== undefined) say(fact, value);
      continue;
    }
    if (!fact.names.has(id)) continue;
    // What was kept, not what the runs say by now: a fresh fact may stand between.
    said = keptAt.get(fact.order)?.value ?? said;
    if (said !== undefined && !forgotten.has(fact.order)) say(fact, said);
  }
  return runs;

  function say({ order, seen }: Pick<FreshFact, "order" | "seen">, value: Value) {
    const run = runs.at(-1);
    if (run?.value !== value) runs.push({ order, value, since: seen });
    else if (seen < run.since) run.since = seen;
  }
}

/** A fact that is told anew stands behind what is known of it. */
function inOrder(known: readonly KnownFact[], fresh: readonly FreshFact[]) {
  const all: (KnownFact | FreshFact)[] = [...known, ...fresh];
  return all.sort(byOrder);
}

const byOrder = (one: { order: Order }, other: { order: Order }) =>
  compareOrders(one.order, other.order);

export const compareOrders = (one: Order, other: Order) =>
  one < other ? -1 : one === other ? 0 : 1;
