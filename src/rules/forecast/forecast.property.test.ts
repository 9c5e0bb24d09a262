import { expect, test } from "bun:test";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { runs } from "../../../test/support/runs.ts";
import { type SaleCurve, soldAt } from "./curve.ts";
import { forecastOf } from "./forecast.ts";
import type { Led } from "./led.ts";
import { methods } from "./methods.ts";
import { DAY_MS } from "./stand.ts";
import { type Stretch, stretches } from "./stretches.ts";
import type { StretchTrial } from "./trial.ts";

const LAUNCH = Date.UTC(2026, 0, 5, 10);

/** A sale of any kind: huge days, empty weeks, refunds, sold out or oversold. */
const sale = fc
  .record({
    days: fc.integer({ min: 20, max: 300 }),
    capacity: fc.constantFrom(1, 400, 4_000, 9_000),
    steps: fc.array(
      fc.record({
        day: fc.integer({ min: 0, max: 100 }).map((root) => (root / 10) ** 2),
        tickets: fc.integer({ min: -5, max: 900 }),
      }),
      { minLength: 2, maxLength: 12 },
    ),
  })
  .map(({ days, capacity, steps }): SaleCurve => {
    const sorted = steps.toSorted((one, other) => one.day - other.day);
    let sold = 0;
    return {
      ...{ launch: LAUNCH, end: LAUNCH + days * DAY_MS, capacity },
      at: sorted.map(({ day }) => LAUNCH + day * DAY_MS),
      sold: sorted.map(({ tickets }) => {
        sold = Math.max(0, sold + tickets);
        return sold;
      }),
    };
  });

const trialsOf = (
  method: (typeof methods)[number],
  led: readonly Led[],
): ReadonlyMap<Stretch, StretchTrial> => {
  const scores = { [method]: { restError: 0, finalError: 0, pinball: 0, held: 80, led } };
  return new Map(
    stretches.map((stretch) => [
      stretch,
      { stretch, events: 20, method, scores, isGood: true, reason: null },
    ]),
  );
};

/** What became of past events that were led to selling out: some never did. */
const pastLed = fc.array(
  fc.oneof(
    fc.record({ delay: fc.double({ min: 0.1, max: 5, noNaN: true }), filled: fc.constant(1) }),
    fc.record({
      delay: fc.constant(Number.POSITIVE_INFINITY),
      filled: fc.double({ min: 0, max: 0.98, noNaN: true }),
    }),
  ),
  { minLength: 6, maxLength: 12 },
);

test("a forecast is never below what is sold nor above the places, and its range is in order", () => {
  const asked = fc.tuple(
    sale,
    fc.oneof(
      fc.array(sale, { minLength: 8, maxLength: 20 }),
      fc.array(sale, { maxLength: 1 }),
      fc.array(sale, { minLength: 7, maxLength: 7 }),
    ),
    fc.integer({ min: 1, max: 24 * 100 }),
    fc.constantFrom(...methods),
    fc.option(fc.integer({ min: 0, max: 24 * 100 }), { freq: 4 }),
    pastLed,
  );
  let known = 0;
  fc.assert(
    fc.property(asked, ([mine, comparables, hours, method, hoursSinceWave, took]) => {
      const now = LAUNCH + (hours / 24) * DAY_MS;
      const trials = trialsOf(method, took);
      const steps =
        hoursSinceWave === null
          ? []
          : [{ at: now - (hoursSinceWave / 24) * DAY_MS, from: 100, to: 120 }];
      const told = forecastOf({ mine, now, comparables, steps, trials });
      if (comparables.length < 8) expect(told.known).toBe(false);
      if (hoursSinceWave !== null && hoursSinceWave < 72) expect(told.known).toBe(false);
      if (!told.known) return;
      known += 1;
      const { low, expected, high } = told.final;
      expect(Math.floor(soldAt(mine, now))).toBeLessThanOrEqual(low);
      expect([low, expected, high]).toEqual([low, expected, high].toSorted((a, b) => a - b));
      expect(high).toBeLessThanOrEqual(mine.capacity);
      const { low: first, expected: middle, high: last } = told.soldOutAt;
      const dates = [first, middle, last].map((at) => at ?? Number.POSITIVE_INFINITY);
      expect(dates).toEqual(dates.toSorted((a, b) => a - b));
      // What is said of the day and what is said of the end are never at odds.
      if (middle !== null) expect(expected).toBe(mine.capacity);
      if (first !== null) expect(high).toBe(mine.capacity);
      if (last !== null) expect(low).toBe(mine.capacity);
      expect(told.sellsOut === "likely").toBe(middle !== null);
      for (const at of dates) {
        expect(at).toBeGreaterThanOrEqual(now);
        if (Number.isFinite(at)) expect(at).toBeLessThanOrEqual(mine.end + 1);
      }
    }),
    {
      numRuns: 6 + runs(400),
      examples: [29, 81, 90, 101, 111, 164].map((seed) => [fixed(asked, seed)]),
    },
  );
  expect(known).toBeGreaterThan(5);
});
