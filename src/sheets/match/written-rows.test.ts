import { expect, test } from "bun:test";
import { cell } from "../../../test/support/found-tab.ts";
import { matchColumns } from "./written-rows.ts";

const grid = (...rows: (string | null)[][]) => rows.map((row) => row.map((value) => cell(value)));
const nothing = () => false;

test("a column is the one with which it has most values in common, and no column is two", () => {
  const before = grid(["a", "a"], ["b", "x"], ["c", "y"]);
  expect(matchColumns(before, grid(["a"], ["b"], ["c"]), nothing)).toEqual(new Map([[0, 0]]));
  // Another one that has a value in common with it is nobody's by now.
  const doubled = grid(["a", "a"], ["b", "b"], ["c", "q"]);
  expect(matchColumns(grid(["a"], ["b"], ["c"]), doubled, nothing)).toEqual(new Map([[0, 0]]));
});

test("of columns that are alike it is the nearest", () => {
  const alike = grid(["a", "z", "a"], ["b", "y", "b"]);
  expect(matchColumns(alike, grid([null, "z", "a"], [null, "y", "b"]), nothing)).toEqual(
    new Map([
      [1, 1],
      [2, 2],
    ]),
  );
});

test("what we wrote says nothing of where a column is", () => {
  const before = grid(["a", "m"], ["b", "n"]);
  const after = grid(["m", "a"], ["n", "b"]);
  const isOurs = (row: number, column: number) => row === 0 && column === 0;
  expect(matchColumns(before, after, isOurs)).toEqual(
    new Map([
      [0, 1],
      [1, 0],
    ]),
  );
  expect(matchColumns(before, after, (_, column) => column === 0)).toEqual(new Map([[1, 0]]));
});
