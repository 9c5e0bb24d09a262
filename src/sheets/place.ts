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
  /** For each of our rows where it stands, if it does. */
  at: readonly (number | undefined)[];
  /** The first row below all that is there, ours or not. */
  end: number;
  /** Rows whose ids are of Vivenu's form and are none of ours any more. */
  vanished: readonly number[];
}

const VIVENU_ID = /^[0-9a-f]{24}$/;

/**
 * A row is known by its keys wherever it stands, or by its names if somebody overwrote the keys. The
 * first row of a key is ours: a copy that somebody made further down is theirs.
 */
export function knownRows(
  { rows: values }: Pick<Tab, "rows">,
  { rows }: FoundTab,
  { headerRow, columns }: Place,
): Rows {
  const telling = (roles: readonly Column["role"][]) => (read: Read) => keyOf(columns, roles, read);
  const keys = telling(["key"]);
  const names = telling(["name"]);
  const areKeysThere = columns.every(({ role, isMissing }) => role !== "key" || !isMissing);
  const wanted = new Set(areKeysThere ? values.map((row) => keys(ofValues(row))) : []);
  const byKey = new Map<string, number[]>();
  const byName = new Map<string, number[]>();
  const vanished: number[] = [];
  rows.forEach((cells, row) => {
    if (row <= headerRow || !columns.some(({ at }) => isFilled(cells[at]))) return;
    const key = areKeysThere ? keys(ofCells(cells)) : undefined;
    if (key !== undefined && wanted.has(key)) {
      push(byKey, key, row);
      return;
    }
    const name = isMostlyFilled(columns, cells) ? names(ofCells(cells)) : undefined;
    if (name !== undefined) push(byName, name, row);
    const ids = columns.filter(({ role }) => role === "key").map(({ at }) => cells[at]?.value);
    if (areKeysThere && ids.every((id) => typeof id === "string" && VIVENU_ID.test(id)))
      vanished.push(row);
  });
  const at = values.map((row) => byKey.get(keys(ofValues(row)) ?? "")?.shift());
  const left = new Map<string, number>();
  values.forEach((row, index) => {
    const name = names(ofValues(row));
    if (at[index] === undefined && name) left.set(name, (left.get(name) ?? 0) + 1);
  });
  values.forEach((row, index) => {
    const name = names(ofValues(row)) ?? "";
    const found = byName.get(name);
    // With ids overwritten, only a name that is on one row and in one of ours tells which it was.
    const isTold = !areKeysThere || (found?.length === 1 && left.get(name) === 1);
    if (at[index] === undefined && isTold) at[index] = found?.shift();
  });
  const taken = new Set(at);
  return {
    at,
    end:
      Math.max(
        headerRow,
        rows.findLastIndex((row) => row.some(isFilled)),
      ) + 1,
    vanished: vanished.filter((row) => !taken.has(row)),
  };
}

type Read = (column: Placed, index: number) => FoundCell["value"] | undefined;

const ofValues =
  (row: readonly CellValue[]): Read =>
  (_, index) =>
    row[index];
const ofCells =
  (cells: readonly FoundCell[]): Read =>
  ({ at }) =>
    cells[at]?.value;

function keyOf(columns: readonly Placed[], roles: readonly Column["role"][], read: Read) {
  const texts = columns.map((column, index) =>
    roles.includes(column.role) && !column.isMissing ? keyText(column, read(column, index)) : "",
  );
  return texts.some((text) => text !== "") ? JSON.stringify(texts) : undefined;
}

const DAY_S = 86_400;

/** A time is the same one whatever its last binary digit says. */
const keyText = ({ kind }: Placed, value: FoundCell["value"] | undefined) =>
  typeof value === "number" && (kind === "date" || kind === "dateTime")
    ? String(Math.round(value * DAY_S))
    : textOf(value);

/** A row of somebody's own that has a name in common with ours has little else. */
const isMostlyFilled = (columns: readonly Placed[], cells: readonly FoundCell[]) =>
  columns.filter(({ at }) => isFilled(cells[at])).length * 2 >= columns.length;

function push(map: Map<string, number[]>, key: string, row: number) {
  const list = map.get(key);
  if (list) list.push(row);
  else map.set(key, [row]);
}

/** An id that somebody typed again may have become a number. */
const textOf = (value: FoundCell["value"] | undefined) => String(value ?? "").trim();

export const isFilled = (cell: FoundCell | undefined) =>
  cell !== undefined && (cell.isFormula || (cell.value !== null && cell.value !== ""));
