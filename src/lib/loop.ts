import { childOf } from "./abort.ts";
import type { Clock } from "./clock.ts";

/** What failed is over within a minute after its cause is, a request that is not answered included. */
const MAX_BACKOFF_MS = 20_000;

export interface LoopOptions {
  clock: Clock;
  /** Asked each time, where it is a function. */
  idleMs: number | (() => number);
  /** The pause after the first failure; doubles with each further one, up to 20 s. */
  retryMs?: number;
  signal: AbortSignal;
  /** Resolves when there is work; cuts the pause after "idle" short. */
  woken?: WakeSignal;
  onFailure: (error: unknown, failures: number) => void;
}

/** Runs `step` until `signal` aborts: at once after "more", later after "idle", ever later after a failure. */
export async function loop(
  step: () => Promise<"more" | "idle">,
  { clock, idleMs, retryMs = 1_000, signal, woken, onFailure }: LoopOptions,
) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const outcome = await step();
      failures = 0;
      const restMs = typeof idleMs === "function" ? idleMs() : idleMs;
      if (outcome === "idle") await rest(clock, restMs, signal, woken);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      onFailure(error, failures);
      await clock.pause(backoffMs(failures, retryMs), signal);
    }
  }
}

export const backoffMs = (failures: number, baseMs: number, mostMs = MAX_BACKOFF_MS) =>
  Math.min(baseMs * 2 ** (failures - 1), mostMs);

/** It keeps one notification: one that comes while nobody waits ends the next wait at once. */
export interface WakeSignal {
  notify(): void;
  wait(signal: AbortSignal): Promise<void>;
}

export function wakeSignal(): WakeSignal {
  let notified = false;
  let waiting: (() => void) | undefined;
  return {
    notify() {
      notified = true;
      waiting?.();
    },
    async wait(signal) {
      if (!notified && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
        await promise;
        waiting = undefined;
      }
      notified = false;
    },
  };
}

/** Waits for the wake signal or the timer and leaves neither behind. */
async function rest(clock: Clock, ms: number, signal: AbortSignal, woken?: WakeSignal) {
  if (!woken) return clock.pause(ms, signal);
  const either = childOf(signal);
  await Promise.race([clock.pause(ms, either.signal), woken.wait(either.signal)]);
  either.end();
}
