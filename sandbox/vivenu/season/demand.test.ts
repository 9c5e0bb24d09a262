import { expect, test } from "bun:test";
import { seeded } from "../../random.ts";
import { DAY_MS, HOUR_MS } from "./calendar.ts";
import { demandOf } from "./demand.ts";
import { madeUpEvent } from "./made-up.ts";
import { specsOf } from "./make.ts";
import { pastEvents } from "./past.ts";
import type { PlannedEvent } from "./spec.ts";

const moment = { seed: 7, now: new Date("2026-11-28T12:00:00Z") };
const past = pastEvents(moment).map((spec) => saleOf(madeUpEvent(spec, moment)));

function saleOf(event: PlannedEvent) {
  const { document, tickets } = event;
  const entries = document.tickets.filter(
    ({ name }) => name.includes("HYROX") && !/ATHLET|TEAM/.test(name),
  );
  const soldOf = (id: string) =>
    tickets
      .filter(({ ticketTypeId }) => ticketTypeId === id)
      .filter(({ status }) => status === "VALID" || status === "DETAILSREQUIRED")
      .map(({ createdAt }) => createdAt.getTime())
      .sort((one, other) => one - other);
  const types = entries.map(({ _id, amount }) => ({ amount, sold: soldOf(_id) }));
  const at = types.flatMap(({ sold }) => sold);
  return {
    ...{ event, tickets, types, at },
    launch: Date.parse(document.sellStart ?? ""),
    end: Date.parse(document.sellEnd ?? ""),
    capacity: entries.reduce((sum, { amount }) => sum + amount, 0),
    by: (day: number) =>
      at.filter((time) => time < Date.parse(document.sellStart ?? "") + day * DAY_MS).length,
  };
}

/** From a curve alone, by what falls between two instants. Each is worked out once. */
function curve(seed: number, timezone = "UTC") {
  const key = `${seed} ${timezone}`;
  const known = curves.get(key) ?? madeCurve(seed, timezone);
  curves.set(key, known);
  return known;
}
const curves = new Map<string, ReturnType<typeof madeCurve>>();

const madeCurve = (seed: number, timezone: string) => {
  const from = new Date("2026-01-05T10:00:00Z");
  const until = new Date("2026-05-05T10:00:00Z");
  const demand = demandOf(seeded(seed), { from, until, timezone });
  const between = (a: number, b: number) =>
    demand.by(new Date(from.getTime() + b * HOUR_MS)) -
    demand.by(new Date(from.getTime() + a * HOUR_MS));
  return { demand, from, until, between };
};

test("on a launch's first day 20 to 80 % of what is wanted comes, and no two seasons' are alike", () => {
  const strengths = Array.from({ length: 60 }, (_, seed) => curve(seed).between(0, 24));
  expect(Math.min(...strengths)).toBeGreaterThanOrEqual(0.2);
  expect(Math.max(...strengths)).toBeLessThanOrEqual(0.8);
  expect(Math.min(...strengths)).toBeLessThan(0.3);
  expect(Math.max(...strengths)).toBeGreaterThan(0.7);
});

test("the instant by which a share came is the one that has that share", () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const { demand, from, until } = curve(seed);
    expect([demand.by(from), demand.by(until)]).toEqual([0, 1]);
    for (const share of [0.01, 0.2, 0.5, 0.77, 0.99])
      expect(demand.by(demand.when(share))).toBeCloseTo(share, 4);
  }
});

test("evenings sell more than nights by the event's own clock, and Sundays more than Fridays", () => {
  const sumOf = (hours: number[], timezone = "UTC") =>
    Array.from({ length: 20 }, (_, seed) => curve(seed, timezone)).reduce(
      (sum, { between }) =>
        sum +
        Array.from({ length: 100 }, (_, day) => day + 10)
          .flatMap((day) => hours.map((hour) => between(day * 24 + hour, day * 24 + hour + 1)))
          .reduce((all, one) => all + one, 0),
      0,
    );
  // It is launched at ten o'clock of UTC: eleven hours later it is nine in the evening, in Tokyo six.
  expect(sumOf([10, 11])).toBeGreaterThan(5 * sumOf([16, 17]));
  expect(sumOf([10, 11], "Asia/Tokyo")).toBeLessThan(2 * sumOf([16, 17], "Asia/Tokyo"));
  const dayOf = (weekday: number) =>
    Array.from({ length: 40 }, (_, seed) => curve(seed)).reduce(
      (sum, { between }) =>
        sum +
        [2, 3, 4, 5, 6, 7, 8, 9]
          // The launch is on a Monday; fourteen hours later Tuesday begins.
          .map((week) =>
            between((week * 7 + weekday - 1) * 24 - 10, (week * 7 + weekday) * 24 - 10),
          )
          .reduce((all, one) => all + one, 0),
      0,
    );
  expect(dayOf(7)).toBeGreaterThan(1.15 * dayOf(5));
});

test("many sales end with a rush, and some have a wave or a step in the middle", () => {
  const last = Array.from({ length: 60 }, (_, seed) => {
    const { between } = curve(seed);
    return between(113 * 24, 120 * 24) / between(92 * 24, 99 * 24);
  });
  expect(last.filter((more) => more > 1.3).length).toBeGreaterThan(20);
  const leaps = Array.from({ length: 60 }, (_, seed) => {
    const { between } = curve(seed);
    const weeks = Array.from({ length: 12 }, (_, n) => between((3 + n) * 168, (4 + n) * 168));
    return Math.max(...weeks.slice(1).map((week, n) => week / (weeks[n] ?? week)));
  });
  expect(leaps.filter((more) => more > 2).length).toBeGreaterThan(10);
  expect(leaps.filter((more) => more < 1.5).length).toBeGreaterThan(5);
});

test("there are at least 24 past events, and most of them had eight behind them at their launch", () => {
  expect(past.length).toBeGreaterThanOrEqual(24);
  expect(new Set(past.map(({ event }) => event.document.name)).size).toBe(past.length);
  const ready = past.filter(({ launch }) => past.filter(({ end }) => end <= launch).length >= 8);
  expect(ready.length).toBeGreaterThan(past.length / 2);
});

test("past events fill from less than a half up to all, by division, never beyond its places", () => {
  const filled = past.map(({ at, capacity }) => at.length / capacity);
  expect(Math.min(...filled)).toBeLessThan(0.6);
  expect(filled.filter((share) => share > 0.97).length).toBeGreaterThan(5);
  const types = past.flatMap((sale) => sale.types.map((type) => ({ ...type, sale })));
  expect(types.filter(({ amount, sold }) => sold.length > amount)).toEqual([]);
  const soldOut = types.filter(({ amount, sold }) => amount > 100 && sold.length === amount);
  const days = soldOut.map(({ sold, sale }) => ((sold.at(-1) ?? 0) - sale.launch) / DAY_MS);
  expect(days.filter((day) => day < 20).length).toBeGreaterThan(5);
  expect(days.filter((day) => day > 40).length).toBeGreaterThan(5);
  // One division is gone while another one of the same event is still sold.
  const uneven = past.filter(({ types: own }) => {
    const gone = own.filter(({ amount, sold }) => amount > 100 && sold.length === amount);
    return gone.length > 0 && gone.length < own.filter(({ amount }) => amount > 100).length;
  });
  expect(uneven.length).toBeGreaterThan(3);
});

test("some past tickets were refunded, some taken over by others, and all were sold within the sale", () => {
  for (const { tickets, launch, end } of past) {
    const refunded = tickets.filter(({ status }) => status === "INVALID").length / tickets.length;
    expect(refunded).toBeGreaterThan(0.02);
    expect(refunded).toBeLessThan(0.15);
    expect(tickets.some(({ originTicketId }) => originTicketId !== null)).toBe(true);
    expect(Math.min(...tickets.map(({ createdAt }) => createdAt.getTime()))).toBeGreaterThanOrEqual(
      launch,
    );
    expect(Math.max(...tickets.map(({ createdAt }) => createdAt.getTime()))).toBeLessThanOrEqual(
      end,
    );
  }
});

test("no more is sold than types, categories and the event have places for, however much is wanted", () => {
  const eager = specsOf("years", moment)
    .filter(({ demand }) => demand !== undefined)
    .filter(({ categories, maxAmountShare }) => categories === "tight" || maxAmountShare)
    .map((spec) => ({ ...spec, demand: 3 }));
  expect(eager.length).toBeGreaterThanOrEqual(2);
  for (const spec of eager) {
    const { event, types, at } = saleOf(madeUpEvent(spec, moment));
    expect(types.filter(({ amount, sold }) => sold.length > amount)).toEqual([]);
    const { categories, maxAmount } = event.document;
    const places = categories
      .filter(({ name }) => name === "Race" || name === "Charity")
      .reduce((sum, { amount = Infinity }) => sum + amount, 0);
    expect(at.length).toBeLessThanOrEqual(Math.min(places, maxAmount));
  }
});

test("what is on sale is about as far as past events were by then, some ahead and some behind", () => {
  const ahead = specsOf("years", moment)
    .filter(({ demand, startsInDays }) => demand !== undefined && startsInDays > 0)
    .map((spec) => saleOf(madeUpEvent(spec, moment)))
    .map(({ at, capacity, launch }) => {
      const day = (moment.now.getTime() - launch) / DAY_MS;
      const usual = past.map((one) => one.by(day) / one.capacity).sort((one, other) => one - other);
      return at.length / capacity - (usual[usual.length / 2] ?? 0);
    });
  expect(ahead.length).toBeGreaterThan(15);
  expect(ahead.filter((points) => points > 0.05).length).toBeGreaterThan(2);
  expect(ahead.filter((points) => points < -0.05).length).toBeGreaterThan(2);
  const mean = ahead.reduce((sum, points) => sum + points, 0) / ahead.length;
  expect(Math.abs(mean)).toBeLessThan(0.15);
});

test("the same seed makes the same past, and another one another", () => {
  const again = pastEvents(moment)
    .slice(0, 3)
    .map((spec) => madeUpEvent(spec, moment));
  expect(again).toEqual(past.slice(0, 3).map(({ event }) => event));
  const other = { ...moment, seed: 8 };
  const [first] = pastEvents(other)
    .slice(0, 1)
    .map((spec) => madeUpEvent(spec, other));
  expect(first?.tickets.length).not.toBe(past[0]?.tickets.length);
});
