import { expect, test } from "bun:test";
import fc from "fast-check";
import { freshDatabase } from "../../../test/database.ts";
import {
  asRead,
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/facts.ts";
import { applyPages, emptyRows, readAllRows } from "../../../test/given.ts";
import type { Fact, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readPast } from "./event-past.ts";
import { eventLevels, type Levels } from "./levels.ts";
import { soldOutReader } from "./sold-out.ts";

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
    .record({ amount: places, inShop: fc.boolean() })
    .map(({ amount, inShop }) =>
      ticketType({ ticketTypeId, amount, allocations: inShop ? allocations : [] }),
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
const deleted = fc.record({ eventId, observedAt: time }).map(eventDeleted);

const history: fc.Arbitrary<NewFact[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: updated },
    { weight: 8, arbitrary: counted },
    { weight: 1, arbitrary: deleted },
  ),
  { minLength: 4, maxLength: 16 },
);

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

const readerOf = (sql: Pool) => soldOutReader(sql, { policy: defaultPolicy });

test("what sold out and reopened is the same in whatever order, pages and readings facts arrive", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  let told = 0;
  await fc.assert(
    fc.asyncProperty(
      history
        .map((facts) => facts.map((fact) => asRead(fact)))
        .chain((facts) => fc.tuple(fc.constant(facts), delivered(facts))),
      async ([facts, pages]) => {
        await emptyRows(sql);
        await sql.begin((tx) => applyPages(tx, [facts]));
        const atOnce = await readerOf(sql)();

        await emptyRows(sql);
        const readOnTheWay = readerOf(sql);
        for (const page of pages) {
          await sql.begin((tx) => applyPages(tx, [page]));
          await readOnTheWay();
        }
        expect(await readOnTheWay()).toEqual(atOnce);
        expect(await readerOf(sql)()).toEqual(atOnce);
        told += atOnce.length;
      },
    ),
    { numRuns: 60 },
  );
  expect(told).toBeGreaterThan(60);
}, 60_000);

test("the newest level of an event and its ticket types is what their rows show", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(history, async (facts) => {
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
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(15);
}, 60_000);

async function newestLevels(sql: Pool, eventId: string) {
  const { steps } = await readPast(sql, eventId);
  const levels = eventLevels({ policy: defaultPolicy });
  return steps.reduce<Levels | undefined>((last, step) => levels.after(step) ?? last, undefined);
}
