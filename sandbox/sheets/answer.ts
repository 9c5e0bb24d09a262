import { type Bounds, parseRange, rangeText, wholeOf } from "./a1.ts";
import type { DimensionProperties, Sheet, Spreadsheet } from "./document.ts";
import { evaluate } from "./formula.ts";
import { formattedValue } from "./number-format.ts";
import { type ShownCell, shownRows } from "./spill.ts";

export interface GridQuery {
  ranges: readonly string[];
  includeGridData: boolean;
  /** Where the page is that shows the spreadsheet. */
  origin: string;
}

/**
 * A spreadsheet as `spreadsheets.get` answers it. Values that Google leaves out when they are zero
 * are left out, and what is costly is a getter, made only when a mask asks for it.
 * Probes: google/spreadsheet, google/tab.
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
  const { conditionalFormats, protectedRanges, basicFilter, filterViews, tables } = sheet;
  const { developerMetadata, merges, slicers } = sheet;
  return {
    properties: { ...sheet.properties, index },
    ...(withData && { data: bounds.map((one) => gridData(sheet, one)) }),
    ...(merges.length > 0 && { merges }),
    ...(conditionalFormats.length > 0 && { conditionalFormats }),
    ...(protectedRanges.length > 0 && { protectedRanges: protectedRanges.map(asSeenByEditor) }),
    ...(basicFilter && { basicFilter }),
    ...(filterViews.length > 0 && { filterViews }),
    ...(tables.length > 0 && { tables }),
    ...(slicers.length > 0 && { slicers }),
    ...(developerMetadata.length > 0 && { developerMetadata }),
  };
}

/** As whoever asks by the API is kept out of it (`protection.ts`). */
const asSeenByEditor = (range: Sheet["protectedRanges"][number]) => ({
  ...range,
  requestingUserCanEdit: range.warningOnly === true,
});

function gridData(sheet: Sheet, { startRow, endRow, startColumn, endColumn }: Bounds) {
  return {
    ...(startRow > 0 && { startRow }),
    ...(startColumn > 0 && { startColumn }),
    get rowData() {
      const rows = shownRows(sheet).slice(startRow, endRow);
      const last = rows.findLastIndex((row) => row?.slice(startColumn, endColumn).some(Boolean));
      return Array.from({ length: last + 1 }, (_, at) =>
        rowAnswer(sheet, (rows[at] ?? []).slice(startColumn, endColumn)),
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

/** Probe: google/untouched. */
function rowAnswer(sheet: Sheet, cells: readonly (ShownCell | null | undefined)[]) {
  const length = cells.findLastIndex(Boolean) + 1;
  if (length === 0) return {};
  return { values: Array.from({ length }, (_, at) => cellAnswer(sheet, cells[at] ?? {})) };
}

function cellAnswer(sheet: Sheet, cell: ShownCell) {
  const { spilled: _, ...own } = cell;
  return {
    ...own,
    get effectiveValue() {
      return effectiveValue(sheet, cell);
    },
    get effectiveFormat() {
      return cell.userEnteredFormat;
    },
    get formattedValue() {
      return shownIn(sheet, cell);
    },
  };
}

/** What a cell holds, worked out where it is a formula. Probe: google/formula. */
export function effectiveValue(sheet: Sheet, { userEnteredValue, spilled }: ShownCell) {
  if (spilled) return spilled;
  const { formulaValue } = userEnteredValue ?? {};
  return formulaValue === undefined ? userEnteredValue : workedOut(sheet, formulaValue);
}

function workedOut(sheet: Sheet, formula: string) {
  const result = evaluate(sheet, formula);
  if (typeof result === "number") return { numberValue: result };
  if (typeof result === "boolean") return { boolValue: result };
  return result.startsWith("#")
    ? { errorValue: { type: "ERROR", message: result } }
    : { stringValue: result };
}

/** A cell as a person sees it, worked out where it is a formula. */
export function shownIn(sheet: Sheet, cell: ShownCell): string | undefined {
  const { spilled, ...own } = cell;
  if (spilled)
    return "numberValue" in spilled
      ? formattedValue({ ...own, userEnteredValue: spilled })
      : `#${spilled.errorValue.type}!`;
  const { formulaValue } = cell.userEnteredValue ?? {};
  if (formulaValue === undefined) return formattedValue(cell);
  const { errorValue, ...value } = { errorValue: undefined, ...workedOut(sheet, formulaValue) };
  return errorValue?.message ?? formattedValue({ ...cell, userEnteredValue: value });
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

/**
 * A `ValueRange`: without empty rows at the end and without empty cells at the end of a row.
 * Probes: google/write-and-read, google/text-stays-text.
 */
export function valuesAnswer(spreadsheet: Spreadsheet, range: string, render: ValueRender) {
  const { sheet, bounds } = parseRange(spreadsheet, range);
  const rows = shownRows(sheet).slice(bounds.startRow, bounds.endRow);
  const values = Array.from(rows, (row) => {
    const cells = Array.from(row?.slice(bounds.startColumn, bounds.endColumn) ?? [], (cell) =>
      shownValue(sheet, cell ?? {}, render),
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

function shownValue(sheet: Sheet, cell: ShownCell, render: ValueRender): string | number | boolean {
  if (render === "FORMATTED_VALUE") return shownIn(sheet, cell) ?? "";
  if (render === "UNFORMATTED_VALUE" && cell.spilled)
    return "numberValue" in cell.spilled ? cell.spilled.numberValue : (shownIn(sheet, cell) ?? "");
  const { formulaValue } = cell.userEnteredValue ?? {};
  if (render === "UNFORMATTED_VALUE" && formulaValue !== undefined)
    return evaluate(sheet, formulaValue);
  return Object.values(cell.userEnteredValue ?? {})[0] ?? "";
}
