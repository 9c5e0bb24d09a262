import { expect, test } from "bun:test";
import type { SaleCurve } from "./curve.ts";
import { restBy } from "./methods.ts";
import { reachedIn } from "./path.ts";
import { DAY_MS, pastStands, standAt } from "./stand.ts";

const LAUNCH = Date.UTC(2026, 0, 5, 10);

/** Ten a day, or so many, from its launch to its end. */
const steady = (
  days: number,
  { perDay = 10, launch = LAUNCH, capacity = 10_000 } = {},
): SaleCurve => ({
  ...{ launch, end: launch + days * DAY_MS, capacity },
  ...{ at: [launch, launch + days * DAY_MS], sold: [0, perDay * days] },
});

test("what a comparable sold lately is of as large a part of its sale as fourteen days are of the other's", () => {
  const mine = steady(100, { launch: LAUNCH + DAY_MS });
  const at = mine.launch + 50 * DAY_MS;
  const recent = (of: SaleCurve) => pastStands(mine, at, [of])[0]?.recent;
  expect([recent(steady(100)), recent(steady(200)), recent(steady(50))]).toEqual([140, 280, 70]);
});

test("a comparable that had sold one ticket by then is one, and one that had sold none is not", () => {
  const mine = steady(100);
  const of = (sold: number): SaleCurve => ({
    ...{ ...mine, at: [LAUNCH, LAUNCH + DAY_MS, LAUNCH + 99 * DAY_MS], sold: [0, sold, 500] },
  });
  const stands = pastStands(mine, LAUNCH + DAY_MS, [of(1), of(0)]);
  expect(stands.map(({ sold, rest }) => [sold, rest])).toEqual([[1, 499]]);
});

test("at the instant of its launch a line leads nowhere", () => {
  const mine = steady(100);
  expect(restBy("line", { ...standAt(mine, LAUNCH), sold: 5 }, [])).toBe(0);
});

test("what is sold already is reached at once, by comparables and by a pace", () => {
  const mine = standAt(steady(100), LAUNCH + 50 * DAY_MS);
  const others = pastStands(steady(100), LAUNCH + 50 * DAY_MS, [steady(100)]);
  for (const method of ["A", "C"] as const) {
    expect(reachedIn(400, { mine, others, rest: 500, method })).toBe(0);
    // Half of what is to come has come after half of what is left of the sale.
    expect(reachedIn(750, { mine, others, rest: 500, method })).toBeCloseTo(25 * DAY_MS, -6);
  }
});

test("a comparable that sold nothing more tells nothing of the way", () => {
  const mine = standAt(steady(100), LAUNCH + 50 * DAY_MS);
  const stopped: SaleCurve = { ...steady(100), at: [LAUNCH, LAUNCH + DAY_MS], sold: [0, 500] };
  const late: SaleCurve = {
    ...{ ...steady(100), at: [0, 50, 90, 100].map((day) => LAUNCH + day * DAY_MS) },
    sold: [0, 500, 500, 1_000],
  };
  const others = pastStands(steady(100), LAUNCH + 50 * DAY_MS, [stopped, stopped, late]);
  // Half of what came of the third came on day 95.
  const ms = reachedIn(750, { mine, others, rest: 500, method: "A" });
  expect((ms ?? 0) / DAY_MS).toBeCloseTo(45, 0);
});
