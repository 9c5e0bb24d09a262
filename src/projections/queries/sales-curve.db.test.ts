import { expect, test } from "bun:test";
import { happeningBetween } from "../../../test/support/between.ts";
import {
  EVENT_ID,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach, applyKept, NOW, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { NewFact } from "../../contracts/index.ts";
import { Failure } from "../../lib/failure.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { tablesAsOf } from "./as-of.ts";
import { readEventLevels } from "./event-levels.ts";
import { readRowsAt } from "./rows-at.ts";
import { salesByDayReader } from "./sales-by-day.ts";
import { readSalesCurve, type SalesCurveOptions } from "./sales-curve.ts";
import { readSeasonSales } from "./season-sales.ts";

const { countedClasses } = defaultPolicy;
const types = [
  ticketType(),
  ticketType({ ticketTypeId: "women", name: "HYROX WOMEN" }),
  ticketType({ ticketTypeId: "seats", name: "SPECTATOR" }),
];

const facts = [
  eventUpdated({ ticketTypes: types }),
  salesCounted({
    countedAt: "2026-03-01T02:00:00.000Z",
    ticketTypes: [
      typeCount({
        sold: 8,
        newSales: { "2026-02-27T22": 3, "2026-02-27T23": 4 },
        replaced: 1,
        replacements: { "2026-02-28T10": 1 },
      }),
      typeCount({ ticketTypeId: "women", sold: 2, newSales: { "2026-02-27T23": 2 } }),
      typeCount({ ticketTypeId: "seats", sold: 9, newSales: { "2026-02-27T23": 9 } }),
    ],
  }),
  // One of the three that were sold at 22:00 was refunded since.
  salesCounted({
    countedAt: "2026-03-02T02:00:00.000Z",
    ticketTypes: [
      typeCount({ sold: 9, replaced: 1, newSales: { "2026-02-27T22": 2, "2026-03-01T12": 2 } }),
    ],
  }),
];

async function curve(
  given: NewFact[],
  { by, per = "event", from }: Pick<SalesCurveOptions, "by"> & Partial<SalesCurveOptions>,
) {
  const { sql } = await reusedDatabase();
  await applyEach(sql, given);
  const { events, ticketTypes } = await readAllRows(sql);
  const event = events.find(({ eventId }) => eventId === EVENT_ID);
  if (!event) throw new Failure("missing", "no event");
  const rows = { event, ticketTypes };
  const days = await salesByDayReader(sql)({
    ...{ rows: { events, ticketTypes }, countedClasses, days: 90 },
    now: new Date("2026-03-02T12:00:00Z"),
  });
  return { days, sales: await readSalesCurve(sql, { rows, countedClasses, by, per, from }) };
}

test("an event's hours are those of the ticket types in its totals, with replacements apart", async () => {
  const { sales } = await curve(facts, { by: "hour" });
  expect(
    sales.map((row) => [
      ...[row.hour, row.date, row.newSales, row.replacements, row.totalSold, row.ticketTypeId],
    ]),
  ).toEqual([
    // 22:00 UTC is 23:00 in Berlin, and 23:00 UTC is the next day.
    ["2026-02-27T22:00:00.000Z", "2026-02-27", 2, 0, 3, null],
    ["2026-02-27T23:00:00.000Z", "2026-02-28", 6, 0, 9, null],
    ["2026-02-28T10:00:00.000Z", "2026-02-28", 0, 1, 9, null],
    ["2026-03-01T12:00:00.000Z", "2026-03-01", 2, 0, 11, null],
  ]);
});

test("an event's days with sales are those of the sheet, whose totals are as they were", async () => {
  const { sales, days } = await curve(facts, { by: "day" });
  const selling = days.filter(({ newSales }) => newSales > 0);
  expect(sales.map(({ date, newSales }) => [date, newSales])).toEqual(
    selling.map(({ day, newSales }) => [day, newSales]),
  );
  // By creation there was no replacement yet; by the count the refunded one was sold.
  expect(sales.map(({ totalSold }) => totalSold)).toEqual([3, 9, 11]);
  expect(days.slice(-4).map(({ totalSold, refunds }) => [totalSold, refunds])).toEqual([
    ...[
      [2, null],
      [9, null],
      [12, null],
      [11, 1],
    ],
  ]);
  expect(sales.map(({ date, hour, replacements }) => [date, hour, replacements])).toEqual([
    ["2026-02-27", null, 0],
    ["2026-02-28", null, 1],
    ["2026-03-01", null, 0],
  ]);
});

test("every ticket type has a curve of its own, also one that no total holds", async () => {
  const { sales } = await curve(facts, { by: "day", per: "ticketType" });
  expect(
    sales.map(({ ticketName, date, newSales, totalSold }) => [
      ...[ticketName, date, newSales, totalSold],
    ]),
  ).toEqual([
    ["HYROX MEN | Saturday", "2026-02-27", 2, 3],
    ["HYROX MEN | Saturday", "2026-02-28", 4, 7],
    ["HYROX MEN | Saturday", "2026-03-01", 2, 9],
    ["HYROX WOMEN", "2026-02-28", 2, 2],
    ["SPECTATOR", "2026-02-28", 9, 9],
  ]);
});

test("a curve adds up also where a count comes in after its event was read", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts.slice(0, 2));
  const { events, ticketTypes } = await readAllRows(sql);
  const event = events.find(({ eventId }) => eventId === EVENT_ID);
  if (!event) throw new Failure("missing", "no event");
  const rows = { event, ticketTypes };
  const isOfHours = (statement: string) => statement.includes("from sales_hour");
  for (const per of ["event", "ticketType"] as const) {
    const asked = { rows, countedClasses, by: "day", per } as const;
    const between = happeningBetween(sql, isOfHours, () => applyKept(sql, facts.slice(2)));
    const found = await readSalesCurve(between, asked);
    const anew = await readAllRows(sql);
    const [eventNow] = anew.events;
    if (!eventNow) throw new Failure("missing", "no event");
    const now = { event: eventNow, ticketTypes: anew.ticketTypes };
    expect(found).toEqual(await readSalesCurve(sql, { ...asked, rows: now }));
  }
});

test("as of a moment before the first count it is what is sold now and was created by then, in every route", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  const asOf = new Date("2026-02-27T23:30:00.000Z");
  const [then, now] = await Promise.all([
    readRowsAt(sql, { at: asOf, policy: defaultPolicy }),
    readAllRows(sql),
  ]);
  const [eventThen] = then.events;
  const [event] = now.events;
  if (!eventThen || !event) throw new Failure("missing", "no event");
  expect(eventThen.totalSold).toBeNull();
  const rows = { event: eventThen, ticketTypes: then.ticketTypes };
  const asked = { rows, countedClasses, by: "hour", asOf } as const;
  const soldBy = async (per: "event" | "ticketType") =>
    (await readSalesCurve(sql, { ...asked, per })).map((row) => [
      ...[row.hour, row.ticketTypeId, row.newSales, row.totalSold],
    ]);
  // Of 11 that are sold now two were created on the next day, and six in the hour that was under way.
  expect(await soldBy("event")).toEqual([["2026-02-27T22:00:00.000Z", null, 2, 3]]);
  expect(await soldBy("ticketType")).toEqual([["2026-02-27T22:00:00.000Z", "men", 2, 3]]);
  const instantOf = tablesAsOf(sql, {
    policy: defaultPolicy,
    readRevision: () => Promise.resolve(undefined),
  });
  const tables = await (await instantOf(asOf)).tables("events");
  const season = await readSeasonSales(
    sql,
    { by: "hour", limit: 10, asOf },
    { policy: defaultPolicy, now: asOf, countedClasses, tables },
  );
  expect(season.leftOut).toEqual([]);
  expect(season.rows.map(({ hour, newSales, totalSold }) => [hour, newSales, totalSold])).toEqual([
    ["2026-02-27T22:00:00.000Z", 2, 3],
  ]);
  const levels = await readEventLevels(
    sql,
    { by: "count", per: "event", limit: 10, asOf },
    {
      policy: defaultPolicy,
      now: NOW,
      rows: { event, ticketTypes: now.ticketTypes },
      event: eventThen,
    },
  );
  expect(levels.rows.map(({ at, basis, sold }) => [at, basis, sold])).toEqual([
    ["2026-02-27T23:00:00.000Z", "creation", 3],
  ]);
});

test("an event that was never counted has no sales", async () => {
  expect((await curve(facts.slice(0, 1), { by: "hour" })).sales).toEqual([]);
});

test("a timezone that nobody knows is UTC", async () => {
  const nowhere = eventUpdated({ ticketTypes: types, timezone: "Europe/Nowhere" });
  const { sales } = await curve([nowhere, ...facts.slice(1)], { by: "day" });
  expect(sales.map(({ date, newSales }) => [date, newSales])).toEqual([
    ["2026-02-27", 8],
    ["2026-02-28", 0],
    ["2026-03-01", 2],
  ]);
});

test("an hour that lies over midnight is of the day it begins on", async () => {
  const adelaide = eventUpdated({ ticketTypes: types, timezone: "Australia/Adelaide" });
  const sold = { "2026-02-27T13": 1, "2026-02-27T14": 2 };
  const count = salesCounted({ ticketTypes: [typeCount({ sold: 3, newSales: sold })] });
  const { sales } = await curve([adelaide, count], { by: "day" });
  // 13:00 UTC is 23:30 there.
  expect(sales.map(({ date, newSales }) => [date, newSales])).toEqual([
    ["2026-02-27", 1],
    ["2026-02-28", 2],
  ]);
});

/** Clocks go from 24:00 to 1:00 on 6 September 2026 in Santiago; in Mumbai a day begins at half past. */
test.each(["America/Santiago", "Asia/Kolkata", "Europe/Berlin", null])(
  "who asks from a day on gets the same rows and totals in %p, and none before",
  async (timezone) => {
    const hours = Array.from({ length: 60 }, (_, n) =>
      new Date(Date.UTC(2026, 8, 5) + n * 3_600_000).toISOString().slice(0, 13),
    );
    const sold = salesCounted({
      countedAt: "2026-09-10T02:00:00.000Z",
      ticketTypes: [
        typeCount({ sold: 60, newSales: Object.fromEntries(hours.map((hour) => [hour, 1])) }),
      ],
    });
    const given = [eventUpdated({ ticketTypes: types, timezone }), sold];
    const { sales } = await curve(given, { by: "hour" });
    for (const from of ["2026-09-06", "2026-09-07", "0001-01-01", "9999-12-31"])
      expect((await curve(given, { by: "hour", from })).sales).toEqual(
        sales.filter(({ date }) => date >= from),
      );
  },
);
