import type { EventRow, ListPage, SummaryPart } from "../../projections/queries/row-types.ts";
import { type StatusName, statusNamesOfOpenSales } from "../../rules/event-status.ts";

const HOUR_MS = 3_600_000;
/** A sale is launching from two days before until a day after. */
const BEFORE_LAUNCH_MS = 48 * HOUR_MS;
export const AFTER_LAUNCH_MS = 24 * HOUR_MS;

/** The statuses of each choice above the table, each in one of them. */
export const choices = {
  onSale: statusNamesOfOpenSales,
  toLaunch: ["ANNOUNCED", "DRAFT"],
  closed: ["SALES_CLOSED"],
  past: ["ENDED", "CANCELLED"],
} as const satisfies Record<string, readonly StatusName[]>;

const isOneOf = (statuses: readonly string[], { status }: EventRow) => statuses.includes(status);

export type GroupName = "launching" | "onSale" | "announced" | "closed" | "series" | "past";

export interface ShownGroup {
  name: GroupName;
  rows: EventRow[];
  /** How many there are, where not all are shown. */
  of: number;
  /** Others of its kind are launching, and stand above. */
  isRest?: boolean;
}

/** The rows of a page by what becomes of them; `past` is read by itself, and `parts` says how many there are of all. */
export function groupsOf(
  { rows, next }: Pick<ListPage<EventRow, string>, "rows" | "next">,
  past: readonly EventRow[],
  { now, parts }: { now: Date; parts: readonly SummaryPart[] },
): ShownGroup[] {
  const by = Map.groupBy(rows, (row) => groupOf(row, now));
  const inAll = (statuses: readonly string[]) =>
    parts.reduce((sum, part) => sum + (statuses.includes(part.status) ? part.events : 0), 0);
  const launching = (by.get("launching") ?? []).toSorted(
    (one, other) => launchOf(one) - launchOf(other),
  );
  const shown = (name: GroupName, statuses: readonly string[]): ShownGroup => {
    const found = by.get(name) ?? [];
    const above = launching.filter((row) => isOneOf(statuses, row)).length;
    const of = next === null ? found.length : Math.max(found.length, inAll(statuses) - above);
    return { name, rows: found, of, isRest: above > 0 };
  };
  return [
    { name: "launching" as const, rows: launching, of: launching.length },
    shown("onSale", choices.onSale),
    shown("announced", choices.toLaunch),
    shown("closed", choices.closed),
    shown("series", ["GROUP"]),
    { name: "past" as const, rows: [...past], of: inAll(choices.past) },
  ].filter((group) => group.rows.length > 0);
}

const launchOf = (row: EventRow) => Date.parse(row.salesLaunchDate ?? "") || 0;

function groupOf(row: EventRow, now: Date): GroupName {
  if (row.status === "GROUP") return "series";
  if (isOneOf(choices.closed, row)) return "closed";
  if (isLaunching(row, now)) return "launching";
  return isOneOf(choices.toLaunch, row) ? "announced" : "onSale";
}

/** From two days before its launch to a day after; one that was called off, or whose sale has ended, launches nothing. */
export function isLaunching(row: EventRow, now: Date): boolean {
  const isOver = isOneOf(choices.past, row) || isOneOf(choices.closed, row);
  if (row.salesLaunchDate === null || isOver) return false;
  const left = Date.parse(row.salesLaunchDate) - now.getTime();
  return left <= BEFORE_LAUNCH_MS && left >= -AFTER_LAUNCH_MS;
}
