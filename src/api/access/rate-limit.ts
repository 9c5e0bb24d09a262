import type { Clock } from "../../lib/clock.ts";

export interface Limits {
  /** Requests a minute of one key. */
  perKey: number;
  /** Wrong keys a minute of one address. */
  failedPerAddress: number;
  /** That stand before the service and write `X-Forwarded-For`. */
  trustedProxies: number;
}

const WINDOW_S = 60;
/** Addresses beyond these share one count: memory is bounded, whoever comes from wherever. */
const MOST_NAMES = 50_000;

export interface Room {
  isOver: boolean;
  remaining: number;
  /** Until all is there again. */
  resetS: number;
}

/**
 * Counts by name in windows of a minute that are the same for all, so that nothing has to be forgotten name
 * by name. In memory: each process has its own, which the documentation says.
 */
export function rateLimiter(quota: number, clock: Clock) {
  let window = 0;
  let used = new Map<string, number>();

  /** Takes one, or none where `by` is 0. */
  return function take(name: string, by = 1): Room {
    const seconds = clock.now().getTime() / 1_000;
    const current = Math.floor(seconds / WINDOW_S);
    if (current !== window) {
      window = current;
      used = new Map();
    }
    const counted = used.has(name) || used.size < MOST_NAMES ? name : "";
    const now = (used.get(counted) ?? 0) + by;
    if (by > 0) used.set(counted, now);
    return {
      isOver: by > 0 ? now > quota : now >= quota,
      remaining: Math.max(0, quota - now),
      resetS: Math.max(1, Math.ceil((current + 1) * WINDOW_S - seconds)),
    };
  };
}

/** As the draft of the IETF has them (draft-ietf-httpapi-ratelimit-headers). */
export const headersOf = (policy: string, quota: number, { remaining, resetS }: Room) => ({
  "ratelimit-policy": `"${policy}";q=${quota};w=${WINDOW_S}`,
  ratelimit: `"${policy}";r=${remaining};t=${resetS}`,
});
