import { beforeAll, describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  eventUpdated,
  pollFinished,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { testApi } from "../../../test/support/test-api.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import type { Rows } from "../../api/events/row-reads.ts";
import { loadConfig } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import type { LevelRow, SeasonSalesRow } from "../../projections/queries/row-types.ts";
import { eventFaults } from "../status/event-faults.ts";
import { failingLoops } from "../status/failing.ts";
import { buildReads, type Reads } from "./reads.ts";

const NOW = new Date("2026-02-20T00:00:00.000Z");
const clock = { now: () => NOW, pause: async () => {} };
const config = loadConfig(usableEnvironment);

let sql: Pool;
let reads: Reads;
let api: ReturnType<typeof testApi>;

const counted = (at: string, sold: number, newSales: Record<string, number>) =>
  salesCounted({
    ...{ eventId: "paris", countedAt: `2026-02-${at}:00.000Z` },
    ticketTypes: [typeCount({ sold, newSales })],
  });

/** What the second count found in the hour that it was in the third found again, with more of it. */
beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  const { logger } = recordingLog();
  await applyKept(sql, [
    eventUpdated({
      ...{ eventId: "paris", sellStart: "2026-02-10T11:00:00.000Z", ticketTypes: [ticketType()] },
      ...{ observedAt: "2026-02-01T10:00:01.000Z", updatedAt: "2026-02-01T10:00:00.000Z" },
      underShops: [underShop({ underShopId: "club" })],
    }),
    counted("11T10:00", 40, { "2026-02-10T20": 10, "2026-02-11T09": 30 }),
    counted("13T10:30", 55, { "2026-02-13T10": 15 }),
    // Ten of the 11th were given back, and five more were sold.
    counted("13T20:00", 50, { "2026-02-11T09": 20, "2026-02-13T10": 20 }),
  ]);
  const of = { config, sql, clock, logger, version: "1.2.3" };
  reads = buildReads({
    ...of,
    faults: eventFaults(of),
    failing: failingLoops(sql),
  });
  api = testApi({ ...reads, clock });
});

test("an account without a key is none that is yet to be read, and one that had a key is still told", async () => {
  const regions = async () => (await reads.readAccounts()).map(({ region }) => region);
  expect(await regions()).toEqual(["DACH"]);
  await applyKept(sql, [pollFinished({ account: "ITALY" })]);
  expect(await regions()).toEqual(["DACH", "ITALY"]);
  const { completeAt } =
    (await reads.readAccounts()).find(({ region }) => region === "ITALY") ?? {};
  expect(completeAt).not.toBeNull();
});

test("the shops of an event are looked for unless its rows say that it has none", async () => {
  const { events, ticketTypes, hasUnderShops } = await reads.readRows({ eventId: "paris" });
  expect(hasUnderShops).toBe(true);
  const shopsBeside = async (known?: Rows) =>
    (await reads.readUnderShops("paris", known)).map(({ underShopId }) => underShopId);
  const rows = { events, ticketTypes };
  for (const known of [undefined, rows, { ...rows, hasUnderShops: true }])
    expect(await shopsBeside(known)).toEqual(["club"]);
  expect(await shopsBeside({ ...rows, hasUnderShops: false })).toEqual([]);
});

test("what whoever asks has read already is not read once more", async () => {
  const none = { events: [], ticketTypes: [] };
  const { readSales, readLevels, readForecast } = reads;
  const levels = { by: "count", per: "event", limit: 5 } as const;
  for (const known of [none, undefined]) {
    const isThere = known === undefined;
    const sales = await readSales("paris", { by: "day", per: "event" }, known);
    expect(sales !== undefined).toBe(isThere);
    expect((await readLevels("paris", levels, known)) !== undefined).toBe(isThere);
    const of = { asOf: undefined, comparables: undefined };
    expect((await readForecast("paris", of, known)) !== undefined).toBe(isThere);
  }
});

const asOf = (at: string) => `as_of=2026-02-${at}:00Z`;

describe("sales as of an instant", () => {
  const moments: [at: string, rows: string[]][] = [
    ["05T12:00", []],
    // Before the first count: of the 50 that are sold now.
    ["11T09:30", ["2026-02-10 10 10"]],
    ["12T12:00", ["2026-02-10 10 20", "2026-02-11 20 40"]],
    // Of the hour under way nobody kept what it said then: it is in the total alone.
    ["13T10:40", ["2026-02-10 10 35", "2026-02-11 20 55"]],
    ["13T11:00", ["2026-02-10 10 15", "2026-02-11 20 35", "2026-02-13 20 55"]],
    ["13T20:00", ["2026-02-10 10 10", "2026-02-11 20 30", "2026-02-13 20 50"]],
  ];

  interface Sales {
    sales: Pick<SeasonSalesRow, "date" | "newSales" | "totalSold">[];
    leftOut?: unknown[];
  }
  const told = ({ sales }: Sales) =>
    sales.map(({ date, newSales, totalSold }) => `${date} ${newSales} ${totalSold}`);

  test.each(moments)("02-%s of one event are %j", async (at, rows) => {
    expect(told(await api.read(`/api/events/paris/sales?${asOf(at)}`))).toEqual(rows);
  });

  test("of many events are the same, with the days that nothing was sold on until then", async () => {
    for (const [at, rows] of moments) {
      const season = await api.read<Sales>(`/api/sales?${asOf(at)}`);
      expect(told(season).filter((row) => !row.includes(" 0 "))).toEqual(rows);
    }
    expect(told(await api.read(`/api/sales?${asOf("12T12:00")}`)).at(-1)).toBe("2026-02-12 0 40");
    expect(await api.read<Sales>(`/api/sales?${asOf("05T12:00")}`)).toMatchObject({
      leftOut: [{ eventId: "paris", reason: "notOnSaleYet" }],
    });
  });

  test("are of events that were there then, and of none of the future", async () => {
    for (const path of ["/api/events/paris/sales?", "/api/sales?eventId=paris&"]) {
      expect((await api.get(`${path}as_of=2026-01-15T00:00:00Z`)).status).toBe(404);
      expect((await api.get(`${path}as_of=2026-02-20T00:00:01Z`)).status).toBe(400);
      expect(await api.read(`${path}as_of=${NOW.toISOString()}`)).toEqual(await api.read(path));
    }
  });
});

describe("levels as of an instant", () => {
  const levelsAt = async (query = "") =>
    (await api.read<{ levels: LevelRow[] }>(`/api/events/paris/levels?${query}`)).levels;

  test("are those of now up to it, one by one", async () => {
    const all = await levelsAt();
    expect(all.map(({ at, sold }) => `${at.slice(8, 16)} ${sold}`)).toEqual([
      ...["10T21:00 10", "11T10:00 40", "13T10:30 55", "13T20:00 50"],
    ]);
    for (const at of ["05T12:00", "10T21:00", "11T09:59", "11T10:00", "13T19:59", "13T20:00"]) {
      const then = `2026-02-${at}:00.000Z`;
      expect(await levelsAt(asOf(at))).toEqual(all.filter((row) => row.at <= then));
    }
  });

  test("of a day that was not over are as far as it had come", async () => {
    const days = await levelsAt(`by=day&${asOf("13T12:00")}`);
    expect(days.at(-1)).toMatchObject({ at: "2026-02-13T10:30:00.000Z", sold: 55 });
  });

  test("are of events that were there then, and none is of the future", async () => {
    const path = "/api/events/paris/levels?as_of=";
    expect((await api.get(`${path}2026-01-15T00:00:00Z`)).status).toBe(404);
    expect((await api.get(`${path}2026-02-20T00:00:01Z`)).status).toBe(400);
  });
});

test("an event's pace as of an instant is the same alone and in the list", async () => {
  interface Paced {
    pace: { last24Hours: number | null; until: string };
  }
  for (const [at, last24Hours] of [
    ["13T12:00", 15],
    // Nothing was counted since: by when what is sold now was created, as it is now.
    ["14T00:00", 20],
  ]) {
    const one = await api.read<Paced>(`/api/events/paris?${asOf(String(at))}`);
    const { events } = await api.read<{ events: Paced[] }>(`/api/events?${asOf(String(at))}`);
    expect(events.map(({ pace }) => pace)).toEqual([one.pace]);
    expect(one.pace.last24Hours).toBe(Number(last24Hours));
  }
});

// An offset leads into the year before the first, and into the one after the last.
test.each(["0000-01-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00"])(
  "no instant is too early or too late to be asked for: %s",
  async (at) => {
    const isPast = at < "1";
    // What is to come nobody knows.
    for (const [list, name] of [
      ...["sales", "events", "changes", "summary", "launches", "ticket-types"].map(
        (path) => [path, "as_of"] as const,
      ),
      ...["events", "ticket-types"].map((path) => [path, "updatedSince"] as const),
    ]) {
      const path = `/api/${list}?${name}=${at}`;
      expect([path, (await api.get(path)).status]).toEqual([path, isPast ? 200 : 400]);
    }
    for (const [path, names] of [
      ["/api/launches", ["from", "to"]],
      ["/api/launches.ics", ["from", "to"]],
      ["/api/changes", ["since", "until"]],
    ] as const)
      for (const name of names) {
        const answer = await api.get(`${path}?${name}=${at}`);
        expect([path, name, answer.status]).toEqual([path, name, 200]);
      }
    for (const path of ["sales", "levels"]) {
      const answer = await api.get(`/api/events/paris/${path}?as_of=${at}`);
      expect([path, answer.status]).toEqual([path, isPast ? 404 : 400]);
    }
  },
);

test("views are made of the same rows until these say something else, each of what it asks for", async () => {
  const { lists, readLaunches, readChanges, readSummary, readAccounts } = reads.forViews;
  const limit = 5;
  const all = async () => [
    (await lists.events({ limit })).rows,
    await readLaunches({ limit, from: new Date(0) }),
    await readChanges({ limit }),
    await readSummary({}),
    await readAccounts(),
  ];
  const before = await all();
  for (const [index, found] of (await all()).entries()) expect(found).toBe(before[index] ?? []);
  expect((await lists.events({ limit, regions: ["ITALY"] })).rows).toEqual([]);
  expect((await lists.events({ limit, ids: ["paris"] })).rows).not.toBe(before[0]);
  await applyKept(sql, [
    eventUpdated({
      ...{ eventId: "nice", sellStart: "2026-02-10T11:00:00.000Z", ticketTypes: [] },
      ...{ observedAt: "2026-02-02T10:00:01.000Z", updatedAt: "2026-02-02T10:00:00.000Z" },
    }),
  ]);
  const after = await all();
  for (const [index, found] of after.entries()) expect(found).not.toBe(before[index]);
  expect(after[0]).toMatchObject([{ eventId: "nice" }, { eventId: "paris" }]);
});
