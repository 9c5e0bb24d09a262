import { z } from "zod";
import {
  BasicFilter,
  type Cell,
  type DimensionProperties,
  type ExtendedValue,
  FilterView,
  GridRange,
  putCell,
  type Row,
  type Sheet,
  Slicer,
  Table,
} from "../document.ts";
import { formulaSorted, withFormulas } from "../follow.ts";
import { invalid } from "../refusal.ts";
import { typedNumber } from "../typed-number.ts";
import { boundsOf, kind, meet, sheetOf } from "./kind.ts";

const setBasicFilter = kind(z.strictObject({ filter: BasicFilter }), (draft, { filter }) => {
  const sheet = sheetOf(draft, filter.range.sheetId);
  boundsOf(sheet, filter.range);
  show(sheet);
  sheet.basicFilter = filter;
  hide(sheet);
  return undefined;
});

const clearBasicFilter = kind(
  z.strictObject({ sheetId: z.int().default(0) }),
  (draft, { sheetId }) => {
    const sheet = sheetOf(draft, sheetId);
    show(sheet);
    sheet.basicFilter = undefined;
    return undefined;
  },
);

/**
 * Rows are hidden when the filter is set, as a browser does; what changes later stays as it is shown.
 * Probe: google/filter.
 */
function hide(sheet: Sheet) {
  const { range, filterSpecs = [] } = sheet.basicFilter ?? {};
  if (!range) return;
  const { startRow, endRow } = boundsOf(sheet, range);
  for (let at = startRow + 1; at < endRow; at += 1) {
    const isHidden = filterSpecs.some(({ columnIndex, filterCriteria }) =>
      filterCriteria.hiddenValues?.includes(textOf(sheet.rows[at]?.[columnIndex])),
    );
    if (isHidden) sheet.rowMetadata[at] = { ...sheet.rowMetadata[at], hiddenByFilter: true };
  }
}

function show(sheet: Sheet) {
  sheet.rowMetadata = sheet.rowMetadata.map((row): DimensionProperties | null | undefined => {
    if (!row?.hiddenByFilter) return row;
    const { hiddenByFilter: _, ...rest } = row;
    return rest;
  });
}

const heldIn = (cell: Cell | null | undefined) =>
  Object.values<ExtendedValue[keyof ExtendedValue]>(cell?.userEnteredValue ?? {})[0];

const textOf = (cell: Cell | null | undefined) => String(heldIn(cell) ?? "");

// Probes: google/filter-view, google/conditions, google/open-filter.
const addFilterView = kind(z.strictObject({ filter: FilterView }), (draft, { filter }) => {
  const sheet = sheetOf(draft, filter.range.sheetId);
  boundsOf(sheet, filter.range);
  refuseUnread(filter, draft.properties.locale);
  const taken = draft.sheets.flatMap((one) => one.filterViews.map((view) => view.filterViewId));
  const filterViewId = filter.filterViewId ?? Math.max(0, ...taken) + 1;
  if (taken.includes(filterViewId)) throw invalid(`A filter view with ID ${filterViewId} exists.`);
  const view = { title: `Filter ${taken.length + 1}`, ...filter, filterViewId };
  sheet.filterViews.push(view);
  return { addFilterView: { filter: view } };
});

/** What a condition says is read as if it was typed into a cell, by the spreadsheet's locale. Probe: google/typed-condition. */
function refuseUnread({ filterSpecs = [] }: z.infer<typeof FilterView>, locale: string) {
  for (const { filterCriteria } of filterSpecs) {
    const { type, values } = filterCriteria.condition ?? {};
    const said = values?.[0]?.userEnteredValue ?? "";
    if (type?.startsWith("NUMBER") && typedNumber(said, locale) === undefined)
      throw invalid(`Invalid ConditionValue.userEnteredValue: ${said} for ConditionType: ${type}`);
  }
}

const deleteFilterView = kind(z.strictObject({ filterId: z.int() }), (draft, { filterId }) => {
  const isIt = (view: { filterViewId: number }) => view.filterViewId === filterId;
  const sheet = draft.sheets.find(({ filterViews }) => filterViews.some(isIt));
  if (!sheet) throw invalid(`No filter view with ID: ${filterId}`);
  sheet.filterViews = sheet.filterViews.filter((view) => !isIt(view));
  return undefined;
});

const addTable = kind(z.strictObject({ table: Table }), (draft, { table }) => {
  const sheet = sheetOf(draft, table.range.sheetId);
  boundsOf(sheet, table.range);
  const made = { ...table, tableId: table.tableId ?? `${sheet.tables.length + 1}` };
  sheet.tables.push(made);
  return { addTable: { table: made } };
});

/** What it hides is not played, nor where it stands. Probe: google/slicer. */
const addSlicer = kind(z.strictObject({ slicer: Slicer }), (draft, { slicer }) => {
  const sheet = sheetOf(draft, slicer.spec.dataRange.sheetId);
  boundsOf(sheet, slicer.spec.dataRange);
  const taken = draft.sheets.flatMap((one) => one.slicers.map(({ slicerId = 0 }) => slicerId));
  const made = { ...slicer, slicerId: slicer.slicerId ?? Math.max(0, ...taken) + 1 };
  sheet.slicers.push(made);
  return { addSlicer: { slicer: made } };
});

/** The cells go with it. */
const deleteTable = kind(z.strictObject({ tableId: z.string() }), (draft, { tableId }) => {
  const sheet = draft.sheets.find(({ tables }) => tables.some((one) => one.tableId === tableId));
  const range = sheet?.tables.find((one) => one.tableId === tableId)?.range;
  if (!sheet || !range) throw invalid(`No table with ID: ${tableId}`);
  const { startRow, endRow, startColumn, endColumn } = boundsOf(sheet, range);
  for (let row = startRow; row < endRow; row += 1)
    for (let column = startColumn; column < endColumn; column += 1)
      putCell(sheet, row, column, undefined);
  sheet.tables = sheet.tables.filter((one) => one.tableId !== tableId);
  return undefined;
});

const SortSpec = z.looseObject({
  dimensionIndex: z.int().nonnegative().default(0),
  sortOrder: z.enum(["ASCENDING", "DESCENDING"]).default("ASCENDING"),
});

const SortRange = z.strictObject({ range: GridRange, sortSpecs: z.array(SortSpec).min(1) });

/** Values, formats and notes go along; a row's height and whether it is hidden do not. */
const sortRange = kind(SortRange, (draft, { range, sortSpecs }) => {
  const sheet = sheetOf(draft, range.sheetId);
  const { startRow, endRow, startColumn, endColumn } = boundsOf(sheet, range);
  // Google sorts some ranges with merged cells; here none is.
  if (sheet.merges.some((merge) => meet(merge, range)))
    throw invalid("You can't sort a range with vertical merges.");
  const numbers = Array.from({ length: endRow - startRow }, (_, at) => startRow + at);
  const sorted = numbers.toSorted((a, b) => {
    for (const { dimensionIndex, sortOrder } of sortSpecs) {
      const order = compared(sheet.rows[a]?.[dimensionIndex], sheet.rows[b]?.[dimensionIndex]);
      if (order.isLast || order.sign !== 0)
        return sortOrder === "ASCENDING" || order.isLast ? order.sign : -order.sign;
    }
    return 0;
  });
  const before = [...sheet.rows];
  sorted.forEach((from, index) => {
    const to = startRow + index;
    if (from === to) return;
    const part = withFormulas(padded(before[from]).slice(startColumn, endColumn), (one) =>
      formulaSorted(one, to - from),
    );
    const row = padded(before[to]);
    row.splice(startColumn, endColumn - startColumn, ...(part ?? []));
    sheet.rows[to] = row;
  });
  return undefined;

  function padded(row: Row | undefined) {
    const length = Math.max(endColumn, row?.length ?? 0);
    return Array.from({ length }, (_, at) => row?.[at]);
  }
});

/** Numbers before texts, and empty cells last in either order. Probe: google/sort. */
function compared(one: Cell | null | undefined, other: Cell | null | undefined) {
  const [a, b] = [heldIn(one) ?? "", heldIn(other) ?? ""];
  if (a === "" || b === "") return { sign: Number(a === "") - Number(b === ""), isLast: true };
  if (typeof a === "number" && typeof b === "number") return { sign: a - b, isLast: false };
  if (typeof a !== typeof b) return { sign: typeof a === "number" ? -1 : 1, isLast: false };
  return { sign: String(a).localeCompare(String(b)), isLast: false };
}

export const filterRequests = {
  setBasicFilter,
  clearBasicFilter,
  addFilterView,
  deleteFilterView,
  addSlicer,
  addTable,
  deleteTable,
  sortRange,
};
