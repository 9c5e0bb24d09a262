import { describe, expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { instantAt, median, sellingTimeOf, shareOver, soldBy, windowsOf } from "./pace.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const until = Date.UTC(2026, 2, 20, 10);

describe("the windows of a pace", () => {
  test("are whole hours, each exactly as long as it says, and what is under way stands apart", () => {
    const at = [-14 * DAY, -14 * DAY - HOUR, -7 * DAY - HOUR, -7 * DAY, -DAY, -2 * HOUR, -HOUR, 0];
    const tickets = [1, 1_000, 10, 100, 2, 3, 4, 5];
    expect(windowsOf({ at: at.map((ms) => until + ms), tickets }, until)).toEqual({
      hourSoFar: 5,
      lastHour: 4,
      last24Hours: 2 + 3 + 4,
      last7Days: 100 + 2 + 3 + 4,
      previous7Days: 1 + 10,
    });
  });

  test("of an event that sold nothing are zeros", () => {
    expect(Object.values(windowsOf({ at: [], tickets: [] }, until))).toEqual([0, 0, 0, 0, 0]);
  });
});

test("what had been sold by an instant is what is sold now without what was sold since", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.integer({ min: 0, max: 50 }).map(String), fc.integer({ min: 1, max: 9 })),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 60 * 52 }),
      (hours, earlier, minute) => {
        const sold = Object.entries(hours).sort(([a], [b]) => Number(a) - Number(b));
        const total = sold.reduce((sum, [, tickets]) => sum + tickets, earlier);
        // Slow and obvious: each ticket's sixtieth of an hour, minute by minute.
        let slow = total;
        for (const [hour, tickets] of sold)
          for (let m = 0; m < 60; m += 1) if (Number(hour) * 60 + m >= minute) slow -= tickets / 60;
        const quick = soldBy(
          { at: sold.map(([hour]) => Number(hour) * HOUR), tickets: sold.map(([, n]) => n) },
          total,
          minute * 60_000,
        );
        expect(quick).toBeCloseTo(slow, 6);
      },
    ),
  );
});

test("an event's selling time ends with its sale, or with the race where that comes first", () => {
  const [launch, race] = [100, 1_000];
  expect(sellingTimeOf({ launch, salesEnd: 900, race })).toEqual({ launch, end: 900 });
  expect(sellingTimeOf({ launch, salesEnd: 5_000, race })).toEqual({ launch, end: 1_000 });
  expect(sellingTimeOf({ launch, salesEnd: null, race })).toEqual({ launch, end: 1_000 });
  // An end before the launch is a mistake.
  expect(sellingTimeOf({ launch, salesEnd: 50, race })).toEqual({ launch, end: 1_000 });
  expect(sellingTimeOf({ launch: null, salesEnd: 50, race })).toBeUndefined();
  expect(sellingTimeOf({ launch: 1_000, salesEnd: null, race })).toBeUndefined();
  expect(shareOver({ launch, end: 900 }, 300)).toBe(0.25);
  expect(shareOver({ launch, end: 900 }, 2_000)).toBe(1);
  expect(instantAt({ launch, end: 900 }, 0.25)).toBe(300);
});

test("a median is the one in the middle, or between the two", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 9, 4, 6])).toBe(5);
  expect(median([7])).toBe(7);
});
