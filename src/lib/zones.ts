/**
 * What clocks show, and where. Every local time of the service is worked out here, from zone data that
 * this project pins and renews like any other package: the runtime's own may be older than the law, and
 * differs from one machine to the next. A zone that the data does not know is UTC.
 */
import moment from "moment-timezone";

const DAY_MS = 86_400_000;

export const zoneData = {
  /** The release of the IANA time zone database, like `2026f`. */
  version: moment.tz.dataVersion,
  package: `moment-timezone ${moment.tz.version}`,
};

/** There is a release every year, so data of the year before last has not been renewed. */
export const isZoneDataOld = (now: Date) =>
  Number.parseInt(zoneData.version, 10) < now.getUTCFullYear() - 1;

/** Old names are known as well: `US/Pacific`, `Asia/Calcutta`. */
export const isZone = (name: string) => zoneOf(name) !== null;

/** The name where it says anything, and null where it means UTC for want of something better. */
export const knownZone = (name: string | null) => (name !== null && isZone(name) ? name : null);

/** What a clock there shows, as the instant at which a clock of UTC shows the same. */
export function wallClock(instant: Date, zone: string | null): Date {
  return new Date(instant.getTime() + offsetMs(zone, instant.getTime()));
}

/** The day there, as `2026-03-01`. */
export const dayAt = (instant: Date, zone: string | null) =>
  wallClock(instant, zone).toISOString().slice(0, 10);

/**
 * When a clock there shows this, like `2026-03-01T18:00`: the first time where it does twice, and where it never
 * does, as much later as it was put on. A clock is changed once within a day at most.
 */
export function instantOfWallClock(shown: string, zone: string | null): Date {
  const utc = Date.parse(`${shown}Z`);
  const before = utc - offsetMs(zone, utc - DAY_MS);
  const after = utc - offsetMs(zone, utc + DAY_MS);
  const isShown = (at: number) => wallClock(new Date(at), zone).getTime() === utc;
  return new Date(!isShown(before) && isShown(after) ? after : before);
}

/** How many days of the calendar lie between two like `2026-03-01`; negative where `to` is the earlier. */
export const daysBetween = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** So many days of the calendar behind one like `2026-03-01`; before it where `days` is below 0. */
export const dayAfter = (day: string, days = 1) =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** When the day before began there: a day has 24 hours only where the clock is not changed in it. */
export const startOfYesterday = (now: Date, zone: string | null) =>
  startOfDay(dayAfter(dayAt(now, zone), -1), zone);

/** When a clock there shows the same time so many days of its calendar later; earlier where `days` is below 0. */
export function sameTimeAfter(instant: Date, days: number, zone: string | null): Date {
  const shown = new Date(wallClock(instant, zone).getTime() + days * DAY_MS);
  return instantOfWallClock(shown.toISOString().slice(0, -1), zone);
}

/** The first instant of a day like `2026-03-01`: not everywhere does every day have a midnight. */
export function startOfDay(day: string, zone: string | null): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Clocks are at most 14 hours ahead of UTC and 12 behind it; one change of the clock may lie between.
  const [from, to] = [midnight - DAY_MS, midnight + DAY_MS];
  const changes = (zoneOf(zone)?.untils ?? []).filter((until) => until > from && until < to);
  const midnights = [from, ...changes].map((at) => midnight - offsetMs(zone, at));
  const begun = [...midnights, ...changes].filter((at) => dayAt(new Date(at), zone) >= day);
  return new Date(Math.min(...begun));
}

const CHECKED_MS = 3 * 365 * DAY_MS;
const STEP_MS = 30 * DAY_MS;

/**
 * The zones in which the runtime's own clocks (and so those of browsers) show something else now or soon.
 * All of them take a fifth of a second to compare, once a day.
 */
export function runtimeDifferences(now: Date, zones: readonly string[] = moment.tz.names()) {
  const day = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  if (compared.day !== day) compared = { day, differs: new Map() };
  const { differs } = compared;
  return zones.filter((name) => {
    const known = differs.get(name) ?? isOtherOnRuntime(name, day);
    if (differs.size < MOST_ZONES) differs.set(name, known);
    return known;
  });
}

let compared = { day: Number.NaN, differs: new Map<string, boolean>() };

function isOtherOnRuntime(name: string, from: number): boolean {
  const until = from + CHECKED_MS;
  const zone = zoneOf(name);
  const runtimeOffset = runtimeClock(name);
  if (!zone || !runtimeOffset) return zone !== null;
  const changes = zone.untils.filter((at) => at > from && at < until);
  const instants = changes.flatMap((at) => [at - 1_000, at]);
  for (let at = from; at < until; at += STEP_MS) instants.push(at);
  return instants.some((at) => runtimeOffset(at) !== offsetMs(name, at));
}

/** Looking a name up takes longer than the clock does, and there are as many as events have. */
const looked = new Map<string, ReturnType<typeof moment.tz.zone>>();

function zoneOf(name: string | null) {
  if (name === null) return null;
  const known = looked.get(name);
  if (known !== undefined) return known;
  const zone = moment.tz.zone(name);
  if (looked.size < MOST_ZONES) looked.set(name, zone);
  return zone;
}

/** More than the data has; names may be anything. */
const MOST_ZONES = 1_000;

/** To the second: local mean times of old have seconds. West of Greenwich is positive in the package. */
const offsetMs = (zone: string | null, at: number) =>
  Math.round((zoneOf(zone)?.utcOffset(at) ?? 0) * -60) * 1_000;

function runtimeClock(timeZone: string) {
  try {
    const format = new Intl.DateTimeFormat("en-US", {
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
    return (at: number) => {
      const parts = format.formatToParts(at);
      const of = (type: Intl.DateTimeFormatPartTypes) =>
        Number(parts.find((part) => part.type === type)?.value);
      const [hour, minute, second] = [of("hour"), of("minute"), of("second")];
      const shown = Date.UTC(of("year"), of("month") - 1, of("day"), hour, minute, second);
      return shown - Math.floor(at / 1_000) * 1_000;
    };
  } catch {
    return undefined;
  }
}
