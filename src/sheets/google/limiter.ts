import { agoMs, type Clock } from "../../lib/clock.ts";
import { waitTelling } from "../../lib/waiting.ts";

export interface LimiterOptions {
  clock: Clock;
  /** Of reads and of writes alike. Google allows 60 a minute and user, and 300 a minute and project. */
  perMinute: number;
}

export interface Limiter {
  /** Resolves when the last minute has room for one more request of this kind; `onWaiting` hears of the wait. */
  admit(use: "read" | "write", onWaiting?: () => void): Promise<void>;
}

const MINUTE_MS = 60_000;

/** Half of what Google allows a user: the rest is for whoever else works with the same account. */
export const DEFAULT_REQUESTS_PER_MINUTE = 30;

/** Counts over any minute and not by the clock's minutes, so that no window of Google's is passed. */
export function limiter({ clock, perMinute }: LimiterOptions): Limiter {
  const taken = { read: [] as number[], write: [] as number[] };
  return {
    async admit(use, onWaiting) {
      for (;;) {
        const now = clock.now().getTime();
        const recent = taken[use].filter((at) => agoMs(at, now) < MINUTE_MS);
        taken[use] = recent;
        if (recent.length < perMinute) {
          recent.push(now);
          return;
        }
        await waitTelling(clock, MINUTE_MS - (now - (recent[0] ?? now)), { onWaiting });
      }
    },
  };
}
