import type { EventType } from "../contracts/index.ts";
import type { Clock } from "../lib/clock.ts";
import { backoffMs } from "../lib/loop.ts";

const SECOND_MS = 1_000;

interface Missing {
  tries: number;
  until: number;
  reason: string;
}

/**
 * The event types that the data core does not have (yet): Flowcore answers 404 for them, and takes the
 * others. Of each one fact asks, after a pause that grows to a minute and that no wake-up shortens.
 */
export function missingTypes(clock: Clock) {
  const known = new Map<EventType, Missing>();
  return {
    all: (): EventType[] => [...known.keys()],
    /** Those of which one fact may ask now. */
    due: (): EventType[] =>
      [...known].flatMap(([type, { until }]) => (until <= clock.now().getTime() ? [type] : [])),
    isKnown: (type: EventType) => known.has(type),
    isPaused: (type: EventType) => (known.get(type)?.until ?? 0) > clock.now().getTime(),
    note(type: EventType, reason: string) {
      // Several at once are one try.
      const tries = this.isPaused(type)
        ? (known.get(type)?.tries ?? 1)
        : (known.get(type)?.tries ?? 0) + 1;
      known.set(type, {
        tries,
        reason,
        until: clock.now().getTime() + backoffMs(tries, SECOND_MS),
      });
    },
    forget: (type: EventType) => known.delete(type),
    reasons: () => [...known].map(([type, { reason }]) => `${type}: ${reason}`),
  };
}
