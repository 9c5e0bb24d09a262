import { beforeAll, describe, expect, test } from "bun:test";
import {
  EVENT_ID,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyKept, emptyRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { EventUpdated } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { tablesAsOf } from "./as-of.ts";
import { readPaces } from "./pace.ts";
import { paceBook } from "./pace-book.ts";
import { readRowsAt } from "./rows-at.ts";
import { revisionReader } from "./rows-revision.ts";

const policy = { policy: defaultPolicy, countedClasses: defaultPolicy.countedClasses };
const NOW = new Date("2026-03-30T00:00:00.000Z");
const men = ticketType({ amount: 200 });
const seats = ticketType({ ticketTypeId: "seats", name: "SPECTATOR | Saturday", amount: 500 });

let sql: Pool;

/** At 10:00 of a day so many had been sold of those that are counted, and as many seats ten times over. */
const counted = (day: string, sold: number, hours: Record<string, number> = {}) =>
  salesCounted({
    countedAt: `2026-03-${day}T10:00:00.000Z`,
    ticketTypes: [
      typeCount({ sold, newSales: hours }),
      typeCount({ ticketTypeId: "seats", sold: 10 * sold }),
    ],
  });

beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  await applyKept(sql, [
    eventUpdated({ sellStart: "2026-03-01T00:00:00.000Z", ticketTypes: [men, seats] }),
    // What is sold today was created so; of day 10's forty ten were refunded later.
    counted("11", 60, { "2026-03-05T10": 20, "2026-03-10T09": 30 }),
    counted("13", 80),
    counted("14", 75),
    counted("20", 100),
  ]);
});

async function paceAt(time: string) {
  const asOf = new Date(time);
  const instantOf = tablesAsOf(sql, { ...policy, readRevision: revisionReader(sql) });
  const { events } = await readRowsAt(sql, { ...policy, at: asOf });
  const paces = await readPaces(events, {
    ...{ ...policy, book: paceBook(sql), now: NOW },
    instant: {
      ...{ sql, asOf },
      readTypeIds: async () => (await (await instantOf(asOf)).tables("events")).inTotals,
    },
  });
  return paces.get(EVENT_ID);
}

test("a pace as of a moment is what was counted by then, with refunds taken out when they came", async () => {
  // Up to the count of the 14th: 80 less 75 went back, after 20 more in the week and 60 at the first count.
  expect(await paceAt("2026-03-14T12:30:00Z")).toMatchObject({
    until: "2026-03-14T12:00:00.000Z",
    ...{ hourSoFar: 0, lastHour: 0, last24Hours: -5 },
    // Counted: 75 less the 60 of the first count. Created before it, within the week: 30.
    last7Days: 45,
    previous7Days: 20,
    perDay: 6.43,
  });
  // In the middle of an hour: the count at 10:00 was not known before it.
  expect(await paceAt("2026-03-13T10:30:00Z")).toMatchObject({
    ...{ until: "2026-03-13T10:00:00.000Z", hourSoFar: 0, lastHour: 20, last24Hours: 20 },
  });
  expect(await paceAt("2026-03-13T09:30:00Z")).toMatchObject({ hourSoFar: 0, lastHour: 0 });
});

test("before its first count it is not known, and after the last it is as it is now", async () => {
  expect(await paceAt("2026-03-10T12:00:00Z")).toMatchObject({
    ...{ unknown: "notCounted", last7Days: null },
  });
  const { events } = await readRowsAt(sql, { ...policy, at: NOW });
  const now = await readPaces(events, { ...policy, book: paceBook(sql), now: NOW });
  expect(await paceAt(NOW.toISOString())).toEqual([...now.values()][0]);
});

describe("against the usual, an event is held as it stood then", () => {
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
  /** Sold half of its places on the first of its hundred days. */
  const past = (eventId: string) => [
    eventUpdated({
      ...{ eventId, sellStart: day(-200), sellEnd: null, start: day(-100), end: day(-99) },
      ...{ updatedAt: day(-210), observedAt: day(-210), ticketTypes: [men] },
    }),
    salesCounted({
      ...{ eventId, countedAt: day(-99) },
      ticketTypes: [typeCount({ sold: 100, newSales: { [day(-199).slice(0, 13)]: 100 } })],
    }),
  ];
  const said = (n: number, more: Partial<EventUpdated>) =>
    eventUpdated({
      ...{ updatedAt: day(n), observedAt: day(n), sellStart: day(0), sellEnd: null },
      ...{ start: day(100), end: day(101), ticketTypes: [men], ...more },
    });
  const sold = (n: number, tickets: number) =>
    salesCounted({
      countedAt: day(n),
      ticketTypes: [typeCount({ sold: tickets, newSales: { [day(0).slice(0, 13)]: tickets } })],
    });

  test("by the launch that it had, wherever that was moved since", async () => {
    await emptyRows(sql);
    await applyKept(sql, [
      ...["a", "b", "c"].flatMap(past),
      ...[said(-10, {}), sold(10, 50), said(60, { sellStart: day(80) }), sold(61, 80)],
    ]);
    expect((await paceAt(day(50)))?.usual).toMatchObject({
      ...{ shareOfSellingTime: 50, percentSold: 25, usualPercentSold: 50 },
    });
    expect(await paceAt(day(62))).toMatchObject({ usual: null, usualUnknown: "notLaunched" });
  });
});

test.each([
  ["nothing", 0],
  ["40 tickets", 40],
])(
  "a sale that was first counted within its first hour, with %s sold, has sold what was counted of it",
  async (_, first) => {
    await emptyRows(sql);
    const launch = "2026-03-02T10:00:00.000Z";
    const at = (time: string, sold: number, newSales: Record<string, number> = {}) =>
      salesCounted({
        countedAt: `2026-03-02T${time}:00.000Z`,
        ticketTypes: [typeCount({ sold, newSales })],
      });
    await applyKept(sql, [
      eventUpdated({
        sellStart: launch,
        updatedAt: "2026-02-01T00:00:00.000Z",
        observedAt: "2026-02-01T00:00:00.000Z",
        ticketTypes: [men],
      }),
      at("10:20", first),
      at("10:40", 120),
      at("11:30", 150, { "2026-03-02T10": 140, "2026-03-02T11": 10 }),
    ]);
    expect(await paceAt("2026-03-02T10:50:00Z")).toMatchObject({
      hourSoFar: 120,
      last7Days: 0,
    });
    expect(await paceAt("2026-03-02T10:21:00Z")).toMatchObject({ hourSoFar: first });
    // At eleven 120 were counted.
    expect(await paceAt("2026-03-02T11:10:00Z")).toMatchObject({
      hourSoFar: 0,
      lastHour: 120,
      last7Days: 120,
    });
  },
);

/** First said in February: what each count found, by when. */
async function countedAt(counts: readonly [time: string, sold: number, hours?: object][]) {
  await emptyRows(sql);
  const long = "2026-02-01T00:00:00.000Z";
  const hall = { ...men, amount: 2_000 };
  await applyKept(sql, [
    eventUpdated({ sellStart: long, updatedAt: long, observedAt: long, ticketTypes: [hall] }),
    ...counts.map(([time, sold, newSales = {}]) =>
      salesCounted({
        countedAt: `2026-03-${time}:00.000Z`,
        ticketTypes: [typeCount({ sold, newSales: { ...newSales } })],
      }),
    ),
  ]);
}

test("each window begins and ends with its hour, and has what was counted within", async () => {
  // Half an hour before and after each end of a window so many more: each sum is of some of them alone.
  await countedAt([
    ["10T10:00", 100],
    ...([
      ["15T11:30", 101],
      ["15T12:30", 103],
      ["22T11:30", 107],
      ["22T12:30", 115],
      ["28T11:30", 131],
      ["28T12:30", 163],
      ["29T10:30", 227],
      ["29T11:30", 355],
      ["29T12:15", 611],
      // Without a count since, it would be the pace of now.
      ["29T12:45", 612],
    ] satisfies [string, number][]),
  ]);
  expect(await paceAt("2026-03-29T12:30:00Z")).toMatchObject({
    until: "2026-03-29T12:00:00.000Z",
    hourSoFar: 256,
    lastHour: 128,
    last24Hours: 32 + 64 + 128,
    last7Days: 8 + 16 + 32 + 64 + 128,
    previous7Days: 2 + 4,
  });
});

test("what was sold before an event was first counted is by its hours, and within that hour by that count", async () => {
  await countedAt([
    // 30 of them came in the hour before.
    ["02T10:20", 50, { "2026-03-02T09": 30, "2026-03-02T10": 20 }],
    ["02T10:40", 70, { "2026-03-02T10": 40 }],
    ["02T11:05", 80, { "2026-03-02T10": 50 }],
    ["02T11:20", 81, { "2026-03-02T11": 1 }],
  ]);
  expect(await paceAt("2026-03-02T10:30:00Z")).toMatchObject({ hourSoFar: 20, lastHour: 30 });
  expect(await paceAt("2026-03-02T11:10:00Z")).toMatchObject({
    hourSoFar: 10,
    lastHour: 40,
    last24Hours: 70,
  });
});
