import type { FoundCell } from "../google/spreadsheet.ts";
import { movedFormula } from "./formula.ts";
import { isFilled } from "./place.ts";

export type Grid = readonly (readonly FoundCell[])[];

export type IsWritten = (row: number, column: number) => boolean;

export const widthOf = (grid: Grid) => grid.reduce((most, row) => Math.max(most, row.length), 0);
export const numbers = (length: number) => Array.from({ length }, (_, at) => at);

/** A cell's content, by which it is recognised elsewhere; where it is moved, what a formula names changes. */
function signOf(cell: FoundCell | undefined) {
  if (!cell || !isFilled(cell)) return "";
  const { value, isFormula } = cell;
  return isFormula
    ? `formula ${movedFormula(String(value), FIRST, FIRST)}`
    : `${typeof value} ${value}`;
}

const FIRST = () => 0;
const EMPTY: FoundCell = { value: null, isFormula: false, formatType: null };

export const same = (one: FoundCell | undefined, other: FoundCell | undefined) =>
  (one?.value === other?.value && one?.isFormula === other?.isFormula) ||
  signOf(one) === signOf(other);

/** Each column is the one with which it has most values in common, the nearest of several. */
export function matchColumns(before: Grid, after: Grid, isWritten: IsWritten) {
  const bags = (grid: Grid, skip: IsWritten) =>
    numbers(widthOf(grid)).map((column) => {
      const bag = new Map<string, number>();
      grid.forEach((row, at) => {
        const sign = skip(at, column) ? "" : signOf(row[column]);
        if (sign !== "") bag.set(sign, (bag.get(sign) ?? 0) + 1);
      });
      return bag;
    });
  const old = bags(before, () => false);
  const pairs = bags(after, isWritten).flatMap((bag, to) =>
    old.map((other, from) => {
      let common = 0;
      for (const [sign, times] of bag) common += Math.min(times, other.get(sign) ?? 0);
      return { from, to, common };
    }),
  );
  return greedy(pairs);
}

interface Pair {
  from: number;
  to: number;
  common: number;
}

function greedy(pairs: Pair[]): Map<number, number> {
  const matched = new Map<number, number>();
  const used = new Set<number>();
  const best = pairs
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || Math.abs(a.from - a.to) - Math.abs(b.from - b.to));
  for (const { from, to } of best) {
    if (matched.has(to) || used.has(from)) continue;
    matched.set(to, from);
    used.add(from);
  }
  return matched;
}

interface RowsToMatch {
  before: Grid;
  after: Grid;
  columnOf: ReadonlyMap<number, number>;
  keys: readonly number[];
  isWritten: IsWritten;
  /** How many rows there are less than there should be. */
  deleted: number;
}

/**
 * Where each row of `after` stood before. Each step takes only rows that the steps before it left, and a
 * step is surer than the next; the room's README says which serves what.
 */
export function matchRows(rows: RowsToMatch): Map<number, number> {
  const matching = beginMatching(rows);
  pairSameRows(matching);
  pairSameIds(matching, rows);
  const left = rowsLeft(matching);
  pairMostInCommon(matching, left);
  pairByShift(matching);
  pairTheRest(matching, left, rows.deleted);
  return matching.matched;
}

interface Matching {
  before: Grid;
  /** The rows of `after` as they would have stood before, without what we wrote into them. */
  back: Grid;
  /** Whether we wrote into a row of `after`. */
  isTouched: readonly boolean[];
  /** The columns that both have, as they were numbered before. */
  columns: readonly number[];
  /** Of rows of `after`, which one each was. */
  matched: Map<number, number>;
  used: Set<number>;
}

function beginMatching({ before, after, columnOf, isWritten }: RowsToMatch): Matching {
  const back = after.map((row, at) => {
    const cells: FoundCell[] = [];
    for (const [to, from] of columnOf) if (!isWritten(at, to)) cells[from] = row[to] ?? EMPTY;
    return cells;
  });
  return {
    before,
    back,
    isTouched: after.map((row, at) => row.some((_, column) => isWritten(at, column))),
    columns: [...columnOf.values()].sort((a, b) => a - b),
    matched: new Map(),
    used: new Set(),
  };
}

function pair({ matched, used }: Matching, to: number, from: number) {
  matched.set(to, from);
  used.add(from);
}

const SEPARATOR = "\u0001";

const signsOf = (row: readonly FoundCell[] | undefined, columns: readonly number[]) =>
  columns.map((column) => signOf(row?.[column])).join(SEPARATOR);

/** The rows from before that are not used yet, by what stands in these columns; empty ones left out. */
function rowsBySigns({ before, used }: Matching, columns: readonly number[]) {
  const found = new Map<string, number[]>();
  before.forEach((row, from) => {
    const signs = signsOf(row, columns);
    if (used.has(from) || signs.replaceAll(SEPARATOR, "") === "") return;
    found.set(signs, [...(found.get(signs) ?? []), from]);
  });
  return found;
}

/** Rows that are the same whole, of those that we wrote nothing into; equal ones in their order. */
function pairSameRows(matching: Matching) {
  const { back, isTouched, columns } = matching;
  const bySigns = rowsBySigns(matching, columns);
  back.forEach((row, to) => {
    const from = isTouched[to] ? undefined : bySigns.get(signsOf(row, columns))?.shift();
    if (from !== undefined) pair(matching, to, from);
  });
}

/** Rows with the same ids, unless we wrote the ids. */
function pairSameIds(matching: Matching, { keys, columnOf, isWritten }: RowsToMatch) {
  if (keys.length === 0) return;
  const toColumn = new Map([...columnOf].map(([to, from]) => [from, to]));
  const byIds = rowsBySigns(matching, keys);
  matching.back.forEach((row, to) => {
    const areIdsOurs = keys.some((key) => isWritten(to, toColumn.get(key) ?? -1));
    if (matching.matched.has(to) || areIdsOurs) return;
    const from = byIds.get(signsOf(row, keys))?.shift();
    if (from !== undefined) pair(matching, to, from);
  });
}

interface RowsLeft {
  /** Of `after`. */
  to: readonly number[];
  /** From before, those that hold something. */
  from: readonly number[];
}

const rowsLeft = ({ before, back, matched, used }: Matching): RowsLeft => ({
  to: back.flatMap((_, to) => (matched.has(to) ? [] : [to])),
  from: before.flatMap((row, from) => (used.has(from) || !row.some(isFilled) ? [] : [from])),
});

/** People's own rows, into which our write fell. */
function pairMostInCommon(matching: Matching, left: RowsLeft) {
  const { before, back, columns } = matching;
  const commonOf = (to: number, from: number) =>
    columns.filter((column) => {
      const cell = back[to]?.[column];
      return isFilled(cell) && same(cell, before[from]?.[column]);
    }).length;
  const alike = left.to.flatMap((to) =>
    left.from.map((from) => ({ from, to, common: commonOf(to, from) })),
  );
  for (const [to, from] of greedy(alike)) pair(matching, to, from);
}

/** Assumes that a row which was overwritten whole shifted by the same offset as the row above it. */
function pairByShift(matching: Matching) {
  const { before, back, isTouched, matched, used } = matching;
  let shift = 0;
  back.forEach((_, to) => {
    const from = matched.get(to);
    if (from !== undefined) shift = from - to;
    else if (isTouched[to] && before[to + shift]?.some(isFilled) && !used.has(to + shift))
      pair(matching, to, to + shift);
  });
}

/** What is still nowhere was overwritten whole, in the same order, but for as many as were deleted. */
function pairTheRest(matching: Matching, left: RowsLeft, deleted: number) {
  const { isTouched, matched, used } = matching;
  const lost = left.from.filter((from) => !used.has(from));
  const blank = left.to.filter((to) => !matched.has(to) && isTouched[to]);
  lost.slice(deleted).forEach((from, index) => {
    const to = blank.at(index - (lost.length - deleted));
    if (to !== undefined) pair(matching, to, from);
  });
}
