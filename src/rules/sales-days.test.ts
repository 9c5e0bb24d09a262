import { expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { runs } from "../../test/support/runs.ts";
import { type CreatedDay, dayGroups, salesDays } from "./sales-days.ts";

const day = (
  newSales: number,
  counted?: number | [low: number, high: number],
  replacements = 0,
): CreatedDay => ({
  ...{ day: "2026-03-01", newSales, replacements },
  counted:
    counted === undefined
      ? undefined
      : Array.isArray(counted)
        ? { low: counted[0], high: counted[1] }
        : { low: counted, high: counted },
});
const shown = (days: readonly CreatedDay[], sold: number) =>
  salesDays(days, sold).map((one) => [one.newSales, one.replacements, one.refunds, one.total]);

test("before the first count a total is what was created by then, replacements when they came", () => {
  // Paris: 482 of the places that its first day sold were replaced later on.
  expect(shown([day(5_343), day(0), day(0, undefined, 482)], 5_825)).toEqual([
    [5_343, 0, null, 5_343],
    [0, 0, null, 5_343],
    [0, 482, null, 5_825],
  ]);
});

test("where counts know it a total is as it was, and each day adds up with its refunds", () => {
  // 100 were sold on the first day, of which 10 were refunded on the third.
  expect(shown([day(90, 100), day(5, 105), day(2, 97)], 97)).toEqual([
    [100, 0, 0, 100],
    [5, 0, 0, 105],
    [2, 0, 10, 97],
  ]);
});

test("on the day of the first count nobody knows what was refunded", () => {
  expect(shown([day(50), day(5, 60), day(0, 55)], 55)).toEqual([
    [50, 0, null, 50],
    [5, 0, null, 60],
    [0, 0, 5, 55],
  ]);
});

test("a sale that may be of after the day's last count is no refund", () => {
  // Counted within the hour in which three were sold.
  expect(shown([day(10, [7, 10]), day(0, 10)], 10)).toEqual([
    [10, 0, 0, 10],
    [0, 0, 0, 10],
  ]);
});

test("what is sold now and was created by then was sold, whatever a late count said", () => {
  expect(shown([day(10, 4), day(0, 10)], 10)).toEqual([
    [10, 0, 0, 10],
    [0, 0, 0, 10],
  ]);
});

const daysOf = (groups: ReturnType<typeof dayGroups>) => groups.map(({ days }) => days);

test("where there is room each day is by itself", () => {
  expect(daysOf(dayGroups({ days: 5, launch: 0, most: 5 }))).toEqual([1, 1, 1, 1, 1]);
});

test("old days are told week by week from behind the launch's week on, as many as need be", () => {
  // 30 days: the launch's week, two weeks, and nine days.
  const groups = dayGroups({ days: 30, launch: 0, most: 18 });
  expect(daysOf(groups)).toEqual([...Array(7).fill(1), 7, 7, ...Array(9).fill(1)]);
  expect(groups[7]).toEqual({ first: 7, days: 7 });
});

test("a presale before the launch is told in weeks that end with it", () => {
  expect(daysOf(dayGroups({ days: 20, launch: 10, most: 12 }))).toEqual([
    ...[3, 7],
    ...Array(10).fill(1),
  ]);
});

test("a sale of many years has months where weeks do not do", () => {
  const groups = dayGroups({ days: 1_500, launch: 0, most: 90 });
  expect(groups.length).toBeLessThanOrEqual(90);
  expect(Math.max(...daysOf(groups))).toBe(28);
  expect(dayGroups({ days: 4_000, launch: 9, most: 90 }).length).toBeLessThanOrEqual(90);
});

test("whatever is sold, replaced and refunded, a day that was counted has what was sold at its end, and adds up", () => {
  const days = 8;
  const ticket = fc.record({
    day: fc.nat({ max: days - 1 }),
    /** After how many days it was refunded; null where it is sold still. */
    lasts: fc.option(fc.nat({ max: days })),
    replaces: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(ticket, { maxLength: 20 }), fc.nat({ max: days }), (tickets, first) => {
      const soldAtEndOf = (n: number) =>
        tickets.filter(({ day, lasts }) => day <= n && day + (lasts ?? days) > n).length;
      const now = days - 1;
      const stillSold = tickets.filter(({ day, lasts }) => day + (lasts ?? days) > now);
      const created = Array.from({ length: days }, (_, n) => {
        const [replacements, newSales] = [true, false].map(
          (wanted) =>
            stillSold.filter(({ day, replaces }) => day === n && replaces === wanted).length,
        );
        return day(newSales ?? 0, n >= first ? soldAtEndOf(n) : undefined, replacements);
      });
      let before = 0;
      for (const [n, row] of salesDays(created, stillSold.length).entries()) {
        const { newSales, replacements, refunds, total } = row;
        if (n >= first) expect(total).toBe(soldAtEndOf(n));
        if (refunds !== null) {
          expect(refunds).toBeGreaterThanOrEqual(0);
          expect(before + newSales + replacements - refunds).toBe(total);
        }
        before = total;
      }
    }),
    { numRuns: runs(100) },
  );
});

test("groups hold every day once and in order, keep to what is wanted and never merge the launch", () => {
  const cases = fc.record({
    days: fc.integer({ min: 1, max: 900 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    most: fc.integer({ min: 30, max: 200 }),
  });
  fc.assert(
    fc.property(cases, ({ days, at, most }) => {
      const launch = Math.floor(at * (days - 1));
      const groups = dayGroups({ days, launch, most });
      let next = 0;
      for (const { first, days: length } of groups) {
        expect(first).toBe(next);
        next += length;
        if (length > 1) expect(first + length <= launch || first >= launch + 7).toBe(true);
      }
      expect(next).toBe(days);
      // Of 900 days: two weeks by days, the months and weeks that are left.
      expect(groups.length).toBeLessThanOrEqual(Math.max(most, 14 + 4 + 32));
    }),
    { numRuns: runs(100) },
  );
});
