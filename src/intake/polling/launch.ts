import type { Sql } from "../../database/connect.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { readSaleStarts } from "../store/events-seen.ts";

/** How often an account's changes are counted, by how long ago the sale of something began. */
export interface IncrementalPace {
  /** Launch mode begins so long before a sale opens. */
  leadMs: number;
  /** While it launches, and for how long. */
  launchEveryMs: number;
  launchForMs: number;
  /** How far two looks overlap while it launches. */
  launchOverlapMs: number;
  /** Afterwards, and for how long from the sale's opening. */
  afterEveryMs: number;
  afterForMs: number;
  /** At all other times. */
  everyMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const defaultIncrementalPace: IncrementalPace = {
  leadMs: 5 * MINUTE_MS,
  launchEveryMs: MINUTE_MS,
  launchForMs: 3 * HOUR_MS,
  launchOverlapMs: 30_000,
  afterEveryMs: 10 * MINUTE_MS,
  afterForMs: 24 * HOUR_MS,
  everyMs: HOUR_MS,
};

export type LaunchPhase = "launch" | "after" | "calm";

/** What an account's sales windows make of it at `now`; openings are in milliseconds. */
export function launchPhaseAt(
  openings: readonly number[],
  now: Date,
  pace: IncrementalPace,
): LaunchPhase {
  const ages = openings.map((opening) => now.getTime() - opening);
  const within = (ms: number) => ages.some((age) => age >= -pace.leadMs && age < ms);
  if (within(pace.launchForMs)) return "launch";
  return within(pace.afterForMs) ? "after" : "calm";
}

const everyMsIn = (phase: LaunchPhase, pace: IncrementalPace) =>
  ({ launch: pace.launchEveryMs, after: pace.afterEveryMs, calm: pace.everyMs })[phase];

/** When an account's changes are to be counted next; a launch that comes sooner is not slept through. */
export function nextCountAt(
  openings: readonly number[],
  followedAt: Date | null,
  now: Date,
  pace: IncrementalPace,
): Date {
  if (followedAt === null) return now;
  const regular = followedAt.getTime() + everyMsIn(launchPhaseAt(openings, now, pace), pace);
  const leads = openings
    .map((opening) => opening - pace.leadMs)
    .filter((lead) => lead > followedAt.getTime());
  return new Date(Math.min(regular, ...leads));
}

/** When a sale opens, public or of an undershop, at the events that an account has. */
export async function readOpenings(
  sql: Sql,
  account: string,
  filter: Pick<EventFilter, "excludes">,
): Promise<number[]> {
  return (await readSaleStarts(sql, account))
    .filter(({ eventId }) => !filter.excludes(eventId))
    .flatMap(({ sellStart, underShops }) => [
      sellStart,
      ...(underShops ?? []).filter(({ active }) => active).map((shop) => shop.sellStart),
    ])
    .filter((moment) => moment !== null)
    .map((moment) => Date.parse(moment));
}
