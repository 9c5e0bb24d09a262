import type { Clock } from "./clock.ts";

/** Below what is taken for standing still. */
const SLICE_MS = 15_000;

/** A pause by right, for a limit that somebody else set say: `onWaiting` hears of it now and then. */
export async function waitTelling(
  clock: Clock,
  ms: number,
  { signal, onWaiting }: { signal?: AbortSignal | undefined; onWaiting?: (() => void) | undefined },
): Promise<void> {
  if (!onWaiting) return clock.pause(ms, signal);
  for (let left = ms; left > 0 && !signal?.aborted; left -= SLICE_MS) {
    onWaiting();
    await clock.pause(Math.min(left, SLICE_MS), signal);
  }
}
