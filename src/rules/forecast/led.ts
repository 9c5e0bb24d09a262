import { HIGH, ranked } from "./spread.ts";

/** What became of an event that comparables led to its capacity. */
export interface Led {
  /** How many times as long it took to sell out as it was led to; infinite where it never did. */
  delay: number;
  /** Of the places that were left, the share that was sold in the end. */
  filled: number;
}

/** Fewer past events that were led there prove nothing. */
export const FEWEST_LED = 8;

/** What is still to come, and between what it is eight of ten times. */
export interface Rest {
  rest: number;
  low: number;
  high: number;
}

/** The same of an event that comparables lead to its capacity: as much of what is left as of past ones that were. */
export function filledAs(led: readonly Led[], { rest, low, high }: Rest, left: number): Rest {
  if (led.length < FEWEST_LED) return { rest, low, high };
  const shares = led.map(({ filled }) => filled);
  const filled = left * ranked(shares, 0.5);
  const most = left * ranked(shares, HIGH);
  return {
    rest: filled,
    low: Math.min(low, filled),
    // Not all of it, where hardly one of ten sold all of it.
    high: Math.max(filled, Math.min(high, most)),
  };
}
