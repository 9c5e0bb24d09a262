import type { FoundCell, FoundTab, Noted } from "../google/spreadsheet.ts";
import type { CellValue } from "../layout/cell.ts";
import { plainHeader } from "../layout/column.ts";
import type { Column, Tab } from "../layout/layout.ts";

/** Where the header usually is: people may put a few lines above it. */
const HEADER_WITHIN_ROWS = 10;

export interface Placed extends Column {
  at: number;
  /** Its header is nowhere and is written at `at`. */
  isMissing: boolean;
  /** Its header names another clock than its times are by. */
  isRenamed?: boolean;
}

export interface Place {
  headerRow: number;
  columns: readonly Placed[];
  /** Nothing of ours is there. */
  isFresh: boolean;
  /** The row of the headers is gone: the columns are where our warnings to editors stand. */
  isHeaderless: boolean;
  /** The headers are not on top, and rows of ours may stand above them. */
  isFar: boolean;
}

/** What Google shows to whoever edits a column of ours, by which it is known as ours as well. */
export const keptUpToDate = (header: string) => plainHeader(header) + KEPT_UP_TO_DATE;

const KEPT_UP_TO_DATE = ": kept up to date by vivenu-event-monitor";

export const isKeptUpToDate = (description: string) => description.endsWith(KEPT_UP_TO_DATE);

/**
 * Columns are where their header is; a header that is nowhere gets the first free column at the right.
 * Of a column that came later people may have one of that name, with something else in it.
 */
export function locate({ columns }: Tab, { rows, noted = [], filled = [] }: FoundTab): Place {
  const { at: headerRow, isThere } = headerIn(columns, rows);
  const found = isThere ? (rows[headerRow] ?? []).map(({ value }) => textOf(value)) : [];
  const warned = columns.map(({ header }) => warnedAt(noted, header));
  const isHeaderless = !isThere && isMost(warned.filter((at) => at !== undefined).length, columns);
  let free = Math.max(widthOf(rows), ...filled.map(({ column }) => column + 1));
  const isOurs = (at: number, header: string) =>
    noted.some(({ column, description }) => column === at && description === keptUpToDate(header));
  const placed = columns.map((column, index): Placed => {
    const { header, isLater, isZoned } = column;
    const isHeader = (text: string) =>
      text === header || (isZoned === true && plainHeader(text) === plainHeader(header));
    const at = isHeaderless
      ? (warned[index] ?? -1)
      : found.findIndex((text, place) => isHeader(text) && !(isLater && !isOurs(place, header)));
    return at < 0
      ? { ...column, at: free++, isMissing: true }
      : { ...column, at, isMissing: false, isRenamed: found[at] !== header };
  });
  return {
    ...{ headerRow, columns: placed, isHeaderless },
    isFresh: !isThere && !isHeaderless,
    isFar: headerRow >= HEADER_WITHIN_ROWS,
  };
}

/**
 * The row that has most of the headers, of those on top if they have half of them: below may stand a copy of
 * somebody's. A header may also have been sorted in among the rows, or have got many lines above it.
 */
function headerIn(columns: readonly Column[], rows: FoundTab["rows"]) {
  const headers = new Set(columns.map(({ header }) => header));
  const headersIn = (row: FoundTab["rows"][number]) =>
    new Set(row.map(({ value }) => textOf(value)).filter((text) => headers.has(text))).size;
  const best = (counts: readonly number[]) => {
    const most = Math.max(0, ...counts);
    return { at: Math.max(0, counts.indexOf(most)), most };
  };
  const near = best(rows.slice(0, HEADER_WITHIN_ROWS).map(headersIn));
  const all = isMost(near.most, columns) ? near : best(rows.map(headersIn));
  const { at, most } = isMost(all.most, columns) ? all : near;
  return { at: most > 0 ? at : 0, isThere: most > 0 };
}

const isMost = (count: number, columns: readonly Column[]) =>
  count > 0 && count * 2 >= columns.length;

/** In which column our warning to editors stands. */
const warnedAt = (noted: readonly Noted[], header: string) =>
  noted.find(({ description }) => description === keptUpToDate(header))?.column;

/** How many columns, and rows, from the first on hold something that was typed. */
export const widthOf = (rows: FoundTab["rows"]) =>
  rows.reduce((edge, row) => Math.max(edge, row.findLastIndex(isFilled) + 1), 0);
export const heightOf = (rows: FoundTab["rows"]) =>
  rows.findLastIndex((row) => row.some(isFilled)) + 1;

/** An id that somebody typed again may have become a number. */
export const textOf = (value: FoundCell["value"] | CellValue | undefined) =>
  typeof value === "object" ? "" : String(value ?? "").trim();

export const isFilled = (cell: FoundCell | undefined) =>
  cell !== undefined &&
  (cell.isFormula || cell.isPivot === true || (cell.value !== null && cell.value !== ""));

/** A row of somebody's own that has a name in common with ours has little else. */
export function isMostlyFilled(columns: readonly Placed[], cells: readonly FoundCell[]) {
  const count = columns.filter(({ at }) => isFilled(cells[at])).length;
  return count * 2 >= columns.length;
}
