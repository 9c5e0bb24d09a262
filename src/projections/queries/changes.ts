import type { Pool } from "../../database/connect.ts";
import { descriptionChangesReader } from "./history.ts";
import type { ChangeRow } from "./row-types.ts";
import { type SoldOutOptions, soldOutReader } from "./sold-out.ts";

export interface ChangesWanted {
  /** One event's only. */
  eventId?: string;
  /** The newest so many only. */
  limit?: number;
}

/** Oldest first. */
export type ReadChanges = (wanted?: ChangesWanted) => Promise<ChangeRow[]>;

/**
 * What changed in the events' descriptions, and when events and ticket types were nearly sold out, sold
 * out and open again. Who reads again and again keeps one reader: it remembers what it has read.
 */
export function changesReader(sql: Pool, options: SoldOutOptions): ReadChanges {
  const policy = { countedClasses: options.policy.countedClasses, overrides: options.classes };
  const readDescribed = descriptionChangesReader(sql, policy, options.onFault);
  const readSoldOut = soldOutReader(sql, options);
  return async ({ eventId, limit } = {}) => {
    const [described, soldOut] = await Promise.all([
      readDescribed(eventId),
      readSoldOut(eventId === undefined ? {} : { eventId }),
    ]);
    return [...described, ...soldOut]
      .map((change) => ({ change, key: sortKey(change) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ change }) => change)
      .slice(limit === undefined ? 0 : -limit);
  };
}

const sortKey = ({ changedAt, eventId, changeType, field, ...change }: ChangeRow) =>
  [
    ...[changedAt, eventId, changeType, field],
    ...[change.previousValue.value, change.newValue.value],
  ].join("\u0001");
