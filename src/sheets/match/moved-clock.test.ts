import { expect, test } from "bun:test";
import { movedRows } from "./moved-clock.ts";

const HOUR = 1 / 24;
const at = (row: number, time: unknown, sign: string | undefined = "same") => ({ row, time, sign });
const isFound = (mine: unknown, theirs: unknown) =>
  movedRows([at(0, mine)], [at(5, theirs)]).length === 1;

test.each([
  ["the same time", 0, true],
  ["a quarter of an hour", HOUR / 4, true],
  ["two hours", 2 * HOUR, true],
  ["five and three quarters", 5.75 * HOUR, true],
  ["as far as clocks are apart", 26 * HOUR, true],
  ["further than clocks are apart", 26.25 * HOUR, false],
  ["two hours and a minute", 2 * HOUR + 1 / 1_440, false],
  ["a second", 1 / 86_400, false],
])("a row whose time is moved by %s is found, or is another one", (_, days, expected) => {
  expect(isFound(46_000.5, 46_000.5 + days)).toBe(expected);
  expect(isFound(46_000.5, 46_000.5 - days)).toBe(expected);
});

test("a text is no time, and a row of other keys is another one", () => {
  expect(isFound(46_000.5, "46000.5")).toBe(false);
  expect(isFound(null, 46_000.5)).toBe(false);
  expect(movedRows([at(0, 1)], [at(5, 1, "other")])).toEqual([]);
});

test("of several the nearest are paired first, and each once", () => {
  const ours = [at(0, 100), at(1, 100 + HOUR)];
  const theirs = [at(5, 100 + 2 * HOUR), at(6, 100 + 3 * HOUR)];
  expect(movedRows(ours, theirs)).toEqual([
    [1, 5],
    [0, 6],
  ]);
});
