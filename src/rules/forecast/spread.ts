import type { Method } from "./methods.ts";
import { restBy } from "./methods.ts";
import { DAY_MS, type PastStand, type Stand } from "./stand.ts";

/** Of ten times, how often the truth is below the lower and the upper end. */
export const LOW = 0.1;
export const HIGH = 0.9;

export interface Ends {
  low: number;
  high: number;
  /** As if there were places enough. */
  freeHigh: number;
}

/** What is still to come, as far as there are places. */
export const capped = (rest: number, { sold, capacity }: Pick<Stand, "sold" | "capacity">) =>
  Math.max(0, Math.min(rest, capacity - sold));

/**
 * The ends of what is still to come, eight times of ten: each comparable is forecast by the others after the
 * same share of its time, and what that misses by is how far the forecast may be off.
 */
export function endsOf(
  method: Method,
  { mine, others, rest }: { mine: Stand; others: readonly PastStand[]; rest: number },
): Ends {
  const age = mine.elapsedMs / DAY_MS;
  const misses = others.map((one) => {
    const forecast = restBy(
      method,
      one,
      others.filter((other) => other !== one),
      age,
    );
    return Math.log((one.rest + 1) / (capped(forecast, one) + 1));
  });
  const expected = capped(rest, mine);
  const end = (from: number, share: number) =>
    Math.max(0, (from + 1) * Math.exp(ranked(misses, share)) - 1);
  const told = Number.isFinite(rest) ? rest : expected;
  return {
    low: Math.min(expected, capped(end(expected, LOW), mine)),
    high: Math.max(expected, capped(end(expected, HIGH), mine)),
    freeHigh: Math.max(rest, end(told, HIGH)),
  };
}

/** The value of rank (n + 1) x share; beyond the first and the last it is theirs. */
export function ranked(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const rank = (sorted.length + 1) * share - 1;
  const below = Math.min(Math.max(Math.floor(rank), 0), sorted.length - 1);
  const above = Math.min(Math.max(Math.ceil(rank), 0), sorted.length - 1);
  const [low = 0, high = 0] = [sorted[below], sorted[above]];
  const part = Math.min(1, Math.max(0, rank - below));
  // Values may be infinite.
  return low === high || part === 0 ? low : low + (high - low) * part;
}
