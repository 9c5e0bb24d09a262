import { FEWEST_LED, type Led } from "./led.ts";
import type { Method } from "./methods.ts";
import { reachedIn } from "./path.ts";
import { HIGH, LOW, ranked } from "./spread.ts";
import type { PastStand, Stand } from "./stand.ts";

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
  /** Of past events that comparables led to their capacity as well. */
  led: readonly Led[];
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * When the last place goes. An event that comparables lead there often slows down before: the last places are those
 * that nobody hurries for. So the day that they lead to is told as much later as it was of past events that were
 * led to one, and not at all where most of these never sold out. Where fewer were led to one than prove anything,
 * nobody knows more than the day before which it hardly is.
 */
export function sellOutOf(method: Method, { mine, others, rest, most, led }: SellOutOf): SellOut {
  const fullIn = (come: number) =>
    reachedIn(mine.capacity, { mine, others, rest: come, method }) ?? NEVER;
  const ms = fullIn(rest);
  if (ms === NEVER || led.length < FEWEST_LED)
    return { expected: NEVER, low: fullIn(most), high: NEVER };
  const delays = led.map(({ delay }) => delay);
  const after = (share: number) => {
    const delayed = ms * ranked(delays, share);
    return delayed <= mine.leftMs ? delayed : NEVER;
  };
  return { expected: after(0.5), low: after(LOW), high: after(HIGH) };
}
