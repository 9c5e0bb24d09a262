import type { ApiOptions } from "../api/app.ts";
import { startOfMinute } from "../lib/clock.ts";
import { dayAfter, dayAt, startOfDay } from "../lib/zones.ts";
import type { LaunchRow } from "../projections/queries/row-types.ts";
import { willBe } from "../rules/called-off.ts";
import type { News } from "./layout.tsx";
import type { Look } from "./look.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** So many are counted at most. */
const MOST = 99;
/** What is less grave is no news here, and there may be more of it than are counted. */
const grave = ["critical", "high"] as const;

/**
 * The small numbers beside the views' names: launches of the reader's day (where it is not known, of the day
 * at each event's place), and what changed in 24 hours.
 */
export async function readNews(
  { readLaunches, readChanges }: Pick<ApiOptions, "readLaunches" | "readChanges">,
  { now, asOf, zone }: Look,
): Promise<News> {
  const today = dayAt(now, zone);
  const isToday = ({ salesLaunchDate, timezone }: LaunchRow) => {
    const there = zone ?? timezone;
    return dayAt(new Date(salesLaunchDate), there) === dayAt(now, there);
  };
  // Whole minutes are the same question for whoever looks in one.
  const minute = startOfMinute(now).getTime();
  const [launches, changes] = await Promise.all([
    readLaunches({
      from: startOfDay(zone === null ? dayAfter(today, -1) : today, zone),
      to: startOfDay(dayAfter(today, zone === null ? 2 : 1), zone),
      limit: MOST,
      asOf,
      isWithoutProblems: true,
    }),
    readChanges({
      severities: grave,
      since: new Date(minute - DAY_MS),
      until: new Date(minute + MINUTE_MS),
      limit: MOST,
      isWithoutFirstCounts: true,
      asOf,
    }),
  ]);
  return {
    launchesToday: launches.rows.filter((row) => willBe(row) && isToday(row)).length,
    changesToday:
      changes.rows.length === 0 ? "" : `${changes.rows.length}${changes.next ? "+" : ""}`,
  };
}
