import { type CellValue, fits, formatOf, isSame, valueData } from "./cell.ts";
import type { Tab } from "./layout.ts";
import { knownRows, locate, type Place, type Placed } from "./place.ts";
import {
  addTab,
  append,
  type CellWrite,
  formatCells,
  freezeRows,
  setWidth,
  updateCells,
  VALUE,
  VALUE_AND_BOLD,
  VALUE_AND_FORMAT,
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

const NEW_TAB_ROWS = 1000;
const NEW_TAB_COLUMNS = 26;
const FIRST_SHEET_ID = 1001;

export function plan(tabs: readonly Tab[], found: Found): Plan {
  const taken = new Set(found.takenIds);
  const parts = tabs.map((tab) => {
    const there = found.tabs.find(({ title }) => sameTitle(title, tab.title));
    if (there) return planTab(tab, there);
    const empty = newTab(tab, taken);
    const { requests, cells } = planTab(tab, empty);
    return { requests: [addTab(empty), ...requests], cells };
  });
  return {
    requests: parts.flatMap(({ requests }) => requests),
    cells: parts.reduce((sum, { cells }) => sum + cells, 0),
  };
}

function newTab({ title, columns, rows }: Tab, taken: Set<number>): FoundTab {
  let sheetId = FIRST_SHEET_ID;
  while (taken.has(sheetId)) sheetId += 1;
  taken.add(sheetId);
  const rowCount = Math.max(NEW_TAB_ROWS, rows.length + 1);
  const columnCount = Math.max(NEW_TAB_COLUMNS, columns.length);
  return { sheetId, title, rowCount, columnCount, rows: [] };
}

function planTab(tab: Tab, found: FoundTab): Plan {
  const { sheetId, rowCount, columnCount } = found;
  const place = locate(tab, found);
  const missing = place.columns.filter(({ isMissing }) => isMissing);
  const { changed, added, start, end } = compare(tab, found, place);
  const writes = [...missing.map((column) => headerWrite(place, column)), ...changed, ...added];
  if (writes.length === 0) return { requests: [], cells: 0 };
  const edge = (side: "row" | "column") =>
    writes.reduce((most, write) => Math.max(most, write[side] + 1), 0);
  return {
    requests: [
      ...append(sheetId, "ROWS", edge("row") - rowCount),
      ...append(sheetId, "COLUMNS", edge("column") - columnCount),
      ...(place.isFresh ? [freezeRows(sheetId, place.headerRow + 1)] : []),
      ...missing.map(({ at, width }) => setWidth(sheetId, at, width)),
      ...place.columns.flatMap((column) => formatCells(sheetId, column, { start, end })),
      ...updateCells(sheetId, writes),
    ],
    cells:
      missing.length + changed.length + added.filter(({ data }) => data.userEnteredValue).length,
  };
}

const headerWrite = ({ headerRow }: Place, { at, header }: Placed): CellWrite => ({
  row: headerRow,
  column: at,
  data: { ...valueData(header), userEnteredFormat: { textFormat: { bold: true } } },
  fields: VALUE_AND_BOLD,
});

/** Rows that are there stay where they are; `[start, end)` are new. */
function compare(tab: Tab, found: FoundTab, place: Place) {
  const known = knownRows(found, place);
  const changed: CellWrite[] = [];
  const added: CellWrite[] = [];
  let end = known.end;
  for (const values of tab.rows) {
    const row = known.take(values);
    if (row === undefined) {
      added.push(...newCells(place, values, end));
      end += 1;
    } else {
      changed.push(...changedCells(place, values, { row, cells: found.rows[row] ?? [] }));
    }
  }
  return { changed, added, start: known.end, end };
}

const newCells = ({ columns }: Place, values: readonly CellValue[], row: number): CellWrite[] =>
  columns.map(({ at }, index) => ({
    row,
    column: at,
    data: valueData(values[index] ?? null),
    fields: VALUE,
  }));

function changedCells(
  { columns }: Place,
  values: readonly CellValue[],
  { row, cells }: { row: number; cells: readonly FoundCell[] },
): CellWrite[] {
  return columns.flatMap(({ at, kind }, index): CellWrite[] => {
    const value = values[index] ?? null;
    const found = cells[at];
    const data = valueData(value);
    const numberFormat = formatOf(kind);
    if (value !== null && numberFormat && !fits(kind, found)) {
      const formatted = { ...data, userEnteredFormat: { numberFormat } };
      return [{ row, column: at, data: formatted, fields: VALUE_AND_FORMAT }];
    }
    return isSame(kind, value, found) ? [] : [{ row, column: at, data, fields: VALUE }];
  });
}
