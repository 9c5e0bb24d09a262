import { expect, test } from "bun:test";
import { asRead, salesCounted, typeCount } from "../../../test/support/facts.ts";
import { batchesOf } from "./page-weight.ts";

const count = (types: number, hours: number) =>
  asRead(
    salesCounted({
      ticketTypes: Array.from({ length: types }, () =>
        typeCount({ newSales: soldIn(hours), replacements: {} }),
      ),
    }),
  );

const soldIn = (hours: number) =>
  Object.fromEntries(
    Array.from({ length: hours }, (_, hour) => [
      new Date(Date.UTC(2026, 0, 1, hour)).toISOString().slice(0, 13),
      1,
    ]),
  );

const sizes = (facts: Parameters<typeof batchesOf>[0], most: number) =>
  [...batchesOf(facts, most)].map((batch) => batch.length);

test("counts of few hours are worked on together", () => {
  expect(sizes(Array(10).fill(count(99, 0)), 1_000)).toEqual([10]);
});

test("first counts, which name each hour of an event's sales, are worked on a few at a time", () => {
  expect(sizes(Array(10).fill(count(99, 100)), 1_000)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(sizes(Array(10).fill(count(99, 20)), 1_000)).toEqual([5, 5]);
});

test("a fact that is heavier than all may be is alone", () => {
  expect(sizes([count(1, 0), count(5_000, 0), count(1, 0)], 1_000)).toEqual([1, 1, 1]);
});
