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
import { applyPages, changesUnder, emptyRows, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Fact, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultSoldOutPolicy } from "../../rules/sold-out.ts";
import { type ChangeKey, changeNews } from "../tables/change-news.ts";
import { projections } from "../tables/log-projections.ts";
import type { RowSettings } from "./derivation.ts";
import { changesWith } from "./event-changes.ts";
import type { Past } from "./event-past.ts";
import { eventLevels, type Levels } from "./levels.ts";
import { withDerived } from "./projections.ts";
import { readNewestPasts, readPasts } from "./read-pasts.ts";

// Few values, so that moments and keys meet and places run out.
const eventId = fc.constantFrom("e1", "e1", "e2");
const time = fc.integer({ min: 1, max: 9 }).map((n) => `2026-02-0${n}T10:00:00.000Z`);
const places = fc.integer({ min: 3, max: 7 });
const tickets = fc.integer({ min: 0, max: 8 });
const allocations = [{ underShopId: "s1", amount: 2, active: true }];

const ofTwo = <Item>(item: (id: string) => fc.Arbitrary<Item>) =>
  fc
    .record({ one: fc.option(item("t1")), two: fc.option(item("t2")) })
    .map(({ one, two }) => [one, two].flatMap((found) => found ?? []));

const types = ofTwo((ticketTypeId) =>
  fc
    .record({ amount: places, inShop: fc.boolean(), active: fc.boolean() })
    .map(({ amount, inShop, active }) =>
      ticketType({ ticketTypeId, amount, active, allocations: inShop ? allocations : [] }),
    ),
);
const shops = fc
  .constantFrom("independent", "dependent")
  .map((inventoryStrategy) => [underShop({ underShopId: "s1", inventoryStrategy })]);
const updated = fc
  .record({
    ...{ eventId, observedAt: time, updatedAt: fc.option(time), ticketTypes: types },
    account: fc.constantFrom("DACH", "DACH", "ITALY"),
    maxAmount: fc.constantFrom<(number | null)[]>(null, null, 5),
    name: fc.constantFrom("a", "b"),
    ticketTypeIds: fc.constantFrom<string[]>(["t1"], ["t1", "t2"]),
    underShops: shops,
  })
  .map(eventUpdated);
const counted = fc
  .record({
    ...{ eventId, countedAt: time },
    complete: fc.constantFrom(true, true, true, false),
    source: fc.constantFrom("poll" as const, "backfill" as const),
    ticketTypes: ofTwo((ticketTypeId) =>
      fc
        .record({ sold: tickets, soldUnderShop: fc.constantFrom(0, 1), reserved: fc.nat(1) })
        .map((numbers) => typeCount({ ticketTypeId, ...numbers })),
    ),
    part: fc.constantFrom(
      { number: 1, of: 1 },
      { number: 1, of: 1 },
      { number: 1, of: 2 },
      { number: 2, of: 2 },
    ),
  })
  .map(salesCounted);
const changed = fc
  .record({
    ...{ eventId, countedAt: time },
    ticketTypes: ofTwo((ticketTypeId) => tickets.map((sold) => typeCount({ ticketTypeId, sold }))),
    part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
  })
  .map(salesChanged);
const deleted = fc.record({ eventId, observedAt: time }).map(eventDeleted);

const historyOf = (counts: fc.Arbitrary<NewFact>): fc.Arbitrary<NewFact[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: updated },
      { weight: 8, arbitrary: counts },
      { weight: 1, arbitrary: deleted },
    ),
    { minLength: 4, maxLength: 16 },
  );
const history = historyOf(
  fc.oneof({ weight: 3, arbitrary: counted }, { weight: 2, arbitrary: changed }),
);

/** A description that was forgotten and recorded again: the same fact, seen at another time. */
const withRecordedAgain = (facts: NewFact[]) =>
  fc
    .record({
      again: fc.subarray(facts),
      source: fc.constantFrom("webhook" as const),
      observedAt: time,
    })
    .map(({ again, ...seen }) => [
      ...facts,
      ...again.flatMap((fact) => {
        if (fact.eventType !== "event.updated.0" || fact.payload.updatedAt === null) return [];
        return { ...fact, payload: { ...fact.payload, ...seen } };
      }),
    ]);

/** Every fact at least once, in any order, in pages cut anywhere. */
const delivered = (facts: Fact[]) =>
  fc
    .record({
      repeated: fc.subarray(facts),
      cuts: fc.array(fc.nat(facts.length * 2), { maxLength: 6 }),
    })
    .chain(({ repeated, cuts }) => {
      const all = [...facts, ...repeated];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((sequence) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), sequence.length];
        return places.slice(1).map((to, n) => sequence.slice(places[n], to));
      });
    });

/** So small that a short history has all of it: stretches, places that stay, what is left to the background. */
const SMALL = [
  { atOnce: 2, mostInPage: 3, staysAfter: 1, nearWithin: 1 },
  { atOnce: 3, mostInPage: 100, staysAfter: 3, nearWithin: 2 },
  { atOnce: 300, mostInPage: 2_000, staysAfter: 200, nearWithin: 1 },
  { atOnce: 300, mostInPage: 2_000, staysAfter: 200, nearWithin: 20 },
];
const SETTINGS: RowSettings[] = [
  { policy: defaultPolicy },
  { policy: defaultPolicy, soldOut: { ...defaultSoldOutPolicy, nearlyFromPercents: [50, 90] } },
  { policy: defaultPolicy, classes: { t1: "other" } },
];

/** Under which settings each page is applied, and how the past is gone through. */
const manner = fc.record({
  limits: fc.constantFrom(...SMALL),
  settings: fc.array(fc.constantFrom(...SETTINGS), { minLength: 30, maxLength: 30 }),
  last: fc.constantFrom(...SETTINGS),
});

interface ChangeVersion extends ChangeKey {
  row: unknown;
  /** Another one where the row was written again. */
  version: string;
}

const versions = (sql: Pool) => sql<ChangeVersion[]>`
  select change.*, to_jsonb(change) as row, concat_ws(' ', ctid, xmin) as version
  from event_change change order by event_id, changed_at, sequence
`;

const contents = async (sql: Pool) => (await versions(sql)).map(({ row }) => row);

/** What tells changes from one another, of those that only the later rows have. */
function newIn(later: readonly ChangeKey[], earlier: readonly ChangeKey[]): string[] {
  const before = earlier.map(named);
  return later
    .map(named)
    .filter((name) => {
      const at = before.indexOf(name);
      if (at >= 0) before.splice(at, 1);
      return at < 0;
    })
    .toSorted();
}
const named = ({ eventId, changedAt, changeType, field, previousValue, newValue }: ChangeKey) =>
  JSON.stringify([eventId, changedAt, changeType, field, previousValue, newValue]);

/** A page tells exactly of what came and went, and what says the same was not written. */
async function applyWatched(sql: Pool, page: Fact[], how: ReturnType<typeof under>) {
  const before = await versions(sql);
  const news = changeNews();
  await sql.begin((tx) => withDerived(projections, how).apply(tx, page, news));
  const after = await versions(sql);
  const versionOf = new Map(before.map(({ row, version }) => [JSON.stringify(row), version]));
  const kept = after.filter(({ row }) => versionOf.has(JSON.stringify(row)));
  expect(kept.map(({ version }) => version)).toEqual(
    kept.map(({ row }) => versionOf.get(JSON.stringify(row)) ?? ""),
  );
  const told = news.read();
  expect(told.found.map(named).toSorted()).toEqual(newIn(after, before));
  expect(told.isAnyGone).toBe(newIn(before, after).length > 0);
  return kept.length;
}

const under = (settings: RowSettings, limits = SMALL[3]) => ({
  ...settings,
  ...(limits && { derivations: [changesWith(limits)] }),
});

test("changes are the same in whatever order, pages and settings facts arrive, and as a rebuild makes them", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const applied = history
    .chain(withRecordedAgain)
    .map((facts) => facts.map((fact) => asRead(fact)))
    .chain((facts) => fc.tuple(fc.constant(facts), delivered(facts), manner));
  let told = 0;
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(applied, async ([facts, pages, { limits, settings, last }]) => {
      await emptyRows(sql);
      await sql.begin((tx) => withDerived(projections, under(last)).apply(tx, facts));
      const atOnce = await contents(sql);

      await emptyRows(sql);
      for (const [n, page] of pages.entries())
        kept += await applyWatched(sql, page, under(settings[n] ?? last, limits));
      await changesUnder(sql, under(last, limits));
      expect(await contents(sql)).toEqual(atOnce);

      await emptyRows(sql);
      const rebuilt = withDerived(projections, under(last, limits));
      for (const page of pages) await sql.begin((tx) => rebuilt.keep(tx, page));
      await sql.begin((tx) => rebuilt.rebuild(tx));
      expect(await contents(sql)).toEqual(atOnce);
      told += atOnce.length;
    }),
    { numRuns: 2 + runs(20), examples: [5, 6].map((seed) => [fixed(applied, seed)]) },
  );
  expect(told).toBeGreaterThan(10);
  expect(kept).toBeGreaterThan(10);
});

/** What is said, in whatever order things of one kind are named. */
const said = ({ known, steps }: Past) => {
  const sorted = (things: readonly object[]) =>
    things.map((thing) => JSON.stringify(inOrder(thing))).toSorted();
  const { types, shops, counts, formerCategories, ...rest } = known;
  // What is in no category has been in none.
  const categorised = new Set(
    types.flatMap(({ ticketTypeId, categoryRef }) => (categoryRef === null ? [] : ticketTypeId)),
  );
  const former = [...formerCategories].filter(([id]) => categorised.has(id)).toSorted();
  return {
    ...{ ...rest, steps, formerCategories: former },
    ...{ types: sorted(types), shops: sorted(shops), counts: sorted(counts) },
  };
};
const inOrder = (thing: object) =>
  Object.fromEntries(Object.entries(thing).toSorted(([one], [other]) => (one < other ? -1 : 1)));

test("what was known at an instant is read from the rows of now as it is from the whole history", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const asked = history
    .chain(withRecordedAgain)
    .map((facts) => facts.map((fact) => asRead(fact)))
    .chain((facts) => fc.tuple(delivered(facts), fc.tuple(time, time)));
  let known = 0;
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(asked, async ([pages, afters]) => {
      await emptyRows(sql);
      await sql.begin((tx) => applyPages(tx, pages));
      for (const after of afters.map((text) => new Date(text))) {
        const windows = ["e1", "e2"].map((eventId) => ({ eventId, after, until: null }));
        const [slow, fast] = [await readPasts(sql, windows), await readNewestPasts(sql, windows)];
        for (const { eventId } of windows) {
          expect(said(fast(eventId))).toEqual(said(slow(eventId)));
          known += fast(eventId).known.types.length + fast(eventId).known.counts.length;
          steps += fast(eventId).steps.length;
        }
      }
    }),
    { numRuns: 3 + runs(20), examples: [5, 6, 9].map((seed) => [fixed(asked, seed)]) },
  );
  expect(known).toBeGreaterThan(20);
  expect(steps).toBeGreaterThan(20);
});

test("the newest level of an event and its ticket types is what their rows show", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const fullCounts = historyOf(counted);
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fullCounts, async (facts) => {
      await emptyRows(sql);
      await sql.begin((tx) => applyPages(tx, [facts.map((fact) => asRead(fact))]));
      const { events, ticketTypes } = await readAllRows(sql);
      for (const event of events) {
        const levels = await newestLevels(sql, event.eventId);
        expect(levels?.event.capacity ?? null).toBe(event.totalCapacity);
        expect(levels?.event.percentSold ?? null).toBe(event.percentSold);
        const shown = ticketTypes.filter(
          ({ eventId, class: of, removed }) =>
            eventId === event.eventId && of === "race" && !removed,
        );
        if (shown.length > 0) expect(levels?.event.available ?? null).toBe(event.totalAvailable);
        const left = (of: {
          ticketTypeId: string;
          capacity: number | null;
          available: number | null;
        }) => `${of.ticketTypeId}: ${of.available} of ${of.capacity}`;
        expect(levels?.ticketTypes.map(left).toSorted()).toEqual(shown.map(left).toSorted());
        compared += shown.filter(({ available }) => available !== null).length;
      }
    }),
    { numRuns: 1 + runs(30), examples: [[fixed(fullCounts, 27)]] },
  );
  expect(compared).toBeGreaterThan(3);
});

async function newestLevels(sql: Pool, eventId: string) {
  const pastOf = await readPasts(sql, [{ eventId, after: null, until: null }]);
  const { known, steps } = pastOf(eventId);
  const levels = eventLevels(known, { policy: defaultPolicy });
  return steps.reduce<Levels | undefined>((last, step) => levels.after(step) ?? last, undefined);
}
