const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The hours in which something was newly sold, oldest first. */
export interface SoldByHour {
  /** When each begins, in milliseconds. */
  at: readonly number[];
  tickets: readonly number[];
}

export interface Windows {
  /** Since the last whole hour. */
  hourSoFar: number;
  lastHour: number;
  last24Hours: number;
  last7Days: number;
  previous7Days: number;
}

/** Whole hours, so that each is exactly as long as it says. */
export function windowsOf({ at, tickets }: SoldByHour, until: number, now = Infinity): Windows {
  const between = (from: number, to: number) =>
    at.reduce((sum, hour, n) => (hour >= from && hour < to ? sum + (tickets[n] ?? 0) : sum), 0);
  return {
    hourSoFar: between(until, now),
    lastHour: between(until - HOUR_MS, until),
    last24Hours: between(until - DAY_MS, until),
    last7Days: between(until - 7 * DAY_MS, until),
    previous7Days: between(until - 14 * DAY_MS, until - 7 * DAY_MS),
  };
}

/** How much had been sold by an instant, of what is sold now; within an hour it grows evenly. */
export function soldBy({ at, tickets }: SoldByHour, sold: number, instant: number): number {
  let later = 0;
  for (let n = at.length - 1; n >= 0; n -= 1) {
    const begin = at[n] ?? 0;
    if (begin + HOUR_MS <= instant) break;
    later += (tickets[n] ?? 0) * Math.min(1, (begin + HOUR_MS - instant) / HOUR_MS);
  }
  return Math.max(0, sold - later);
}

/** What was sold from one instant to another; within an hour it grows evenly. */
export function soldBetween({ at, tickets }: SoldByHour, from: number, to: number): number {
  let sum = 0;
  for (const [n, begin] of at.entries()) {
    const within = Math.min(begin + HOUR_MS, to) - Math.max(begin, from);
    if (within > 0) sum += ((tickets[n] ?? 0) * within) / HOUR_MS;
  }
  return sum;
}

export interface SellingTime {
  launch: number;
  end: number;
}

/** From the public launch to the end of the sale or to the race, what comes first. */
export function sellingTimeOf(dates: {
  launch: number | null;
  salesEnd: number | null;
  race: number;
}): SellingTime | undefined {
  const { launch, salesEnd, race } = dates;
  if (launch === null || launch >= race) return undefined;
  const end = salesEnd !== null && salesEnd > launch ? Math.min(salesEnd, race) : race;
  return { launch, end };
}

/** How much of its selling time is over, from 0 to 1. */
export const shareOver = ({ launch, end }: SellingTime, instant: number) =>
  Math.min(1, (instant - launch) / (end - launch));

export const instantAt = ({ launch, end }: SellingTime, share: number) =>
  launch + share * (end - launch);

/** Of an even number, the middle of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

export const twoDecimals = (value: number) => Math.round(value * 100) / 100;
