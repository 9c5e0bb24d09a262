import { z } from "zod";
import type { Bounds } from "../a1.ts";
import { cellAt, GridRange, putCell, type Sheet } from "../document.ts";
import { invalid } from "../refusal.ts";
import { boundsOf, kind, sheetOf } from "./kind.ts";

const MergeCells = z.strictObject({
  range: GridRange,
  mergeType: z.enum(["MERGE_ALL", "MERGE_COLUMNS", "MERGE_ROWS"]).default("MERGE_ALL"),
});

// Probe: google/merged-cells.
const mergeCells = kind(MergeCells, (draft, { range, mergeType }) => {
  const sheet = sheetOf(draft, range.sheetId);
  const whole = boundsOf(sheet, range);
  takeApart(sheet, whole);
  for (const bounds of partsOf(whole, mergeType)) {
    const { startRow, endRow, startColumn, endColumn } = bounds;
    if (endRow - startRow === 1 && endColumn - startColumn === 1) continue;
    sheet.merges.push({
      ...{ sheetId: range.sheetId, startRowIndex: startRow, endRowIndex: endRow },
      ...{ startColumnIndex: startColumn, endColumnIndex: endColumn },
    });
    for (let row = startRow; row < endRow; row += 1)
      for (let column = startColumn; column < endColumn; column += 1)
        if (isCovered(sheet, row, column)) empty(sheet, row, column);
  }
  return undefined;
});

function partsOf(bounds: Bounds, type: z.infer<typeof MergeCells>["mergeType"]): Bounds[] {
  const { startRow, endRow, startColumn, endColumn } = bounds;
  if (type === "MERGE_ALL") return [bounds];
  return type === "MERGE_ROWS"
    ? Array.from({ length: endRow - startRow }, (_, at) => ({
        ...bounds,
        ...{ startRow: startRow + at, endRow: startRow + at + 1 },
      }))
    : Array.from({ length: endColumn - startColumn }, (_, at) => ({
        ...bounds,
        ...{ startColumn: startColumn + at, endColumn: startColumn + at + 1 },
      }));
}

const unmergeCells = kind(z.strictObject({ range: GridRange }), (draft, { range }) => {
  const sheet = sheetOf(draft, range.sheetId);
  takeApart(sheet, boundsOf(sheet, range));
  return undefined;
});

/** A merge that is only partly within is in the way. */
function takeApart(sheet: Sheet, { startRow, endRow, startColumn, endColumn }: Bounds) {
  sheet.merges = sheet.merges.filter((merge) => {
    const one = boundsOf(sheet, merge);
    const isOutside =
      one.startRow >= endRow ||
      one.endRow <= startRow ||
      one.startColumn >= endColumn ||
      one.endColumn <= startColumn;
    const isWithin =
      one.startRow >= startRow &&
      one.endRow <= endRow &&
      one.startColumn >= startColumn &&
      one.endColumn <= endColumn;
    if (!isOutside && !isWithin)
      throw invalid("You must select all cells in a merged range to merge or unmerge them.");
    return isOutside;
  });
}

/** Of merged cells only the first holds a value. Probe: google/merged-cells. */
export const isCovered = (sheet: Sheet, row: number, column: number) =>
  sheet.merges.some((merge) => {
    const { startRow, endRow, startColumn, endColumn } = boundsOf(sheet, merge);
    const isIn = row >= startRow && row < endRow && column >= startColumn && column < endColumn;
    return isIn && (row !== startRow || column !== startColumn);
  });

function empty(sheet: Sheet, row: number, column: number) {
  const { userEnteredValue: _, ...rest } = cellAt(sheet, row, column) ?? {};
  putCell(sheet, row, column, Object.keys(rest).length > 0 ? rest : undefined);
}

export const mergeRequests = { mergeCells, unmergeCells };
