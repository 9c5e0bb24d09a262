import { expect, test } from "bun:test";
import { fc } from "../../../test/support/fast-check.ts";
import { runs } from "../../../test/support/runs.ts";
import { compareOrders, type FreshFact, type KeptRow, mergeFacts } from "./change-history.ts";

/** All facts in their order, each compared with what was said before it: what the rows have to be. */
function rowsOf(facts: readonly FreshFact[]): KeptRow[] {
  const newest = new Map<string, KeptRow>();
  const rows: KeptRow[] = [];
  for (const { order, seen, values } of facts.toSorted((a, b) => compareOrders(a.order, b.order)))
    for (const [id, value] of values) {
      const row = newest.get(id);
      if (row?.value === value) {
        if (seen < row.since) row.since = seen;
      } else {
        const next = { id, order, value, since: seen };
        newest.set(id, next);
        rows.push(next);
      }
    }
  return rows;
}

const sorted = (rows: readonly KeptRow[]) =>
  rows.map(({ id, order, value, since }) => `${id} ${order} ${value} ${since}`).sort();

/** A store as the tables are one: of a fact its place and what it names, and rows. */
function history() {
  const facts = new Map<string, FreshFact>();
  let rows: KeptRow[] = [];

  return {
    rows: () => rows,
    /** As little is read as a late fact needs: what stands behind it, and of the rest the newest. */
    take(fresh: readonly FreshFact[], forgotten: ReadonlySet<string> = new Set()) {
      const from = [...fresh.map(({ order }) => order), ...forgotten].sort(compareOrders)[0];
      if (from !== undefined) merge(fresh, forgotten, from);
    },
  };

  function merge(fresh: readonly FreshFact[], forgotten: ReadonlySet<string>, from: string) {
    const before = new Map(
      rows
        .filter(({ order }) => order < from)
        .sort((one, other) => compareOrders(one.order, other.order))
        .map(({ id, ...run }) => [id, run]),
    );
    // Of a run whose first fact was not the first to be seen, which one was is not known here.
    const unclear = [...before.values()].filter(
      ({ order, since }) => facts.get(order)?.seen !== since,
    );
    const earliest = unclear.map(({ order }) => order).sort(compareOrders)[0];
    if (earliest !== undefined) return merge(fresh, forgotten, earliest);
    const { deleted, written } = mergeFacts({
      ...{ before, fresh, forgotten },
      known: [...facts.values()]
        .filter(({ order }) => order >= from)
        .map(({ order, seen, values }) => ({ order, seen, names: new Set(values.keys()) })),
      rows: rows.filter(({ order }) => order >= from),
    });
    const gone = new Set(deleted.map(({ id, order }) => `${id} ${order}`));
    rows = [...rows.filter(({ id, order }) => !gone.has(`${id} ${order}`)), ...written];
    for (const order of forgotten) facts.delete(order);
    for (const fact of fresh) facts.set(fact.order, fact);
  }
}

const values = fc
  .dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), {
    minKeys: 1,
    noNullPrototype: true,
  })
  .map((said) => new Map(Object.entries(said)));
const seen = fc.integer({ min: 1, max: 9 }).map(String);
const facts = fc.uniqueArray(
  fc.record({ order: fc.integer({ min: 10, max: 40 }).map(String), seen, values }),
  { selector: ({ order }) => order, minLength: 1, maxLength: 14 },
);

test("a history of changes is that of its facts, in whatever order and however many together they come", () => {
  fc.assert(
    fc.property(
      facts.chain((all) =>
        fc.tuple(
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(fc.integer({ min: 1, max: 4 }), {
            minLength: all.length,
            maxLength: all.length,
          }),
        ),
      ),
      ([sequence, sizes]) => {
        const kept = history();
        let at = 0;
        for (const size of sizes) {
          kept.take(sequence.slice(at, at + size));
          at += size;
        }
        expect(sorted(kept.rows())).toEqual(sorted(rowsOf(sequence)));
      },
    ),
    { numRuns: runs(500) },
  );
});

test("a fact that is told anew, at its place or another, leaves what it would have left alone", () => {
  fc.assert(
    fc.property(facts, facts, fc.nat(), (all, others, pick) => {
      const kept = history();
      kept.take(all);
      const old = all[pick % all.length];
      const anew = others[0];
      if (!old || !anew) return;
      const rest = all.filter(({ order }) => order !== old.order && order !== anew.order);
      const replaced = new Set(all.filter((one) => !rest.includes(one)).map(({ order }) => order));
      kept.take([anew], replaced);
      expect(sorted(kept.rows())).toEqual(sorted(rowsOf([...rest, anew])));
    }),
    { numRuns: runs(500) },
  );
});

test("a newest fact is compared with the newest rows alone", () => {
  const run = (order: string, value: string) => ({ order, value, since: order });
  const before = new Map([
    ["a", run("1", "1")],
    ["b", run("2", "2")],
  ]);
  const values = new Map([
    ["a", "1"],
    ["b", "3"],
    ["c", "0"],
  ]);
  expect(mergeFacts({ before, fresh: [{ order: "5", seen: "5", values }] })).toEqual({
    deleted: [],
    written: [
      { id: "b", ...run("5", "3") },
      { id: "c", ...run("5", "0") },
    ],
  });
});
