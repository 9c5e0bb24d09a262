import moment from "moment-timezone";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const FRIDAY = 5;
const SATURDAY = 6;

export const plus = (at: Date, ms: number) => new Date(at.getTime() + ms);

/** The instant at which a clock in `timezone` shows this time on the UTC day of `date`. */
export function localTime(date: Date, hour: number, timezone: string, minute = 0) {
  const day = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), hour, minute];
  return moment.tz(day, timezone).toDate();
}

/** How far a clock in `timezone` is ahead of UTC at an instant. */
export const offsetMs = (at: Date, timezone: string) =>
  moment.tz(at, timezone).utcOffset() * MINUTE_MS;

/**
 * The race days of an event that begins about `inDays` days from `now`: moved on to the next weekend
 * when they are to come, back to the last one when they are over. An event of today stays where it is.
 */
export function raceDays(now: Date, inDays: number, count: number) {
  const first = new Date(now.getTime() + inDays * DAY_MS);
  const weekday = count === 3 ? FRIDAY : SATURDAY;
  const forward = (weekday - first.getUTCDay() + 7) % 7;
  const shift = Math.abs(inDays) <= 2 ? 0 : inDays > 0 ? forward : forward - 7;
  return Array.from({ length: count }, (_, day) => plus(first, (shift + day) * DAY_MS));
}

export const weekdayOf = (date: Date) => WEEKDAYS[date.getUTCDay()] ?? "";

/** "22 May 2026" */
export const longDate = (date: Date) =>
  date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
