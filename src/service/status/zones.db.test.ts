import { expect, test } from "bun:test";
import { eventUpdated, salesCounted, typeCount } from "../../../test/support/facts.ts";
import { applyEach, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { sheetReader } from "../../commands/build/sheet-reader.ts";
import { loadConfig } from "../../config/config.ts";
import type { NewFact } from "../../contracts/index.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { isZoneDataOld, zoneData } from "../../lib/zones.ts";
import { readSalesCurve } from "../../projections/queries/sales-curve.ts";
import { csvFiles } from "../../sheets/layout/files.ts";
import { failingLoops } from "./failing.ts";
import { statusReader } from "./status.ts";

const config = loadConfig(usableEnvironment);

const START = "2027-01-16T07:30:00.000Z";

/** 07:00 UTC is midnight in British Columbia, which no longer falls back (tzdata 2026b). */
const soldIn = (eventId: string, timezone: string | null): NewFact[] => [
  eventUpdated({ eventId, timezone, start: START, end: "2027-01-18T04:00:00.000Z" }),
  salesCounted({
    eventId,
    countedAt: "2026-12-03T02:00:00.000Z",
    ticketTypes: [typeCount({ sold: 3, newSales: { "2026-12-02T06": 1, "2026-12-02T07": 2 } })],
  }),
];

async function after(facts: NewFact[], now = "2026-12-04T00:00:00Z") {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  const at = new Date(now);
  const given = {
    ...{ config, sql, logger: createLogger("silent"), version: "1.2.3" },
    clock: { ...systemClock, now: () => at },
  };
  const readStatus = statusReader({ ...given, mirror: () => null, failing: failingLoops(sql) });
  return { sql, readStatus, readSheet: sheetReader(given) };
}

test.each([
  ["America/Vancouver", "2027-01-16 00:30", ["2026-12-01", "2026-12-02"], [46, 45]],
  ["America/Edmonton", "2027-01-16 01:30", ["2026-12-02"], [45]],
  ["America/Los_Angeles", "2027-01-15 23:30", ["2026-12-01"], [45]],
])(
  "the sheet, its files and the sales of %s are by the law of the day",
  async (timezone, start, days, left) => {
    const { sql, readSheet } = await after(soldIn("race", timezone));
    const rows = await readSheet();
    const files = csvFiles({ rows, settings: config.sheet.layout, now: new Date(START) });
    const text = new TextDecoder().decode(files.find(({ name }) => name === "events.csv")?.body);
    expect(text.split("\n")[1]?.split(",")[3]).toBe(start);
    const selling = rows.salesByDay?.filter(({ newSales }) => newSales);
    expect(selling?.map(({ day }) => day)).toEqual(days);
    expect(selling?.map(({ daysToEvent }) => daysToEvent)).toEqual(left);

    const { events, ticketTypes } = await readAllRows(sql);
    const [event] = events;
    if (!event) throw new Error("there is no event");
    const curve = await readSalesCurve(sql, {
      ...{ rows: { event, ticketTypes }, by: "day", per: "event" },
      countedClasses: ["race", "other"],
    });
    expect(curve.map(({ date }) => date)).toEqual(days);
  },
);

test("a timezone that nobody knows is UTC for every reader, and /status names it until its event is over", async () => {
  const facts = [
    ...[...soldIn("on-mars", "Mars/Olympus"), ...soldIn("somewhere", null)],
    ...soldIn("vancouver", "Canada/Pacific"),
  ];
  const { sql, readStatus } = await after(facts);
  expect((await readAllRows(sql)).events.map((event) => [event.eventId, event.timezone])).toEqual([
    ["on-mars", null],
    ["somewhere", null],
    ["vancouver", "Canada/Pacific"],
  ]);
  const { zones, notes } = await readStatus();
  expect(zones).toMatchObject({
    ...zoneData,
    unknown: [
      { timezone: "Mars/Olympus", events: 1, eventIds: ["on-mars"] },
      { timezone: null, events: 1, eventIds: ["somewhere"] },
    ],
  });
  expect(notes.filter((note) => note.includes("UTC"))).toEqual([
    `The zone data ${zoneData.version} (${zoneData.package}) knows no timezone Mars/Olympus for 1 event, whose local times are UTC's. Correct it in Vivenu: on-mars.`,
    "Vivenu says no timezone for 1 event, whose local times are UTC's. Correct it in Vivenu: somewhere.",
  ]);

  const past = await after(facts, "2027-02-01T00:00:00Z");
  const over = await past.readStatus();
  expect(over.zones).toEqual({ ...zoneData, runtimeDiffers: [], unknown: [] });
  expect(over.notes.filter((note) => note.includes("UTC"))).toEqual([]);
});

test("/status says where the runtime's own clocks show something else", async () => {
  const { readStatus } = await after([
    ...soldIn("a", "America/Vancouver"),
    ...soldIn("b", "Europe/Rome"),
  ]);
  const runtime = new Date(START).toLocaleString("sv-SE", { timeZone: "America/Vancouver" });
  const differing = runtime === "2027-01-16 00:30:00" ? [] : ["America/Vancouver"];
  expect((await readStatus()).zones.runtimeDiffers).toEqual(differing);
});

test("zone data that nobody has renewed for a year and a half is a problem", async () => {
  const { readStatus } = await after([], "2031-01-01T00:00:00Z");
  expect(isZoneDataOld(new Date("2031-01-01T00:00:00Z"))).toBe(true);
  expect((await readStatus()).problems).toContain(
    `The zone data ${zoneData.version} (${zoneData.package}) is old: deploy a newer version of this service.`,
  );
});
