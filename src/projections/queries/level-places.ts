import { dayAt, startOfDay } from "../../lib/zones.ts";
import type { LevelPlace, LevelRow, LevelStep } from "./row-types.ts";

export const HOUR_MS = 3_600_000;

/** When the hour or day begins that an instant is in; the instant itself where every count is a row. */
export function startOfPeriod(at: Date, by: LevelStep, timezone: string | null): Date {
  if (by === "count") return at;
  if (by === "hour") return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
  return startOfDay(dayAt(at, timezone), timezone);
}

export const placeOf = ({ at, ticketTypeId }: LevelRow): LevelPlace => [
  Date.parse(at),
  ticketTypeId ?? "",
];

export function isBehind(row: LevelRow, after: LevelPlace | undefined) {
  if (!after) return true;
  const [at, ticketTypeId] = placeOf(row);
  return at !== after[0] ? at > after[0] : ticketTypeId > after[1];
}

export function inOrder(one: LevelRow, other: LevelRow) {
  const [at, id] = placeOf(one);
  const [otherAt, otherId] = placeOf(other);
  return at - otherAt || (id < otherId ? -1 : id > otherId ? 1 : 0);
}
