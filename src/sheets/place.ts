import type { CellValue } from "./cell.ts";
import type { Column, Tab } from "./layout.ts";
import type { FoundCell, FoundTab } from "./spreadsheet.ts";

/** People may put a few lines above the header. */
const HEADER_WITHIN_ROWS = 10;

export interface Placed extends Column {
  at: number;
  /** Its header is nowhere and is written at `at`. */
  isMissing: boolean;
}

export interface Place {
  headerRow: number;
  columns: readonly Placed[];
  /** Not one of the headers is there. */
  isFresh: boolean;
}

/** Columns are where their header is; a header that is nowhere gets the first free column at the right. */
export function locate({ columns }: Tab, { rows }: FoundTab): Place {
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
  const placed = columns.map((column) => {
    const at = found.indexOf(column.header);
    return at < 0
      ? { ...column, at: free++, isMissing: true }
      : { ...column, at, isMissing: false };
  });
  return { headerRow: most > 0 ? headerRow : 0, columns: placed, isFresh: most === 0 };
}

export interface Rows {
  /** Where the row of these values stands; each row is given out once. */
  take(values: readonly CellValue[]): number | undefined;
  /** The first row below all that is ours. */
  end: number;
}

/**
 * A row is known by its keys wherever it stands, or by its names if somebody deleted a column of keys.
 * The first row of a key is ours: a copy that somebody made further down is theirs.
 */
export function knownRows({ rows }: FoundTab, { headerRow, columns }: Place): Rows {
  const isTold = columns.every(({ role, isMissing }) => role !== "key" || !isMissing);
  const roles = isTold ? ["key"] : ["key", "name"];
  const telling = columns.map(({ role, isMissing }) => roles.includes(role) && !isMissing);
  const keyOf = (read: (column: Placed, index: number) => FoundCell["value"] | undefined) => {
    const texts = columns.map((column, index) =>
      telling[index] ? textOf(read(column, index)) : "",
    );
    return texts.some((text) => text !== "") ? JSON.stringify(texts) : undefined;
  };
  const keyed = new Map<string, number>();
  rows.forEach((cells, row) => {
    const key = keyOf(({ at }) => cells[at]?.value);
    if (row > headerRow && key && !keyed.has(key)) keyed.set(key, row);
  });
  const isOurs = (row: readonly FoundCell[]) => columns.some(({ at }) => isFilled(row[at]));
  return {
    end: Math.max(headerRow, rows.findLastIndex(isOurs)) + 1,
    take(values) {
      const key = keyOf((_, index) => values[index]);
      if (!key) return undefined;
      const row = keyed.get(key);
      keyed.delete(key);
      return row;
    },
  };
}

/** An id that somebody typed again may have become a number. */
const textOf = (value: FoundCell["value"] | undefined) => String(value ?? "").trim();

const isFilled = (cell: FoundCell | undefined) =>
  cell !== undefined && (cell.isFormula || (cell.value !== null && cell.value !== ""));
