import { expect, test } from "bun:test";
import {
  asRead,
  eventDeleted,
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Fact, NewFact } from "../../contracts/index.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { rowsMemory } from "../tables/remembered-rows.ts";
import { readRows } from "./rows.ts";
import { readRowsAt } from "./rows-at.ts";

const policy = { policy: defaultPolicy };
const DAYS = 6;
const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;

// Few values, so that versions, times and keys meet. What is said is seen at once.
const moment = fc.integer({ min: 1, max: DAYS }).map(day);
const eventId = fc.constantFrom("e1", "e2");
const few = fc.integer({ min: 0, max: 3 });
const subset = (ids: string[]) => fc.subarray(ids, { minLength: 1 });

const updated = fc
  .record({
    ...{ eventId, at: moment, ids: subset(["t1", "t2", "t3"]), shops: subset(["s1", "s2"]) },
    ...{ n: few, active: fc.boolean(), name: fc.constantFrom("a", "b") },
    ...{ sellStart: fc.option(moment), start: fc.constantFrom(day(5), day(6)) },
    account: fc.constantFrom("DACH", "DACH", "ITALY"),
    category: fc.constantFrom("HYROX", "Spectators"),
  })
  .map(({ at, ids, shops, n, active, category, account, ...said }) =>
    eventUpdated({
      ...{ ...said, account, updatedAt: at, observedAt: at, end: day(6) },
      categories: [{ ref: "c", name: category, amount: null }],
      ticketTypes: ids.map((ticketTypeId) =>
        ticketType({
          ...{ ticketTypeId, amount: 10 + n, active, categoryRef: n % 2 ? "c" : null },
          ...(n === 3 && { name: `HYROX ${account}` }),
        }),
      ),
      underShops: shops.map((underShopId) => underShop({ underShopId, active })),
    }),
  );
const deleted = fc.record({ eventId, observedAt: moment }).map(eventDeleted);
const count = {
  ...{ eventId, countedAt: moment },
  part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
  ticketTypes: subset(["t1", "t2", "t4"]).chain((ids) =>
    fc.tuple(
      ...ids.map((ticketTypeId) =>
        fc
          .record({ sold: few, reserved: few, replaced: few })
          .map((numbers) => typeCount({ ticketTypeId, ...numbers })),
      ),
    ),
  ),
};
const anyFact: fc.Arbitrary<NewFact> = fc.oneof(
  { weight: 4, arbitrary: updated },
  { weight: 1, arbitrary: deleted },
  { weight: 3, arbitrary: fc.record({ ...count, complete: fc.boolean() }).map(salesCounted) },
  { weight: 2, arbitrary: fc.record(count).map(salesChanged) },
);

function instantOf({ payload }: Fact) {
  if ("countedAt" in payload) return payload.countedAt;
  return "updatedAt" in payload ? payload.updatedAt : payload.observedAt;
}

const history = fc.array(anyFact, { minLength: 2, maxLength: 12 });
const historyInPages = fc.array(fc.array(anyFact, { minLength: 2, maxLength: 4 }), {
  minLength: 3,
  maxLength: 4,
});

test("rows as of an instant are those of the log up to it, and as of now those of now", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const after = async (facts: Fact[]) => {
    await emptyRows(sql);
    await applyPages(sql, [facts]);
  };
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(history, async (said) => {
      const facts = said.map((fact) => asRead(fact));
      await after(facts);
      const asOf = [];
      for (let n = 1; n <= DAYS; n += 1)
        asOf.push(await readRowsAt(sql, { ...policy, at: new Date(day(n)) }));
      for (const [index, rows] of asOf.entries()) {
        const at = day(index + 1);
        await after(facts.filter((fact) => (instantOf(fact) ?? "") <= at));
        expect(rows).toEqual(await readRows(sql, { ...policy, now: new Date(at) }));
        seen += rows.ticketTypes.length;
      }
    }),
    { numRuns: 1 + runs(6), examples: [[fixed(history, 10)]] },
  );
  expect(seen).toBeGreaterThan(15);
});

test("rows as of an instant are the same whatever of the present is remembered, through facts and from one instant to the next", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  let [removed, seen] = [0, 0];
  await fc.assert(
    fc.asyncProperty(historyInPages, async (pages) => {
      await emptyRows(sql);
      // One has room for a few things alone, and so reads most of them again.
      const memories = [rowsMemory(), rowsMemory(4)];
      for (const said of pages) {
        await applyPages(sql, [said.map((fact) => asRead(fact))]);
        for (let n = 1; n <= DAYS; n += 1) {
          const at = new Date(day(n));
          const rows = await readRowsAt(sql, { ...policy, at });
          for (const memory of memories)
            expect(await readRowsAt(sql, { ...policy, at, memory })).toEqual(rows);
          removed += rows.ticketTypes.filter((type) => type.removed).length;
          seen += rows.ticketTypes.length;
        }
      }
    }),
    { numRuns: 1 + runs(4), examples: [[fixed(historyInPages, 9)]] },
  );
  expect([seen > 50, removed > 5]).toEqual([true, true]);
});

test("an event is as it was also when one alone is asked for, and is not there before it was described", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const at = (n: number) => ({ updatedAt: day(n), observedAt: day(n) });
  await applyPages(sql, [
    [eventUpdated({ name: "before", ...at(2) }), eventUpdated({ name: "after", ...at(4) })].map(
      (fact) => asRead(fact),
    ),
  ]);
  const nameAt = async (n: number) => {
    const eventId = "68f000000000000000000001";
    const rows = await readRowsAt(sql, { ...policy, at: new Date(day(n)), eventId });
    return rows.events.map(({ eventName }) => eventName);
  };
  expect([await nameAt(1), await nameAt(2), await nameAt(3), await nameAt(4)]).toEqual([
    [],
    ["before"],
    ["before"],
    ["after"],
  ]);
});

test("who looks at more than there is room to remember puts out nothing that is asked for again", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const ids = Array.from({ length: 60 }, (_, n) => `e${String(n).padStart(2, "0")}`);
  const at = { updatedAt: day(2), observedAt: day(2) };
  await applyPages(sql, [ids.map((eventId) => asRead(eventUpdated({ eventId, ...at })))]);
  // Of each event one ticket type, its number, and that it has those and undershops.
  const memory = rowsMemory(30 * 5);
  const then = { ...policy, at: new Date(day(3)) };
  const rows = await readRowsAt(sql, then);
  for (const _ of ["once", "again"]) {
    expect(await readRowsAt(sql, { ...then, memory })).toEqual(rows);
    expect(ids.filter((eventId) => memory.has(`ticket_type ${eventId}`))).toEqual(ids.slice(0, 30));
  }
  const eventIds = ids.slice(40, 50);
  expect(await readRowsAt(sql, { ...then, memory, eventIds })).toEqual(
    await readRowsAt(sql, { ...then, eventIds }),
  );
  expect(eventIds.every((eventId) => memory.has(`ticket_type ${eventId}`))).toBe(true);
});
