import { expect, test } from "bun:test";
import { curveOfHours, soldAt } from "./curve.ts";

const HOUR_MS = 3_600_000;

test("what was sold by an instant grows evenly within an hour of sales, and stays between two", () => {
  const hours = { at: [10, 11, 13].map((hour) => hour * HOUR_MS), tickets: [6, 8, 4] };
  const curve = curveOfHours(hours);
  const instants = [9, 10, 10.5, 11, 11.25, 12, 12.5, 13, 13.5, 14, 20];
  expect(instants.map((hour) => soldAt(curve, hour * HOUR_MS))).toEqual([
    ...[0, 0, 3, 6, 8],
    ...[14, 14, 14, 16, 18, 18],
  ]);
});
