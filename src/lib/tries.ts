const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The pauses between the tries of an item that fails unexpectedly; the others go on meanwhile. */
const PAUSES_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS];

export const MOST_TRIES = PAUSES_MS.length + 1;

/** When an item that has failed so often is tried again; undefined when it was tried often enough. */
export function nextTryAt(failures: number, now: Date): Date | undefined {
  const pauseMs = PAUSES_MS[failures - 1];
  return pauseMs === undefined ? undefined : new Date(now.getTime() + pauseMs);
}

/** The longest of the pauses, for what may yet be an outage: it is tried for as long as that lasts. */
export const slowestTryAt = (now: Date) => new Date(now.getTime() + Math.max(...PAUSES_MS));
