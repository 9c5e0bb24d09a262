import { markTab } from "../google/mark.ts";
import {
  type Found,
  type FoundCell,
  type FoundTab,
  sameTitle,
  tabOf,
} from "../google/spreadsheet.ts";
import { type CellValue, fits, isSame, valueData } from "../layout/cell.ts";
import { isOurNote } from "../layout/header-note.ts";
import type { Shape, Tab, TabHead } from "../layout/layout.ts";
import { widthOf } from "../layout/widths.ts";
import { matchedRows } from "../match/matched-rows.ts";
import {
  isFilled,
  isKeptUpToDate,
  isMostlyFilled,
  locate,
  type Place,
  type Placed,
} from "../match/place.ts";
import { firstLook } from "./first-look.ts";
import { marks } from "./gone.ts";
import {
  addTab,
  append,
  type CellWrite,
  deleteTab,
  formatCells,
  freezeRows,
  insertRows,
  NOTE,
  plainRows,
  type SentRequest,
  scaleColumn,
  setWidth,
  updateCells,
  VALUE,
  VALUE_AND_BOLD,
  VALUE_AND_FORMAT,
  warnOfEdits,
} from "./requests.ts";

/** What makes the spreadsheet what it should be: one batch, or nothing at all. */
export interface Plan {
  requests: SentRequest[];
  /** How many cells get another value or another format. */
  cells: number;
}

/** What makes one tab what it should be. */
export interface TabPlan {
  tab: Tab;
  sheetId: number;
  /** What it is called in the spreadsheet. */
  title: string;
  /** The tab itself, its size, its new columns: all that comes before cells. */
  setUp: SentRequest[];
  writes: readonly CellWrite[];
  columns: readonly Placed[];
  added: Added;
  /** Headers that were there once, because others still are. */
  restored: readonly string[];
}

/** Where new rows stand from: inserted where there may be people, written where there is nothing. */
export interface Added {
  start: number;
  areInserted: boolean;
  /** Other rows are below. */
  areAmong: boolean;
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
  let untouched = found.untouchedId;
  return tabs.flatMap((tab) => {
    if (isTaken(tab, found)) return [];
    const there = tabOf(found.tabs, tab);
    const planned = there ? planOnce(tab, there) : planTab(tab, newTab(tab, taken), true);
    // Behind the first of ours, for a spreadsheet is never without a tab.
    if (!there && untouched !== undefined) {
      planned.setUp.splice(1, 0, deleteTab(untouched));
      untouched = undefined;
    }
    return planned.writes.length > 0 || planned.setUp.length > 0 ? [planned] : [];
  });
}

const plans = new WeakMap<Tab, { there: FoundTab; plan: TabPlan }>();

/** A sync asks first whether there is anything to do, which is all the work of it. Neither is ever changed. */
function planOnce(tab: Tab, there: FoundTab): TabPlan {
  const known = plans.get(tab);
  if (known?.there === there) return known.plan;
  const plan = planTab(tab, there, false);
  plans.set(tab, { there, plan });
  return plan;
}

/**
 * A tab that came later may have the title of one that somebody has had for years, and another one of ours
 * may have been given it.
 */
export function isTaken(tab: TabHead, found: Found): boolean {
  const there = tabOf(found.tabs, tab);
  if (!there) return found.titles?.some((title) => sameTitle(title, tab.title)) ?? false;
  if (!tab.isLater || isMarked(tab, there)) return false;
  const { rows, noted = [] } = there;
  const isOurs = noted.some(({ description }) => isKeptUpToDate(description));
  return !isOurs && rows.some((row) => row.some(isFilled));
}

/**
 * What is sent for some of a plan's writes: all, or whole rows from the top. Rows that are there are
 * written before new ones are inserted, so each is meant by the number that it was read under.
 */
export function requestsOf(
  { sheetId, setUp, columns, added }: TabPlan,
  writes: readonly CellWrite[],
): SentRequest[] {
  const { start, areInserted, areAmong } = added;
  const count = newRowsOf(writes);
  const range = { start, end: start + count };
  const [known, fresh] = [
    writes.filter(({ isNew }) => !isNew),
    writes.filter(({ isNew }) => isNew),
  ];
  return [
    ...setUp,
    ...(areInserted ? updateCells(sheetId, known) : []),
    ...(areInserted ? insertRows(sheetId, start, count) : []),
    ...(areAmong && count > 0 ? [plainRows(sheetId, start, count)] : []),
    ...columns.flatMap((column) => formatCells(sheetId, column, range)),
    ...updateCells(sheetId, areInserted ? fresh : writes),
  ];
}

export const newRowsOf = (writes: readonly CellWrite[]) =>
  new Set(writes.filter(({ isNew }) => isNew).map(({ row }) => row)).size;

/** An empty cell of a new row is nothing that was written, and a note is no value. */
export const cellsOf = (writes: readonly CellWrite[]) =>
  writes.filter(({ isNew, data, fields }) => fields !== NOTE && (!isNew || data.userEnteredValue))
    .length;

function newTab({ title, columns, rows }: Tab, taken: Set<number>): FoundTab {
  let sheetId = FIRST_SHEET_ID;
  while (taken.has(sheetId)) sheetId += 1;
  taken.add(sheetId);
  const rowCount = Math.max(NEW_TAB_ROWS, rows.length + 1);
  const columnCount = Math.max(NEW_TAB_COLUMNS, columns.length);
  return { sheetId, title, rowCount, columnCount, rows: [] };
}

const isMarked = (tab: TabHead, { marks = [] }: FoundTab) =>
  marks.some(({ name, title }) => name === tab.name && sameTitle(title, tab.title));

/** Where the owner keeps us from some of it a mark may be refused, and all numbers with it. */
const marking = (tab: Tab, found: FoundTab) =>
  isMarked(tab, found) || found.closed?.length ? [] : [markTab(found.sheetId, tab)];

function planTab(tab: Tab, found: FoundTab, isNew: boolean): TabPlan {
  const { sheetId, rowCount, columnCount } = found;
  const place = locate(tab, found);
  const { headerRow } = place;
  const missing = place.columns.filter(({ isMissing }) => isMissing);
  const { changed, added, start, end } = compare(tab, found, place);
  const areInserted = !place.isFresh;
  const unsaid = place.columns.filter(({ isMissing, isRenamed }) => isMissing || isRenamed);
  const writes = [
    ...unsaid.map((column) => headerWrite(place, column)),
    ...noteWrites(found, place),
    ...changed,
    ...added,
  ];
  const edge = (side: "row" | "column") =>
    writes.reduce((most, write) => Math.max(most, write[side] + 1), 0);
  const setUp = [
    ...(isNew ? [addTab(found)] : []),
    ...append(
      sheetId,
      "ROWS",
      (areInserted && added.length > 0 ? end + 1 : edge("row")) - rowCount,
    ),
    ...append(sheetId, "COLUMNS", edge("column") - columnCount),
    ...firstRequests(tab, found, place),
    ...missing.flatMap((column) => [
      setWidth(sheetId, column.at, widthOf(tab, place.columns.indexOf(column))),
      ...scaleColumn(sheetId, headerRow, column),
      warnOfEdits(sheetId, headerRow, column),
    ]),
    ...marking(tab, found),
  ];
  const lost = place.isFresh ? [] : missing.filter(({ isLater }) => !isLater);
  const restored = lost.map(({ header }) => header);
  return {
    tab,
    sheetId,
    title: found.title,
    setUp,
    writes,
    restored,
    columns: place.columns,
    added: { start, areInserted, areAmong: start < end },
  };
}

function firstRequests(tab: Tab, { sheetId, rows, filtered = [] }: FoundTab, place: Place) {
  if (!place.isFresh) return [];
  const isUntouched = filtered.length === 0 && !rows.some((row) => row.some(isFilled));
  return isUntouched ? firstLook(sheetId, tab, place) : [freezeRows(sheetId, place.headerRow + 1)];
}

const headerWrite = ({ headerRow }: Place, { at, header }: Placed): CellWrite => ({
  row: headerRow,
  column: at,
  data: { ...valueData(header), userEnteredFormat: { textFormat: { bold: true } } },
  fields: VALUE_AND_BOLD,
});

/**
 * Where somebody wrote a note of their own, theirs stays and ours is not written; nor is it where the owner
 * keeps us from the header, for Google would refuse all numbers with it.
 */
const noteWrites = (tab: FoundTab, { headerRow, columns }: Place): CellWrite[] =>
  columns.flatMap(({ at, note, isMissing }) => {
    if (isClosed(tab, headerRow, at)) return [];
    const { rows } = tab;
    const found = isMissing ? undefined : rows[headerRow]?.[at]?.note;
    if (note === undefined || found === note || (found && !isOurNote(found))) return [];
    return [{ row: headerRow, column: at, data: { note }, fields: NOTE }];
  });

const isClosed = ({ closed = [] }: FoundTab, row: number, column: number) =>
  closed.some(
    ({ rows, columns }) =>
      row >= rows.start && row < rows.end && column >= columns.start && column < columns.end,
  );

/** Rows that are there are written where they are; those from `start` on are new. */
function compare(tab: Tab, found: FoundTab, place: Place) {
  const known = matchedRows(tab, found, place);
  const start = place.isFresh ? known.end : startOf(tab, found, place, known.end);
  const changed: CellWrite[] = [];
  const added: CellWrite[] = [];
  let next = start;
  tab.rows.forEach((_, index) => {
    const at = known.at[index];
    const isNew = at === undefined;
    const row = at ?? next++;
    const cells = isNew ? [] : (found.rows[row] ?? []);
    const writes = isNew
      ? newCells(tab, place, { row, index })
      : changedCells(tab, place, { row, index, cells });
    (isNew ? added : changed).push(
      ...writes,
      ...(tab.marksVanished
        ? marks(place.columns, { row, cells, isGone: tab.gone.has(index), isNew })
        : []),
    );
  });
  if (tab.marksVanished)
    for (const row of known.vanished) {
      const cells = found.rows[row] ?? [];
      if (cells.some(({ value }) => tab.unmarked.has(String(value)))) continue;
      changed.push(...marks(place.columns, { row, cells, isGone: true, isNew: false }));
    }
  changed.push(...vanishedCells(tab, found, place, known.vanished));
  return { changed, added, start, end: known.end };
}

/**
 * Below all that is there. But a filter does not grow with what comes below it, and whoever filters
 * would miss new events: so they stand above the last row of the one that ends first.
 */
function startOf(
  { isNewestFirst }: Tab,
  { filtered = [] }: FoundTab,
  { headerRow }: Place,
  end: number,
) {
  if (isNewestFirst) return headerRow + 1;
  const covering = filtered.filter((one) => one.start <= headerRow && one.end > headerRow + 1);
  return Math.min(end, ...covering.filter((one) => one.end <= end).map((one) => one.end - 1));
}

/** Of several rows under one key the first is ours; what is hardly filled is somebody's own. */
function vanishedCells(
  tab: Tab,
  { rows }: FoundTab,
  { columns }: Place,
  vanished: readonly number[],
): CellWrite[] {
  if (!tab.valuesOfVanished) return [];
  const keys = columns.filter(({ role }) => role === "key");
  const seen = new Set<string>();
  return vanished.flatMap((row) => {
    const cells = rows[row] ?? [];
    const found = keys.map(({ at }) => cells[at]?.value);
    const values = tab.valuesOfVanished?.(found);
    const key = JSON.stringify(found);
    if (!values || seen.has(key) || !isMostlyFilled(columns, cells)) return [];
    seen.add(key);
    return columns.flatMap((column, index) =>
      changedCell(column, column, values[index] ?? null, { row, cells }),
    );
  });
}

/** One of the tab's rows, and where it is or will be. */
interface At {
  index: number;
  row: number;
}

const newCells = (tab: Tab, { columns }: Place, { index, row }: At): CellWrite[] =>
  columns.map(({ at, isMixed }, column) => {
    const data = valueData(tab.rows[index]?.[column] ?? null);
    const { format } = tab.shapeAt(index, column);
    const where = { row, column: at, isNew: true };
    if (!isMixed) return { ...where, data, fields: VALUE };
    const formatted = { ...data, ...(format && { userEnteredFormat: { numberFormat: format } }) };
    return { ...where, data: formatted, fields: VALUE_AND_FORMAT };
  });

function changedCells(
  tab: Tab,
  { columns }: Place,
  { index, row, cells }: At & { cells: readonly FoundCell[] },
): CellWrite[] {
  const unshown = tab.unshown.get(index);
  return columns.flatMap(({ at }, column): CellWrite[] => {
    if (unshown?.has(column)) return [];
    const value = tab.rows[index]?.[column] ?? null;
    return changedCell({ at }, tab.shapeAt(index, column), value, { row, cells });
  });
}

function changedCell(
  { at }: Pick<Placed, "at">,
  { kind, format }: Shape,
  value: CellValue,
  { row, cells }: { row: number; cells: readonly FoundCell[] },
): CellWrite[] {
  const found = cells[at];
  const data = valueData(value);
  if (value !== null && format && !fits(kind, found)) {
    const formatted = { ...data, userEnteredFormat: { numberFormat: format } };
    return [{ row, column: at, data: formatted, fields: VALUE_AND_FORMAT }];
  }
  return isSame(kind, value, found) ? [] : [{ row, column: at, data, fields: VALUE }];
}
