/** Stands for what somebody wrote and is not even a time. */
export const UNREADABLE = "unreadable";

/**
 * What an instant that somebody wrote can be:
 *
 * - `instant`     a date of such an event: from 2000 on, and before 2200, up to where zone data reaches
 * - `open`        "always" or "never" as date libraries write them: an end that is open
 * - `unreadable`  no date that an event can have, a year 26 say; what it should be nobody knows
 */
export type InstantKind = "instant" | "open" | "unreadable";

const FIRST_MS = Date.UTC(2000, 0, 1);
const END_MS = Date.UTC(2200, 0, 1);
const DAY_MS = 86_400_000;

/** Where the calendars of .NET, Go, SQL Server, Excel and Unix begin: each is written for "none". */
const BEGINNINGS_MS = ["0001-01-01", "1753-01-01", "1900-01-01", "1970-01-01"].map((day) =>
  Date.parse(`${day}T00:00:00Z`),
);
/** The last year that four digits can write. */
const NEVER_MS = Date.UTC(9999, 0, 1);

export function kindOfInstant(text: string): InstantKind {
  const ms = Date.parse(text);
  if (ms >= FIRST_MS && ms < END_MS) return "instant";
  // A zone moves the beginning by less than a day, into year 0 or into the year before.
  const isBeginning = BEGINNINGS_MS.some((beginning) => Math.abs(ms - beginning) <= DAY_MS);
  return isBeginning || ms >= NEVER_MS - DAY_MS ? "open" : "unreadable";
}

/** A clock that runs ahead of ours by more is not believed. */
const CLOCK_ERROR_MS = 10 * 60_000;

/**
 * When a description or a ticket was changed, by the clock of whoever says so: one that is missing, that
 * no date can be, or that lies ahead of when it was observed by more than a clock's error, is not
 * believed, and when it was observed stands in for it. Else one wrong clock would win against
 * everything that comes later.
 */
export const versionTimeOf = (updatedAt: string | null, observedAt: string): string =>
  updatedAt !== null &&
  kindOfInstant(updatedAt) === "instant" &&
  Date.parse(updatedAt) <= Date.parse(observedAt) + CLOCK_ERROR_MS
    ? updatedAt
    : observedAt;

/** The same, null where it is not believed. */
export const believed = (updatedAt: string | null, observedAt: string): string | null =>
  versionTimeOf(updatedAt, observedAt) === updatedAt ? updatedAt : null;

/** An end that may be open, which is null; `onUnreadable` is told of one that can be no date at all. */
export function readableEnd(time: string | null, onUnreadable: () => void): string | null {
  if (time === null) return null;
  const kind = kindOfInstant(time);
  if (kind === "unreadable") onUnreadable();
  return kind === "instant" ? time : null;
}

/** So many are named at most. */
const NAMED = 20;

/** The fields whose times could not be read, as a description says them: nothing where there are none. */
export const unreadableOf = (fields: readonly string[]): { unreadable?: string[] } =>
  fields.length === 0 ? {} : { unreadable: [...new Set(fields)].sort().slice(0, NAMED) };
