import type { EventDifference } from "./full-count.ts";

export interface IncrementalOptions {
  /** How far before the last changes the next ones are read from. */
  overlapMs: number;
  /** Between two checks of one event against Vivenu's own total; each is a request. 0 checks nothing. */
  checkMs: number;
  /** Told of each field of an event in which a full count found the incremental one wrong. */
  onDifference?: (difference: EventDifference) => void;
  /** For counting one event by the tickets that are kept. */
  limitMs?: number;
}

export const defaultIncremental = {
  overlapMs: 10 * 60_000,
  checkMs: 15 * 60_000,
} as const satisfies IncrementalOptions;
