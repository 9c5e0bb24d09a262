import type { FoundCell, FoundTab } from "../google/spreadsheet.ts";
import { type CellValue, fits, isSame, valueData } from "../layout/cell.ts";
import type { Shape, Tab } from "../layout/layout.ts";
import { matchedRows } from "../match/matched-rows.ts";
import { isMostlyFilled, type Place, type Placed } from "../match/place.ts";
import { strikes } from "./gone.ts";
import { type CellWrite, VALUE, VALUE_AND_FORMAT } from "./requests.ts";
import { isTyped } from "./typed-columns.ts";

export interface CellWrites {
  /** Of rows that are there. */
  changed: readonly CellWrite[];
  /** Of new ones, which stand from `start` on. */
  added: readonly CellWrite[];
  start: number;
  /** The first row below all that is there. */
  end: number;
}

/** What differs between a tab's rows and the sheet's; the match says which row is which. */
export function cellWrites(tab: Tab, found: FoundTab, place: Place): CellWrites {
  const { at, end, vanished } = matchedRows(tab, found, place);
  const start = place.isFresh ? end : startOf(tab, found, place, end);
  const typedAt = (row: number) => (column: number) => isTyped(found, row, column);
  const changed: CellWrite[] = [];
  const added: CellWrite[] = [];
  let next = start;
  tab.rows.forEach((_, index) => {
    const row = at[index];
    if (row === undefined) {
      added.push(...newRow(tab, place, { index, row: next++, isTyped: typedAt(start) }));
    } else {
      const cells = found.rows[row] ?? [];
      changed.push(...knownRow(tab, place, { index, row, cells, isTyped: typedAt(row) }));
    }
  });
  changed.push(...vanishedStrikes(tab, found, place, vanished));
  changed.push(...vanishedCells(tab, found, place, vanished));
  return { changed, added, start, end };
}

/** One of the tab's rows, and where it is or will be. */
interface At {
  index: number;
  row: number;
  /** Of a column that a table of somebody's gives the format. */
  isTyped: (column: number) => boolean;
}

interface KnownAt extends At {
  cells: readonly FoundCell[];
}

const newRow = (tab: Tab, place: Place, at: At) => [
  ...newCells(tab, place, at),
  ...strikesOf(tab, place, { ...at, cells: [] }, true),
];

const knownRow = (tab: Tab, place: Place, at: KnownAt) => [
  ...changedCells(tab, place, at),
  ...strikesOf(tab, place, at, false),
];

const strikesOf = (
  tab: Tab,
  { columns }: Place,
  { index, row, cells }: Omit<KnownAt, "isTyped">,
  isNew: boolean,
) =>
  tab.strikesVanished ? strikes(columns, { row, cells, isGone: tab.gone.has(index), isNew }) : [];

/** What is none of ours any more is struck through, unless it says that it is not to be. */
function vanishedStrikes(
  tab: Tab,
  { rows }: FoundTab,
  { columns }: Place,
  vanished: readonly number[],
): CellWrite[] {
  if (!tab.strikesVanished) return [];
  return vanished.flatMap((row) => {
    const cells = rows[row] ?? [];
    const isLeft = cells.some(({ value }) => tab.unstruck.has(String(value)));
    return isLeft ? [] : strikes(columns, { row, cells, isGone: true, isNew: false });
  });
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
  found: FoundTab,
  { columns }: Place,
  vanished: readonly number[],
): CellWrite[] {
  if (!tab.valuesOfVanished) return [];
  const keys = columns.filter(({ role }) => role === "key");
  const seen = new Set<string>();
  return vanished.flatMap((row) => {
    const cells = found.rows[row] ?? [];
    const said = keys.map(({ at }) => cells[at]?.value);
    const values = tab.valuesOfVanished?.(said);
    const key = JSON.stringify(said);
    const typed = (column: number) => isTyped(found, row, column);
    if (!values || seen.has(key) || !isMostlyFilled(columns, cells)) return [];
    seen.add(key);
    return columns.flatMap((column, index) =>
      changedCell(column, column, values[index] ?? null, { row, cells, isTyped: typed }),
    );
  });
}

const newCells = (tab: Tab, { columns }: Place, { index, row, isTyped }: At): CellWrite[] =>
  columns.map(({ at, isMixed, format: usual }, column) => {
    const data = valueData(tab.rows[index]?.[column] ?? null);
    const { format } = tab.shapeAt(index, column);
    const where = { row, column: at, isNew: true };
    const isUsual = format?.pattern === usual?.pattern;
    if (isTyped(at) || (!isMixed && isUsual)) return { ...where, data, fields: VALUE };
    const formatted = { ...data, ...(format && { userEnteredFormat: { numberFormat: format } }) };
    return { ...where, data: formatted, fields: VALUE_AND_FORMAT };
  });

function changedCells(tab: Tab, { columns }: Place, { index, ...known }: KnownAt): CellWrite[] {
  const unshown = tab.unshown.get(index);
  return columns.flatMap(({ at }, column): CellWrite[] => {
    if (unshown?.has(column)) return [];
    const value = tab.rows[index]?.[column] ?? null;
    return changedCell({ at }, tab.shapeAt(index, column), value, known);
  });
}

function changedCell(
  { at }: Pick<Placed, "at">,
  { kind, format }: Shape,
  value: CellValue,
  { row, cells, isTyped }: Omit<KnownAt, "index">,
): CellWrite[] {
  const found = cells[at];
  const data = valueData(value);
  if (value !== null && format && !isTyped(at) && !fits(kind, format, found)) {
    const formatted = { ...data, userEnteredFormat: { numberFormat: format } };
    return [{ row, column: at, data: formatted, fields: VALUE_AND_FORMAT }];
  }
  return isSame(kind, value, found) ? [] : [{ row, column: at, data, fields: VALUE }];
}
