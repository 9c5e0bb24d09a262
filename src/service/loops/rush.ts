import type { Clock } from "../../lib/clock.ts";

/** So many facts that come at one time are a rush. */
const MANY_FACTS = 50;
/** After this without news it is over. */
const QUIET_MS = 1_000;
/** Nobody waits longer for it. */
const LONGEST_MS = 15_000;

export type Rush = ReturnType<typeof rush>;

/**
 * While deliveries or facts pour in, what shows all rows has to wait: it would take the CPU that makes
 * them, and show a moment that is over before it is written.
 */
export function rush(clock: Clock) {
  let notedAt = Number.NEGATIVE_INFINITY;
  const now = () => clock.now().getTime();
  const note = () => {
    notedAt = now();
  };
  return {
    /** More deliveries wait than are translated together. */
    ofDeliveries: note,
    ofFacts(facts: number) {
      if (facts >= MANY_FACTS) note();
    },
    /** Resolves when it is over, after a quarter of a minute at most, or when `signal` aborts. */
    async over(signal: AbortSignal) {
      const latest = now() + LONGEST_MS;
      for (;;) {
        const ms = Math.min(notedAt + QUIET_MS, latest) - now();
        if (ms <= 0 || signal.aborted) return;
        await clock.pause(ms, signal);
      }
    },
  };
}
