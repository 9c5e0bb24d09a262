/** Days from 30 December 1899, where a spreadsheet's dates begin, to 1 January 1970. */
const EPOCH_SERIAL = 25_569;
const DAY_MS = 86_400_000;

/** The clock on the wall of `timezone` at `instant`, as the number that a spreadsheet keeps dates as. */
export type WallClock = (instant: string, timezone: string | null) => number;

/** Makes formatters once a timezone: there are thousands of dates in a handful of timezones. */
export function wallClock(): WallClock {
  const formatters = new Map<string, Intl.DateTimeFormat>();
  return (instant, timezone) => {
    const zone = timezone ?? "UTC";
    const formatter = formatters.get(zone) ?? formatterOf(zone);
    formatters.set(zone, formatter);
    return serialOf(formatter.formatToParts(new Date(instant)));
  };
}

/** UTC stands in for a timezone that Intl does not know, so that one event cannot stop all others. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return formatterOf("UTC");
  }
}

function serialOf(parts: Intl.DateTimeFormatPart[]) {
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((one) => one.type === type)?.value);
  const date = Date.UTC(part("year"), part("month") - 1, part("day"));
  const seconds = part("hour") * 3600 + part("minute") * 60 + part("second");
  return date / DAY_MS + EPOCH_SERIAL + seconds / 86_400;
}

/** A day of the calendar, as `2026-03-01`, as the number that a spreadsheet keeps it as. */
export const daySerial = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY_MS + EPOCH_SERIAL;
