import type { ChangedValue } from "../../rules/description-changes.ts";

/** By what a change is told from others, whatever number and id its row has. */
export interface ChangeKey {
  eventId: string;
  changedAt: Date;
  changeType: string;
  field: string;
  previousValue: ChangedValue;
  newValue: ChangedValue;
}

export type ChangeNews = ReturnType<typeof changeNews>;

/**
 * Which changes a transaction made and unmade. What it took away and found again is neither, so that nobody
 * is told twice of one change.
 */
export function changeNews() {
  /** How often each was found, less how often it was taken away. */
  const counts = new Map<string, { key: ChangeKey; count: number }>();

  const count = (keys: readonly ChangeKey[], by: 1 | -1) => {
    for (const { eventId, changedAt, changeType, field, previousValue, newValue } of keys) {
      const key = { eventId, changedAt, changeType, field, previousValue, newValue };
      const name = JSON.stringify(Object.values(key));
      counts.set(name, { key, count: (counts.get(name)?.count ?? 0) + by });
    }
  };

  return {
    gone: (keys: readonly ChangeKey[]) => count(keys, -1),
    found: (keys: readonly ChangeKey[]) => count(keys, 1),
    /** Oldest first; those of one instant by their event. */
    read(): { found: ChangeKey[]; isAnyGone: boolean } {
      const all = [...counts.values()];
      const found = all.flatMap(({ key, count: times }) =>
        Array<ChangeKey>(Math.max(0, times)).fill(key),
      );
      found.sort(
        (one, other) =>
          one.changedAt.getTime() - other.changedAt.getTime() ||
          (one.eventId < other.eventId ? -1 : Number(one.eventId > other.eventId)),
      );
      return { found, isAnyGone: all.some(({ count: times }) => times < 0) };
    },
  };
}
