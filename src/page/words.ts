import { counted } from "../lib/counted.ts";
import { MONTHS } from "../lib/months.ts";
import { dayAfter, dayAt, daysBetween, wallClock } from "../lib/zones.ts";
import { clock, dayLabel } from "./chart/ticks.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

type Zone = string | null;

/** `9 Jan 2027` */
export const date = (at: Date, zone: Zone) =>
  `${dayLabel(at.getTime(), zone)} ${wallClock(at, zone).getUTCFullYear()}`;

/** `9–10 Jan 2027`, and one day where it is one. */
export function dates(from: Date, to: Date, zone: Zone): string {
  const [first, last] = [date(from, zone), date(to, zone)];
  if (first === last || to < from) return first;
  const [day, month, year] = first.split(" ");
  const [, lastMonth, lastYear] = last.split(" ");
  if (year !== lastYear) return `${first} – ${last}`;
  return month === lastMonth ? `${day}–${last}` : `${day} ${month} – ${last}`;
}

/** `Sat 14 Nov 2026, 18:00` */
export const moment = (at: Date, zone: Zone) =>
  `${WEEKDAYS[wallClock(at, zone).getUTCDay()]} ${date(at, zone)}, ${clock(at.getTime(), zone)}`;

/** `14 Nov, 18:00`; the year where it is another than now's. */
export function shortMoment(at: Date, now: Date, zone: Zone): string {
  const isThisYear = wallClock(at, zone).getUTCFullYear() === wallClock(now, zone).getUTCFullYear();
  const day = isThisYear ? dayLabel(at.getTime(), zone) : date(at, zone);
  return `${day}, ${clock(at.getTime(), zone)}`;
}

/** `41 min`, `1 h 4 min`, `3 days` */
export function length(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10 && minutes % 60 > 0) return `${hours} h ${minutes % 60} min`;
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

export const ago = (at: Date, now: Date) => {
  const passed = now.getTime() - at.getTime();
  return passed < MINUTE_MS ? "just now" : `${length(passed)} ago`;
};

/** What is still to come: `in 41 min`, and from two days on by the calendar's days. */
export function until(at: Date, now: Date, zone: Zone): string {
  const left = at.getTime() - now.getTime();
  if (left < MINUTE_MS) return "in a minute";
  return `in ${left < 2 * DAY_MS ? length(left) : counted(daysUntil(at, now, zone), "day")}`;
}

/** A launch as people speak of it: `in 1 h 4 min`, `19:00`, `tomorrow 11:00`, `7 Dec, 11:00`. */
export function coming(at: Date, now: Date, zone: Zone): string {
  const left = at.getTime() - now.getTime();
  if (left < 2 * HOUR_MS) return until(at, now, zone);
  const days = daysBetween(dayAt(now, zone), dayAt(at, zone));
  const time = clock(at.getTime(), zone);
  if (days === 0) return time;
  return days === 1 ? `tomorrow ${time}` : shortMoment(at, now, zone);
}

/** Days of a calendar from one instant to another. */
const daysUntil = (at: Date, now: Date, zone: Zone) => dayNumber(at, zone) - dayNumber(now, zone);

const dayNumber = (at: Date, zone: Zone) => Math.floor(wallClock(at, zone).getTime() / DAY_MS);

interface Race {
  eventDate: string;
  eventEndDate: string;
  timezone: Zone;
}

/** Days of its own calendar to a race: 0 on each of its days, below 0 when they are over. */
export function daysToRace(race: Race, now: Date): number {
  const [from, last] = [new Date(race.eventDate), lastDayOf(race)];
  const left = daysUntil(from, now, race.timezone);
  return left > 0 ? left : Math.min(0, daysUntil(last, now, race.timezone));
}

/** Which day of a race it is, of how many; nothing where it has one alone. */
export function dayOfRace(race: Race, now: Date): string | undefined {
  const from = new Date(race.eventDate);
  const of = daysUntil(lastDayOf(race), from, race.timezone) + 1;
  return of > 1 ? `day ${1 - daysUntil(from, now, race.timezone)} of ${of}` : undefined;
}

/** What is longer is no race, or has an end that somebody mistyped. */
export const MOST_RACE_DAYS = 7;

/** Each day of a race, of its own calendar, like `2026-11-14`; of one that is too long to be one the first week. */
export function raceDays(race: Race): string[] {
  const from = new Date(race.eventDate);
  const days = daysUntil(lastDayOf(race), from, race.timezone) + 1;
  const first = dayAt(from, race.timezone);
  return Array.from({ length: Math.min(days, MOST_RACE_DAYS) }, (_, day) => dayAfter(first, day));
}

/** One that ends at midnight ends on the day before; one whose end is before its start has one day. */
const lastDayOf = ({ eventDate, eventEndDate }: Race) =>
  new Date(Math.max(Date.parse(eventDate), Date.parse(eventEndDate) - 1));

export { counted };

/** What a form's field for a moment holds: `2026-11-14T18:00` by the clock there. */
export const fieldMoment = (at: Date, zone: Zone) => wallClock(at, zone).toISOString().slice(0, 16);

/** Two days as a range: `6–29 Dec`, `30 Nov – 6 Dec`. */
export function dayRange(from: Date, to: Date, zone: Zone): string {
  const [first, last] = [dayLabel(from.getTime(), zone), dayLabel(to.getTime(), zone)];
  if (first === last) return first;
  const [day, month] = first.split(" ");
  return last.endsWith(` ${month}`) ? `${day}–${last}` : `${first} – ${last}`;
}

/** `12 December`, with its year where that is another than now's. */
export function longDay(at: Date, now: Date, zone: Zone): string {
  const shown = wallClock(at, zone);
  const year = shown.getUTCFullYear();
  const day = `${shown.getUTCDate()} ${MONTHS[shown.getUTCMonth()]}`;
  return year === wallClock(now, zone).getUTCFullYear() ? day : `${day} ${year}`;
}

/** `Köln` of `HYROX Köln 2027`: where there is room for a place. Beside each other all are of one series. */
export const shortName = (eventName: string) =>
  eventName
    .replace(/^HYROX\s+/i, "")
    .replace(/\s+20\d\d$/, "")
    .trim() || eventName;

/** `SOUTH_AFRICA` is written as `South Africa`; a short one is an abbreviation. */
export function regionName(region: string): string {
  if (/^[A-Z]{2,4}$/.test(region) && !["PERU", "ASIA"].includes(region)) return region;
  return region
    .toLowerCase()
    .split(/[_\s-]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(" ");
}
