import type { Method } from "./methods.ts";
import { reachedIn } from "./path.ts";
import { HIGH, LOW, ranked } from "./spread.ts";
import type { PastStand, Stand } from "./stand.ts";
import { FEWEST_TESTED } from "./trial.ts";

/** In milliseconds from now; infinite where it is after the end of the sale, or nobody can say. */
export interface SellOut {
  expected: number;
  low: number;
  high: number;
}

export interface SellOutOf {
  mine: Stand;
  others: readonly PastStand[];
  /** What is still to come, and as much as eight of ten times at most, as if there were places enough. */
  rest: number;
  most: number;
  /** How many times as long past events took as they were led to; infinite for one that never sold out. */
  delays: readonly number[];
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * When the last place goes. An event that comparables lead there often slows down before: the last places are those
 * that nobody hurries for. So the day that they lead to is told as much later as it was of past events that were
 * led to one, and not at all where most of these never sold out. Where fewer were led to one than prove anything,
 * nobody knows more than the day before which it hardly is.
 */
export function sellOutOf(
  method: Method,
  { mine, others, rest, most, delays }: SellOutOf,
): SellOut {
  const fullIn = (come: number) =>
    reachedIn(mine.capacity, { mine, others, rest: come, method }) ?? NEVER;
  const led = fullIn(rest);
  if (led === NEVER || delays.length < FEWEST_TESTED)
    return { expected: NEVER, low: fullIn(most), high: NEVER };
  const after = (share: number) => {
    const ms = led * ranked(delays, share);
    return ms <= mine.leftMs ? ms : NEVER;
  };
  return { expected: after(0.5), low: after(LOW), high: after(HIGH) };
}
