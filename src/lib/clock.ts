import { setTimeout } from "node:timers/promises";

/** Time as a parameter: what a part of the program knows of it. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms` or when `signal` aborts, whichever is first; never rejects. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  pause: (ms, signal) => setTimeout(ms, undefined, { ...(signal && { signal }) }).catch(() => {}),
};

const MINUTE_MS = 60_000;
export const startOfMinute = (at: Date) =>
  new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);

/** How long ago it was, in milliseconds; for ever where the clock was set back since, for then nobody knows. */
export const agoMs = (at: number, now: number) => (at > now ? Number.POSITIVE_INFINITY : now - at);
