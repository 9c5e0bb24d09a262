import type { EventDifference } from "./full-count.ts";

export interface RunningOptions {
  /** How far before the last reading the next one begins. */
  overlapMs: number;
  /** Between two checks of one event against Vivenu's own total; each is a request. 0 checks nothing. */
  checkMs: number;
  /** Told of each field of an event in which a whole count found the running count wrong. */
  onDifference?: (difference: EventDifference) => void;
  /** For counting one event by the tickets that are kept. */
  limitMs?: number;
}

export const defaultRunning = {
  overlapMs: 10 * 60_000,
  checkMs: 15 * 60_000,
} as const satisfies RunningOptions;
