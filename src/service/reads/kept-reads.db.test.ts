import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { narrowed } from "../../api/narrowed-reads.ts";
import type { Caller } from "../../api/request/callers.ts";
import { readFor } from "../../api/request/read-for.ts";
import { loadConfig } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { eventFaults } from "../status/event-faults.ts";
import { failingLoops } from "../status/failing.ts";
import { buildReads, type Reads } from "./reads.ts";

const NOW = new Date("2026-02-20T00:00:00.000Z");
let now = NOW;
const clock = { now: () => now, pause: async () => {} };
const config = loadConfig(usableEnvironment);

const season = [
  ["DACH", "berlin"],
  ["DACH", "wien"],
  ["FRANCE", "paris"],
] as const;

const of = (name: string, more: Partial<Caller> = {}): Caller => ({
  name,
  isAdmin: false,
  ...more,
});

function readsOf(sql: Pool) {
  const { logger } = recordingLog();
  const context = { config, sql, clock, logger, version: "1.2.3" };
  return buildReads({
    ...context,
    faults: eventFaults(context),
    failing: failingLoops(sql),
  });
}

test("views are kept by what whoever looks may see: two partners in turn have each its own, and nobody another's", async () => {
  const { sql } = await reusedDatabase();
  for (const [account, eventId] of season)
    await applyKept(sql, [
      eventUpdated({
        ...{ eventId, account, sellStart: "2026-02-10T11:00:00.000Z" },
        ...{ observedAt: "2026-02-01T10:00:01.000Z", updatedAt: "2026-02-01T10:00:00.000Z" },
      }),
      salesCounted({
        ...{ eventId, account, countedAt: "2026-02-11T10:00:00.000Z" },
        ticketTypes: [typeCount({ sold: 100, newSales: { "2026-02-11T09": 100 } })],
      }),
    ]);
  const reads = readsOf(sql);
  const readStatus = () => Promise.reject(new Error("nobody asks"));
  const views = narrowed({ ...reads, ...reads.forViews, readStatus });
  const limit = 50;
  const seenBy = (caller: Caller) =>
    readFor(caller, async () => {
      const { rows } = await views.lists.events({ limit });
      const launches = await views.readLaunches({ limit, from: new Date(0) });
      const changes = await views.readChanges({ limit });
      const summary = await views.readSummary({});
      return {
        events: rows.map(({ eventId }) => eventId).sort(),
        launches: launches.rows.map(({ eventId }) => eventId).sort(),
        changes: [...new Set(changes.rows.map(({ eventId }) => eventId))].sort(),
        summed: summary.reduce((sum, { events }) => sum + events, 0),
        accounts: (await views.readAccounts()).map(({ region }) => region),
      };
    });
  const sees = (events: string[], accounts: string[]) => ({
    ...{ events, launches: events, changes: events, summed: events.length, accounts },
  });
  const everybody: [Caller, ReturnType<typeof sees>][] = [
    [of("all"), sees(["berlin", "paris", "wien"], ["DACH"])],
    [of("dach", { accounts: ["DACH"] }), sees(["berlin", "wien"], ["DACH"])],
    [of("france", { accounts: ["FRANCE"] }), sees(["paris"], [])],
    [of("wien", { events: ["wien"] }), sees(["wien"], [])],
    [of("nobody", { accounts: ["ITALY"] }), sees([], [])],
  ];
  for (const [caller, own] of [...everybody, ...everybody.toReversed()])
    expect([caller.name, await seenBy(caller)]).toEqual([caller.name, own]);
});

const described = (eventId: string, at: string, amount: number) =>
  eventUpdated({
    ...{ eventId, observedAt: `2026-${at}:01.000Z`, updatedAt: `2026-${at}:00.000Z` },
    ...{ sellStart: "2026-02-10T11:00:00.000Z", sellEnd: "2026-02-21T12:00:00.000Z" },
    ticketTypes: [ticketType({ amount })],
    underShops: [underShop({ underShopId: "club" })],
  });

const counted = (eventId: string, at: string, sold: number, hour: string) =>
  salesCounted({
    ...{ eventId, countedAt: `2026-${at}:00.000Z` },
    ticketTypes: [typeCount({ sold, newSales: { [`2026-${hour}`]: sold } })],
  });

/** What a view of one event reads of it, each as its reader says it. */
const readOf = async (views: Reads | (Reads & Reads["forViews"]), eventId: string) => {
  const levels = { per: "event", limit: 2_000, asOf: undefined } as const;
  const asOf = new Date("2026-02-12T00:00:00.000Z");
  return {
    rows: await views.readRows({ eventId }),
    rowsThen: await views.readRows({ eventId, asOf }),
    shops: await views.readUnderShops(eventId),
    sales: await views.readSales(eventId, { by: "hour", per: "event", from: "2026-02-01" }),
    levels: await views.readLevels(eventId, { ...levels, by: "count" }),
    fromTomorrow: await views.readLevels(eventId, { ...levels, by: "day", from: "2026-02-21" }),
    levelsThen: await views.readLevels(eventId, { ...levels, by: "hour", asOf }),
    changes: await views.readChanges({ eventIds: [eventId], limit: 12 }),
  };
};

test("what a view of one event is made of is what its readers say, whatever became of it, and is read once for all who look", async () => {
  const { sql } = await reusedDatabase();
  const reads = readsOf(sql);
  const views = { ...reads, ...reads.forViews };
  const happened = [
    [described("berlin", "02-01T10:00", 100), described("paris", "02-01T10:00", 100)],
    [
      counted("paris", "02-11T10:00", 40, "02-11T09"),
      counted("berlin", "02-11T10:00", 7, "02-11T09"),
    ],
    [counted("paris", "02-13T10:00", 50, "02-13T09")],
    // What came late: a count of before the last, and a description of before all counts.
    [counted("paris", "02-12T10:00", 45, "02-12T09")],
    [described("paris", "02-09T10:00", 60)],
    [described("paris", "02-15T10:00", 80)],
  ];
  for (const facts of happened) {
    await applyKept(sql, facts);
    expect(await readOf(views, "paris")).toEqual(await readOf(reads, "paris"));
  }
  // The day begins that levels are wanted from, and later the sale ends.
  now = new Date("2026-02-21T01:00:00.000Z");
  expect(await readOf(views, "paris")).toEqual(await readOf(reads, "paris"));
  now = new Date("2026-02-21T13:00:00.000Z");
  const before = await readOf(views, "paris");
  expect(before).toEqual(await readOf(reads, "paris"));
  expect(before.rows.events).toMatchObject([{ status: "SALES_CLOSED" }]);
  // Of another event something is written: this one's rows are the same, and so are the objects.
  await applyKept(sql, [counted("berlin", "02-16T10:00", 9, "02-16T09")]);
  const after = await readOf(views, "paris");
  for (const name of ["rows", "rowsThen", "shops", "changes"] as const)
    expect(after[name]).toBe(before[name]);
  expect(await views.readRows({ eventId: "berlin" })).toEqual(
    await reads.readRows({ eventId: "berlin" }),
  );
  await applyKept(sql, [
    eventDeleted({ eventId: "paris", observedAt: "2026-02-16T10:00:00.000Z" }),
  ]);
  expect(await readOf(views, "paris")).toEqual(await readOf(reads, "paris"));
  now = NOW;
});

test("what is read for one answer is of one revision, whatever is written meanwhile; the next answer has it", async () => {
  const { sql } = await reusedDatabase();
  const reads = readsOf(sql);
  await applyKept(sql, [described("paris", "02-01T10:00", 100)]);
  const capacity = async () =>
    (await reads.forViews.readRows({ eventId: "paris" })).events[0]?.totalCapacity;
  await readFor(of("all"), async () => {
    expect(await capacity()).toBe(100);
    await applyKept(sql, [described("paris", "02-02T10:00", 80)]);
    expect(await capacity()).toBe(100);
  });
  expect(await readFor(of("all"), capacity)).toBe(80);
});
