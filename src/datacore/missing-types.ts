import type { EventType } from "../contracts/index.ts";
import { agoMs, type Clock } from "../lib/clock.ts";
import { backoffMs } from "../lib/loop.ts";

const SECOND_MS = 1_000;

interface Missing {
  tries: number;
  /** When one asked last. */
  since: number;
  pauseMs: number;
  reason: string;
}

/**
 * The event types that the data core does not have (yet): Flowcore answers 404 for them, and takes the
 * others. Of each one fact asks, after a pause that grows to 20 s and that no wake-up shortens.
 */
export function missingTypes(clock: Clock) {
  const known = new Map<EventType, Missing>();
  const isResting = ({ since, pauseMs }: Missing) => agoMs(since, clock.now().getTime()) < pauseMs;
  return {
    all: (): EventType[] => [...known.keys()],
    /** Those of which one fact may ask now. */
    due: (): EventType[] =>
      [...known].flatMap(([type, missing]) => (isResting(missing) ? [] : [type])),
    isKnown: (type: EventType) => known.has(type),
    isPaused(type: EventType) {
      const missing = known.get(type);
      return missing !== undefined && isResting(missing);
    },
    note(type: EventType, reason: string) {
      // Several at once are one try.
      const tries = this.isPaused(type)
        ? (known.get(type)?.tries ?? 1)
        : (known.get(type)?.tries ?? 0) + 1;
      known.set(type, {
        tries,
        reason,
        since: clock.now().getTime(),
        pauseMs: backoffMs(tries, SECOND_MS),
      });
    },
    forget: (type: EventType) => known.delete(type),
    reasons: () => [...known].map(([type, { reason }]) => `${type}: ${reason}`),
  };
}
