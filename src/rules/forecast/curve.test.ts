import { expect, test } from "bun:test";
import { curveOfHours, curveUntil, soldAt } from "./curve.ts";

const HOUR_MS = 3_600_000;

test("what was sold by an instant grows evenly within an hour of sales, and stays between two", () => {
  const hours = { at: [10, 11, 13].map((hour) => hour * HOUR_MS), tickets: [6, 8, 4] };
  const curve = curveOfHours(hours, 20 * HOUR_MS);
  const instants = [9, 10, 10.5, 11, 11.25, 12, 12.5, 13, 13.5, 14, 20];
  expect(instants.map((hour) => soldAt(curve, hour * HOUR_MS))).toEqual([
    ...[0, 0, 3, 6, 8],
    ...[14, 14, 14, 16, 18, 18],
  ]);
});

test("what was created in the hour under way was created by now, and nothing before it was more", () => {
  const hours = { at: [10, 11].map((hour) => hour * HOUR_MS), tickets: [400, 50] };
  const now = 11.1 * HOUR_MS;
  const levelsAt = (curve: ReturnType<typeof curveOfHours>) =>
    [10.5, 11, 11.05, 11.1, 12].map((hour) => Math.round(soldAt(curve, hour * HOUR_MS)));
  expect(levelsAt(curveOfHours(hours, now))).toEqual([200, 400, 425, 450, 450]);
  expect(levelsAt(curveUntil(hours, { until: now, sold: 450, now }))).toEqual([
    ...[200, 400, 425, 450, 450],
  ]);
  // Fifty were refunded: how much of each hour is not known.
  expect(levelsAt(curveUntil(hours, { until: now, sold: 500, now }))).toEqual([
    ...[222, 444, 472, 500, 500],
  ]);
  // Of a moment that is over for long half an hour has half of its tickets.
  const then = { until: 11.5 * HOUR_MS, sold: 425, now: 30 * HOUR_MS };
  expect(levelsAt(curveUntil(hours, then))).toEqual([200, 400, 403, 405, 425]);
});
