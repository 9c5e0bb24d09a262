import { expect, test } from "bun:test";
import {
  asRead,
  eventDeleted,
  eventUpdated,
  pollFinished,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows, PROJECTED, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Fact, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";

// Few values, so that versions, times and keys meet.
const eventId = fc.constantFrom("e1", "e2");
const account = fc.constantFrom("DACH", "DACH", "DACH", "ITALY");
const source = fc.constantFrom("webhook" as const, "poll" as const);
const time = fc.integer({ min: 0, max: 4 }).map((n) => `2026-02-0${n + 1}T10:00:00.000Z`);
const few = fc.integer({ min: 0, max: 3 });
const hour = fc.constantFrom("2026-02-01T10", "2026-02-01T11");
const byHour = fc.dictionary(hour, few, { maxKeys: 2, noNullPrototype: true });

const ofTwo = <Item>(id: string, item: (id: string) => fc.Arbitrary<Item>) =>
  fc
    .record({ one: fc.option(item(`${id}1`)), two: fc.option(item(`${id}2`)) })
    .map(({ one, two }) => [one, two].flatMap((found) => found ?? []));

const types = ofTwo("t", (ticketTypeId) =>
  few.map((n) => ticketType({ ticketTypeId, name: `HYROX MEN ${ticketTypeId}`, amount: 10 + n })),
);
const shops = ofTwo("s", (underShopId) =>
  fc.boolean().map((active) => underShop({ underShopId, active })),
);
const counts = ofTwo("t", (ticketTypeId) =>
  fc
    .record({
      ...{ sold: few, reserved: few, newSales: byHour, replacements: byHour },
      soldByUnderShop: fc.option(fc.record({ s1: few }), { nil: undefined }),
      value: fc.option(
        fc.dictionary(
          fc.constantFrom("EUR", "GBP"),
          few.map((n) => ({ tickets: 5 + n, paid: 100 * n, list: 120 * n })),
          { maxKeys: 2, noNullPrototype: true },
        ),
        { nil: undefined },
      ),
    })
    .map(({ soldByUnderShop, value, ...numbers }) =>
      typeCount({
        ...{ ticketTypeId, ...numbers },
        ...(soldByUnderShop && { soldByUnderShop }),
        ...(value && { value }),
      }),
    ),
);

const updated = fc
  .record({
    ...{ eventId, account, source, observedAt: time, updatedAt: fc.option(time) },
    ...{ ticketTypes: types, underShops: shops, name: fc.constantFrom("a", "b") },
    ticketTypeIds: fc.constantFrom<string[]>(["t1"], ["t1", "t2"]),
  })
  .map(eventUpdated);
const deleted = fc.record({ eventId, account, observedAt: time }).map(eventDeleted);
const counted = fc
  .record({
    ...{ eventId, countedAt: time, complete: fc.boolean(), ticketTypes: counts },
    part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
  })
  .map(salesCounted);
const changed = fc
  .record({
    ...{ eventId, countedAt: time, ticketTypes: counts },
    part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
  })
  .map(salesChanged);
const polled = fc.record({ account, startedAt: time }).map(pollFinished);

const anyFact: fc.Arbitrary<NewFact> = fc.oneof(
  { weight: 4, arbitrary: updated },
  { weight: 1, arbitrary: deleted },
  { weight: 3, arbitrary: counted },
  { weight: 2, arbitrary: changed },
  { weight: 1, arbitrary: polled },
);

/** A description that was forgotten and recorded again: the same fact, seen at another time. */
const withRecordedAgain = (facts: NewFact[]) =>
  fc.record({ again: fc.subarray(facts), source, observedAt: time }).map((seen) => [
    ...facts,
    ...seen.again.flatMap((fact) => {
      if (fact.eventType !== "event.updated.0" || fact.payload.updatedAt === null) return [];
      const { source, observedAt } = seen;
      return { ...fact, payload: { ...fact.payload, source, observedAt } };
    }),
  ]);

/** The same facts in another order, some of them twice, cut into other pages. */
const another = (facts: Fact[]) =>
  fc
    .record({
      shuffled: fc.shuffledSubarray(facts, { minLength: facts.length }),
      repeated: fc.subarray(facts),
      cuts: fc.array(fc.integer({ min: 0, max: facts.length * 2 }), { maxLength: 5 }),
    })
    .chain(({ shuffled, repeated, cuts }) => {
      const all = [...shuffled, ...repeated];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((sequence) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), sequence.length];
        return places.slice(1).map((to, n) => sequence.slice(places[n], to));
      });
    });

async function contents(sql: Pool) {
  const tables: Record<string, unknown> = {};
  for (const table of PROJECTED) {
    const rows = await sql<
      { row: unknown }[]
    >`select to_jsonb(t) as row from ${sql(table)} t order by 1`;
    tables[table] = rows.map(({ row }) => row);
  }
  return { tables, rows: await readAllRows(sql) };
}

/** The datacore delivers at least once, late, and in no order across flow types: rows must not care. */
test("rows are the same however often, in whatever order and in whatever pages facts arrive", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const after = async (pages: Fact[][]) => {
    await emptyRows(sql);
    await sql.begin((tx) => applyPages(tx, pages));
    return contents(sql);
  };
  let written = 0;
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(anyFact, { minLength: 1, maxLength: 10 })
        .chain(withRecordedAgain)
        .map((facts) => facts.map((fact) => asRead(fact)))
        .chain((facts) => fc.tuple(fc.constant(facts), another(facts))),
      async ([facts, pages]) => {
        const once = await after(facts.map((fact) => [fact]));
        expect(await after(pages)).toEqual(once);
        written += once.rows.events.length;
      },
    ),
    { numRuns: runs(20) },
  );
  expect(written).toBeGreaterThan(runs(5));
});
