import type { EventRow, TicketTypeRow } from "../projections/rows.ts";
import { type CellKind, type CellValue, cellText } from "./cell.ts";
import { type WallClock, wallClock } from "./wall-clock.ts";

/** Of the rows what cells show, so that a row may carry more than the sheet knows of. */
export type SheetEvent = Pick<
  EventRow,
  | "eventId"
  | "region"
  | "eventName"
  | "eventDate"
  | "timezone"
  | "salesLaunchDate"
  | "status"
  | "totalCapacity"
  | "totalSold"
  | "totalAvailable"
  | "percentSold"
  | "lastUpdated"
>;

export type SheetTicketType = Pick<
  TicketTypeRow,
  | "eventId"
  | "eventName"
  | "region"
  | "timezone"
  | "ticketTypeId"
  | "ticketName"
  | "price"
  | "currency"
  | "capacity"
  | "sold"
  | "available"
  | "lastUpdated"
>;

export interface SheetRows {
  events: readonly SheetEvent[];
  ticketTypes: readonly SheetTicketType[];
}

export interface Column {
  header: string;
  kind: CellKind;
  /** In pixels, when the column is made; people may change it. */
  width: number;
  /** Rows are known by their keys, and people know them by their names. */
  role: "key" | "name" | "fact";
}

/** What one tab should hold: a value for every row and column. */
export interface Tab {
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly CellValue[])[];
}

interface ColumnOf<Row> extends Column {
  value: (row: Row, clock: WallClock) => CellValue;
}

export const layout = ({ events, ticketTypes }: SheetRows): Tab[] => [
  tab("Events", eventColumns, events),
  tab("Ticket Types", ticketTypeColumns, ticketTypes),
];

function tab<Row>(title: string, columns: readonly ColumnOf<Row>[], rows: readonly Row[]): Tab {
  const clock = wallClock();
  return {
    title,
    columns,
    rows: rows.map((row) => columns.map((column) => column.value(row, clock))),
  };
}

const eventColumns: readonly ColumnOf<SheetEvent>[] = [
  key("Event ID", (row) => row.eventId),
  name("Region", 90, (row) => row.region),
  name("Event Name", 280, (row) => row.eventName),
  dateTime("Event Date", (row) => row.eventDate),
  dateTime("Sales Launch Date", (row) => row.salesLaunchDate),
  text("Status", 110, (row) => row.status),
  count("Total Capacity", (row) => row.totalCapacity),
  count("Total Sold", (row) => row.totalSold),
  count("Total Available", (row) => row.totalAvailable),
  percent("Percent Sold", (row) => row.percentSold),
  dateTime("Last Updated", (row) => row.lastUpdated),
];

const ticketTypeColumns: readonly ColumnOf<SheetTicketType>[] = [
  key("Event ID", (row) => row.eventId),
  name("Event Name", 280, (row) => row.eventName),
  name("Region", 90, (row) => row.region),
  key("Ticket Type ID", (row) => row.ticketTypeId),
  name("Ticket Name", 280, (row) => row.ticketName),
  money("Price", (row) => row.price),
  text("Currency", 80, (row) => row.currency),
  count("Capacity", (row) => row.capacity),
  count("Sold", (row) => row.sold),
  count("Available", (row) => row.available),
  dateTime("Last Updated", (row) => row.lastUpdated),
];

function text<Row>(
  header: string,
  width: number,
  read: (row: Row) => string | null,
): ColumnOf<Row> {
  return { header, kind: "text", width, role: "fact", value: (row) => cellText(read(row)) };
}

function key<Row>(header: string, read: (row: Row) => string): ColumnOf<Row> {
  return { ...text(header, 200, read), role: "key" };
}

function name<Row>(header: string, width: number, read: (row: Row) => string): ColumnOf<Row> {
  return { ...text(header, width, read), role: "name" };
}

function count<Row>(header: string, read: (row: Row) => number | null): ColumnOf<Row> {
  return { header, kind: "count", width: 110, role: "fact", value: read };
}

function money<Row>(header: string, read: (row: Row) => number | null): ColumnOf<Row> {
  return { header, kind: "money", width: 90, role: "fact", value: read };
}

/** A spreadsheet's 100 % is 1. */
function percent<Row>(header: string, read: (row: Row) => number | null): ColumnOf<Row> {
  const value = (row: Row) => {
    const found = read(row);
    return found === null ? null : Math.round(found * 100) / 10_000;
  };
  return { header, kind: "percent", width: 110, role: "fact", value };
}

function dateTime<Row extends { timezone: string | null }>(
  header: string,
  read: (row: Row) => string | null,
): ColumnOf<Row> {
  const value = (row: Row, clock: WallClock) => {
    const instant = read(row);
    return instant === null ? null : clock(instant, row.timezone);
  };
  return { header, kind: "dateTime", width: 150, role: "fact", value };
}
