import { type CellValue, valueData } from "./cell.ts";
import type { Tab } from "./layout.ts";
import type { Sent } from "./part.ts";
import { isFilled, locate } from "./place.ts";
import { type CellWrite, VALUE } from "./requests.ts";
import type { FoundCell, FoundTab } from "./spreadsheet.ts";

type Grid = readonly (readonly FoundCell[])[];

/**
 * Google can not be told to write only if nothing has moved. So somebody may insert, move or delete
 * rows or columns between our read and our write, and what we wrote stands where it does not belong.
 * Gives what puts back the cells that were written over, from what was read before.
 */
export function repairs(
  tab: Tab,
  before: FoundTab,
  after: FoundTab,
  { writes, inserted }: Sent,
): CellWrite[] {
  const { at, count } = inserted;
  const inPlace = writes.filter(({ isNew }) => !isNew || count === 0);
  const written = new Set(inPlace.map(({ row, column }) => `${row} ${column}`));
  const isWritten = (row: number, column: number) => written.has(`${row} ${column}`);
  /** As if none had been inserted. */
  const rows = [...after.rows.slice(0, at), ...after.rows.slice(at + count)];
  if (isAsBefore(before.rows, rows, isWritten)) return [];
  const columnOf = matchColumns(before.rows, rows, isWritten);
  const keys = locate(tab, before)
    .columns.filter(({ role, isMissing }) => role === "key" && !isMissing)
    .map((column) => column.at);
  const grown = inPlace.reduce((most, { row }) => Math.max(most, row + 1), before.rowCount);
  const deleted = Math.max(0, grown - (after.rowCount - count));
  const rowOf = matchRows({ before: before.rows, after: rows, columnOf, keys, isWritten, deleted });
  const isColumnMeant = (column: number) => {
    const from = columnOf.get(column);
    return from === column || (from === undefined && isBlankColumn(before.rows, column));
  };
  const areColumnsMeant = writes.every(({ column }) => isColumnMeant(column));
  return writes.flatMap(({ row, column, fields, isNew }): CellWrite[] => {
    if (!fields.startsWith(VALUE)) return [];
    // A new row whose columns are mixed up is emptied, and made anew further down.
    if (isNew && count > 0)
      return areColumnsMeant ? [] : [{ row, column, data: {}, fields: VALUE }];
    const fromRow = rowOf.get(row);
    const wasBlank = !(before.rows[row] ?? []).some(isFilled);
    const isRowMeant = fromRow === row || (fromRow === undefined && wasBlank);
    if (isRowMeant && isColumnMeant(column)) return [];
    const fromColumn = columnOf.get(column);
    const cell =
      fromRow === undefined || fromColumn === undefined
        ? undefined
        : before.rows[fromRow]?.[fromColumn];
    return [{ row, column, data: restored(cell), fields: VALUE }];
  });
}

/** The tab with these cells written, so that the next plan is made from what it will be. */
export function withWrites(found: FoundTab, writes: readonly CellWrite[]): FoundTab {
  const rows = found.rows.map((row) => [...row]);
  for (const { row, column, data } of writes) {
    while (rows.length <= row) rows.push([]);
    const cells = rows[row] ?? [];
    while (cells.length <= column) cells.push(EMPTY);
    const { stringValue, numberValue, boolValue, formulaValue } = data.userEnteredValue ?? {};
    cells[column] = {
      ...(cells[column] ?? EMPTY),
      value: stringValue ?? numberValue ?? boolValue ?? formulaValue ?? null,
      isFormula: typeof formulaValue === "string",
    };
  }
  return { ...found, rows };
}

const EMPTY: FoundCell = { value: null, isFormula: false, formatType: null };

function restored(cell: FoundCell | undefined): CellWrite["data"] {
  if (!cell || !isFilled(cell)) return {};
  if (cell.isFormula) return { userEnteredValue: { formulaValue: String(cell.value) } };
  if (typeof cell.value === "boolean") return { userEnteredValue: { boolValue: cell.value } };
  return valueData(cell.value as CellValue);
}

const same = (one: FoundCell | undefined, other: FoundCell | undefined) =>
  isFilled(one)
    ? isFilled(other) && one?.value === other?.value && one?.isFormula === other?.isFormula
    : !isFilled(other);

type IsWritten = (row: number, column: number) => boolean;

const widthOf = (grid: Grid) => grid.reduce((most, row) => Math.max(most, row.length), 0);
const numbers = (length: number) => Array.from({ length }, (_, at) => at);

function isAsBefore(before: Grid, after: Grid, isWritten: IsWritten) {
  const width = Math.max(widthOf(before), widthOf(after));
  return numbers(Math.max(before.length, after.length)).every((row) =>
    numbers(width).every(
      (column) => isWritten(row, column) || same(before[row]?.[column], after[row]?.[column]),
    ),
  );
}

const isBlankColumn = (grid: Grid, column: number) => !grid.some((row) => isFilled(row[column]));

const signOf = (cell: FoundCell | undefined) =>
  isFilled(cell) ? `${typeof cell?.value} ${cell?.value}` : "";

/** Each column is the one with which it has most values in common, the nearest of several. */
function matchColumns(before: Grid, after: Grid, isWritten: IsWritten) {
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
function matchRows({ before, after, columnOf, keys, isWritten, deleted }: RowsToMatch) {
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
  const whole = index(columns);
  back.forEach((row, to) => {
    const from = isTouched[to] ? undefined : whole.get(signs(row, columns))?.shift();
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
