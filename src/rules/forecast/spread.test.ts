import { expect, test } from "bun:test";
import { ranked } from "./spread.ts";

test("a share of some values lies between two of them as R's sixth kind of quantile has it", () => {
  // R: quantile(c(30, 10, 0, 50, 20), c(.1, .25, .4, .5, .9), type = 6)
  const values = [30, 10, 0, 50, 20];
  const expected = [0, 5, 14, 20, 50];
  for (const [n, share] of [0.1, 0.25, 0.4, 0.5, 0.9].entries())
    expect(ranked(values, share)).toBeCloseTo(expected[n] ?? Number.NaN);
});
