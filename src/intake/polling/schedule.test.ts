import { describe, expect, test } from "bun:test";
import { dueAccounts, lastDue } from "./schedule.ts";

const DAILY = "0 2 * * *";
const last = (now: string, schedule = DAILY) => lastDue(schedule, new Date(now))?.toISOString();

describe("the daily poll", () => {
  test.each([
    ["2026-06-01T01:59:59.999Z", "2026-05-31T02:00:00.000Z"],
    ["2026-06-01T01:59:59.500Z", "2026-05-31T02:00:00.000Z"],
    ["2026-06-01T02:00:00.000Z", "2026-06-01T02:00:00.000Z"],
    ["2026-06-01T02:00:00.001Z", "2026-06-01T02:00:00.000Z"],
    ["2026-06-01T23:00:00.000Z", "2026-06-01T02:00:00.000Z"],
    // The night in which Europe's clocks go forward.
    ["2026-03-29T03:00:00.000Z", "2026-03-29T02:00:00.000Z"],
  ])("at %s was last due at %s", (now, due) => {
    expect(last(now)).toBe(due);
  });

  const due = (now: string, startedAt: Record<string, string>, complete = true) =>
    dueAccounts(
      DAILY,
      new Date(now),
      ["DACH", "FRANCE"],
      new Map(
        Object.entries(startedAt).map(([account, at]) => [
          account,
          { startedAt: new Date(at), complete },
        ]),
      ),
    );

  test("that could not read everything is tried again after an hour", () => {
    const started = { DACH: "2026-06-01T02:00:01Z", FRANCE: "2026-06-01T02:30:00Z" };
    expect(due("2026-06-01T03:00:00Z", started, false)).toEqual([]);
    expect(due("2026-06-01T03:00:01Z", started, false)).toEqual(["DACH"]);
    expect(due("2026-06-01T03:00:01Z", started, true)).toEqual([]);
  });

  test("reads a new account at once", () => {
    expect(due("2026-06-01T12:00:00Z", { DACH: "2026-06-01T02:00:01Z" })).toEqual(["FRANCE"]);
    expect(due("2026-06-01T12:00:00Z", {})).toEqual(["DACH", "FRANCE"]);
  });

  test("reads every account once a day, also after a night in which nobody ran", () => {
    const started = { DACH: "2026-06-01T02:00:05Z", FRANCE: "2026-05-30T02:00:05Z" };
    expect(due("2026-06-01T02:00:30Z", started)).toEqual(["FRANCE"]);
    expect(due("2026-06-02T01:59:59.900Z", started)).toEqual(["FRANCE"]);
    expect(due("2026-06-02T02:00:00Z", started)).toEqual(["DACH", "FRANCE"]);
  });

  test("that began just when it was due is not due again", () => {
    const started = { DACH: "2026-06-01T02:00:00Z", FRANCE: "2026-06-01T02:00:00Z" };
    expect(due("2026-06-01T02:00:00Z", started)).toEqual([]);
    expect(due("2026-06-01T02:00:30Z", started)).toEqual([]);
  });
});

test("a schedule may be any cron expression", () => {
  expect(last("2026-06-01T12:34:56Z", "*/15 * * * *")).toBe("2026-06-01T12:30:00.000Z");
  expect(last("2026-06-01T12:34:56Z", "30 4 1 1 *")).toBe("2026-01-01T04:30:00.000Z");
  expect(last("2026-06-01T12:34:56Z", "*/10 * * * * *")).toBe("2026-06-01T12:34:50.000Z");
});
