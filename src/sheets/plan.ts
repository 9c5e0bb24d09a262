import { type CellValue, fits, isSame, valueData } from "./cell.ts";
import type { Tab } from "./layout.ts";
import { knownRows, locate, type Place, type Placed } from "./place.ts";
import {
  addTab,
  append,
  type CellWrite,
  formatCells,
  freezeRows,
  insertRows,
  STRUCK,
  scaleColumn,
  setWidth,
  updateCells,
  VALUE,
  VALUE_AND_BOLD,
  VALUE_AND_FORMAT,
  warnOfEdits,
} from "./requests.ts";
import {
  type Found,
  type FoundCell,
  type FoundTab,
  type SheetRequest,
  sameTitle,
} from "./spreadsheet.ts";

/** What brings the spreadsheet to what it should be: one batch, or nothing at all. */
export interface Plan {
  requests: SheetRequest[];
  /** How many cells get another value or another format. */
  cells: number;
}

/** What brings one tab to what it should be. */
export interface TabPlan {
  tab: Tab;
  sheetId: number;
  /** The tab itself, its size, its new columns: all that comes before cells. */
  setUp: readonly SheetRequest[];
  writes: readonly CellWrite[];
  columns: readonly Placed[];
  /** New rows stand from here on: inserted where there may be people, written where there is nothing. */
  added: { start: number; areInserted: boolean };
  /** Headers that were there once, because others still are. */
  restored: readonly string[];
}

const NEW_TAB_ROWS = 1000;
const NEW_TAB_COLUMNS = 26;
const FIRST_SHEET_ID = 1001;

export function plan(tabs: readonly Tab[], found: Found): Plan {
  const plans = planTabs(tabs, found);
  return {
    requests: plans.flatMap((one) => requestsOf(one, one.writes)),
    cells: plans.reduce((sum, { writes }) => sum + cellsOf(writes), 0),
  };
}

/** One for each tab on which there is something to do. */
export function planTabs(tabs: readonly Tab[], found: Found): TabPlan[] {
  const taken = new Set(found.takenIds);
  return tabs.flatMap((tab) => {
    const there = found.tabs.find(({ title }) => sameTitle(title, tab.title));
    const planned = planTab(tab, there ?? newTab(tab, taken), there === undefined);
    return planned.writes.length > 0 || planned.setUp.length > 0 ? [planned] : [];
  });
}

/** What is sent for some of a plan's writes: all, or whole rows from the top. */
export function requestsOf(
  { sheetId, setUp, columns, added }: TabPlan,
  writes: readonly CellWrite[],
): SheetRequest[] {
  const { start, areInserted } = added;
  const count = newRowsOf(writes);
  const range = { start, end: start + count };
  return [
    ...setUp,
    ...(areInserted ? insertRows(sheetId, start, count) : []),
    ...columns.flatMap((column) => formatCells(sheetId, column, range)),
    ...updateCells(sheetId, writes),
  ];
}

export const newRowsOf = (writes: readonly CellWrite[]) =>
  new Set(writes.filter(({ isNew }) => isNew).map(({ row }) => row)).size;

/** An empty cell of a new row is nothing that was written. */
export const cellsOf = (writes: readonly CellWrite[]) =>
  writes.filter(({ isNew, data }) => !isNew || data.userEnteredValue).length;

function newTab({ title, columns, rows }: Tab, taken: Set<number>): FoundTab {
  let sheetId = FIRST_SHEET_ID;
  while (taken.has(sheetId)) sheetId += 1;
  taken.add(sheetId);
  const rowCount = Math.max(NEW_TAB_ROWS, rows.length + 1);
  const columnCount = Math.max(NEW_TAB_COLUMNS, columns.length);
  return { sheetId, title, rowCount, columnCount, rows: [] };
}

function planTab(tab: Tab, found: FoundTab, isNew: boolean): TabPlan {
  const { sheetId, rowCount, columnCount } = found;
  const place = locate(tab, found);
  const { headerRow } = place;
  const missing = place.columns.filter(({ isMissing }) => isMissing);
  const { changed, added, start } = compare(tab, found, place);
  const areInserted = !place.isFresh;
  const writes = [...missing.map((column) => headerWrite(place, column)), ...changed, ...added];
  const edge = (side: "row" | "column") =>
    writes.reduce((most, write) => Math.max(most, write[side] + 1), 0);
  const setUp = [
    ...(isNew ? [addTab(found)] : []),
    ...append(
      sheetId,
      "ROWS",
      (areInserted && added.length > 0 ? start + 1 : edge("row")) - rowCount,
    ),
    ...append(sheetId, "COLUMNS", edge("column") - columnCount),
    ...(place.isFresh ? [freezeRows(sheetId, headerRow + 1)] : []),
    ...missing.flatMap((column) => [
      setWidth(sheetId, column.at, column.width),
      ...(column.isScaled ? [scaleColumn(sheetId, headerRow, column)] : []),
      warnOfEdits(sheetId, headerRow, column),
    ]),
  ];
  const restored = place.isFresh ? [] : missing.map(({ header }) => header);
  const { columns } = place;
  return { tab, sheetId, setUp, writes, columns, added: { start, areInserted }, restored };
}

const headerWrite = ({ headerRow }: Place, { at, header }: Placed): CellWrite => ({
  row: headerRow,
  column: at,
  data: { ...valueData(header), userEnteredFormat: { textFormat: { bold: true } } },
  fields: VALUE_AND_BOLD,
});

/** Rows that are there stay where they are; those from `start` on are new. */
function compare(tab: Tab, found: FoundTab, place: Place) {
  const known = knownRows(tab, found, place);
  const changed: CellWrite[] = [];
  const added: CellWrite[] = [];
  let end = known.end;
  tab.rows.forEach((values, index) => {
    const row = known.at[index] ?? end;
    const cells = found.rows[row] ?? [];
    if (known.at[index] === undefined) {
      added.push(...newCells(place, values, row));
      end += 1;
    } else {
      changed.push(...changedCells(place, values, { row, cells }));
    }
    if (tab.marksVanished)
      changed.push(...strikes(place, { row, cells, isGone: tab.gone.has(index) }));
  });
  if (tab.marksVanished)
    for (const row of known.vanished)
      changed.push(...strikes(place, { row, cells: found.rows[row] ?? [], isGone: true }));
  return { changed, added, start: known.end };
}

const newCells = ({ columns }: Place, values: readonly CellValue[], row: number): CellWrite[] =>
  columns.map(({ at }, index) => ({
    row,
    column: at,
    data: valueData(values[index] ?? null),
    fields: VALUE,
    isNew: true,
  }));

function changedCells(
  { columns }: Place,
  values: readonly CellValue[],
  { row, cells }: { row: number; cells: readonly FoundCell[] },
): CellWrite[] {
  return columns.flatMap(({ at, kind, format }, index): CellWrite[] => {
    const value = values[index] ?? null;
    const found = cells[at];
    const data = valueData(value);
    if (value !== null && format && !fits(kind, found)) {
      const formatted = { ...data, userEnteredFormat: { numberFormat: format } };
      return [{ row, column: at, data: formatted, fields: VALUE_AND_FORMAT }];
    }
    return isSame(kind, value, found) ? [] : [{ row, column: at, data, fields: VALUE }];
  });
}

/** The ids of what is gone are struck through; of what came back they are not. */
function strikes(
  { columns }: Place,
  { row, cells, isGone }: { row: number; cells: readonly FoundCell[]; isGone: boolean },
): CellWrite[] {
  return columns
    .filter(({ at, role }) => role === "key" && (cells[at]?.isStruck ?? false) !== isGone)
    .map(({ at }) => ({
      row,
      column: at,
      data: isGone ? { userEnteredFormat: { textFormat: { strikethrough: true } } } : {},
      fields: STRUCK,
    }));
}
