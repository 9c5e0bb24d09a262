import type { sheets_v4 } from "@googleapis/sheets";
import type { Area, FoundTab, SheetRequest } from "../google/spreadsheet.ts";
import { keptUpToDate, type Placed } from "../match/place.ts";

/** What is ever asked of Google. Of each kind `conformance/google` asks whether it does what is thought. */
export const sentKinds = [
  ...(["addConditionalFormatRule", "addFilterView", "addProtectedRange", "addSheet"] as const),
  ...(["appendDimension", "createDeveloperMetadata", "deleteSheet", "insertDimension"] as const),
  ...(["repeatCell", "setBasicFilter", "unmergeCells", "updateCells"] as const),
  ...(["updateDimensionProperties", "updateSheetProperties"] as const),
] as const;

export type SentRequest = Pick<SheetRequest, (typeof sentKinds)[number]>;

/** One cell to be written, and which of its fields; nothing else of it is touched. */
export interface CellWrite {
  row: number;
  column: number;
  data: sheets_v4.Schema$CellData;
  fields: string;
  /** Of a row that is not there yet. */
  isNew?: boolean;
}

export const VALUE = "userEnteredValue";
export const NOTE = "note";
export const VALUE_AND_FORMAT = "userEnteredValue,userEnteredFormat.numberFormat";
export const STRUCK = "userEnteredFormat.textFormat.strikethrough";
export const STRUCK_IN_GREY = `${STRUCK},userEnteredFormat.textFormat.foregroundColor`;
export const VALUE_AND_BOLD = "userEnteredValue,userEnteredFormat.textFormat.bold";

export const addTab = ({ sheetId, title, rowCount, columnCount }: FoundTab): SentRequest => ({
  addSheet: { properties: { sheetId, title, gridProperties: { rowCount, columnCount } } },
});

export const deleteTab = (sheetId: number): SentRequest => ({ deleteSheet: { sheetId } });

export const append = (
  sheetId: number,
  dimension: "ROWS" | "COLUMNS",
  length: number,
): SentRequest[] => (length > 0 ? [{ appendDimension: { sheetId, dimension, length } }] : []);

/**
 * Nothing is ever written over by rows that are inserted, whoever typed what there a moment ago. They
 * are shown, though they may stand by rows that somebody hid.
 */
export function insertRows(sheetId: number, at: number, count: number): SentRequest[] {
  if (count === 0) return [];
  const range = { sheetId, dimension: "ROWS", startIndex: at, endIndex: at + count };
  const properties = { hiddenByUser: false };
  return [
    { insertDimension: { range, inheritFromBefore: false } },
    { updateDimensionProperties: { range, properties, fields: "hiddenByUser" } },
  ];
}

/** All of a cell's format but how its numbers look. */
const LOOKS = [
  ...(["backgroundColor", "backgroundColorStyle", "borders", "padding"] as const),
  ...(["horizontalAlignment", "verticalAlignment", "wrapStrategy", "textDirection"] as const),
  ...(["textFormat", "hyperlinkDisplayType", "textRotation"] as const),
];

/** Rows that are inserted look like the one below, whose colours are meant for that one alone. */
export const plainRows = (
  sheetId: number,
  at: number,
  count: number,
  areTyped: boolean,
): SentRequest => ({
  repeatCell: {
    range: { sheetId, startRowIndex: at, endRowIndex: at + count },
    cell: {},
    fields: areTyped ? `userEnteredFormat(${LOOKS})` : "userEnteredFormat",
  },
});

export const freezeRows = (sheetId: number, frozenRowCount: number): SentRequest => ({
  updateSheetProperties: {
    properties: { sheetId, gridProperties: { frozenRowCount } },
    fields: "gridProperties.frozenRowCount",
  },
});

export const unmerge = (sheetId: number, { rows, columns }: Area): SentRequest => ({
  unmergeCells: {
    range: {
      ...{ sheetId, startRowIndex: rows.start, endRowIndex: rows.end },
      ...{ startColumnIndex: columns.start, endColumnIndex: columns.end },
    },
  },
});

export const setWidth = (sheetId: number, column: number, pixelSize: number): SentRequest => ({
  updateDimensionProperties: {
    range: { sheetId, dimension: "COLUMNS", startIndex: column, endIndex: column + 1 },
    properties: { pixelSize },
    fields: "pixelSize",
  },
});

/** Formats the cells of one column from row `start` to before row `end` as values of its kind. */
export function formatCells(
  sheetId: number,
  { at, format }: Placed,
  { start, end }: { start: number; end: number },
): SentRequest[] {
  if (!format || start >= end) return [];
  const range = {
    sheetId,
    startRowIndex: start,
    endRowIndex: end,
    startColumnIndex: at,
    endColumnIndex: at + 1,
  };
  const cell = { userEnteredFormat: { numberFormat: format } };
  return [{ repeatCell: { range, cell, fields: "userEnteredFormat.numberFormat" } }];
}

/**
 * From the header on, however many rows there will be. A range that began below it would move down with the
 * first row that is inserted there, and have none of the new ones in it.
 */
const columnFrom = (sheetId: number, headerRow: number, column: number) => ({
  sheetId,
  startRowIndex: headerRow,
  startColumnIndex: column,
  endColumnIndex: column + 1,
});

const WHITE = { red: 1, green: 1, blue: 1 };
const GREEN = { red: 0.34, green: 0.73, blue: 0.54 };
const RED = { red: 0.9, green: 0.49, blue: 0.45 };

const at = (value: string, color: typeof WHITE) => ({ type: "NUMBER", value, color });

/** White where nothing is sold and green where everything is; red behind what is usual and green ahead of it. */
const SCALES = {
  share: { minpoint: at("0", WHITE), maxpoint: at("1", GREEN) },
  points: { minpoint: at("-20", RED), midpoint: at("0", WHITE), maxpoint: at("20", GREEN) },
};

export const scaleColumn = (sheetId: number, headerRow: number, column: Placed): SentRequest[] =>
  column.scale
    ? [
        {
          addConditionalFormatRule: {
            index: 0,
            rule: {
              ranges: [columnFrom(sheetId, headerRow, column.at)],
              gradientRule: SCALES[column.scale],
            },
          },
        },
      ]
    : [];

/** Google asks whoever edits it whether they mean to; it refuses nobody. */
export const warnOfEdits = (
  sheetId: number,
  headerRow: number,
  { at, header }: Placed,
): SentRequest => ({
  addProtectedRange: {
    protectedRange: {
      range: columnFrom(sheetId, headerRow, at),
      description: keptUpToDate(header),
      warningOnly: true,
    },
  },
});

interface Block {
  row: number;
  column: number;
  fields: string;
  rows: sheets_v4.Schema$CellData[][];
}

/** As few requests as there are rectangles of cells that are written alike. */
export function updateCells(sheetId: number, writes: readonly CellWrite[]): SentRequest[] {
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

const byPlace = (a: CellWrite, b: CellWrite) =>
  a.row - b.row || compareTexts(b.fields, a.fields) || a.column - b.column;

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Neighbours in one row that are written alike, from the top and from the left. */
function runs(writes: readonly CellWrite[]): Block[] {
  const found: Block[] = [];
  for (const write of writes.toSorted(byPlace)) {
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
