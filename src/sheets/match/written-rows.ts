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

/** First rows that are the same, then those with the same ids, then those that have most in common. */
export function matchRows({ before, after, columnOf, keys, isWritten, deleted }: RowsToMatch) {
  const toColumn = new Map([...columnOf].map(([to, from]) => [from, to]));
  const columns = [...columnOf.values()].sort((a, b) => a - b);
  const signs = (row: readonly FoundCell[] | undefined, at: readonly number[] = columns) =>
    at.map((column) => signOf(row?.[column])).join("\u0001");
  /** The row as it would have stood before, without what we wrote into it. */
  const back = after.map((row, at) => {
    const cells: FoundCell[] = [];
    for (const [to, from] of columnOf) if (!isWritten(at, to)) cells[from] = row[to] ?? EMPTY;
    return cells;
  });
  const isTouched = after.map((row, at) => row.some((_, column) => isWritten(at, column)));
  const matched = new Map<number, number>();
  const used = new Set<number>();
  const pair = (to: number, from: number) => {
    matched.set(to, from);
    used.add(from);
  };
  const index = (at: readonly number[]) => {
    const found = new Map<string, number[]>();
    before.forEach((row, from) => {
      const sign = signs(row, at);
      if (used.has(from) || sign.replaceAll("\u0001", "") === "") return;
      found.set(sign, [...(found.get(sign) ?? []), from]);
    });
    return found;
  };
  const bySigns = index(columns);
  back.forEach((row, to) => {
    const from = isTouched[to] ? undefined : bySigns.get(signs(row, columns))?.shift();
    if (from !== undefined) pair(to, from);
  });
  const byKey = keys.length > 0 ? index([...keys]) : new Map<string, number[]>();
  back.forEach((row, to) => {
    const areKeysOurs = keys.some((key) => isWritten(to, toColumn.get(key) ?? -1));
    const from =
      matched.has(to) || areKeysOurs ? undefined : byKey.get(signs(row, [...keys]))?.shift();
    if (from !== undefined) pair(to, from);
  });
  const leftTo = back.flatMap((_, to) => (matched.has(to) ? [] : [to]));
  const leftFrom = before.flatMap((row, from) =>
    used.has(from) || !row.some(isFilled) ? [] : [from],
  );
  const alike = leftTo.flatMap((to) =>
    leftFrom.map((from) => ({
      from,
      to,
      common: columns.filter(
        (column) =>
          isFilled(back[to]?.[column]) && same(back[to]?.[column], before[from]?.[column]),
      ).length,
    })),
  );
  for (const [to, from] of greedy(alike)) pair(to, from);
  // Of a row that has nothing left of its own, its neighbour's move tells which one it was.
  let shift = 0;
  after.forEach((_, to) => {
    const from = matched.get(to);
    if (from !== undefined) shift = from - to;
    else if (isTouched[to] && before[to + shift]?.some(isFilled) && !used.has(to + shift))
      pair(to, to + shift);
  });
  // What is still nowhere was written over where nothing is left of it, unless it was deleted.
  const lost = leftFrom.filter((from) => !used.has(from));
  const blank = leftTo.filter((to) => !matched.has(to) && isTouched[to]);
  lost.slice(deleted).forEach((from, index) => {
    const to = blank.at(index - (lost.length - deleted));
    if (to !== undefined) pair(to, from);
  });
  return matched;
}
