import { expect, test } from "bun:test";
import { originsOf, type PastSale } from "./backtest.ts";
import { reportOf } from "./report.ts";
import { DAY_MS } from "./stand.ts";
import { type Attempt, asTold, bestOf, type Origin, scoresOf, trialsOf } from "./trial.ts";

/** The same for the same seed (mulberry32). */
function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const DAYS = 100;

/** A sale of a hundred days, as much a day as `drawn` says; every twenty days one begins. */
function season(count: number, drawn: (random: () => number, day: number) => number, seed = 7) {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, n): PastSale => {
    const launch = n * 20 * DAY_MS;
    const sold = [0];
    for (let day = 0; day < DAYS; day += 1) sold.push((sold[day] ?? 0) + drawn(random, day));
    return {
      ...{ eventId: `event-${n}`, region: "DACH", launch, end: launch + DAYS * DAY_MS },
      ...{ capacity: 10_000, at: sold.map((_, day) => launch + day * DAY_MS), sold },
    };
  });
}

const alike = (random: () => number, day: number) =>
  Math.round((day === 0 ? 1_500 : 600 / day ** 0.7) * (0.7 + 0.6 * random()));

/** Most days nothing, and some as much as in a month. */
const noise = (random: () => number) => Math.round(random() < 0.06 ? 20 / random() : 0);

const rolling = (past: readonly PastSale[]) =>
  [...originsOf(past, { knowing: "rolling", fewest: 8 })].filter((origin) => origin !== undefined);

test("of sales that are strongest at launch pickup is proven, and the straight line is far off", () => {
  const origins = rolling(season(26, alike));
  expect(origins.every(({ comparables }) => comparables >= 8)).toBe(true);
  const trials = trialsOf(origins);
  // Of the thirteenth the eighth to end was over a week after launch, of the one before not yet.
  expect(trials.get("7-13")).toMatchObject({ method: "A", isGood: true, events: 14 });
  const { A, line, pace } = trials.get("7-13")?.scores ?? {};
  expect((A?.finalError ?? 100) / (line?.finalError ?? 0)).toBeLessThan(0.4);
  expect((A?.finalError ?? 100) / (pace?.finalError ?? 0)).toBeLessThan(0.9);
});

test("whoever is asked then knows those alone whose sale had ended by then", () => {
  const past = season(14, alike);
  // The eighth to end did so on day 240: the ninth sold then for twenty more days, and the later ones.
  expect(new Set(rolling(past).map(({ eventId }) => eventId))).toEqual(
    new Set(["event-8", "event-9", "event-10", "event-11", "event-12", "event-13"]),
  );
  const later = past.map((one, n) => (n > 10 ? { ...one, sold: one.sold.map(() => 1) } : one));
  const ofTenth = (all: readonly PastSale[]) =>
    rolling(all).filter(({ eventId, days }) => eventId === "event-10" && days > 0);
  expect(ofTenth(later)).toEqual(ofTenth(past));
});

test("of four past events, or of noise, it is not known", () => {
  const ofFour = trialsOf(rolling(season(4, alike)));
  expect([...ofFour.values()].map(({ reason }) => reason)).toEqual(
    Array<"tooFewTested">(7).fill("tooFewTested"),
  );
  const ofNoise = trialsOf(rolling(season(24, noise)));
  expect([...ofNoise.values()].filter(({ isGood }) => isGood)).toEqual([]);
});

test("what became of a sale that was led to its capacity is how long it took, and how much of what was left came", () => {
  // Those before it sold 100 a day from day 30 on; of this one the last tenth went in a day, or a half of it never.
  const sale = (
    eventId: string,
    launch: number,
    levels: [day: number, sold: number][],
  ): PastSale => ({
    ...{ eventId, region: "DACH", launch, end: launch + DAYS * DAY_MS, capacity: 10_000 },
    ...{ at: levels.map(([day]) => launch + day * DAY_MS), sold: levels.map(([, sold]) => sold) },
  });
  const past = Array.from({ length: 8 }, (_, n) =>
    sale(`past-${n}`, 0, [
      [0, 0],
      [30, 4_500],
      [80, 9_500],
      [100, 9_500],
    ]),
  );
  const ledOf = (levels: [day: number, sold: number][]) =>
    [...originsOf([...past, sale("mine", 200 * DAY_MS, levels)], { knowing: "rolling", fewest: 8 })]
      .find((one) => one?.eventId === "mine" && one.days === 30)
      ?.attempts.find(({ by }) => by === "A")?.led;
  const soldOut = ledOf([
    [0, 0],
    [30, 9_000],
    [40, 10_000],
    [100, 10_000],
  ]);
  expect(soldOut).toMatchObject({ filled: 1 });
  expect(soldOut?.delay).toBeWithin(0.1, 5);
  expect(
    ledOf([
      [0, 0],
      [30, 9_000],
      [40, 9_500],
      [100, 9_500],
    ]),
  ).toEqual({
    ...{ delay: Number.POSITIVE_INFINITY, filled: 0.5 },
  });
  expect(
    ledOf([
      [0, 0],
      [30, 2_000],
      [40, 2_100],
      [100, 2_200],
    ]),
  ).toBeNull();
});

test("a tested forecast knows what became of those that were led to their capacity and were over by then", () => {
  const origin = (n: number, filled: number): Origin => ({
    ...{ eventId: `event-${n}`, stretch: "7-13", days: 7, at: n * 10, end: n * 10 + 15 },
    comparables: 9,
    attempts: [
      {
        ...{
          by: "A",
          rest: 100,
          low: 80,
          high: 100,
          came: 100 * filled,
          sold: 900,
          capacity: 1_000,
        },
        ...{ dateErrors: [], led: { delay: Number.POSITIVE_INFINITY, filled } },
      },
    ],
  });
  const told = asTold(Array.from({ length: 12 }, (_, n) => origin(n, n < 8 ? 0.4 : 0.9)));
  const rests = told.map(({ attempts }) => attempts[0]?.rest);
  // The eighth to end did so after the ninth was asked, and before the tenth was.
  expect(rests).toEqual([...Array<number>(9).fill(100), 40, 40, 40]);
  // Of ten that it knows of eight sold four tenths of what was left, and two nine.
  expect(told.at(-1)?.attempts[0]).toMatchObject({ low: 40, high: 90 });
  expect(asTold(told)).toEqual(told);
});

test("the report has what was chosen then beside every way by itself", () => {
  const report = reportOf(rolling(season(26, alike)));
  const at = (days: number) => report.filter((row) => row.days === days).map(({ by }) => by);
  expect(at(3)).toEqual(["A", "line", "pace", "medianCurve", "chosen"]);
  expect(at(30)).toEqual(["A", "B", "C", "line", "pace", "medianCurve", "chosen"]);
  for (const row of report) expect(Number.isFinite(row.finalError + row.pinball)).toBe(true);
});

test("the pace that methods are held against draws a line, whatever shape other sales had", () => {
  // Ninety a day: 8,000 of the 10,000 are reached late on the 89th day.
  const steady = season(1, () => 90).map((one) => ({ ...one, eventId: "steady" }));
  const past = season(12, alike).map((one) => ({ ...one, eventId: `past ${one.eventId}` }));
  const asked = { knowing: "leaveOneOut", fewest: 8 } as const;
  const origin = [...originsOf([...steady, ...past], asked)].find(
    (one) => one?.eventId === "steady" && one.days === 30,
  );
  const ofPace = origin?.attempts.find(({ by }) => by === "pace");
  // What came is known by the day.
  expect(ofPace?.dateErrors.find(({ share }) => share === 0.8)?.days).toBeCloseTo(1 / 9);
});

test("where the mix is best but for a few wild sales, the pace that it is held against is shown", () => {
  const attempt = (by: "A" | "B" | "C" | "line" | "pace", rest: number) => ({
    ...{ by, rest, came: 100, sold: 0, capacity: 1_000, dateErrors: [] },
    // Who draws a line has one number.
    ...(by === "line" || by === "pace" ? { low: rest, high: rest } : { low: 80, high: 120 }),
    led: null,
  });
  const origins = Array.from({ length: 20 }, (_, n) => {
    // Mostly the pace is off by 19 and the mix by 20; in three of twenty the mix is much better.
    const isWild = n < 3;
    return {
      ...{
        eventId: `event-${n}`,
        stretch: "30-59" as const,
        days: 30,
        at: 0,
        end: 1,
        comparables: 9,
      },
      attempts: [
        attempt("A", 300),
        attempt("B", isWild ? 100 : 80),
        attempt("C", isWild ? 160 : 119),
        attempt("line", 400),
        attempt("pace", isWild ? 160 : 119),
      ].map((one) => (n === 19 ? { ...one, came: 130 } : one)),
    };
  });
  expect(trialsOf(origins).get("30-59")).toMatchObject({ method: "C", isGood: true });
});

const attempted = (more: Partial<Attempt> = {}): Attempt => ({
  ...{ by: "A", rest: 100, low: 80, high: 120, came: 100, sold: 0, capacity: 1_000 },
  ...{ dateErrors: [], led: null, ...more },
});

test("a range that is missed costs as much below as above, and more the farther", () => {
  const lossOf = (came: number) => scoresOf([attempted({ came })]).A?.pinball;
  // In percent of the places, a tenth of how far each end is from what came.
  for (const came of [80, 100, 120]) expect(lossOf(came)).toBeCloseTo(0.2);
  for (const came of [60, 140]) expect(lossOf(came)).toBeCloseTo(1.2);
});

test("a later method is taken where it is better by a twentieth, and not by less", () => {
  const score = (finalError: number) => ({
    ...{ restError: 1, finalError, pinball: 1, held: 80, led: [] },
  });
  expect(bestOf({ A: score(10), B: score(9.6) })).toBe("A");
  expect(bestOf({ A: score(10), B: score(9.4) })).toBe("B");
  expect(bestOf({ A: score(10) })).toBe("A");
});

test("a range that always holds is too wide to be shown, and one that seldom holds too narrow", () => {
  const reasonOf = (held: number) => {
    const origins = Array.from({ length: 20 }, (_, n): Origin => {
      const line = { rest: 400, low: 400, high: 400 };
      const came = n < held ? 100 : 200;
      const attempts = [
        attempted({ came, high: 130 }),
        ...(["line", "pace"] as const).map((by) => attempted({ by, came, ...line })),
      ];
      return {
        ...{ eventId: `event-${n}`, stretch: "3-6", days: 3, at: 0, end: 1 },
        ...{ comparables: 9, attempts },
      };
    });
    return trialsOf(origins).get("3-6")?.reason;
  };
  expect([12, 13, 19, 20].map(reasonOf)).toEqual([
    ...(["rangeDoesNotHold", null, null, "rangeDoesNotHold"] as const),
  ]);
});

test("an event of which one more ticket came counts among the errors of what was still to come", () => {
  const origin = (came: number): Origin => ({
    ...{ eventId: `event-${came}`, stretch: "3-6", days: 3, at: 0, end: 1, comparables: 9 },
    attempts: [attempted({ came, rest: 2 })],
  });
  const errorOf = (...came: number[]) =>
    reportOf(came.map(origin)).find(({ by }) => by === "A")?.restPercentError;
  expect(errorOf(1)).toBe(100);
  expect(errorOf(0)).toBeNull();
});
