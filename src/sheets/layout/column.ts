import { type CellKind, type CellValue, cellText, type Format } from "./cell.ts";
import type { ColumnClock } from "./header-note.ts";
import { shownSerial } from "./wall-clock.ts";

export interface Column {
  header: string;
  kind: CellKind;
  /** What a new cell is formatted with. */
  format: Format | null;
  /** In pixels, at most, when the column is made; people may change it. */
  width: number;
  /** Rows are known by their keys, and people know them by their names. */
  role: "key" | "name" | "fact";
  /** Coloured by its value: a share from white at 0 to green at 1, points from red over white to green. */
  scale?: "share" | "points";
  /** Each cell has a kind of its own. */
  isMixed?: boolean;
  /** The clock that its times are by stands behind its name. */
  isZoned?: boolean;
  /** What clock its times are by. */
  clock?: ColumnClock;
  /** On its header, where its name does not say the clock. */
  note?: string;
  /** It came later: where people had a column of this name before, that one is theirs. */
  isLater?: boolean;
}

/** What a column's values are worked out with. */
export interface Surroundings {
  /** What clock the service's own times are by; an event's are by the event's. */
  timezone: string;
  now: Date;
}

export type ColumnOf<Row> = Omit<Column, "format"> & {
  value: (row: Row, surroundings: Surroundings) => CellValue;
  /** Where a column holds a date in one row and an amount in another; `kind` is what most are. */
  kindOf?: (row: Row) => CellKind;
  /** Of money. */
  currencyOf?: (row: Row) => string | null;
};

export const zonedHeader = (name: string, timezone: string) => `${name} (${timezone})`;

/** The name without the clock, which an operator may have changed since. */
export const plainHeader = (header: string) => header.replace(/ \([^()]*\)$/, "");

export const yesOrNo = (said: boolean | undefined) =>
  said === undefined ? null : said ? "yes" : "no";

export function later<Row>(columns: readonly ColumnOf<Row>[]): readonly ColumnOf<Row>[] {
  return columns.map((column) => ({ ...column, isLater: true }));
}

export function text<Row>(
  header: string,
  width: number,
  read: (row: Row) => string | null,
): ColumnOf<Row> {
  return { header, kind: "text", width, role: "fact", value: (row) => cellText(read(row)) };
}

export function key<Row>(header: string, read: (row: Row) => string, width = 100): ColumnOf<Row> {
  return { ...text(header, width, read), role: "key" };
}

export function name<Row>(
  header: string,
  width: number,
  read: (row: Row) => string,
): ColumnOf<Row> {
  return { ...text(header, width, read), role: "name" };
}

export function count<Row>(header: string, read: (row: Row) => number | null): ColumnOf<Row> {
  return { header, kind: "count", width: 110, role: "fact", value: read };
}

export function money<Row extends { currency: string | null }>(
  header: string,
  read: (row: Row) => number | null,
): ColumnOf<Row> {
  const currencyOf = ({ currency }: Row) => currency;
  return { header, kind: "money", width: 90, role: "fact", value: read, currencyOf };
}

/** Points of a percentage, ahead or behind. */
export function points<Row>(header: string, read: (row: Row) => number | null): ColumnOf<Row> {
  return { header, kind: "points", width: 110, role: "fact", scale: "points", value: read };
}

/** A spreadsheet's 100 % is 1. */
export function percent<Row>(header: string, read: (row: Row) => number | null): ColumnOf<Row> {
  const value = (row: Row) => {
    const found = read(row);
    return found === null ? null : Math.round(found * 100) / 10_000;
  };
  return { header, kind: "percent", width: 110, role: "fact", scale: "share", value };
}

/** A date of an event: by the event's own clock. */
export function dateTime<Row extends { timezone: string | null }>(
  header: string,
  read: (row: Row) => string | null,
): ColumnOf<Row> {
  return { ...timed(header, read, ({ timezone }) => timezone), clock: "event" };
}

/** When the service did or saw something: by one clock, whichever event it is of. */
export function instant<Row>(header: string, read: (row: Row) => string | null): ColumnOf<Row> {
  return { ...timed(header, read, (_, { timezone }) => timezone), clock: "service" };
}

function timed<Row>(
  header: string,
  read: (row: Row) => string | null,
  clockOf: (row: Row, surroundings: Surroundings) => string | null,
): ColumnOf<Row> {
  const value = (row: Row, surroundings: Surroundings) => {
    const at = read(row);
    return at === null ? null : shownSerial(at, clockOf(row, surroundings));
  };
  return { header, kind: "dateTime", width: 150, role: "fact", value };
}

/** Each cell of a kind of its own; instants among them are dates of an event, money is in the row's currency. */
export function mixed<Row extends { currency?: string | null }>(
  header: string,
  value: (row: Row) => CellValue,
  kindOf: (row: Row) => CellKind,
): ColumnOf<Row> {
  const currencyOf = ({ currency = null }: Row) => currency;
  const look = { kind: "text", width: 160, role: "fact", clock: "event" } as const;
  return { ...look, header, value, kindOf, currencyOf };
}
