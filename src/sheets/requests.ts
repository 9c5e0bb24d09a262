import type { sheets_v4 } from "@googleapis/sheets";
import { formatOf } from "./cell.ts";
import type { Placed } from "./place.ts";
import type { FoundTab, SheetRequest } from "./spreadsheet.ts";

/** One cell to be written, and which of its fields; nothing else of it is touched. */
export interface CellWrite {
  row: number;
  column: number;
  data: sheets_v4.Schema$CellData;
  fields: string;
}

export const VALUE = "userEnteredValue";
export const VALUE_AND_FORMAT = "userEnteredValue,userEnteredFormat.numberFormat";
export const VALUE_AND_BOLD = "userEnteredValue,userEnteredFormat.textFormat.bold";

export const addTab = ({ sheetId, title, rowCount, columnCount }: FoundTab): SheetRequest => ({
  addSheet: { properties: { sheetId, title, gridProperties: { rowCount, columnCount } } },
});

export const append = (
  sheetId: number,
  dimension: "ROWS" | "COLUMNS",
  length: number,
): SheetRequest[] => (length > 0 ? [{ appendDimension: { sheetId, dimension, length } }] : []);

export const freezeRows = (sheetId: number, frozenRowCount: number): SheetRequest => ({
  updateSheetProperties: {
    properties: { sheetId, gridProperties: { frozenRowCount } },
    fields: "gridProperties.frozenRowCount",
  },
});

export const setWidth = (sheetId: number, column: number, pixelSize: number): SheetRequest => ({
  updateDimensionProperties: {
    range: { sheetId, dimension: "COLUMNS", startIndex: column, endIndex: column + 1 },
    properties: { pixelSize },
    fields: "pixelSize",
  },
});

/** Formats the cells of one column from row `start` to before row `end` as values of its kind. */
export function formatCells(
  sheetId: number,
  { at, kind }: Placed,
  { start, end }: { start: number; end: number },
): SheetRequest[] {
  const numberFormat = formatOf(kind);
  if (!numberFormat || start >= end) return [];
  const range = {
    sheetId,
    startRowIndex: start,
    endRowIndex: end,
    startColumnIndex: at,
    endColumnIndex: at + 1,
  };
  const cell = { userEnteredFormat: { numberFormat } };
  return [{ repeatCell: { range, cell, fields: "userEnteredFormat.numberFormat" } }];
}

interface Block {
  row: number;
  column: number;
  fields: string;
  rows: sheets_v4.Schema$CellData[][];
}

/** As few requests as there are rectangles of cells that are written alike. */
export function updateCells(sheetId: number, writes: readonly CellWrite[]): SheetRequest[] {
  const blocks: Block[] = [];
  const lowest = new Map<string, Block>();
  for (const run of runs(writes)) {
    const shape = `${run.column} ${run.rows[0]?.length} ${run.fields}`;
    const above = lowest.get(shape);
    if (above && above.row + above.rows.length === run.row) {
      above.rows.push(...run.rows);
    } else {
      blocks.push(run);
      lowest.set(shape, run);
    }
  }
  return blocks.map(({ row, column, fields, rows }) => ({
    updateCells: {
      start: { sheetId, rowIndex: row, columnIndex: column },
      rows: rows.map((values) => ({ values })),
      fields,
    },
  }));
}

/** Neighbours in one row that are written alike, from the top and from the left. */
function runs(writes: readonly CellWrite[]): Block[] {
  const found: Block[] = [];
  for (const write of writes.toSorted((a, b) => a.row - b.row || a.column - b.column)) {
    const last = found.at(-1);
    const cells = last?.rows[0];
    const continues = last?.row === write.row && last.fields === write.fields;
    if (last && cells && continues && last.column + cells.length === write.column) {
      cells.push(write.data);
    } else {
      found.push({
        row: write.row,
        column: write.column,
        fields: write.fields,
        rows: [[write.data]],
      });
    }
  }
  return found;
}
