import { type Bounds, parseRange, rangeText, wholeOf } from "./a1.ts";
import type { Cell, DimensionProperties, Sheet, Spreadsheet } from "./document.ts";
import { formattedValue } from "./number-format.ts";

export interface GridQuery {
  ranges: readonly string[];
  includeGridData: boolean;
  /** Where the page is that shows the spreadsheet. */
  origin: string;
}

/**
 * A spreadsheet as `spreadsheets.get` answers it. Values that Google leaves out when they are zero
 * are left out, and what is costly is a getter, made only when a mask asks for it.
 */
export function spreadsheetAnswer(
  spreadsheet: Spreadsheet,
  { ranges, includeGridData, origin }: GridQuery,
) {
  const asked = ranges.map((range) => parseRange(spreadsheet, range));
  const sheets = spreadsheet.sheets.flatMap((sheet, index) => {
    const bounds = asked.filter((one) => one.sheet === sheet).map((one) => one.bounds);
    if (asked.length > 0 && bounds.length === 0) return [];
    return [
      sheetAnswer(sheet, index, includeGridData, bounds.length > 0 ? bounds : [wholeOf(sheet)]),
    ];
  });
  const { spreadsheetId, properties } = spreadsheet;
  return {
    spreadsheetId,
    properties: { ...properties, autoRecalc: "ON_CHANGE" },
    sheets,
    spreadsheetUrl: `${origin}/sheets`,
  };
}

function sheetAnswer(sheet: Sheet, index: number, withData: boolean, bounds: Bounds[]) {
  const { conditionalFormats, protectedRanges } = sheet;
  return {
    properties: { ...sheet.properties, index },
    ...(withData && { data: bounds.map((one) => gridData(sheet, one)) }),
    ...(conditionalFormats.length > 0 && { conditionalFormats }),
    ...(protectedRanges.length > 0 && { protectedRanges }),
  };
}

function gridData(sheet: Sheet, { startRow, endRow, startColumn, endColumn }: Bounds) {
  return {
    ...(startRow > 0 && { startRow }),
    ...(startColumn > 0 && { startColumn }),
    get rowData() {
      const rows = sheet.rows.slice(startRow, endRow);
      const last = rows.findLastIndex((row) => row?.slice(startColumn, endColumn).some(Boolean));
      return Array.from({ length: last + 1 }, (_, at) =>
        rowAnswer(rows[at] ?? [], startColumn, endColumn),
      );
    },
    get rowMetadata() {
      return sizes(sheet.rowMetadata, startRow, endRow, 21);
    },
    get columnMetadata() {
      return sizes(sheet.columnMetadata, startColumn, endColumn, 100);
    },
  };
}

function rowAnswer(row: readonly (Cell | null | undefined)[], start: number, end: number) {
  const cells = row.slice(start, end);
  const length = cells.findLastIndex(Boolean) + 1;
  if (length === 0) return {};
  return { values: Array.from({ length }, (_, at) => cellAnswer(cells[at] ?? {})) };
}

function cellAnswer(cell: Cell) {
  return {
    ...cell,
    get effectiveValue() {
      const value = cell.userEnteredValue;
      if (value?.formulaValue === undefined) return value;
      return { errorValue: { type: "ERROR", message: "Formulas are not worked out here." } };
    },
    get effectiveFormat() {
      return cell.userEnteredFormat;
    },
    get formattedValue() {
      return formattedValue(cell);
    },
  };
}

function sizes(
  list: readonly (DimensionProperties | null | undefined)[],
  start: number,
  end: number,
  pixelSize: number,
) {
  return Array.from({ length: end - start }, (_, at) => ({ pixelSize, ...list[start + at] }));
}

/** How `spreadsheets.values` shows a value. */
export type ValueRender = "FORMATTED_VALUE" | "UNFORMATTED_VALUE" | "FORMULA";

/** A `ValueRange`: without empty rows at the end and without empty cells at the end of a row. */
export function valuesAnswer(spreadsheet: Spreadsheet, range: string, render: ValueRender) {
  const { sheet, bounds } = parseRange(spreadsheet, range);
  const rows = sheet.rows.slice(bounds.startRow, bounds.endRow);
  const values = Array.from(rows, (row) => {
    const cells = Array.from(row?.slice(bounds.startColumn, bounds.endColumn) ?? [], (cell) =>
      shownValue(cell ?? {}, render),
    );
    return cells.slice(0, cells.findLastIndex((value) => value !== "") + 1);
  });
  const length = values.findLastIndex((row) => row.length > 0) + 1;
  return {
    range: rangeText(sheet, bounds),
    majorDimension: "ROWS",
    ...(length > 0 && { values: values.slice(0, length) }),
  };
}

function shownValue(cell: Cell, render: ValueRender): string | number | boolean {
  if (render === "FORMATTED_VALUE") return formattedValue(cell) ?? "";
  return Object.values(cell.userEnteredValue ?? {})[0] ?? "";
}
