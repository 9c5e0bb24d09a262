import type { ApiOptions } from "../api/app.ts";
import { dayAt } from "../lib/zones.ts";
import { willBe } from "../rules/called-off.ts";
import type { News } from "./layout.tsx";
import type { Look } from "./look.ts";

const DAY_MS = 86_400_000;
/** So many are counted at most. */
const MOST = 99;

/** The small numbers beside the views' names: launches of the reader's day, and what changed in 24 hours. */
export async function readNews(
  { readLaunches, readChanges }: Pick<ApiOptions, "readLaunches" | "readChanges">,
  { now, asOf, zone }: Look,
): Promise<News> {
  const from = new Date(now.getTime() - DAY_MS);
  const [launches, changes] = await Promise.all([
    readLaunches({
      ...{ from, to: new Date(now.getTime() + DAY_MS), limit: MOST, asOf },
      isWithoutProblems: true,
    }),
    readChanges({ limit: MOST, since: from, until: now, isWithoutFirstCounts: true, asOf }),
  ]);
  const today = dayAt(now, zone);
  return {
    launchesToday: launches.rows.filter(
      (row) => willBe(row) && dayAt(new Date(row.salesLaunchDate), zone) === today,
    ).length,
    changesToday: changes.rows.filter(({ severity }) => severity !== "medium").length,
  };
}
