import { describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import {
  instantOfWallClock,
  isZone,
  isZoneDataOld,
  runtimeDifferences,
  sameTimeAfter,
  startOfDay,
  startOfYesterday,
  wallClock,
  zoneData,
} from "./zones.ts";

const shown = (instant: string, zone: string | null) =>
  wallClock(new Date(instant), zone).toISOString().slice(0, 19);

/** By Python's zoneinfo from Debian's package tzdata 2026f-0+deb12u1, on 2026-11-28. */
test.each([
  ["2027-01-16T07:30:00Z", "America/Vancouver", "2027-01-16T00:30:00"],
  ["2026-03-08T09:59:59Z", "America/Vancouver", "2026-03-08T01:59:59"],
  ["2026-03-08T10:00:00Z", "America/Vancouver", "2026-03-08T03:00:00"],
  ["2026-11-01T08:59:59Z", "America/Vancouver", "2026-11-01T01:59:59"],
  ["2026-11-01T09:00:00Z", "America/Vancouver", "2026-11-01T02:00:00"],
  ["2025-12-01T08:00:00Z", "America/Vancouver", "2025-12-01T00:00:00"],
  ["2027-01-15T20:00:00Z", "America/Edmonton", "2027-01-15T14:00:00"],
  ["2026-01-15T20:00:00Z", "America/Edmonton", "2026-01-15T13:00:00"],
  ["2026-11-01T08:00:00Z", "America/Edmonton", "2026-11-01T02:00:00"],
  ["2027-01-15T20:00:00Z", "America/Winnipeg", "2027-01-15T15:00:00"],
  ["2026-01-15T20:00:00Z", "America/Winnipeg", "2026-01-15T14:00:00"],
  ["2027-01-15T20:00:00Z", "America/Yellowknife", "2027-01-15T14:00:00"],
  ["2027-01-15T20:00:00Z", "America/Inuvik", "2027-01-15T14:00:00"],
  ["2027-01-15T20:00:00Z", "Canada/Pacific", "2027-01-15T13:00:00"],
  ["2027-01-15T20:00:00Z", "America/Rainy_River", "2027-01-15T15:00:00"],
  ["2026-07-15T12:00:00Z", "Africa/Casablanca", "2026-07-15T13:00:00"],
  ["2026-12-15T12:00:00Z", "Africa/Casablanca", "2026-12-15T12:00:00"],
  ["2027-02-20T12:00:00Z", "Africa/Casablanca", "2027-02-20T12:00:00"],
  ["2026-12-15T12:00:00Z", "America/Havana", "2026-12-15T08:00:00"],
  ["2027-04-15T12:00:00Z", "America/Havana", "2027-04-15T08:00:00"],
  ["2027-01-15T20:00:00Z", "America/Toronto", "2027-01-15T15:00:00"],
  ["2027-01-15T20:00:00Z", "America/Los_Angeles", "2027-01-15T12:00:00"],
  ["2027-07-15T20:00:00Z", "US/Pacific", "2027-07-15T13:00:00"],
  ["2026-12-31T23:30:00Z", "Asia/Calcutta", "2027-01-01T05:00:00"],
  ["2026-12-31T23:30:00Z", "Asia/Kolkata", "2027-01-01T05:00:00"],
  ["2026-07-01T12:00:00Z", "Europe/Kiev", "2026-07-01T15:00:00"],
  ["2026-07-01T12:00:00Z", "Europe/Kyiv", "2026-07-01T15:00:00"],
  ["2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59"],
  ["2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00"],
  ["2026-10-25T00:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00"],
  ["2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00"],
  ["2027-06-01T12:00:00Z", "Europe/London", "2027-06-01T13:00:00"],
  ["2027-01-01T12:00:00Z", "Europe/Dublin", "2027-01-01T12:00:00"],
  ["2027-01-01T12:00:00Z", "Atlantic/Azores", "2027-01-01T11:00:00"],
  ["2026-12-31T11:00:00Z", "Pacific/Auckland", "2027-01-01T00:00:00"],
  ["2026-12-31T10:15:00Z", "Pacific/Chatham", "2027-01-01T00:00:00"],
  ["2026-12-31T10:00:00Z", "Pacific/Kiritimati", "2027-01-01T00:00:00"],
  ["2026-10-03T15:29:59Z", "Australia/Lord_Howe", "2026-10-04T01:59:59"],
  ["2026-10-03T15:30:00Z", "Australia/Lord_Howe", "2026-10-04T02:30:00"],
  ["2026-10-03T16:30:00Z", "Australia/Adelaide", "2026-10-04T03:00:00"],
  ["2026-07-01T12:00:00Z", "Australia/Perth", "2026-07-01T20:00:00"],
  ["2026-07-01T12:00:00Z", "Australia/Sydney", "2026-07-01T22:00:00"],
  ["2026-07-01T12:00:00Z", "Asia/Kathmandu", "2026-07-01T17:45:00"],
  ["2026-07-01T12:00:00Z", "Asia/Singapore", "2026-07-01T20:00:00"],
  ["2026-07-01T12:00:00Z", "Asia/Seoul", "2026-07-01T21:00:00"],
  ["2026-07-01T12:00:00Z", "Asia/Dubai", "2026-07-01T16:00:00"],
  ["2026-07-01T12:00:00Z", "Asia/Riyadh", "2026-07-01T15:00:00"],
  ["2026-07-01T12:00:00Z", "Africa/Johannesburg", "2026-07-01T14:00:00"],
  ["2026-07-01T12:00:00Z", "America/Mexico_City", "2026-07-01T06:00:00"],
  ["2026-07-01T12:00:00Z", "America/Sao_Paulo", "2026-07-01T09:00:00"],
  ["2026-07-01T12:00:00Z", "America/Argentina/Buenos_Aires", "2026-07-01T09:00:00"],
  ["2026-09-06T03:59:59Z", "America/Santiago", "2026-09-05T23:59:59"],
  ["2026-09-06T04:00:00Z", "America/Santiago", "2026-09-06T01:00:00"],
  ["2026-04-23T21:59:59Z", "Africa/Cairo", "2026-04-23T23:59:59"],
  ["2026-04-23T22:00:00Z", "Africa/Cairo", "2026-04-24T01:00:00"],
  ["2027-03-27T22:00:00Z", "Asia/Beirut", "2027-03-28T01:00:00"],
  ["2026-07-01T12:00:00Z", "America/Phoenix", "2026-07-01T05:00:00"],
  ["2026-07-01T12:00:00Z", "America/St_Johns", "2026-07-01T09:30:00"],
  ["2026-07-01T12:00:00Z", "Pacific/Honolulu", "2026-07-01T02:00:00"],
  ["2026-07-01T12:00:00Z", "America/Asuncion", "2026-07-01T09:00:00"],
  ["2026-07-01T12:00:00Z", "Europe/Istanbul", "2026-07-01T15:00:00"],
  ["2026-07-01T12:00:00Z", "Asia/Almaty", "2026-07-01T17:00:00"],
  ["2045-07-01T12:00:00Z", "Europe/Paris", "2045-07-01T14:00:00"],
  ["2099-01-01T12:00:00Z", "America/New_York", "2099-01-01T07:00:00"],
  ["2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29T23:59:59"],
  ["2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31T00:00:00"],
])("at %s a clock of %s shows %s", (instant, zone, wall) => {
  expect(shown(instant, zone)).toBe(wall);
});

test("a zone that nobody knows is UTC, and told from one that is known", () => {
  for (const zone of ["Mars/Olympus", "", "__proto__", "constructor", "+02:00", null])
    expect(shown("2026-07-01T12:00:00Z", zone)).toBe("2026-07-01T12:00:00");
  expect(["Mars/Olympus", "", "__proto__", "constructor", "+02:00"].filter(isZone)).toEqual([]);
  expect(["UTC", "GMT", "europe/berlin", "US/Pacific", "Asia/Calcutta"].every(isZone)).toBe(true);
});

/** The first instants of these days by the same source. */
describe("a day begins at local midnight, or where that is skipped right after it", () => {
  test.each([
    ["2026-03-01", "Europe/Berlin", "2026-02-28T23:00:00.000Z"],
    ["2027-01-16", "America/Vancouver", "2027-01-16T07:00:00.000Z"],
    ["2026-03-01", "Asia/Kolkata", "2026-02-28T18:30:00.000Z"],
    ["2026-03-01", null, "2026-03-01T00:00:00.000Z"],
    ["2026-03-01", "Mars/Olympus", "2026-03-01T00:00:00.000Z"],
    // Clocks go from 24:00 to 1:00.
    ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z"],
    ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z"],
    ["2027-03-28", "Asia/Beirut", "2027-03-27T22:00:00.000Z"],
    // Clocks go from 24:00 back to 23:00 of the same day.
    ["2026-04-05", "America/Santiago", "2026-04-05T04:00:00.000Z"],
    ["2026-10-30", "Africa/Cairo", "2026-10-29T22:00:00.000Z"],
    // Midnight comes twice: clocks go from 1:00 back to 0:00.
    ["2025-11-02", "America/Havana", "2025-11-02T04:00:00.000Z"],
    // A day that never was begins with the next one.
    ["2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"],
  ])("%s in %p begins at %s", (day, zone, instant) => {
    expect(startOfDay(day, zone).toISOString()).toBe(instant);
  });
});

test.each([
  // The day of 25 hours in its last one, and the first hour after one of 23.
  ["2026-10-25T22:30:00Z", "Europe/Berlin", "2026-10-23T22:00:00.000Z"],
  ["2026-03-29T22:30:00Z", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
  ["2026-07-01T12:00:00Z", "Europe/Berlin", "2026-06-29T22:00:00.000Z"],
  ["2026-01-01T00:00:00Z", null, "2025-12-31T00:00:00.000Z"],
])("yesterday of %s in %s began at %s", (now, zone, began) => {
  expect(startOfYesterday(new Date(now), zone).toISOString()).toBe(began);
});

describe("a clock's time becomes an instant by one rule, wherever the clock is", () => {
  // Each clock's law says when it is changed; the instants are counted by hand.
  test.each([
    ["Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59:00.000Z"],
    ["Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
    ["Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
    ["America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00.000Z"],
    ["America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00.000Z"],
    ["Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00.000Z"],
  ])("in %s %s, where it shows it twice the first time", (zone, shown, instant) => {
    expect(instantOfWallClock(shown, zone).toISOString()).toBe(instant);
  });

  test.each([
    ["Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30"],
    ["America/New_York", "2026-03-08T02:30", "2026-03-08T03:30"],
    ["Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45"],
    // It had no 30th of December.
    ["Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00"],
  ])("in %s, which never shows %s, as much later as it was put on", (zone, asked, shown) => {
    const instant = instantOfWallClock(asked, zone);
    expect(wallClock(instant, zone).toISOString().slice(0, 16)).toBe(shown);
  });

  test("a day later or earlier is at the same time, where it shows it twice at the first", () => {
    const after = (at: string, days: number) =>
      sameTimeAfter(new Date(at), days, "America/New_York").toISOString();
    expect(after("2026-10-31T05:30:00Z", 1)).toBe("2026-11-01T05:30:00.000Z");
    expect(after("2026-11-02T06:30:00Z", -1)).toBe("2026-11-01T05:30:00.000Z");
    expect(after("2026-03-07T07:30:00Z", 1)).toBe("2026-03-08T07:30:00.000Z");
    expect(after("2026-03-07T07:30:00Z", 2)).toBe("2026-03-09T06:30:00.000Z");
  });
});

test("the data is a release of the IANA database, in a package of this project", () => {
  expect(zoneData.version).toMatch(/^20\d\d[a-z]$/);
  expect(zoneData.package).toBe(`moment-timezone ${manifest.dependencies["moment-timezone"]}`);
});

test("is old when the year before last made it", () => {
  const year = Number.parseInt(zoneData.version, 10);
  expect(isZoneDataOld(new Date(Date.UTC(year + 1, 11, 31)))).toBe(false);
  expect(isZoneDataOld(new Date(Date.UTC(year + 2, 0, 1)))).toBe(true);
});

test("says in which zones the runtime's own clocks show something else", () => {
  const now = new Date("2026-11-28T00:00:00Z");
  expect(runtimeDifferences(now, ["Europe/Berlin", "US/Pacific", "Mars/Olympus"])).toEqual([]);
  // Bun's own data may be renewed one day: then it agrees, and nothing is said.
  const vancouver = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Vancouver" });
  const isOld = vancouver.format(new Date("2027-01-16T07:30:00Z")) === "2027-01-15";
  const differing = runtimeDifferences(now, ["Europe/Paris", "America/Vancouver"]);
  expect(differing).toEqual(isOld ? ["America/Vancouver"] : []);
});
