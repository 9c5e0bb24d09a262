import { beforeAll, expect, test } from "bun:test";
import { eventDeleted, eventUpdated, ticketType } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { type LaunchesWanted, type LaunchPlace, readLaunches } from "./launches.ts";
import { tablesNow } from "./lists.ts";

const now = new Date("2026-02-10T00:00:00Z");
const { countedClasses } = defaultPolicy;
const launch = (day: string) => `2026-${day}T11:00:00.000Z`;
const all = { limit: 50, from: new Date("2026-01-01T00:00:00Z") };

let sql: Pool;
const read = async (wanted: Partial<LaunchesWanted> = {}) => {
  const tables = await tablesNow(sql, { now, policy: defaultPolicy });
  return readLaunches(sql, { ...all, ...wanted }, tables, { countedClasses });
};

beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  const moved = (sellStart: string, updatedAt: string) =>
    eventUpdated({ eventId: "moved", sellStart, updatedAt, observedAt: updatedAt });
  await applyKept(sql, [
    eventUpdated({ eventId: "late", sellStart: launch("03-01"), account: "ITALY" }),
    moved(launch("02-12"), "2026-01-10T10:00:00.000Z"),
    moved(launch("02-14"), "2026-01-11T10:00:00.000Z"),
    moved(launch("02-13"), "2026-01-12T10:00:00.000Z"),
    eventUpdated({
      eventId: "bare",
      sellStart: launch("02-12"),
      ticketTypes: [
        ticketType({ active: false }),
        ticketType({
          ticketTypeId: "women",
          name: "HYROX WOMEN | Saturday",
          priceMinor: 0,
        }),
      ],
    }),
    eventUpdated({ eventId: "group", sellStart: launch("02-12"), eventType: "GROUP" }),
    eventUpdated({ eventId: "open", sellStart: null }),
    eventUpdated({ eventId: "gone", sellStart: launch("02-20") }),
    eventDeleted({ eventId: "gone" }),
  ]);
});

test("launches come by their instants, without events that hold others or have none", async () => {
  const { rows, next } = await read();
  expect(rows.map(({ eventId, status }) => [eventId, status])).toEqual([
    ["bare", "ANNOUNCED"],
    ["moved", "ANNOUNCED"],
    ["gone", "CANCELLED"],
    ["late", "ANNOUNCED"],
  ]);
  expect(next).toBeNull();
});

test("a launch that was moved says from when to when, and when that was seen", async () => {
  const { rows } = await read();
  expect(rows.find(({ eventId }) => eventId === "moved")).toMatchObject({
    salesLaunchDate: launch("02-13"),
    moves: [
      { from: launch("02-12"), to: launch("02-14"), at: "2026-01-11T10:00:00.000Z" },
      { from: launch("02-14"), to: launch("02-13"), at: "2026-01-12T10:00:00.000Z" },
    ],
  });
});

test("what is not ready is named by ticket type", async () => {
  const { rows } = await read();
  const [bare, moved] = rows;
  expect(bare?.isReady).toBe(false);
  expect(
    bare?.problems.map(({ problem, ticketTypes }) => [
      problem,
      ...ticketTypes.map((type) => `${type.ticketTypeId}: ${type.ticketName}`),
    ]),
  ).toEqual([
    ["noPrice", "women: HYROX WOMEN | Saturday"],
    ["inactive", "men: HYROX MEN | Saturday"],
  ]);
  expect(moved).toMatchObject({ isReady: true, problems: [] });
  // What was called off has nothing wrong with it, and is ready for nobody all the same.
  const gone = rows.find(({ eventId }) => eventId === "gone");
  expect(gone).toMatchObject({ isReady: false, problems: [] });
});

test("who asks when alone hears of no problem, and of none that it is ready", async () => {
  const { rows } = await read();
  expect((await read({ isWithoutProblems: true })).rows).toEqual(
    rows.map((row) => ({ ...row, isReady: false, problems: [] })),
  );
});

test("pages and windows hold each launch once", async () => {
  const found: string[] = [];
  let after: LaunchPlace | undefined;
  do {
    const page = await read({ limit: 2, after });
    found.push(...page.rows.map(({ eventId }) => eventId));
    after = page.next ?? undefined;
  } while (after);
  expect(found).toEqual(["bare", "moved", "gone", "late"]);
  const window = await read({ from: new Date(launch("02-13")), to: new Date(launch("03-01")) });
  expect(window.rows.map(({ eventId }) => eventId)).toEqual(["moved", "gone"]);
  const idsOf = async (wanted: Partial<LaunchesWanted>) =>
    (await read(wanted)).rows.map(({ eventId }) => eventId);
  expect(await idsOf({ regions: ["ITALY"] })).toEqual(["late"]);
  expect(await idsOf({ regions: ["ITALY", "DACH"] })).toEqual(["bare", "moved", "gone", "late"]);
  expect(await idsOf({ eventIds: ["late", "gone", "nobody"] })).toEqual(["gone", "late"]);
});

test("a launch whose rows are not made yet is there as well", async () => {
  const before = await read();
  await sql`update event_shown set document = null where event_id = 'bare'`;
  expect(await read()).toEqual(before);
});
