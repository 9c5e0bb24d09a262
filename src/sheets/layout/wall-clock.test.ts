import { expect, test } from "bun:test";
import { clockSerial, shownSerial } from "./wall-clock.ts";

/** What a spreadsheet shows for the number, to the second. */
const shown = (serial: number) =>
  new Date(Math.round((serial - 25_569) * 86_400) * 1000).toISOString().slice(0, 19);

test.each([
  ["2026-03-28T09:00:00Z", "Europe/Berlin", "2026-03-28T10:00:00"],
  ["2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59"],
  ["2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00"],
  ["2026-10-25T00:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00"],
  ["2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00"],
  ["2026-12-31T23:30:00Z", "Asia/Kolkata", "2027-01-01T05:00:00"],
  ["2026-07-01T03:00:00Z", "America/New_York", "2026-06-30T23:00:00"],
  ["2026-07-01T22:00:00Z", "Europe/Berlin", "2026-07-02T00:00:00"],
  ["2026-07-01T10:00:00.750Z", null, "2026-07-01T10:00:00"],
  ["2026-07-01T10:00:00Z", "Mars/Olympus", "2026-07-01T10:00:00"],
])("%s is in %p %s on the wall", (instant, timezone, wall) => {
  expect(shown(clockSerial(instant, timezone))).toBe(wall);
});

test("a spreadsheet counts days from 30 December 1899", () => {
  expect(clockSerial("2026-04-01T12:00:00Z", "UTC")).toBe(46_113.5);
});

test("of a day that no spreadsheet has nothing is shown, and the last one is", () => {
  expect(shownSerial("9999-12-31T23:00:00Z", "Europe/Berlin")).toBeNull();
  const last = shownSerial("9999-12-31T22:59:00Z", "Europe/Berlin");
  expect(shown(last ?? 0)).toBe("9999-12-31T23:59:00");
});
