import type { Role } from "../../config/service.ts";
import type { Part } from "./serve-options.ts";

const MB = 1_000_000;
/** What may be left lying: so much more than what was in use, and this besides. */
const GROWTH = 1.5;
const SPARED = 8 * MB;
/**
 * A look through the heap holds its process up for a few milliseconds a 10 MB. The loops may have it at
 * every second; whoever answers webhooks seldom, for its heap is small and grows slowly.
 */
const EVERY_MS = { worker: 1_000, reads: 5_000, http: 10_000 };
/** Of its time, where garbage comes faster than that; but what is slow for others' sake is not left out. */
const COLLECTING = 0.02;
const LONGEST_REST_MS = 2_000;

/**
 * Bun's own bound, read when a process starts: what was made is collected after so many bytes. Without it
 * as much is made first as is in use, and the heap's size, which is of the last collection, shows nothing of it.
 */
export const COLLECTS_EARLY = { BUN_JSC_gcMaxHeapSize: String(4 * 1024 * 1024) };

export interface Heap {
  usedBytes(): number;
  collect(): void;
  /** Milliseconds of a clock that nobody sets. */
  now(): number;
}

const ofProcess: Heap = {
  usedBytes: () => process.memoryUsage().heapUsed,
  collect: () => Bun.gc(true),
  now: () => performance.now(),
};

/**
 * Collects what has become garbage once it is half of what is in use. Bun by itself lets a heap grow to
 * twice that, by the machine's memory and not the container's: one answer of Google's with all cells is
 * tens of MB for a moment, and several of them lay there before they were collected.
 */
export function heapKeeper({ usedBytes, collect, now }: Heap) {
  let inUse: number | undefined;
  let restsUntil = Number.NEGATIVE_INFINITY;
  return function look() {
    if (now() < restsUntil) return;
    const used = usedBytes();
    inUse ??= used;
    if (used < GROWTH * inUse + SPARED) {
      // Bun collects by itself as well.
      inUse = Math.min(inUse, used);
      return;
    }
    const begunAt = now();
    collect();
    const endedAt = now();
    restsUntil = endedAt + Math.min((endedAt - begunAt) / COLLECTING, LONGEST_REST_MS);
    inUse = usedBytes();
  };
}

/** Until `signal` aborts. */
export function keepHeapSmall(of: Part | Role, signal: AbortSignal, heap = ofProcess) {
  const everyMs = EVERY_MS[of === "all" ? "http" : of];
  const timer = setInterval(heapKeeper(heap), everyMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
