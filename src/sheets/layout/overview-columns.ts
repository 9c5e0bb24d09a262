import { type CellKind, cellText } from "./cell.ts";
import {
  type ColumnOf,
  count,
  dateTime,
  key,
  money,
  name,
  percent,
  points,
  text,
} from "./column.ts";
import type { SheetOverview } from "./sheet-rows.ts";
import { shownSerial } from "./wall-clock.ts";

/** What somebody asks in the morning, of each event in one row. */
export const overviewColumns: readonly ColumnOf<SheetOverview>[] = [
  name("Event", 280, (row) => row.eventName),
  name("Region", 120, (row) => row.region),
  text("Status", 120, (row) => row.status),
  count("Sold", (row) => row.sold),
  count("Left", (row) => row.left),
  percent("Percent Sold", (row) => row.percentSold),
  chart("Sales Curve", (row) => row.curve),
  count("Last 24 h", (row) => row.last24Hours),
  count("Last 7 Days", (row) => row.last7Days),
  count("7 Days Before", (row) => row.previous7Days),
  points("Against Usual (points)", (row) => row.pointsAhead),
  count("Days to Race", (row) => row.daysToRace),
  dateTime("Next Launch", (row) => row.nextLaunch),
  sellsOut(),
  date("Earliest", (row) => row.sellsOut.low),
  date("Latest", (row) => row.sellsOut.high),
  text("Since Yesterday", 340, (row) => row.sinceYesterday),
  money("Sold Value", (row) => row.value),
  text("Currency", 80, (row) => row.currency),
  key("Event ID", (row) => row.eventId),
];

/** A chart needs two points; of fewer there is none. */
function chart<Row>(header: string, read: (row: Row) => readonly number[]): ColumnOf<Row> {
  const value = (row: Row) => {
    const found = read(row);
    return found.length < 2 ? null : { points: found };
  };
  return { header, kind: "chart", width: 160, role: "fact", value };
}

/** The day on which it sells out, or in a few words why there is none. */
function sellsOut(): ColumnOf<SheetOverview> {
  const value = ({ sellsOut: { expected, words }, timezone }: SheetOverview) =>
    expected === null ? cellText(words) : dayOf(expected, timezone);
  const kindOf = ({ sellsOut: { expected } }: SheetOverview): CellKind =>
    expected === null ? "text" : "date";
  const look = { kind: "text", width: 150, role: "fact", clock: "event" } as const;
  return { ...look, header: "Sells Out", value, kindOf };
}

/** By the event's own calendar. */
function date(
  header: string,
  read: (row: SheetOverview) => string | null,
): ColumnOf<SheetOverview> {
  const value = (row: SheetOverview) => {
    const at = read(row);
    return at === null ? null : dayOf(at, row.timezone);
  };
  return { header, kind: "date", width: 110, role: "fact", clock: "event", value };
}

function dayOf(at: string, timezone: string | null) {
  const serial = shownSerial(at, timezone);
  return serial === null ? null : Math.floor(serial);
}
