import type { Sql } from "../../database/connect.ts";
import type { StatusName } from "../../rules/event-status.ts";
import { statusIn } from "./shown.ts";

/** All events in some numbers. */
export interface SeasonSummary {
  /** By their status now; those that nobody has are left out. */
  events: Partial<Record<StatusName, number>>;
  /** Of events that are neither over nor cancelled: how many have no numbers yet, groups apart. */
  notCounted: number;
  totalCapacity: number;
  totalSold: number;
  totalAvailable: number;
}

/** Of the rows that are kept: they are short, and all of a season's are read. */
export async function readSeasonSummary(sql: Sql, now: Date): Promise<SeasonSummary> {
  const rows = await sql<
    (Omit<SeasonSummary, "events"> & { status: StatusName; events: number })[]
  >`
    select
      status, count(*)::int as events,
      (count(*) filter (where total_sold is null))::int as not_counted,
      coalesce(sum(total_capacity), 0)::float8 as total_capacity,
      coalesce(sum(total_sold), 0)::float8 as total_sold,
      coalesce(sum(total_available), 0)::float8 as total_available
    from (
      select ${statusIn(sql, now)} as status, total_capacity, total_sold, total_available
      from event_shown where document is not null
    ) found
    where status is not null
    group by status order by status
  `;
  const open = rows.filter(({ status }) => status !== "ENDED" && status !== "CANCELLED");
  const sum = (of: "totalCapacity" | "totalSold" | "totalAvailable") =>
    open.reduce((total, row) => total + row[of], 0);
  return {
    events: Object.fromEntries(rows.map(({ status, events }) => [status, events])),
    notCounted: open.reduce(
      (total, { status, notCounted }) => total + (status === "GROUP" ? 0 : notCounted),
      0,
    ),
    totalCapacity: sum("totalCapacity"),
    totalSold: sum("totalSold"),
    totalAvailable: sum("totalAvailable"),
  };
}
