import type { FoundCell, FoundTab } from "../google/spreadsheet.ts";
import type { CellValue } from "../layout/cell.ts";
import { plainHeader } from "../layout/column.ts";
import type { Column, Tab } from "../layout/layout.ts";

/** People may put a few lines above the header. */
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
  /** Not one of the headers is there. */
  isFresh: boolean;
}

/** What Google shows to whoever edits a column of ours, by which it is known as ours as well. */
export const keptUpToDate = (header: string) => plainHeader(header) + KEPT_UP_TO_DATE;

const KEPT_UP_TO_DATE = ": kept up to date by vivenu-event-monitor";

export const isKeptUpToDate = (description: string) => description.endsWith(KEPT_UP_TO_DATE);

/**
 * Columns are where their header is; a header that is nowhere gets the first free column at the right.
 * Of a column that came later people may have one of that name, with something else in it.
 */
export function locate({ columns }: Tab, { rows, noted = [] }: FoundTab): Place {
  const headers = new Set(columns.map(({ header }) => header));
  const counts = rows
    .slice(0, HEADER_WITHIN_ROWS)
    .map(
      (row) =>
        new Set(row.map(({ value }) => textOf(value)).filter((text) => headers.has(text))).size,
    );
  const most = Math.max(0, ...counts);
  const headerRow = Math.max(0, counts.indexOf(most));
  const found = most > 0 ? (rows[headerRow] ?? []).map(({ value }) => textOf(value)) : [];
  let free = rows.reduce((edge, row) => Math.max(edge, row.findLastIndex(isFilled) + 1), 0);
  const isOurs = (at: number, header: string) =>
    noted.some(({ column, description }) => column === at && description === keptUpToDate(header));
  const placed = columns.map((column) => {
    const { header, isLater, isZoned } = column;
    const isHeader = (text: string) =>
      text === header || (isZoned === true && plainHeader(text) === plainHeader(header));
    const at = found.findIndex(
      (text, index) => isHeader(text) && !(isLater && !isOurs(index, header)),
    );
    return at < 0
      ? { ...column, at: free++, isMissing: true }
      : { ...column, at, isMissing: false, isRenamed: found[at] !== header };
  });
  return { headerRow: most > 0 ? headerRow : 0, columns: placed, isFresh: most === 0 };
}

/** An id that somebody typed again may have become a number. */
export const textOf = (value: FoundCell["value"] | CellValue | undefined) =>
  typeof value === "object" ? "" : String(value ?? "").trim();

export const isFilled = (cell: FoundCell | undefined) =>
  cell !== undefined && (cell.isFormula || (cell.value !== null && cell.value !== ""));

/** A row of somebody's own that has a name in common with ours has little else. */
export function isMostlyFilled(columns: readonly Placed[], cells: readonly FoundCell[]) {
  const count = columns.filter(({ at }) => isFilled(cells[at])).length;
  return count * 2 >= columns.length;
}
