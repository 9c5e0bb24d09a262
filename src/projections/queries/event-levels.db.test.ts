import { describe, expect, test } from "bun:test";
import { happeningBetween } from "../../../test/support/between.ts";
import {
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { NewFact } from "../../contracts/index.ts";
import { dayAt } from "../../lib/zones.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readEventLevels } from "./event-levels.ts";
import type { LevelRow, LevelsWanted } from "./row-types.ts";
import { readRowsAt } from "./rows-at.ts";
import { readSalesCurve } from "./sales-curve.ts";

const NOW = new Date("2026-04-01T00:00:00Z");
const types = [
  ticketType(),
  ticketType({ ticketTypeId: "women", name: "HYROX WOMEN" }),
  ticketType({ ticketTypeId: "seats", name: "SPECTATOR" }),
];
const event = eventUpdated({ ticketTypes: types });

async function levelsOf(facts: NewFact[]) {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  const { events, ticketTypes } = await readAllRows(sql, NOW);
  const [row] = events;
  if (!row) throw new Error("no event");
  const options = { now: NOW, policy: defaultPolicy, rows: { event: row, ticketTypes } };
  const read = (wanted: Partial<LevelsWanted> = {}) =>
    readEventLevels(sql, { by: "count", per: "event", limit: 1_000, ...wanted }, options);
  return { sql, read, rows: options.rows };
}

const facts = [
  event,
  salesCounted({
    countedAt: "2026-03-01T02:00:00.000Z",
    ticketTypes: [
      typeCount({ sold: 10, reserved: 2, newSales: { "2026-02-27T22": 4, "2026-02-28T10": 6 } }),
      typeCount({ ticketTypeId: "women", sold: 5, newSales: { "2026-02-28T10": 5 } }),
      typeCount({ ticketTypeId: "seats", sold: 1, newSales: { "2026-02-28T11": 1 } }),
    ],
  }),
  // Three of the men gave theirs back, one of these of the first hour.
  salesChanged({
    countedAt: "2026-03-01T08:00:00.000Z",
    ticketTypes: [typeCount({ sold: 7, newSales: { "2026-02-27T22": 3, "2026-02-28T10": 4 } })],
  }),
  salesChanged({
    countedAt: "2026-03-02T08:00:00.000Z",
    ticketTypes: [typeCount({ ticketTypeId: "seats", sold: 2, newSales: { "2026-03-02T07": 1 } })],
  }),
  salesChanged({
    countedAt: "2026-03-02T09:00:00.000Z",
    ticketTypes: [typeCount({ ticketTypeId: "women", sold: 9, newSales: { "2026-03-02T08": 4 } })],
  }),
];

const told = (rows: readonly LevelRow[]) =>
  rows.map((row) => [row.at.slice(5, 16), row.basis, row.sold, row.available]);

describe("the levels of an event", () => {
  test("say since when it is counted without anything of its past being worked out", async () => {
    const { sql, rows } = await levelsOf(facts);
    const wanted = { by: "count", per: "event", limit: 0 } as const;
    const none = {
      ...{ now: NOW, rows },
      get policy(): never {
        throw new Error("levels were worked out");
      },
    };
    expect(await readEventLevels(sql, wanted, none)).toEqual({
      ...{ timezone: rows.event.timezone, countedFrom: "2026-03-01T02:00:00.000Z" },
      ...{ rows: [], next: null },
    });
    await expect(readEventLevels(sql, { ...wanted, limit: 1 }, none)).rejects.toThrow("worked out");
  });

  test("are what was sold and left at each count, refunds and all, and creation before the first", async () => {
    const { read } = await levelsOf(facts);
    const page = await read();
    expect(page.countedFrom).toBe("2026-03-01T02:00:00.000Z");
    expect(told(page.rows)).toEqual([
      // Of the 16 that are sold now: 3 by 23:00, and 9 more by 11:00 on the next day.
      ["02-27T23:00", "creation", 3, null],
      ["02-28T11:00", "creation", 12, null],
      ["03-01T02:00", "count", 15, 183],
      ["03-01T08:00", "count", 12, 188],
      ["03-02T09:00", "count", 16, 184],
    ]);
    expect(told((await read({ isCountedOnly: true })).rows)).toEqual(told(page.rows.slice(2)));
    expect(page.rows[2]).toEqual({
      ...{ at: "2026-03-01T02:00:00.000Z", basis: "count", ticketTypeId: null, ticketName: null },
      ...{ sold: 15, reserved: 2, capacity: 200, available: 183, percentSold: 7.5 },
    });
  });

  test("before the first count add up also where a count comes in after the event was read", async () => {
    const { sql, rows } = await levelsOf(facts.slice(0, 2));
    const options = { now: NOW, policy: defaultPolicy, rows };
    const isOfHours = (statement: string) => statement.includes("json_agg(found)");
    for (const per of ["event", "ticketType"] as const) {
      const wanted = { by: "count", per, limit: 1_000, to: "2026-02-28" } as const;
      const between = happeningBetween(sql, isOfHours, () => applyKept(sql, facts.slice(2)));
      const found = await readEventLevels(between, wanted, options);
      const { events, ticketTypes } = await readAllRows(sql, NOW);
      const [now] = events;
      if (!now) throw new Error("no event");
      const anew = { ...options, rows: { event: now, ticketTypes } };
      expect(found.rows).toEqual((await readEventLevels(sql, wanted, anew)).rows);
    }
  });

  test("are of every ticket type by itself where that is asked for, each where it changed", async () => {
    const { read } = await levelsOf(facts);
    const { rows } = await read({ per: "ticketType", from: "2026-03-01" });
    expect(rows.map((row) => [row.at.slice(5, 16), row.ticketName, row.sold])).toEqual([
      ["03-01T02:00", "HYROX MEN | Saturday", 10],
      ["03-01T02:00", "SPECTATOR", 1],
      ["03-01T02:00", "HYROX WOMEN", 5],
      ["03-01T08:00", "HYROX MEN | Saturday", 7],
      ["03-02T08:00", "SPECTATOR", 2],
      ["03-02T09:00", "HYROX WOMEN", 9],
    ]);
  });

  test("have a row where the places became others, and say how it stood when the first day began", async () => {
    const smaller = eventUpdated({
      updatedAt: "2026-03-03T10:00:00.000Z",
      observedAt: "2026-03-03T10:00:01.000Z",
      ticketTypes: types.map((type) => ({ ...type, amount: 50 })),
    });
    const { read } = await levelsOf([...facts, smaller]);
    expect(told((await read({ from: "2026-03-03" })).rows)).toEqual([
      ["03-02T23:00", "count", 16, 184],
      ["03-03T10:00", "count", 16, 84],
    ]);
    expect(told((await read({ from: "2026-03-04" })).rows)).toEqual([
      ["03-03T23:00", "count", 16, 84],
    ]);
    expect(told((await read({ to: "2026-02-26" })).rows)).toEqual([]);
    // Until midnight in Berlin.
    expect(told((await read({ to: "2026-02-27" })).rows)).toHaveLength(1);
    expect(told((await read({ to: "2026-02-28" })).rows)).toHaveLength(2);
  });

  test("before the first count are each ticket type's own, which come to the event's", async () => {
    const { read } = await levelsOf(facts);
    const { rows } = await read({ per: "ticketType" });
    const created = rows.filter(({ basis }) => basis === "creation");
    expect(created.map(({ at, ticketName, sold }) => [at.slice(5, 16), ticketName, sold])).toEqual([
      ["02-27T23:00", "HYROX MEN | Saturday", 3],
      ["02-28T11:00", "HYROX MEN | Saturday", 7],
      ["02-28T11:00", "HYROX WOMEN", 5],
      ["02-28T12:00", "SPECTATOR", 1],
    ]);
  });

  test("are those of any days that a calendar has", async () => {
    const { read } = await levelsOf(facts);
    const { rows } = await read();
    expect((await read({ from: "0001-01-01", to: "9999-12-31" })).rows).toEqual(rows);
    expect((await read({ from: "9999-12-31" })).rows).toEqual([]);
    expect((await read({ to: "0001-01-01", by: "day" })).rows).toEqual([]);
  });

  test("are the last of each hour or day where that is asked for", async () => {
    const { read } = await levelsOf(facts);
    expect(told((await read({ by: "day" })).rows)).toEqual([
      ["02-27T23:00", "creation", 3, null],
      ["02-28T11:00", "creation", 12, null],
      ["03-01T08:00", "count", 12, 188],
      ["03-02T09:00", "count", 16, 184],
    ]);
  });

  test("stand where anything was said otherwise last, and not where it was counted once more", async () => {
    const again = salesCounted({
      countedAt: "2026-03-02T20:00:00.000Z",
      ticketTypes: [
        typeCount({ sold: 7 }),
        typeCount({ ticketTypeId: "women", sold: 9 }),
        typeCount({ ticketTypeId: "seats", sold: 2 }),
      ],
    });
    const { read } = await levelsOf([...facts, again]);
    for (const by of ["count", "hour", "day"] as const) {
      const { rows } = await read({ by, per: "ticketType", from: "2026-03-02" });
      expect([by, rows.slice(3).map((row) => [row.at.slice(5, 16), row.ticketName])]).toEqual([
        by,
        [
          [by === "day" ? "03-02T09:00" : "03-02T08:00", "SPECTATOR"],
          ["03-02T09:00", "HYROX WOMEN"],
        ],
      ]);
    }
  });

  test("are of the days that their sales are of, where a clock is half an hour off too", async () => {
    // In Adelaide the hour from 13:00 UTC begins at 23:30 and ends on the next day.
    const adelaide = eventUpdated({ ticketTypes: types, timezone: "Australia/Adelaide" });
    const newSales = { "2026-02-27T13": 4, "2026-02-28T10": 6 };
    const counted = salesCounted({
      countedAt: "2026-03-01T02:00:00.000Z",
      ticketTypes: [typeCount({ sold: 10, newSales })],
    });
    const { read, rows, sql } = await levelsOf([adelaide, counted]);
    const created = async (wanted: Partial<LevelsWanted> = {}) =>
      (await read({ by: "day", ...wanted })).rows
        .filter(({ basis }) => basis === "creation")
        .map(({ at, sold }) => [at.slice(5, 16), sold]);
    expect(await created()).toEqual([
      ["02-27T14:00", 4],
      ["02-28T11:00", 10],
    ]);
    expect(await created({ to: "2026-02-27" })).toEqual([["02-27T14:00", 4]]);
    expect(await created({ from: "2026-02-28" })).toEqual([["02-28T11:00", 10]]);
    const { countedClasses } = defaultPolicy;
    const days = await readSalesCurve(sql, { rows, countedClasses, by: "day", per: "event" });
    expect(days.map(({ date, totalSold }) => [date, totalSold])).toEqual([
      ["2026-02-27", 4],
      ["2026-02-28", 10],
    ]);
  });

  test("are none, and no zeros, before an event was counted whole, and of one that holds others", async () => {
    const group = eventUpdated({ ticketTypes: types, eventType: "GROUP", childEventIds: ["a"] });
    const incomplete = salesCounted({ complete: false, ticketTypes: [typeCount({ sold: 3 })] });
    for (const given of [[event], [event, incomplete], [group, ...facts.slice(1)]]) {
      const { read } = await levelsOf(given);
      expect(await read()).toMatchObject({ countedFrom: null, rows: [], next: null });
    }
  });
});

/** Each type of these has as many places. */
const PLACES = 100;
const levelOf = (sold: number) => ({ sold, left: Math.max(0, PLACES - sold) });

const HOUR_MS = 3_600_000;
const begin = Date.UTC(2026, 1, 20);

/** Counts at whole hours, each of which sells or takes back some tickets of some types. */
const histories = fc.uniqueArray(
  fc.record({
    hour: fc.integer({ min: 0, max: 200 }),
    isWhole: fc.boolean(),
    sold: fc.record({
      men: fc.integer({ min: 0, max: 120 }),
      women: fc.integer({ min: 0, max: 90 }),
    }),
  }),
  { minLength: 1, maxLength: 25, selector: ({ hour }) => hour },
);

const orderings = fc.record({
  by: fc.constantFrom("count", "hour", "day"),
  per: fc.constantFrom("event", "ticketType"),
  limit: fc.integer({ min: 1, max: 7 }),
});

test("levels are those of a model that plays the counts one after the other, in pages of any size and thinned", async () => {
  await fc.assert(
    fc.asyncProperty(histories, orderings, async (history, { by, per, limit }) => {
      const counts = history.toSorted((one, other) => one.hour - other.hour);
      const given = counts.map(({ hour, isWhole, sold }, n) => {
        const countedAt = new Date(begin + hour * HOUR_MS + 1_000).toISOString();
        const ticketTypes = [
          typeCount({ sold: sold.men }),
          ...(isWhole || n === 0 ? [typeCount({ ticketTypeId: "women", sold: sold.women })] : []),
        ];
        return isWhole || n === 0
          ? salesCounted({ countedAt, ticketTypes })
          : salesChanged({ countedAt, ticketTypes });
      });
      const { sql, read } = await levelsOf([event, ...given.toReversed()]);
      const { rows } = await read({ by, per });
      const alone = await read({ by, per, isCountedOnly: true });
      expect(alone.rows).toEqual(rows.filter(({ basis }) => basis === "count"));

      // The model: what each type sold, step by step; of a period the last; only what is otherwise.
      const known = new Map<string, number>();
      const states = counts.map(({ hour, isWhole, sold }, n) => {
        known.set("men", sold.men);
        if (isWhole || n === 0) known.set("women", sold.women);
        return {
          at: begin + hour * HOUR_MS + 1_000,
          men: known.get("men"),
          women: known.get("women"),
        };
      });
      const periodOf = (at: number) =>
        by === "count"
          ? at
          : by === "hour"
            ? Math.floor(at / HOUR_MS)
            : dayAt(new Date(at), "Europe/Berlin");
      // What says what is known already says nothing.
      const news = states.filter(
        ({ men, women }, n) => men !== states[n - 1]?.men || women !== states[n - 1]?.women,
      );
      const thinned = [...new Map(news.map((state) => [periodOf(state.at), state])).values()];
      const said = new Map<string, string>();
      const expected = thinned.flatMap(({ at, men = 0, women = 0 }) => {
        const [ofMen, ofWomen] = [levelOf(men), levelOf(women)];
        const all = { sold: men + women, left: ofMen.left + ofWomen.left };
        const now = per === "event" ? { all } : { men: ofMen, women: ofWomen };
        return Object.entries(now).flatMap(([id, { sold, left }]) => {
          // As many sold in all may leave fewer, where one type is oversold.
          if (said.get(id) === `${sold} ${left}`) return [];
          said.set(id, `${sold} ${left}`);
          return [[new Date(at).toISOString(), id, sold, left]];
        });
      });
      const counted = rows.filter(({ ticketTypeId }) => ticketTypeId !== "seats");
      const found = counted.map((row) => [
        row.at,
        row.ticketTypeId ?? "all",
        ...[row.sold, row.available],
      ]);
      expect(found).toEqual(expected);

      const paged: LevelRow[] = [];
      let after: LevelsWanted["after"];
      do {
        const page = await read({ by, per, limit, after });
        paged.push(...page.rows);
        after = page.next ?? undefined;
      } while (after);
      expect(paged).toEqual(rows);

      // What was left is what the rows were at that instant.
      for (const row of per === "event" ? rows.slice(0, 3) : []) {
        const at = await readRowsAt(sql, { at: new Date(row.at), policy: defaultPolicy });
        const { totalSold, totalCapacity, totalAvailable, percentSold } = at.events[0] ?? {};
        const { sold, capacity, available } = row;
        expect([sold, capacity, available, row.percentSold]).toEqual([
          ...[totalSold, totalCapacity, totalAvailable, percentSold],
        ] as (typeof row.sold)[]);
      }
    }),
    { numRuns: runs(8) },
  );
});

test("a past of many counts is gone through in stretches, to the same rows", async () => {
  const many = Array.from({ length: 640 }, (_, n) =>
    salesCounted({
      countedAt: new Date(begin + n * 600_000).toISOString(),
      ticketTypes: [typeCount({ sold: n % 90 })],
    }),
  );
  const { read } = await levelsOf([event, ...many]);
  const { rows } = await read({ limit: 10_000 });
  expect(rows.map(({ sold }) => sold)).toEqual(many.map((_, n) => n % 90));
  const days = await read({ by: "day" });
  const last = new Map(rows.map((row) => [dayAt(new Date(row.at), "Europe/Berlin"), row]));
  expect(days.rows).toEqual([...last.values()]);
  expect((await read({ limit: 5, after: [begin + 400 * 600_000, ""] })).rows).toEqual(
    rows.slice(401, 406),
  );
});
