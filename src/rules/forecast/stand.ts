import { instantAt } from "../pace.ts";
import { type SaleCurve, soldAt } from "./curve.ts";

export const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Where an event's own decay is read off: so many instants over the last two thirds of its time. */
const READINGS = 12;
/** Of a comparable that came this close to its capacity nobody knows what it would have sold. */
export const SOLD_OUT_SHARE = 0.985;

/** How one sale stands at an instant. */
export interface Stand {
  sold: number;
  capacity: number;
  /** Since its launch, and to the end of its sale. */
  elapsedMs: number;
  leftMs: number;
  /** Sold after the first 24 hours. */
  tail: number;
  /** Sold in the last days, as many as are fourteen of the event that is forecast. */
  recent: number;
  /** Tickets a day over the last week, without the first 24 hours: a launch is no pace. */
  perDay: number;
  /** By how much log sold grows with log time: 0 where nothing is sold any more. */
  growth: number;
}

/** How a sale that is over stood, and what came of it. */
export interface PastStand extends Stand {
  curve: SaleCurve;
  at: number;
  rest: number;
  isSoldOut: boolean;
}

export function standAt(curve: SaleCurve, at: number, recentMs = 14 * DAY_MS): Stand {
  const { launch, end, capacity } = curve;
  const sold = soldAt(curve, at);
  const since = (ms: number) => Math.max(0, sold - soldAt(curve, Math.max(launch, at - ms)));
  const weekBegin = Math.max(launch + DAY_MS, at - WEEK_MS);
  return {
    sold,
    capacity,
    elapsedMs: at - launch,
    leftMs: Math.max(0, end - at),
    tail: Math.max(0, sold - soldAt(curve, launch + DAY_MS)),
    recent: since(recentMs),
    perDay: weekBegin < at ? paceOf(sold - soldAt(curve, weekBegin), at - weekBegin) : 0,
    growth: growthOf(curve, at),
  };
}

/**
 * How comparables stood after the same share of their selling time. While a launch is under way, after the
 * same time: its first hours are as long whether an event sells for two months or ten.
 */
export function pastStands(
  mine: SaleCurve,
  at: number,
  comparables: readonly SaleCurve[],
): PastStand[] {
  const elapsed = at - mine.launch;
  const share = elapsed / (mine.end - mine.launch);
  return comparables.flatMap((curve) => {
    const theirs = elapsed < DAY_MS ? curve.launch + elapsed : instantAt(curve, share);
    const time = Math.min(theirs, curve.end);
    const stretched = (curve.end - curve.launch) / (mine.end - mine.launch);
    const stand = standAt(curve, time, 14 * DAY_MS * stretched);
    const final = soldAt(curve, curve.end);
    if (stand.sold <= 0) return [];
    const isSoldOut = final >= SOLD_OUT_SHARE * curve.capacity;
    return [{ ...stand, curve, at: time, rest: Math.max(0, final - stand.sold), isSoldOut }];
  });
}

const paceOf = (tickets: number, ms: number) => (Math.max(0, tickets) * DAY_MS) / ms;

/** The slope of log sold on log time, least squares over the last two thirds; never below 0. */
function growthOf(curve: SaleCurve, at: number): number {
  const elapsed = at - curve.launch;
  if (elapsed <= 0) return 0;
  const points = Array.from({ length: READINGS }, (_, n) => {
    const time = elapsed * (1 / 3 + (2 / 3) * (n / (READINGS - 1)));
    return [Math.log(time), Math.log(Math.max(1, soldAt(curve, curve.launch + time)))] as const;
  });
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / READINGS;
  const [x, y] = [mean(0), mean(1)];
  const [both, squares] = points.reduce(
    ([xy, xx], point) => [xy + (point[0] - x) * (point[1] - y), xx + (point[0] - x) ** 2],
    [0, 0],
  );
  return Math.max(0, both / squares);
}
