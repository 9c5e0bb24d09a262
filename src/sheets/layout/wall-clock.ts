import { wallClock } from "../../lib/zones.ts";

/** Days from 30 December 1899, where a spreadsheet's dates begin, to 1 January 1970. */
const EPOCH_SERIAL = 25_569;
const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const FIRST_DAY = Date.parse("1000-01-01T00:00:00Z");
const LAST_DAY = Date.parse("9999-12-31T00:00:00Z");

/** What a clock of `timezone` shows at `instant`, to the second, as the number that a spreadsheet keeps. */
export function clockSerial(instant: string, timezone: string | null) {
  const seconds = Math.floor(wallClock(new Date(instant), timezone).getTime() / 1_000);
  const day = Math.floor(seconds / DAY_SECONDS);
  return day + EPOCH_SERIAL + (seconds - day * DAY_SECONDS) / DAY_SECONDS;
}

/** Behind the last day that Excel has. */
const END_OF_TIME = 2_958_466;

/** The same, and nothing where a spreadsheet has no such day: a clock may be in the year 10000 already. */
export function shownSerial(instant: string, timezone: string | null): number | null {
  const serial = clockSerial(instant, timezone);
  return serial >= END_OF_TIME ? null : serial;
}

/** A day of the calendar, as `2026-03-01`, as the number that a spreadsheet keeps it as. */
export const daySerial = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY_MS + EPOCH_SERIAL;

/** The day of the calendar that a spreadsheet keeps as `serial`; undefined if it is none of four digits' years. */
export function dayOfSerial(serial: number): string | undefined {
  const instant = (Math.round(serial) - EPOCH_SERIAL) * DAY_MS;
  if (!(instant >= FIRST_DAY && instant <= LAST_DAY)) return undefined;
  return new Date(instant).toISOString().slice(0, 10);
}
