import { describe, expect, test } from "bun:test";
import { fc, fixed } from "../../test/support/fast-check.ts";
import { percentOf } from "./capacity.ts";
import {
  defaultSoldOutPolicy,
  isAsBefore,
  isSameLevel,
  type Level,
  soldOutWatch,
} from "./sold-out.ts";

const START = Date.parse("2026-06-10T10:00:00Z");

/** A level a minute, of so many sold. */
const levels = (sold: readonly number[], capacity = 1_000): Level[] =>
  sold.map((count, minute) => ({
    at: new Date(START + minute * 60_000),
    capacity,
    available: Math.max(0, capacity - count),
    percentSold: percentOf(count, capacity),
  }));

const soldOutMoments = (given: readonly Level[], policy = defaultSoldOutPolicy) => {
  const watch = soldOutWatch(policy);
  return given.flatMap((level) => watch.tell(level) ?? []);
};

const told = (sold: readonly number[], capacity?: number) =>
  soldOutMoments(levels(sold, capacity)).map((moment) =>
    moment.kind === "nearly" ? moment.percent : moment.kind,
  );

describe("what sells is told", () => {
  test("at 80 %, at 95 % and when it is sold out, once each", () => {
    expect(told([0, 799, 800, 801, 949, 950, 960, 999, 1_000, 1_000])).toEqual([80, 95, "soldOut"]);
  });

  test("as sold out and not as nearly so when it goes in one step", () => {
    expect(told([0, 1_003])).toEqual(["soldOut"]);
    expect(told([0, 970])).toEqual([95]);
  });

  test("not at all before it was counted, or where there is nothing to sell", () => {
    expect(
      soldOutMoments([{ at: START.toString(), capacity: 9, available: null, percentSold: null }]),
    ).toEqual([]);
    expect(told([0, 5], 0)).toEqual([]);
  });
});

test("what was paused is not open again by the end of its sale, only when it can be bought", () => {
  const minute = (number: number, availableToBuy?: number): Level => ({
    ...{ at: new Date(START + number * 60_000), capacity: 1_000, available: 500, percentSold: 50 },
    ...(availableToBuy !== undefined && { availableToBuy }),
  });
  // Outside of its sale nothing is said of what can be bought.
  const shown = [minute(0, 500), minute(1, 0), minute(2), minute(3, 500)];
  expect(soldOutMoments(shown).map(({ kind, at }) => [kind, at])).toEqual([
    ["paused", minute(1).at],
    ["reopened", minute(3).at],
  ]);
});

describe("what was sold out", () => {
  test("is open again with five places, not with one that comes and goes", () => {
    expect(told([1_000, 999, 1_000, 997, 1_000])).toEqual(["soldOut"]);
    expect(told([1_000, 995, 1_000])).toEqual(["soldOut", "reopened", "soldOut"]);
  });

  test("is open again with one percent where that is less", () => {
    expect(told([200, 199, 198], 200)).toEqual(["soldOut", "reopened"]);
    expect(told([20, 19], 20)).toEqual(["soldOut", "reopened"]);
  });

  test("is open again when its capacity grows, and nearly sold out anew", () => {
    const grown = [...levels([1_000]), ...levels([0, 1_000, 1_500, 1_900], 2_000).slice(1)];
    expect(soldOutMoments(grown).map(({ kind }) => kind)).toEqual([
      "soldOut",
      "reopened",
      "nearly",
    ]);
  });
});

test("a percentage is told again only after it was well below", () => {
  expect(told([800, 790, 800, 760, 810])).toEqual([80]);
  expect(told([800, 740, 810])).toEqual([80, 80]);
});

test("other thresholds are the operator's to set", () => {
  const policy = {
    ...defaultSoldOutPolicy,
    nearlyFromPercents: [50],
    reopenPlaces: 100,
    reopenPercent: 20,
  };
  expect(soldOutMoments(levels([500, 1_000, 950, 890]), policy).map(({ kind }) => kind)).toEqual([
    "nearly",
    "soldOut",
    "reopened",
  ]);
});

test("sold out and open take turns, whatever is sold and given back", () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 900, max: 1_010 }), { maxLength: 40 }), (sold) => {
      const kinds = soldOutMoments(levels(sold)).map(({ kind }) => kind);
      const turns = kinds.filter((kind) => kind !== "nearly");
      expect(turns).toEqual(turns.map((_, at) => (at % 2 ? "reopened" : "soldOut")));
    }),
  ));

test("what a level does not change is neither told nor kept otherwise", () => {
  const left = fc.integer({ min: 0, max: 20 });
  const level = fc
    .record({
      ...{ capacity: fc.constantFrom(0, 20, 20_000), available: fc.option(left) },
      ...{ availableToBuy: fc.option(left, { nil: undefined }), typesOnSale: fc.nat({ max: 2 }) },
    })
    .map(
      ({ availableToBuy, ...rest }): Level => ({
        ...{ at: new Date(START), ...rest },
        percentSold:
          rest.available === null ? null : percentOf(rest.capacity - rest.available, rest.capacity),
        ...(availableToBuy !== undefined && { availableToBuy }),
      }),
    );
  const levelsInTurn = fc.array(level, { minLength: 1, maxLength: 8 });
  const many = fixed(fc.array(level, { minLength: 250, maxLength: 250 }), 1);
  let silent = 0;
  fc.assert(
    fc.property(levelsInTurn, (all) => {
      const watch = soldOutWatch();
      let last: Level | undefined;
      // Most levels say what the one before them said.
      for (const one of all.flatMap((each) => [each, { ...each, at: new Date(START + 1) }])) {
        const before = watch.state();
        const isSilent = isAsBefore(before, one) || (last && isSameLevel(last, one));
        last = one;
        const moment = watch.tell(one);
        if (!isSilent) continue;
        silent += 1;
        expect(moment).toBeUndefined();
        expect(watch.state()).toEqual(before);
      }
    }),
    { numRuns: 1 + 100, examples: [[many]] },
  );
  expect(silent).toBeGreaterThan(50);
});

test("a level that says what was left is no news but where something was gone or paused before", () => {
  const level = { capacity: 100, available: 10, availableToBuy: 10, percentSold: 90 };
  const before = { available: 10, availableToBuy: 10, percentSold: 90 };
  expect(isAsBefore({ before }, level)).toBe(true);
  expect(isAsBefore({ before, paused: true }, level)).toBe(false);
  expect(isAsBefore({ before, soldOut: true }, level)).toBe(false);
  expect(isAsBefore({ before, typesBefore: 2 }, { ...level, typesOnSale: 1 })).toBe(false);
  for (const other of [
    { available: 9 },
    { availableToBuy: 9 },
    { percentSold: 91 },
    { capacity: 0 },
  ])
    expect(isAsBefore({ before }, { ...level, ...other })).toBe(false);
});
