/** So often at most: each is a signal to every listener, and a lock that commits of other notifiers wait for. */
const PACE_MS = 25;

export interface PacedBell {
  /** Whether whoever keeps something now is to tell of it in the same transaction. */
  isDue(): boolean;
  /** For what was kept without: told soon, together with what comes in the meantime. */
  ringLater(): void;
}

/**
 * Tells of the first that comes at once, and of those that follow closely together. Should this process
 * end before it has rung, whoever waits for the bell looks by itself after a while.
 */
export function pacedBell(
  ring: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): PacedBell {
  let rungAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    isDue() {
      if (timer !== undefined || now() - rungAt < PACE_MS) return false;
      rungAt = now();
      return true;
    },
    ringLater() {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          rungAt = now();
          void ring().catch(() => {});
        },
        Math.max(rungAt + PACE_MS - now(), 0),
      );
    },
  };
}
