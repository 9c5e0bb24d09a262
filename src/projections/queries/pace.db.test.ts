import { describe, expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { EventUpdated, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readPaces } from "./pace.ts";
import { paceBook } from "./pace-book.ts";
import { readRows } from "./rows.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date("2026-03-20T10:20:00Z");
const hourOf = (at: number) => new Date(at).toISOString().slice(0, 13);
const instant = (at: number) => new Date(at).toISOString();

interface Told {
  id: string;
  account?: string;
  launch: number | null;
  race: number;
  salesEnd?: number;
  amount?: number;
  /** Tickets by the time of their sale. */
  sales: readonly (readonly [at: number, tickets: number])[];
}

const factsOf = (
  { id, account = "DACH", launch, race, salesEnd, amount = 100, sales }: Told,
  countedAt = NOW.getTime(),
  describedAt?: string,
): NewFact[] => {
  const said: Partial<EventUpdated> = {
    ...{ eventId: id, account, sellStart: launch === null ? null : instant(launch) },
    sellEnd: salesEnd === undefined ? null : instant(salesEnd),
    ...{ start: instant(race), end: instant(race + 8 * HOUR_MS) },
    ...(describedAt && { updatedAt: describedAt, observedAt: describedAt }),
    ticketTypes: [
      ticketType({ amount }),
      ticketType({ ticketTypeId: "seats", name: "SPECTATOR", amount: 50 }),
    ],
  };
  const newSales: Record<string, number> = {};
  for (const [at, tickets] of sales) newSales[hourOf(at)] = (newSales[hourOf(at)] ?? 0) + tickets;
  const sold = sales.reduce((sum, [, tickets]) => sum + tickets, 0);
  const types = [
    typeCount({ sold, newSales }),
    typeCount({ ticketTypeId: "seats", sold: 7, newSales: { [hourOf(NOW.getTime())]: 7 } }),
  ];
  return [
    eventUpdated(said),
    salesCounted({ eventId: id, account, countedAt: instant(countedAt), ticketTypes: types }),
  ];
};

async function stage(facts: NewFact[]) {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  let asked = 0;
  const counting: Pool = new Proxy(sql, {
    apply(target, of, given) {
      asked += 1;
      return Reflect.apply(target, of, given);
    },
  });
  const book = paceBook(counting);
  const policy = { policy: defaultPolicy, countedClasses: defaultPolicy.countedClasses };
  async function paces(comparables?: string[], now = NOW) {
    const { events } = await readRows(sql, { now, policy: defaultPolicy });
    return readPaces(events, { ...policy, book, comparables, now });
  }
  return {
    sql,
    paces,
    async asks(work: () => Promise<unknown>) {
      const before = asked;
      await work();
      return asked - before;
    },
  };
}

const now = NOW.getTime();
const past = (id: string, tickets: readonly [number, number], account = "DACH"): Told => ({
  ...{ id, account, launch: now - 200 * DAY_MS, race: now - 100 * DAY_MS },
  // Half its selling time is over after 50 days.
  sales: [
    [now - 190 * DAY_MS, tickets[0]],
    [now - 120 * DAY_MS, tickets[1]],
  ],
});

const selling: Told = {
  ...{ id: "selling", launch: now - 50 * DAY_MS, race: now + 50 * DAY_MS },
  sales: [
    [now - 49 * DAY_MS, 30],
    [now - 10 * DAY_MS, 6],
    [now - 2 * DAY_MS, 14],
    [now - HOUR_MS, 2],
    [now, 3],
  ],
};

const comparables = [past("a", [20, 5]), past("b", [40, 10]), past("c", [10, 80])];

describe("an event's pace", () => {
  test("is what was newly sold of its totals in whole hours, and how that is against the usual", async () => {
    const { paces } = await stage([selling, ...comparables].flatMap((told) => factsOf(told)));
    expect((await paces()).get("selling")).toEqual({
      until: "2026-03-20T10:00:00.000Z",
      unknown: null,
      hourSoFar: 3,
      lastHour: 2,
      last24Hours: 2,
      last7Days: 16,
      previous7Days: 6,
      perDay: 2.29,
      daysToRace: 50,
      // 45 places in 50 days and 20 minutes.
      neededPerDay: 0.9,
      usual: {
        shareOfSellingTime: 49.99,
        percentSold: 52,
        // Of 20, 40 and 10 after half of their selling time.
        usualPercentSold: 20,
        pointsAhead: 32,
        comparables: ["a", "b", "c"],
      },
      usualUnknown: null,
    });
  });

  test("of one that was called off is what was sold of it, against nothing and towards nothing", async () => {
    const facts = [selling, ...comparables].flatMap((told) => factsOf(told));
    const gone = (observedAt: string) => eventDeleted({ eventId: "selling", observedAt });
    const { paces } = await stage([...facts, gone(instant(now))]);
    expect((await paces()).get("selling")).toMatchObject({
      ...{ unknown: null, last24Hours: 2, last7Days: 16, perDay: 2.29, daysToRace: 50 },
      ...{ neededPerDay: null, usual: null, usualUnknown: "cancelled" },
    });
    // Nor with what somebody chooses.
    expect((await paces(["a"])).get("selling")?.usualUnknown).toBe("cancelled");
  });

  test("of one whose account was tidied up after its race is against the usual all the same", async () => {
    const [first, ...others] = comparables;
    if (!first) throw new Error("no comparables");
    const over = { ...first, id: "over" };
    const facts = [over, first, ...others].flatMap((told) => factsOf(told));
    const { paces } = await stage([
      ...facts,
      eventDeleted({ eventId: "over", observedAt: instant(now) }),
    ]);
    expect((await paces()).get("over")?.usual?.comparables).toEqual(["a", "b", "c"]);
  });

  test("needs so much a day as can be sold until the sale ends, which may be before the race", async () => {
    const needed = async (salesEnd: number) => {
      const { paces } = await stage(factsOf({ ...selling, salesEnd }));
      return (await paces()).get("selling")?.neededPerDay;
    };
    // 45 places in 30 days and 20 minutes.
    expect(await needed(now + 30 * DAY_MS)).toBe(1.5);
    expect(await needed(now + 70 * DAY_MS)).toBe(0.9);
  });

  test("is compared with the account's own past where there is enough of it, and with what is chosen", async () => {
    const others = [past("d", [90, 0], "FRANCE"), past("e", [90, 0], "FRANCE")];
    const { paces } = await stage(
      [selling, ...comparables, ...others].flatMap((told) => factsOf(told)),
    );
    const usual = async (ids?: string[]) => (await paces(ids)).get("selling")?.usual;
    expect((await usual())?.comparables).toEqual(["a", "b", "c"]);
    expect(await usual(["d", "c"])).toMatchObject({
      usualPercentSold: 50,
      comparables: ["d", "c"],
    });
    expect(await usual(["b"])).toMatchObject({ usualPercentSold: 40 });
  });

  test("is held against past events that were tidied away since, and against none that was called off", async () => {
    const deleted = (eventId: string, at: number) =>
      eventDeleted({ eventId, account: "DACH", observedAt: instant(at) });
    const { paces } = await stage([
      ...[selling, ...comparables].flatMap((told) => factsOf(told)),
      ...factsOf(past("off", [99, 0]), now - 119 * DAY_MS, instant(now - 200 * DAY_MS)),
      deleted("c", now - DAY_MS),
      deleted("off", now - 101 * DAY_MS),
    ]);
    expect((await paces()).get("selling")?.usual).toMatchObject({
      usualPercentSold: 20,
      comparables: ["a", "b", "c"],
    });
  });

  test("says why it does not know", async () => {
    const { paces } = await stage([
      ...[selling, ...comparables.slice(1)].flatMap((told) => factsOf(told)),
      ...factsOf({ ...selling, id: "undated", launch: null }),
      ...factsOf({ ...selling, id: "coming", launch: now + DAY_MS, sales: [] }),
      ...factsOf({ ...selling, id: "uncounted" }).slice(0, 1),
      eventUpdated({ eventId: "group", eventType: "GROUP", childEventIds: ["selling"] }),
    ]);
    const found = await paces();
    expect(
      [...found]
        .map(([id, pace]) => [id, pace.unknown, pace.usualUnknown, pace.lastHour])
        .filter(([id]) => !["b", "c"].includes(String(id)))
        .sort(),
    ).toEqual([
      ["coming", null, "notLaunched", 0],
      ["group", "group", "group", null],
      ["selling", null, "tooFewComparables", 2],
      ["uncounted", "notCounted", "notCounted", null],
      ["undated", null, "noLaunchDate", 2],
    ]);
    expect((await paces(["selling"])).get("selling")?.usualUnknown).toBe("tooFewComparables");
  });

  test("is remembered until something of the event becomes otherwise, and moves on with the hour", async () => {
    const { sql, paces, asks } = await stage(
      [selling, ...comparables].flatMap((told) => factsOf(told)),
    );
    const before = await paces();
    // Whether anything was written, and no sum over hours.
    expect(await asks(() => paces())).toBe(1);
    expect(await asks(() => paces(["a", "b"], new Date(now + 5 * HOUR_MS)))).toBe(1);
    // Nobody writes so: what is remembered does not know of it.
    await sql`update sales_hour set tickets = 1 where event_id = 'selling'`;
    expect(await paces()).toEqual(before);
    const more = { ...selling, sales: [...selling.sales, [now, 5] as const] };
    const [, count] = factsOf(more);
    if (count)
      await applyKept(sql, [
        { ...count, payload: { ...count.payload, countedAt: instant(now + 60_000) } } as NewFact,
      ]);
    expect((await paces()).get("selling")?.hourSoFar).toBe(8);
    const later = await paces(undefined, new Date(now + HOUR_MS));
    expect(later.get("selling")).toMatchObject({ hourSoFar: 0, lastHour: 8, last24Hours: 10 });
  });
});

const sale = fc.tuple(fc.integer({ min: -100 * 24, max: 0 }), fc.integer({ min: 1, max: 9 }));
const seasons = fc.record({
  past: fc.array(
    fc.record({
      launch: fc.integer({ min: -90 * 24, max: -20 * 24 }),
      race: fc.integer({ min: -19 * 24, max: -1 }),
      sales: fc.array(sale, { minLength: 1, maxLength: 8 }),
    }),
    { minLength: 3, maxLength: 6 },
  ),
  selling: fc.record({
    launch: fc.integer({ min: -60 * 24, max: -1 }),
    race: fc.integer({ min: 1, max: 60 * 24 }),
    sales: fc.array(sale, { maxLength: 8 }),
  }),
});

/** Slow and obvious: ticket by ticket, each hour's spread over its minutes. */
function slowPercent({ sales }: { sales: (readonly [number, number])[] }, at: number) {
  let sold = 0;
  for (const [hour, tickets] of sales)
    for (let ticket = 0; ticket < tickets; ticket += 1) {
      if (at >= hour + 1) sold += 1;
      else if (at > hour) sold += at - hour;
    }
  return sold;
}

test("the usual is that of a slow and obvious implementation, in any season", async () => {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const toTold = (
    id: string,
    { launch, race, sales }: { launch: number; race: number; sales: [number, number][] },
  ): Told => ({
    ...{ id, launch: hour + launch * HOUR_MS, race: hour + race * HOUR_MS, amount: 200 },
    sales: sales.map(([at, tickets]) => [hour + at * HOUR_MS, tickets] as const),
  });
  await fc.assert(
    fc.asyncProperty(seasons, async (season) => {
      const { paces } = await stage([
        ...factsOf(toTold("selling", season.selling)),
        ...season.past.flatMap((one, n) => factsOf(toTold(`p${n}`, one))),
      ]);
      const pace = (await paces()).get("selling");
      const share = -season.selling.launch / (season.selling.race - season.selling.launch);
      const percents = season.past
        .map((one) => slowPercent(one, one.launch + share * (one.race - one.launch)) / 2)
        .sort((a, b) => a - b);
      const [low, high] = [
        percents[Math.floor((percents.length - 1) / 2)],
        percents[Math.floor(percents.length / 2)],
      ];
      expect(pace?.usual?.usualPercentSold).toBeCloseTo(((low ?? 0) + (high ?? 0)) / 2, 1);
      expect(pace?.usual?.percentSold).toBeCloseTo(slowPercent(season.selling, 0) / 2, 2);
      const since = (hours: number, before = 0) =>
        season.selling.sales.reduce(
          (sum, [at, tickets]) => (at >= -hours && at < -before ? sum + tickets : sum),
          0,
        );
      expect(pace).toMatchObject({
        ...{ lastHour: since(1), last24Hours: since(24), last7Days: since(168) },
        ...{ previous7Days: since(336, 168) },
      });
    }),
    { numRuns: runs(8) },
  );
});
