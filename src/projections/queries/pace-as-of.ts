import type { Pool } from "../../database/connect.ts";
import { type SoldByHour, soldBetween, soldBy, type Windows } from "../../rules/pace.ts";
import { readSoldAt, type SoldAt } from "./sold-at.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What an event sold until an instant that something was counted after. */
export interface SalesUntil {
  windows(hours: SoldByHour): Windows;
  /** At the end of the windows. */
  soldUntil(hours: SoldByHour): number;
}

export interface SalesUntilWanted {
  eventId: string;
  /** What the event's totals held then. */
  typeIds: readonly string[];
  /** What is sold now of the same; of it is what was sold before the first count. */
  soldNow: number;
}

/**
 * As levels count: where there were counts, what they said at the ends of each window, so that what was
 * refunded in it is taken out; before the first one by when the tickets that are sold now were created.
 */
export async function readSalesUntil(
  sql: Pool,
  wanted: readonly SalesUntilWanted[],
  { until, asOf }: { until: number; asOf: Date },
): Promise<Map<string, SalesUntil>> {
  const at = asOf.getTime();
  const ends = [at, until, HOUR_MS, DAY_MS, 7 * DAY_MS, 14 * DAY_MS].map((end, n) =>
    n < 2 ? end : until - end,
  );
  // Of an instant before all counts it is said what the first one found.
  const first = ends.push(0) - 1;
  const found = await readSoldAt(
    sql,
    wanted.map(({ eventId, typeIds }) => ({ eventId, typeIds, instants: ends })),
  );
  return new Map(
    wanted.flatMap(({ eventId, soldNow }) => {
      const levels = found.get(eventId);
      const firstSold = levels?.sold[first] ?? 0;
      return levels ? [[eventId, salesOf(levels, { ends, soldNow, firstSold })]] : [];
    }),
  );
}

interface SalesOf {
  ends: readonly number[];
  soldNow: number;
  /** What the first count found. */
  firstSold: number;
}

function salesOf({ countedFrom, sold }: SoldAt, { ends, soldNow, firstSold }: SalesOf): SalesUntil {
  const counted = countedFrom ?? Number.POSITIVE_INFINITY;
  const countedHour = Math.floor(counted / HOUR_MS) * HOUR_MS;
  /** As `soldBetween`, but for the hour of the first count: of it that count says how much had come by then. */
  const createdBetween = (hours: SoldByHour, from: number, to: number) => {
    if (to <= countedHour || to <= from) return soldBetween(hours, from, to);
    const came = soldBetween(hours, countedHour, countedHour + HOUR_MS);
    const byThen = firstSold - soldBy(hours, soldNow, countedHour);
    const within = (to - Math.max(from, countedHour)) / (counted - countedHour);
    const before = soldBetween(hours, from, Math.max(from, countedHour));
    return before + Math.min(Math.max(byThen, 0), came) * within;
  };
  /** Between two of the ends, the later one first. */
  const between = (hours: SoldByHour, later: number, earlier: number) => {
    const [to = 0, from = 0] = [ends[later], ends[earlier]];
    const created = createdBetween(hours, from, Math.min(to, counted));
    return Math.round(created) + (sold[later] ?? 0) - (sold[earlier] ?? 0);
  };
  return {
    windows: (hours) => ({
      hourSoFar: between(hours, 0, 1),
      lastHour: between(hours, 1, 2),
      last24Hours: between(hours, 1, 3),
      last7Days: between(hours, 1, 4),
      previous7Days: between(hours, 4, 5),
    }),
    soldUntil(hours) {
      const [, until = 0] = ends;
      return until < counted ? soldBy(hours, soldNow, until) : (sold[1] ?? 0);
    },
  };
}
