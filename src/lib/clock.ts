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
