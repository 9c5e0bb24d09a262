import { expect, test } from "bun:test";
import launchLed from "../../../test/fixtures/forecast/launch-led.json";
import type { SaleCurve } from "./curve.ts";
import { restBy } from "./methods.ts";
import { DAY_MS, pastStands, standAt } from "./stand.ts";
import type { Forecaster } from "./trial.ts";

/**
 * Three real sales, public: a day's tickets from launch on; their capacities are not. Two that are left are
 * fewer comparables than a forecast is shown with: this holds the method, not what is shown.
 */
const real = Object.values(launchLed.series).map((tickets): SaleCurve => {
  let total = 0;
  return {
    ...{ launch: 0, end: tickets.length * DAY_MS, capacity: Number.MAX_SAFE_INTEGER },
    at: [0, ...tickets.map((_, day) => (day + 1) * DAY_MS)],
    sold: [
      0,
      ...tickets.map((sold) => {
        total += sold;
        return total;
      }),
    ],
  };
});

/** Mean error of the final so many days after launch, in percent of it. */
function errorOf(by: Forecaster, days: number, comparedWith: (mine: SaleCurve) => SaleCurve[]) {
  const at = days * DAY_MS;
  const errors = real.map((mine) => {
    const final = mine.sold.at(-1) ?? 0;
    const stand = standAt(mine, at);
    const rest = restBy(by, stand, pastStands(mine, at, comparedWith(mine)));
    return (100 * Math.abs(stand.sold + rest - final)) / final;
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

const theOthers = (mine: SaleCurve) => real.filter((one) => one !== mine);

test("of the real sales a week after launch pickup without comparables misses 15 % at most", () => {
  expect(errorOf("A", 7, () => [])).toBeWithin(0, 15);
});

test("by the two others it misses a sixth at most, where a line and the week's pace miss all", () => {
  expect(errorOf("A", 7, theOthers)).toBeWithin(0, 17);
  expect(errorOf("A", 14, theOthers)).toBeWithin(0, 15);
  // As the method's trial found on the same three: 162 and 108 %, 74 and 21 % by capacities unknown here.
  expect(errorOf("line", 7, theOthers)).toBeGreaterThan(100);
  expect(errorOf("line", 14, theOthers)).toBeGreaterThan(50);
});
