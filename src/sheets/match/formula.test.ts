import { expect, test } from "bun:test";
import { movedBy, movedFormula } from "./formula.ts";

/** A row was inserted above the third, and a column before B. */
const rowNow = (row: number) => (row >= 2 ? row + 1 : row);
const columnNow = (column: number) => (column >= 1 ? column + 1 : column);

const cases = [
  ["=B2*2", "=C2*2"],
  ["=A1+$B$3", "=A1+$C$4"],
  ["=SUM(B2:B10)", "=SUM(C2:C11)"],
  ["=SUM(H:H)-SUM($B3:B)", "=SUM(I:I)-SUM($C4:C)"],
  ['=B3&" of B3"', '=C4&" of B3"'],
  ["='Ticket Types'!B3+Other!B3:B9+B3", "='Ticket Types'!B3+Other!B3:B9+C4"],
  ["=LOG10(Z3)+AA3", "=LOG10(AA4)+AB4"],
  ["=MY_B3+TRUE", "=MY_B3+TRUE"],
] as const;

for (const [before, after] of cases)
  test(`${before} names the same cells as ${after} when they have moved`, () => {
    expect(movedFormula(before, rowNow, columnNow)).toBe(after);
  });

test("what was not recognised has moved as its neighbour before it did", () => {
  const now = movedBy(
    new Map([
      [0, 0],
      [2, 1],
      [6, 4],
    ]),
  );
  expect([0, 1, 2, 4, 9].map(now)).toEqual([0, 2, 3, 6, 11]);
  // In whatever order they were recognised.
  const recognisedLate = movedBy(
    new Map([
      [6, 4],
      [0, 0],
      [2, 1],
    ]),
  );
  expect([0, 1, 2, 4, 9].map(recognisedLate)).toEqual([0, 2, 3, 6, 11]);
  expect(movedBy(new Map())(7)).toBe(7);
});
