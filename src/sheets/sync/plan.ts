import { markTab } from "../google/mark.ts";
import { type Found, type FoundTab, sameTitle, tabOf } from "../google/spreadsheet.ts";
import type { Tab, TabHead } from "../layout/layout.ts";
import { widthOf } from "../layout/widths.ts";
import { isFilled, isKeptUpToDate, locate, type Place, type Placed } from "../match/place.ts";
import { cellWrites } from "./cell-writes.ts";
import { firstLook } from "./first-look.ts";
import { headerRowWrites, headerWrites } from "./header-writes.ts";
import { canFreezeRows, hiding } from "./merged-cells.ts";
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
  unmerge,
  updateCells,
  warnOfEdits,
} from "./requests.ts";
import { hasTyped, isTyped } from "./typed-columns.ts";

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
  /** Those that are formatted in new rows. */
  columns: readonly Placed[];
  added: Added;
  /** Columns of ours come to the right of all that is there. */
  isWidened: boolean;
  /** Headers that were there once, because others still are. */
  restored: readonly string[];
}

/** Where new rows stand from: inserted where there may be people, written where there is nothing. */
export interface Added {
  start: number;
  areInserted: boolean;
  /** Other rows are below. */
  areAmong: boolean;
  /** Within a table that gives some of its columns their format. */
  areTyped: boolean;
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
  const { start, areInserted, areAmong, areTyped } = added;
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
    ...(areAmong && count > 0 ? [plainRows(sheetId, start, count, areTyped)] : []),
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
  const place = locate(tab, found);
  if (place.isHeaderless) return planHeaders(tab, found, place);
  const { changed, added, start, end } = cellWrites(tab, found, place);
  const areInserted = !place.isFresh;
  const writes = [...headerWrites(found, place), ...changed, ...added];
  const edge = (side: "row" | "column") =>
    writes.reduce((most, write) => Math.max(most, write[side] + 1), 0);
  const size = {
    rows: areInserted && added.length > 0 ? end + 1 : edge("row"),
    columns: edge("column"),
  };
  const hidden = hiding(found, {
    inPlace: areInserted ? writes.filter((write) => !write.isNew) : writes,
    insertedAt: areInserted && added.length > 0 ? start : undefined,
    columns: place.columns,
  });
  return {
    tab,
    sheetId: found.sheetId,
    title: found.title,
    setUp: [
      ...(isNew ? [addTab(found)] : []),
      ...hidden.map((area) => unmerge(found.sheetId, area)),
      ...setUpOf(tab, found, place, size),
    ],
    writes,
    isWidened: place.columns.some(({ isMissing }) => isMissing),
    restored: restoredIn(place),
    columns: place.columns.filter(({ at }) => !isTyped(found, start, at)),
    added: { start, areInserted, areAmong: start < end, areTyped: hasTyped(found, start) },
  };
}

function planHeaders(tab: Tab, found: FoundTab, place: Place): TabPlan {
  const { writes, isInserted } = headerRowWrites(found, place);
  const { sheetId, title } = found;
  return {
    ...{ tab, sheetId, title, writes, columns: [], restored: [] },
    isWidened: false,
    setUp: isInserted
      ? []
      : hiding(found, { ...place, inPlace: writes, insertedAt: undefined }).map((area) =>
          unmerge(sheetId, area),
        ),
    added: { start: 0, areInserted: isInserted, areAmong: isInserted, areTyped: false },
  };
}

/** Room for what is written, what a tab gets when it is first written, new columns, and the mark of ours. */
function setUpOf(
  tab: Tab,
  found: FoundTab,
  place: Place,
  size: { rows: number; columns: number },
): SentRequest[] {
  const { sheetId, rowCount, columnCount } = found;
  const { headerRow, columns } = place;
  return [
    ...append(sheetId, "ROWS", size.rows - rowCount),
    ...append(sheetId, "COLUMNS", size.columns - columnCount),
    ...firstRequests(tab, found, place),
    ...columns.flatMap((column, index) =>
      column.isMissing
        ? [
            setWidth(sheetId, column.at, widthOf(tab, index)),
            ...scaleColumn(sheetId, headerRow, column),
            warnOfEdits(sheetId, headerRow, column),
          ]
        : [],
    ),
    ...marking(tab, found),
  ];
}

/** Headers that are missing where others of ours are there; those that came later may never have been. */
const restoredIn = ({ isFresh, columns }: Place) =>
  columns
    .filter(({ isMissing, isLater }) => !isFresh && isMissing && !isLater)
    .map(({ header }) => header);

function firstRequests(tab: Tab, found: FoundTab, place: Place) {
  if (!place.isFresh) return [];
  const { sheetId, rows, filtered = [], merged = [] } = found;
  const isUntouched =
    filtered.length === 0 && merged.length === 0 && !rows.some((row) => row.some(isFilled));
  if (isUntouched) return firstLook(sheetId, tab, place);
  const count = place.headerRow + 1;
  return canFreezeRows(found, count) ? [freezeRows(sheetId, count)] : [];
}
