import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sheetReader } from "../src/commands/build/sheet-reader.ts";
import { exportFiles } from "../src/commands/export.ts";
import { loadConfig } from "../src/config/config.ts";
import { recordEvent } from "../src/intake/events/record-event.ts";
import { readEventPage } from "../src/projections/queries/lists.ts";
import { readEventRows } from "../src/projections/queries/shown.ts";
import { readUnreadableEvents } from "../src/projections/queries/unreadable-events.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import { unreadableProblem } from "../src/service/status/clock-problems.ts";
import {
  EVENT_ID,
  eventOf,
  handClock,
  logger,
  NOON,
  project,
  readFacts,
} from "./support/intake.ts";
import { reusedDatabase } from "./support/reused-database.ts";
import { scene } from "./support/sheet.ts";
import { usableEnvironment } from "./support/usable-environment.ts";

const OTHER = "68f0000000000000000000b2";
const RIGHT = "2026-10-01T10:00:00.000Z";

const config = loadConfig(usableEnvironment);

test.each([
  ["0026-12-01T10:00:00.000Z", "unreadable"],
  ["0001-01-01T00:00:00.000Z", "open"],
  ["0000-06-01T00:00:00.000Z", "unreadable"],
  ["9999-12-31T23:59:59.000Z", "open"],
])(
  "an event on sale since %s, which is %s, is empty there at every door, and no other is touched",
  async (odd, kind) => {
    const { sql } = await reusedDatabase();
    const clock = handClock();
    const events = [
      eventOf({ name: "HYROX Odd", sellStart: odd, sellEnd: odd }),
      eventOf({ _id: OTHER, name: "HYROX Right", sellStart: RIGHT, sellEnd: null }),
    ];
    for (const event of events)
      await sql.begin((tx) =>
        recordEvent(tx, { account: "DACH", source: "poll", event, observedAt: NOON }),
      );
    await project(sql, await readFacts(sql));
    const options = { policy: defaultPolicy, now: NOON };
    const starts = [
      ["HYROX Odd", null],
      ["HYROX Right", RIGHT],
    ];

    const { rows } = await readEventPage(sql, { limit: 10 }, options);
    const list = rows.map(({ eventName, salesLaunchDate }) => [eventName, salesLaunchDate]);
    expect(list.toSorted()).toEqual(starts);
    const one = await readEventRows(sql, EVENT_ID, options);
    expect(one.events.map((event) => [event.salesLaunchDate, event.salesEndDate])).toEqual([
      [null, null],
    ]);

    const given = { config, sql, clock, logger, version: "1.2.3" };
    const folder = await mkdtemp(join(tmpdir(), "odd-"));
    const paths = await exportFiles({ ...given, format: "csv", folder });
    const csv = await readFile(paths[0] ?? "", "utf8");
    await rm(folder, { recursive: true });
    expect(csv).toContain("HYROX Odd");
    expect(csv).toContain("2026-10-01 12:00");
    expect(csv).not.toMatch(/0026|0001-01|0000-|9999|10000|Invalid|1999|2001/);

    await using it = await scene();
    Object.assign(it.rows, await sheetReader(given)());
    await it.mirror.sync();
    const sheet = (await it.show("Events")).flat();
    expect(sheet).toContain("HYROX Odd");
    expect(sheet).toContain("2026-10-01 12:00");
    expect(sheet.join(" ")).not.toMatch(/0026|0001-01|0000-|9999|10000|Invalid|#VALUE|1999|2001/);

    const problems = (await readUnreadableEvents(sql)).map(unreadableProblem);
    expect(problems.length).toBe(kind === "unreadable" ? 1 : 0);
    if (kind === "unreadable")
      expect(problems[0]?.text).toContain("sellEnd, sellStart of HYROX Odd");
  },
);
