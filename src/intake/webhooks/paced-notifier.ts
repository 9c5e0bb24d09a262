/** So often at most: each is a signal to every listener, and a lock that commits of other notifiers wait for. */
const PACE_MS = 25;

export interface PacedNotifier {
  /** Whether whoever keeps something now is to tell of it in the same transaction. */
  isDue(): boolean;
  /** For what was kept without: told soon, together with what comes in the meantime. */
  notifyLater(): void;
}

/**
 * Notifies of the first that comes at once, and of those that follow closely together. Should this process
 * end before it has notified, whoever waits for the signal looks by itself after a while.
 */
export function pacedNotifier(
  notify: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): PacedNotifier {
  let notifiedAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    isDue() {
      if (timer !== undefined || now() - notifiedAt < PACE_MS) return false;
      notifiedAt = now();
      return true;
    },
    notifyLater() {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          notifiedAt = now();
          void notify().catch(() => {});
        },
        Math.max(notifiedAt + PACE_MS - now(), 0),
      );
    },
  };
}
