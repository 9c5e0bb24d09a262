import { z } from "zod";
import type { Bounds } from "../a1.ts";
import {
  type Cell,
  CellData,
  cellAt,
  type Draft,
  GridRange,
  putCell,
  RowData,
  rowsWithValues,
  type Sheet,
} from "../document.ts";
import { type Mask, overlay } from "../mask.ts";
import { invalid } from "../refusal.ts";
import { grow } from "./dimensions.ts";
import { boundsOf, GridCoordinate, kind, sheetOf, writeMask } from "./kind.ts";
import { isCovered } from "./merges.ts";

// Probe: google/longest-text.
const MAX_CHARACTERS = 50_000;
const CELL_FIELDS = Object.keys(CellData.shape);

const UpdateCells = z.strictObject({
  rows: z.array(RowData).default([]),
  fields: z.string().optional(),
  start: GridCoordinate.optional(),
  range: GridRange.optional(),
});

// Probe: google/note.
const updateCells = kind(UpdateCells, (draft, { rows, fields, start, range }) => {
  const mask = writeMask(fields, CELL_FIELDS);
  if (start && range) throw invalid("oneof field 'area' is already set. Cannot set 'range'");
  const sheet = sheetOf(draft, (start ?? range)?.sheetId ?? 0);
  if (range) writeRange(sheet, boundsOf(sheet, range), rows, mask);
  else writeFrom(sheet, start ?? { rowIndex: 0, columnIndex: 0 }, rows, mask);
  return undefined;
});

/** Cells of the range that `rows` does not name are cleared in what the mask names. */
function writeRange(sheet: Sheet, bounds: Bounds, rows: z.infer<typeof RowData>[], mask: Mask) {
  refuseBeyond("row", bounds.startRow + rows.length, bounds.endRow);
  refuseBeyond("column", bounds.startColumn + widest(rows), bounds.endColumn);
  for (let row = bounds.startRow; row < bounds.endRow; row += 1) {
    const values = rows[row - bounds.startRow]?.values ?? [];
    for (let column = bounds.startColumn; column < bounds.endColumn; column += 1) {
      write(sheet, row, column, values[column - bounds.startColumn] ?? {}, mask);
    }
  }
}

function writeFrom(
  sheet: Sheet,
  { rowIndex, columnIndex }: { rowIndex: number; columnIndex: number },
  rows: z.infer<typeof RowData>[],
  mask: Mask,
) {
  const { rowCount, columnCount } = sheet.properties.gridProperties;
  if (rowIndex >= rowCount) {
    throw invalid(`GridCoordinate.rowIndex[${rowIndex}] is after last row in grid[${rowCount}]`);
  }
  if (columnIndex >= columnCount) {
    throw invalid(
      `GridCoordinate.columnIndex[${columnIndex}] is after last column in grid[${columnCount}]`,
    );
  }
  refuseBeyond("row", rowIndex + rows.length, rowCount);
  refuseBeyond("column", columnIndex + widest(rows), columnCount);
  rows.forEach(({ values }, down) => {
    values.forEach((cell, right) => {
      write(sheet, rowIndex + down, columnIndex + right, cell, mask);
    });
  });
}

// Probe: google/beyond-the-grid.
function refuseBeyond(what: "row" | "column", end: number, limit: number) {
  if (end <= limit) return;
  throw invalid(
    `Attempting to write ${what}: ${limit}, beyond the last requested ${what} of: ${limit - 1}`,
  );
}

const widest = (rows: z.infer<typeof RowData>[]) =>
  rows.reduce((most, { values }) => Math.max(most, values.length), 0);

function write(sheet: Sheet, row: number, column: number, cell: Cell, mask: Mask) {
  if (namesNumberFormat(mask) && isTyped(sheet, row, column))
    throw invalid("You can't set the number format of cells in a typed column.");
  const { stringValue, formulaValue } = cell.userEnteredValue ?? {};
  if ((stringValue ?? formulaValue ?? "").length > MAX_CHARACTERS) {
    throw invalid(
      `Your input contains more than the maximum of ${MAX_CHARACTERS} characters in a single cell.`,
    );
  }
  // The mask decides which fields of a cell are there, never what they are: the types stay true.
  const written = overlay(cellAt(sheet, row, column), cell, mask) as Cell | undefined;
  const kept = isCovered(sheet, row, column) ? withoutValue(written) : withoutEmptyText(written);
  putCell(sheet, row, column, kept);
}

function withoutValue({ userEnteredValue: _, ...rest }: Cell = {}): Cell | undefined {
  return Object.keys(rest).length > 0 ? rest : undefined;
}

const namesNumberFormat = (mask: Mask) => {
  const format = mask === "*" ? mask : mask.userEnteredFormat;
  return format === "*" || format?.numberFormat !== undefined;
};

/** A table's column has its numbers' format by its type, below the header. Probe: google/typed-column. */
const isTyped = ({ tables }: Sheet, row: number, column: number) =>
  tables.some(
    ({ range: { startRowIndex = 0, endRowIndex = END, startColumnIndex = 0 }, columnProperties }) =>
      row > startRowIndex &&
      row < endRowIndex &&
      columnProperties?.some(
        ({ columnIndex = 0, columnType }) =>
          columnType !== undefined && startColumnIndex + columnIndex === column,
      ),
  );

const END = Number.POSITIVE_INFINITY;

/** An empty text is an empty cell. Probe: google/empty-text. */
function withoutEmptyText(cell: Cell | undefined): Cell | undefined {
  const value = cell?.userEnteredValue;
  if (!value) return cell;
  if (Object.keys(value).length > 0 && value.stringValue !== "") return cell;
  const { userEnteredValue: _, ...rest } = cell;
  return rest;
}

const AppendCells = z.strictObject({
  sheetId: z.int().default(0),
  rows: z.array(RowData).default([]),
  fields: z.string().optional(),
});

// Probe: google/append.
const appendCells = kind(AppendCells, (draft: Draft, { sheetId, rows, fields }) => {
  const mask = writeMask(fields, CELL_FIELDS);
  const sheet = sheetOf(draft, sheetId);
  const rowIndex = rowsWithValues(sheet);
  const { rowCount, columnCount } = sheet.properties.gridProperties;
  if (rowIndex + rows.length > rowCount)
    grow(draft, sheet, "ROWS", rowIndex + rows.length - rowCount);
  if (widest(rows) > columnCount) grow(draft, sheet, "COLUMNS", widest(rows) - columnCount);
  if (rows.length > 0) writeFrom(sheet, { rowIndex, columnIndex: 0 }, rows, mask);
  return undefined;
});

const RepeatCell = z.strictObject({
  range: GridRange,
  cell: CellData.default({}),
  fields: z.string().optional(),
});

// Probes: google/repeat-cell, google/plain-again.
const repeatCell = kind(RepeatCell, (draft, { range, cell, fields }) => {
  const mask = writeMask(fields, CELL_FIELDS);
  const sheet = sheetOf(draft, range.sheetId);
  const bounds = boundsOf(sheet, range);
  for (let row = bounds.startRow; row < bounds.endRow; row += 1) {
    for (let column = bounds.startColumn; column < bounds.endColumn; column += 1) {
      write(sheet, row, column, cell, mask);
    }
  }
  return undefined;
});

export const cellRequests = { updateCells, appendCells, repeatCell };
