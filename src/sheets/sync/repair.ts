import type { FoundCell, FoundTab } from "../google/spreadsheet.ts";
import { valueData } from "../layout/cell.ts";
import type { Tab } from "../layout/layout.ts";
import { type Moved, movedBy, movedFormula } from "../match/formula.ts";
import { isFilled, locate } from "../match/place.ts";
import {
  type Grid,
  type IsWritten,
  matchColumns,
  matchRows,
  numbers,
  same,
  widthOf,
} from "../match/written-rows.ts";
import type { Sent } from "./partial-batch.ts";
import { type CellWrite, NOTE, VALUE } from "./requests.ts";

/**
 * Google cannot be told to write only if nothing has moved. So somebody may insert, move or delete
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
  const isWritten = valuesWrittenBy(inPlace);
  /** As if none had been inserted. */
  const rows = [...after.rows.slice(0, at), ...after.rows.slice(at + count)];
  if (isAsBefore(before.rows, rows, isWritten)) return [];
  const keyColumns = locate(tab, before).columns.filter(({ role }) => role === "key");
  const keys = keyColumns.filter(({ isMissing }) => !isMissing).map((column) => column.at);
  const columnOf = matchColumns(before.rows, rows, isWritten);
  const grown = inPlace.reduce((most, { row }) => Math.max(most, row + 1), before.rowCount);
  const deleted = Math.max(0, grown - (after.rowCount - count));
  const rowOf = matchRows({ before: before.rows, after: rows, columnOf, keys, isWritten, deleted });
  const isMeant = placesMeant(before.rows, { rowOf, columnOf });
  const areColumnsMeant = writes.every(({ column }) => isMeant.column(column));
  const isElsewhere = keys.length === keyColumns.length ? among(rows, keys) : () => false;
  /** In-place writes are numbered as if no row had been inserted. */
  const withInserted = (row: number) => (row >= at ? row + count : row);
  const moved = {
    row: movedBy(new Map([...rowOf].map(([now, from]) => [withInserted(now), from]))),
    column: movedBy(columnOf),
  };
  return writes.flatMap(({ row, column, fields, isNew }): CellWrite[] => {
    // A new row whose columns are mixed up, or that another mirror made as well, is emptied again.
    if (isNew && count > 0)
      return areColumnsMeant && !isElsewhere(after.rows[row])
        ? []
        : [{ row, column, data: {}, fields }];
    if (isMeant.row(row) && isMeant.column(column)) return [];
    const cell = cellBefore(before.rows, rowOf.get(row), columnOf.get(column));
    return [{ row: withInserted(row), column, data: restored(cell, moved), fields }];
  });
}

/** By what else is written of a cell, its value is still the one that it had. */
function valuesWrittenBy(writes: readonly CellWrite[]): IsWritten {
  const values = writes.filter(({ fields }) => fields.startsWith(VALUE));
  const written = new Set(values.map(({ row, column }) => `${row} ${column}`));
  return (row, column) => written.has(`${row} ${column}`);
}

/** Where each row and column of the answer was before; those that are new are in neither. */
interface Origins {
  rowOf: ReadonlyMap<number, number>;
  columnOf: ReadonlyMap<number, number>;
}

/** Whether a row or column stands where it stood when the write was planned, or was blank and still is nobody's. */
function placesMeant(before: Grid, { rowOf, columnOf }: Origins) {
  return {
    row(row: number) {
      const from = rowOf.get(row);
      const wasBlank = !(before[row] ?? []).some(isFilled);
      return from === row || (from === undefined && wasBlank);
    },
    column(column: number) {
      const from = columnOf.get(column);
      return from === column || (from === undefined && isBlankColumn(before, column));
    },
  };
}

const cellBefore = (before: Grid, row: number | undefined, column: number | undefined) =>
  row === undefined || column === undefined ? undefined : before[row]?.[column];

/** Whether one of these rows has the same keys. */
function among(rows: Grid, keys: readonly number[]) {
  const keyOf = (row: Grid[number] | undefined) =>
    JSON.stringify(keys.map((at) => row?.[at]?.value));
  const there = new Set(rows.map(keyOf));
  return (row: Grid[number] | undefined) => there.has(keyOf(row));
}

/** The tab with these cells written, so that the next plan is made from what it will be. */
export function withWrites(found: FoundTab, writes: readonly CellWrite[]): FoundTab {
  const rows = found.rows.map((row) => [...row]);
  for (const { row, column, data, fields } of writes) {
    while (rows.length <= row) rows.push([]);
    const cells = rows[row] ?? [];
    while (cells.length <= column) cells.push(EMPTY);
    const { stringValue, numberValue, boolValue, formulaValue } = data.userEnteredValue ?? {};
    const { numberFormat, textFormat = {} } = data.userEnteredFormat ?? {};
    cells[column] = {
      ...(cells[column] ?? EMPTY),
      ...(fields.startsWith(VALUE) && {
        value: stringValue ?? numberValue ?? boolValue ?? formulaValue ?? null,
        isFormula: typeof formulaValue === "string",
      }),
      ...(fields.includes("numberFormat") && {
        formatType: numberFormat?.type ?? null,
        pattern: numberFormat?.pattern ?? undefined,
      }),
      ...(fields.includes("textFormat") && { letters: textFormat }),
    };
    if (fields === NOTE) cells[column] = noted(cells[column] ?? EMPTY, data.note ?? undefined);
  }
  return { ...found, rows };
}

const noted = ({ note: _, ...cell }: FoundCell, note: string | undefined): FoundCell => ({
  ...cell,
  ...(note && { note }),
});

const EMPTY: FoundCell = { value: null, isFormula: false, formatType: null };

interface MovedBoth {
  row: Moved;
  column: Moved;
}

/** All that we ever write of a cell as it was read; the mask says which of it goes back. */
function restored(cell: FoundCell | undefined, moved: MovedBoth): CellWrite["data"] {
  if (!cell) return {};
  const { formatType, pattern, letters } = cell;
  const format = {
    ...(formatType && { numberFormat: { type: formatType, ...(pattern && { pattern }) } }),
    ...(letters && { textFormat: letters }),
  };
  const { note } = cell;
  return { ...restoredValue(cell, moved), userEnteredFormat: format, ...(note && { note }) };
}

/** Only what was read as a formula goes back as one. */
function restoredValue(cell: FoundCell, { row, column }: MovedBoth): CellWrite["data"] {
  const { value, isFormula } = cell;
  if (!isFilled(cell)) return {};
  if (isFormula)
    return { userEnteredValue: { formulaValue: movedFormula(String(value), row, column) } };
  return typeof value === "boolean" ? { userEnteredValue: { boolValue: value } } : valueData(value);
}

function isAsBefore(before: Grid, after: Grid, isWritten: IsWritten) {
  const width = Math.max(widthOf(before), widthOf(after));
  return numbers(Math.max(before.length, after.length)).every((row) =>
    numbers(width).every(
      (column) => isWritten(row, column) || same(before[row]?.[column], after[row]?.[column]),
    ),
  );
}

const isBlankColumn = (grid: Grid, column: number) => !grid.some((row) => isFilled(row[column]));
