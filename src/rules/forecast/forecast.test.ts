import { describe, expect, test } from "bun:test";
import { mostAlike } from "./comparables.ts";
import type { SaleCurve } from "./curve.ts";
import { type ForecastOf, forecastOf } from "./forecast.ts";
import { restBy } from "./methods.ts";
import { DAY_MS, pastStands, standAt } from "./stand.ts";
import { stretches, stretchOf } from "./stretches.ts";
import type { StretchTrial } from "./trial.ts";

const LAUNCH = Date.UTC(2026, 0, 5, 10);
const HOUR_MS = 3_600_000;

/** So many were sold by the end of each day; between two days evenly. */
function sale(levels: Record<number, number>, { capacity = 1_000, days = 100 } = {}): SaleCurve {
  const sorted = Object.entries(levels).map(([day, sold]) => [Number(day), sold] as const);
  return {
    ...{ launch: LAUNCH, end: LAUNCH + days * DAY_MS, capacity },
    at: [LAUNCH, ...sorted.map(([day]) => LAUNCH + day * DAY_MS)],
    sold: [0, ...sorted.map(([, sold]) => sold)],
  };
}

const trial = (more: Partial<StretchTrial> = {}) =>
  new Map(
    stretches.map((stretch) => [
      stretch,
      {
        ...{ stretch, events: 9, method: "A" as const, scores: {}, isGood: true, reason: null },
        ...more,
      },
    ]),
  );

/** Half of what they sell in the end is sold by the tenth day, and nine tenths by the fiftieth. */
const usual = sale({ 1: 300, 10: 400, 50: 720, 100: 800 });
const told = (of: Partial<ForecastOf> & { day: number }) =>
  forecastOf({
    ...{ mine: usual, comparables: Array<SaleCurve>(8).fill(usual), steps: [], trials: trial() },
    ...of,
    now: LAUNCH + of.day * DAY_MS,
  });

describe("what is not known", () => {
  test.each([
    ["a week before launch", "notLaunched", { day: -7 }],
    ["19 minutes after it", "justLaunched", { day: 19 / 1440 }],
    ["after the sale", "saleIsOver", { day: 100 }],
    ["where nothing was sold", "nothingSold", { day: 3, mine: sale({}) }],
    ["where all is sold", "soldOut", { day: 60, mine: sale({ 1: 300, 30: 1_000 }) }],
    ["with 7 comparables", "tooFewComparables", { day: 20, comparables: Array(7).fill(usual) }],
    ["before the backtest", "notTestedYet", { day: 20, trials: undefined }],
    [
      "where the backtest is no better than a line",
      "notBetterThanLine",
      { day: 20, trials: trial({ isGood: false, reason: "notBetterThanLine" }) },
    ],
  ] as const)("%s is said: %s", (_, reason, of) => {
    expect(told(of as Partial<ForecastOf> & { day: number })).toMatchObject({
      known: false,
      reason,
    });
  });

  test("is for 72 hours what comes of 120 places that were added to 1,000", () => {
    const step = { at: LAUNCH + 20 * DAY_MS, from: 1_000, to: 1_120 };
    expect(told({ day: 22.9, steps: [step] })).toMatchObject({
      ...{ known: false, reason: "placesAdded", wave: step },
    });
    expect(told({ day: 23.1, steps: [step] })).toMatchObject({ known: true });
    // Fifty of a thousand are none, and neither are places that were taken away.
    expect(told({ day: 21, steps: [{ ...step, to: 1_050 }] })).toMatchObject({ known: true });
    expect(told({ day: 21, steps: [{ ...step, to: 800 }] })).toMatchObject({ known: true });
    const inHours = (...places: number[]) =>
      places.slice(1).map((to, n) => ({ at: step.at + n * HOUR_MS, from: places[n] ?? to, to }));
    const bySteps = (...places: number[]) => told({ day: 21, steps: inHours(...places) });
    // By small steps just as many, and as often as the places of one type after the other are raised.
    expect(bySteps(1_000, 1_030, 1_060, 1_090)).toMatchObject({
      ...{ known: false, reason: "placesAdded" },
      wave: { at: step.at + 2 * HOUR_MS, from: 1_000, to: 1_090 },
    });
    expect(bySteps(1_000, 1_200, 1_000)).toMatchObject({ known: true });
    expect(bySteps(1_000, 900, 1_000)).toMatchObject({ known: false, wave: { from: 900 } });
    expect(bySteps(0, 1_000)).toMatchObject({ known: true });
  });
});

test("an event that goes as all before it did ends as they did, and sells no more", () => {
  expect(told({ day: 10.5 })).toMatchObject({
    ...{ known: true, method: "A", stretch: "7-13", comparables: 8 },
    // Alike to the ticket: nothing is left to be unsure of, but for the other views of the rest.
    final: { low: 800, high: 800 },
    ...{ sellsOut: "hardly", soldOutAt: { expected: null, low: null, high: null } },
  });
});

/** Of past events that were led to selling out: how many times as long each took; who never did sold six tenths. */
const ledThere = (...delays: number[]) => {
  const led = delays.map((delay) => ({ delay, filled: Number.isFinite(delay) ? 1 : 0.6 }));
  return trial({ scores: { A: { restError: 0, finalError: 0, pinball: 0, held: 80, led } } });
};

test("twice as strong a launch sells out when the way of the others leads to the capacity", () => {
  const strong = sale({ 1: 600, 10: 800 });
  const soldOut = told({ day: 10, mine: strong, trials: ledThere(...Array(8).fill(1)) });
  // The others doubled from here; 1,000 is a quarter more: a quarter of the rest, on the way to day 50.
  if (!soldOut.known || soldOut.soldOutAt.expected === null) throw new Error("was not forecast");
  expect(soldOut.final.expected).toBe(1_000);
  expect((soldOut.soldOutAt.expected - LAUNCH) / DAY_MS).toBeWithin(10, 50);
});

describe("an event that the others lead to its capacity", () => {
  const strong = sale({ 1: 600, 10: 800 });
  const sellsOut = (...delays: number[]) => {
    const soldOut = told({ day: 10, mine: strong, trials: ledThere(...delays) });
    if (!soldOut.known) throw new Error("was not forecast");
    const dayOf = (at: number | null) => at && Math.round(((at - LAUNCH) / DAY_MS) * 10) / 10;
    const { expected, low, high } = soldOut.soldOutAt;
    return {
      ...{ says: soldOut.sellsOut, atLeast: soldOut.final.low },
      days: [low, expected, high].map(dayOf),
    };
  };
  /** By the others a quarter of what they sold after day 10, on day 20. */
  const [, led = 0] = sellsOut(...Array(8).fill(1)).days;

  test("is told the day that it is led to where past events took as long as they were led to", () => {
    expect(led).toBeWithin(10, 50);
    expect(sellsOut(...Array(8).fill(1))).toEqual({
      ...{ says: "likely", days: [led, led, led], atLeast: 1_000 },
    });
  });

  test("is told a day as much later as it was for past events", () => {
    const twice = 10 + 2 * ((led ?? 0) - 10);
    const { days } = sellsOut(...Array(9).fill(2));
    for (const day of days) expect(day).toBeCloseTo(twice, 0);
  });

  test("perhaps sells out, and is told no day, where most past events never did", () => {
    const { says, days } = sellsOut(
      ...Array(4).fill(1),
      ...Array(5).fill(Number.POSITIVE_INFINITY),
    );
    expect({ says, days }).toEqual({ says: "perhaps", days: [led, null, null] });
  });

  test("is told a day and no last one where one of eight never did", () => {
    const { says, days } = sellsOut(...Array(7).fill(1), Number.POSITIVE_INFINITY);
    expect({ says, days }).toEqual({ says: "likely", days: [led, led, null] });
  });

  test("is told to sell as much of what is left as most past events did", () => {
    const never = Number.POSITIVE_INFINITY;
    const final = (...delays: number[]) => {
      const forecast = told({ day: 10, mine: strong, trials: ledThere(...delays) });
      return forecast.known && forecast.final.expected;
    };
    // 200 of its 1,000 are left: six tenths of them.
    expect(final(...Array(9).fill(never))).toBe(920);
    expect(final(...Array(4).fill(1), ...Array(5).fill(never))).toBe(920);
    expect(final(...Array(5).fill(1), ...Array(4).fill(never))).toBe(1_000);
    expect(final(...Array(7).fill(never))).toBe(1_000);
    // Where none sold out, not one of ten times all is sold.
    expect(
      told({ day: 10, mine: strong, trials: ledThere(...Array(9).fill(never)) }),
    ).toMatchObject({
      ...{ sellsOut: "hardly", final: { expected: 920, high: 920 } },
      soldOutAt: { low: null },
    });
  });

  test("perhaps sells out where fewer past events than eight were led there", () => {
    const { says, days } = sellsOut(...Array(7).fill(1));
    expect({ says, days: days.slice(1) }).toEqual({ says: "perhaps", days: [null, null] });
  });

  test("is not said to end below its places by who says that it is sold out by a day", () => {
    const shaky = [0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4].map((times) =>
      sale({ 1: 300, 10: 400, 50: 400 + 320 * times, 100: 400 + 400 * times }),
    );
    const of = (...delays: number[]) =>
      told({
        day: 10,
        mine: sale({ 1: 650, 10: 850 }),
        comparables: shaky,
        trials: ledThere(...delays),
      });
    expect(of(...Array(8).fill(1))).toMatchObject({ sellsOut: "likely", final: { low: 1_000 } });
    const perhaps = of();
    expect(perhaps).toMatchObject({ sellsOut: "perhaps", final: { expected: 1_000 } });
    expect(perhaps.known && perhaps.final.low).toBeLessThan(1_000);
  });
});

test("what sold out says of the first two weeks only that more would have been sold", () => {
  const full = sale({ 1: 300, 10: 400, 50: 1_000 });
  const at = (day: number) => {
    const mine = sale({ 1: 300, 10: 400, 20: 480 });
    const now = LAUNCH + day * DAY_MS;
    return restBy("A", standAt(mine, now), pastStands(mine, now, Array(8).fill(full)));
  };
  expect(at(6)).toBe(Number.POSITIVE_INFINITY);
  expect(at(20)).toBeFinite();
});

test("within the first day events are compared by minutes since launch and not by shares", () => {
  const long = sale({ 0.1: 200, 1: 300, 200: 1_000 }, { days: 200 });
  const mine = sale({ 0.1: 100, 1: 150 }, { days: 50 });
  const now = LAUNCH + 0.1 * DAY_MS;
  expect(pastStands(mine, now, [long])[0]).toMatchObject({ elapsedMs: 0.1 * DAY_MS });
});

test("comparables are of the size within factor 3, the most alike first, 20 at most", () => {
  const of = (capacity: number, region = "DACH", launch = LAUNCH) => ({ capacity, region, launch });
  const mine = of(1_000);
  const past = [of(3_100), of(320), of(340), of(1_100, "ITALY"), of(1_000), of(2_900)];
  expect(mostAlike(mine, past)).toEqual([...[of(1_000), of(1_100, "ITALY"), of(2_900), of(340)]]);
  expect(mostAlike(mine, Array(30).fill(mine))).toHaveLength(20);
});

test("the stretches begin after whole days", () => {
  const days = [0, 0.99, 1, 2.99, 3, 6.9, 7, 13.9, 14, 29.9, 30, 59.9, 60, 400];
  expect(days.map((day) => stretchOf(day * DAY_MS))).toEqual([
    ...(["0", "0", "1-2", "1-2", "3-6", "3-6", "7-13", "7-13"] as const),
    ...(["14-29", "14-29", "30-59", "30-59", "60+", "60+"] as const),
  ]);
});
