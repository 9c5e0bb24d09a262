import { describe, expect, test } from "bun:test";
import { happeningBetween } from "../../../test/support/between.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { EventUpdated, NewFact, TicketTypeCount } from "../../contracts/index.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { SeasonSalesRow, SeasonSalesWanted } from "./row-types.ts";
import { readSeasonSales } from "./season-sales.ts";

const NOW = new Date("2026-03-05T10:30:00Z");
const types = [ticketType(), ticketType({ ticketTypeId: "seats", name: "SPECTATOR" })];

const event = (eventId: string, said: Partial<EventUpdated> = {}) =>
  eventUpdated({ eventId, ticketTypes: types, sellStart: "2026-02-27T11:00:00.000Z", ...said });

const counted = (eventId: string, ...ticketTypes: TicketTypeCount[]) =>
  salesCounted({ eventId, countedAt: "2026-03-05T02:00:00.000Z", ticketTypes });

const facts = [
  event("berlin"),
  counted(
    "berlin",
    typeCount({
      sold: 8,
      newSales: { "2026-02-27T22": 3, "2026-02-27T23": 4 },
      replaced: 1,
      replacements: { "2026-03-02T10": 1 },
    }),
    typeCount({ ticketTypeId: "seats", sold: 9, newSales: { "2026-02-28T12": 9 } }),
  ),
  event("auckland", {
    timezone: "Pacific/Auckland",
    account: "AUSTRALIA",
    start: "2026-03-03T19:00:00.000Z",
    end: "2026-03-04T04:00:00.000Z",
    sellStart: "2026-03-01T20:00:00.000Z",
  }),
  counted("auckland", typeCount({ sold: 2, newSales: { "2026-03-02T12": 2 } })),
];

async function season(given: NewFact[]) {
  const { sql } = await reusedDatabase();
  await applyKept(sql, given);
  const { countedClasses } = defaultPolicy;
  return (wanted: Partial<SeasonSalesWanted> = {}, now = NOW) =>
    readSeasonSales(
      sql,
      { by: "day", limit: 1_000, ...wanted },
      { now, policy: defaultPolicy, countedClasses },
    );
}

const told = (rows: readonly SeasonSalesRow[]) =>
  rows.map((row) => [row.eventId, row.date, row.newSales, row.replacements, row.totalSold]);

describe("what many events sold", () => {
  test("has every day of each event's own calendar from its launch on, zero or not, replacements apart", async () => {
    const read = await season(facts);
    const { rows, next, leftOut } = await read();
    expect({ next, leftOut }).toEqual({ next: null, leftOut: [] });
    expect(told(rows)).toEqual([
      // 20:00 UTC on 1 March is the 2nd there, and the race is on the 4th.
      ["auckland", "2026-03-02", 0, 0, 0],
      ["auckland", "2026-03-03", 2, 0, 2],
      ["auckland", "2026-03-04", 0, 0, 2],
      ["berlin", "2026-02-27", 3, 0, 4],
      ["berlin", "2026-02-28", 4, 0, 8],
      ["berlin", "2026-03-01", 0, 0, 8],
      ["berlin", "2026-03-02", 0, 1, 8],
      ["berlin", "2026-03-03", 0, 0, 8],
      ["berlin", "2026-03-04", 0, 0, 8],
      ["berlin", "2026-03-05", 0, 0, 8],
    ]);
    expect(rows.at(-1)).toEqual({
      eventId: "berlin",
      eventName: "HYROX Testville",
      region: "DACH",
      timezone: "Europe/Berlin",
      hour: null,
      date: "2026-03-05",
      day: null,
      newSales: 0,
      replacements: 0,
      totalSold: 8,
      percentSold: 8,
    });
  });

  test("by hour has the hours of UTC that sold something and no others", async () => {
    const read = await season(facts);
    const { rows } = await read({ by: "hour" });
    expect(
      rows.map(({ eventId, hour, date, newSales }) => [eventId, hour, date, newSales]),
    ).toEqual([
      ["auckland", "2026-03-02T12:00:00.000Z", "2026-03-03", 2],
      ["berlin", "2026-02-27T22:00:00.000Z", "2026-02-27", 3],
      ["berlin", "2026-02-27T23:00:00.000Z", "2026-02-28", 4],
      ["berlin", "2026-03-02T10:00:00.000Z", "2026-03-02", 0],
    ]);
  });

  test("since the launch has 24 hours a row, from the hour of the launch on", async () => {
    const presale = counted(
      "berlin",
      typeCount({
        sold: 3,
        newSales: { "2026-02-26T10": 1, "2026-02-27T11": 1, "2026-02-28T11": 1 },
      }),
    );
    const read = await season([
      event("berlin", { sellStart: "2026-02-27T11:20:00.000Z" }),
      presale,
    ]);
    const { rows } = await read({ by: "sinceLaunch", maxDay: 2 });
    expect(
      rows.map(({ day, hour, newSales, totalSold }) => [day, hour, newSales, totalSold]),
    ).toEqual([
      [-2, "2026-02-25T11:00:00.000Z", 1, 1],
      [-1, "2026-02-26T11:00:00.000Z", 0, 1],
      [0, "2026-02-27T11:00:00.000Z", 1, 2],
      [1, "2026-02-28T11:00:00.000Z", 1, 3],
      [2, "2026-03-01T11:00:00.000Z", 0, 3],
    ]);
    const first = await read({ by: "sinceLaunch", minDay: 0, maxDay: 0 });
    expect(told(first.rows)).toEqual([["berlin", "2026-02-27", 1, 0, 2]]);
  });

  test("to the race counts the days of the event's calendar down", async () => {
    const read = await season(facts);
    const { rows } = await read({ by: "toRace", eventIds: ["auckland"] });
    expect(rows.map(({ day, date }) => [day, date])).toEqual([
      [2, "2026-03-02"],
      [1, "2026-03-03"],
      [0, "2026-03-04"],
    ]);
    const last = await read({ by: "toRace", eventIds: ["auckland"], maxDay: 1 });
    expect(last.rows).toEqual(rows.slice(1));
    expect(
      (await read({ by: "toRace", minDay: 3, maxDay: 100 })).rows.map(({ eventId }) => eventId),
    ).not.toContain("auckland");
  });

  test("adds up also where a count comes in while it is read", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, facts);
    const more = salesCounted({
      ...{ eventId: "berlin", countedAt: "2026-03-05T10:00:00.000Z" },
      ticketTypes: [
        typeCount({
          ...{ sold: 11, replaced: 1, replacements: { "2026-03-02T10": 1 } },
          newSales: { "2026-02-27T22": 3, "2026-02-27T23": 4, "2026-03-05T09": 3 },
        }),
        typeCount({ ticketTypeId: "seats", sold: 9, newSales: { "2026-02-28T12": 9 } }),
      ],
    });
    let reads = 0;
    // The first statement reads the events, the second their hours.
    const isOfHours = (statement: string) => {
      if (!statement.includes("json_agg(found)")) return false;
      reads += 1;
      return reads === 2;
    };
    const between = happeningBetween(sql, isOfHours, () => applyKept(sql, [more]));
    const { countedClasses } = defaultPolicy;
    const options = { now: NOW, policy: defaultPolicy, countedClasses };
    const wanted = { by: "day", limit: 1_000, eventIds: ["berlin"] } as const;
    const { rows } = await readSeasonSales(between, wanted, options);
    expect(reads).toBeGreaterThan(1);
    expect(rows).toEqual((await readSeasonSales(sql, wanted, options)).rows);
    expect(rows.at(-1)).toMatchObject({ date: "2026-03-05", newSales: 3, totalSold: 11 });
  });

  test("is of the accounts, statuses, events and classes that are asked for", async () => {
    const read = await season(facts);
    const ids = async (wanted: Partial<SeasonSalesWanted>) => [
      ...new Set((await read(wanted)).rows.map(({ eventId }) => eventId)),
    ];
    expect(await ids({ regions: ["AUSTRALIA"] })).toEqual(["auckland"]);
    expect(await ids({ statuses: ["ON_SALE"] })).toEqual(["berlin"]);
    expect(await ids({ statuses: ["ON_SALE", "ENDED"] })).toEqual(["auckland", "berlin"]);
    expect(await ids({ eventIds: ["berlin"] })).toEqual(["berlin"]);
    const seats = await read({
      classes: ["spectator"],
      eventIds: ["berlin"],
      from: "2026-02-28",
      to: "2026-03-01",
    });
    expect(told(seats.rows)).toEqual([
      ["berlin", "2026-02-28", 9, 0, 9],
      ["berlin", "2026-03-01", 0, 0, 9],
    ]);
    expect(seats.rows[0]?.percentSold).toBeNull();
  });

  test("names what is asked for and is not there, and says why an event has no rows", async () => {
    const launchToCome = { sellStart: "2026-04-01T00:00:00.000Z" };
    const read = await season([
      ...facts,
      event("uncounted"),
      event("coming", launchToCome),
      counted("coming", typeCount({ sold: 0 })),
      event("undated", { sellStart: null }),
      counted("undated", typeCount({ sold: 1, newSales: { "2026-03-02T12": 1 } })),
      event("group", { eventType: "GROUP", childEventIds: ["berlin"] }),
    ]);
    const { leftOut } = await read({ by: "sinceLaunch" });
    expect(leftOut.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))).toEqual([
      { eventId: "coming", reason: "notOnSaleYet" },
      { eventId: "group", reason: "group" },
      { eventId: "uncounted", reason: "notCounted" },
      { eventId: "undated", reason: "noLaunchDate" },
    ]);
  });

  test("goes on with zero days where nothing was sold since the day that is asked from", async () => {
    const presale = counted("berlin", typeCount({ sold: 1, newSales: { "2026-02-20T10": 1 } }));
    const read = await season([event("berlin", { sellStart: null }), presale]);
    expect(told((await read({ from: "2026-03-04" })).rows)).toEqual([
      ["berlin", "2026-03-04", 0, 0, 1],
      ["berlin", "2026-03-05", 0, 0, 1],
    ]);
    expect((await read({ from: "0001-01-01" })).rows).toHaveLength(14);
    expect((await read({ from: "9999-12-31" })).rows).toEqual([]);
  });

  test("is the same percentage as the event's own, to the last digit", async () => {
    const read = await season([
      event("berlin", { ticketTypes: [ticketType({ amount: 800 })] }),
      counted("berlin", typeCount({ sold: 57, newSales: { "2026-03-04T10": 57 } })),
    ]);
    // 57 of 800 is 7.125 %.
    expect((await read()).rows.at(-1)?.percentSold).toBe(7.13);
  });

  test("of an event whose rows are still to be made is there as well", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, facts);
    const options = {
      now: NOW,
      policy: defaultPolicy,
      countedClasses: defaultPolicy.countedClasses,
    };
    const read = () => readSeasonSales(sql, { by: "day", limit: 100 }, options);
    const kept = await read();
    await sql`update event_shown set document = null where event_id = 'berlin'`;
    expect(await read()).toEqual(kept);
  });
});

const HOUR_MS = 3_600_000;
const begin = Date.UTC(2026, 1, 20);
const hourName = (n: number) => new Date(begin + n * HOUR_MS).toISOString().slice(0, 13);

/** Events of any zone that sold anything in any of 300 hours, some launched, some not. */
const seasons = fc.array(
  fc.record({
    timezone: fc.constantFrom(
      "Europe/Berlin",
      "America/Santiago",
      "Asia/Kolkata",
      "Pacific/Auckland",
    ),
    launch: fc.option(fc.integer({ min: 0, max: 300 }), { nil: null }),
    race: fc.integer({ min: 0, max: 500 }),
    hours: fc.dictionary(
      fc.integer({ min: 0, max: 300 }).map(hourName),
      fc.integer({ min: 0, max: 5 }),
      { maxKeys: 12 },
    ),
  }),
  { minLength: 1, maxLength: 25 },
);

test("pages of any size hold each row once and in order, and add up to what was sold", async () => {
  await fc.assert(
    fc.asyncProperty(
      seasons,
      fc.constantFrom("day", "hour", "sinceLaunch", "toRace"),
      fc.integer({ min: 1, max: 60 }),
      async (events, by, limit) => {
        const read = await season(
          events.flatMap(({ timezone, launch, race, hours }, n) => {
            const start = new Date(begin + race * HOUR_MS).toISOString();
            const sellStart =
              launch === null ? null : new Date(begin + launch * HOUR_MS).toISOString();
            const sold = Object.values(hours).reduce((sum, tickets) => sum + tickets, 0);
            return [
              event(`e${n}`, { timezone, start, end: start, sellStart }),
              counted(`e${n}`, typeCount({ sold, newSales: hours })),
            ];
          }),
        );
        const { rows, leftOut } = await read({ by, limit: 10_000 });
        const paged: SeasonSalesRow[] = [];
        let after: SeasonSalesWanted["after"];
        do {
          const page = await read({ by, limit, after });
          paged.push(...page.rows);
          after = page.next ?? undefined;
        } while (after);
        expect(paged).toEqual(rows);
        events.forEach(({ hours, launch }, n) => {
          const mine = rows.filter(({ eventId }) => eventId === `e${n}`);
          const sold = Object.values(hours).reduce((sum, tickets) => sum + tickets, 0);
          const shown = mine.reduce((sum, { newSales }) => sum + newSales, 0);
          if (by === "sinceLaunch" && launch === null)
            expect(leftOut).toContainEqual({ eventId: `e${n}`, reason: "noLaunchDate" });
          else expect(shown).toBe(sold);
          if (mine.length > 0) expect(mine.at(-1)?.totalSold).toBe(sold);
          // No day is missing.
          const days = mine.map(({ date }) => Date.parse(date));
          if (by !== "hour")
            expect(days).toEqual(mine.map((_, index) => (days[0] ?? 0) + index * 24 * HOUR_MS));
        });
      },
    ),
    { numRuns: runs(6) },
  );
});
