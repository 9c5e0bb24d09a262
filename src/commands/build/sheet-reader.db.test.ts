import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playSheets } from "../../../sandbox/sheets/server.ts";
import { visit } from "../../../sandbox/sheets/visit.ts";
import { emptyDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  EVENT_ID,
  eventUpdated,
  pollFinished,
  salesCounted,
  typeCount,
} from "../../../test/support/facts.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import type { NewFact } from "../../contracts/index.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { projectionsFor } from "../../projections/derived/projections.ts";
import { defaultSheetSettings } from "../../sheets/settings.ts";
import { exportFiles } from "../export.ts";
import { buildMirrors } from "./mirrors.ts";
import { rowPolicyOf } from "./policies.ts";
import { sheetReader } from "./sheet-reader.ts";

const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-export-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const facts = [
  eventUpdated({ updatedAt: "2026-02-01T10:00:00.000Z" }),
  eventUpdated({
    updatedAt: "2026-02-02T10:00:00.000Z",
    observedAt: "2026-02-02T10:00:01.000Z",
    sellStart: "2026-02-20T11:00:00.000Z",
  }),
  salesCounted({ ticketTypes: [typeCount({ sold: 7, newSales: { "2026-02-28T10": 7 } })] }),
  pollFinished(),
];

const clockAt = (at: string) => ({ ...systemClock, now: () => new Date(at) });

const environment = (more: Record<string, string> = {}) => ({
  ...usableEnvironment,
  ...more,
});

async function surroundings(more: Record<string, string> = {}) {
  const { sql } = await reusedDatabase();
  const config = loadConfig(environment(more));
  // As a service does that has the same settings.
  const apply = async (given: NewFact[]) => {
    for (const projection of projectionsFor(rowPolicyOf(config)))
      for (const fact of given) await sql.begin((tx) => projection.apply(tx, [asRead(fact)]));
  };
  await apply(facts);
  return {
    config,
    sql,
    clock: systemClock,
    logger: createLogger("silent"),
    version: "1.2.3",
    apply,
  };
}

test("every tab has its rows from what the log said", async () => {
  const given = await surroundings();
  const rows = await sheetReader({ ...given, clock: clockAt("2026-03-01T12:00:00.000Z") })();
  expect(rows).toMatchObject({
    events: [{ totalSold: 7 }],
    // Launched on 20 February, and all seven were sold at ten o'clock of the 28th.
    overview: [
      {
        ...{ eventId: EVENT_ID, sold: 7, left: 93, percentSold: 7, last24Hours: 0, last7Days: 7 },
        ...{ previous7Days: 0, pointsAhead: null, daysToRace: 216, nextLaunch: null },
        ...{ sellsOut: { words: "too few past events" }, sinceYesterday: null, value: null },
        curve: expect.arrayContaining([0, 70]),
      },
    ],
    changes: [{ field: "sellStart", severity: "critical" }],
  });
  // From the launch on to today.
  expect(rows.salesByDay?.map(({ day }) => day)).toEqual([
    ...["2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23", "2026-02-24", "2026-02-25"],
    ...["2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"],
  ]);
  expect(rows.salesByDay?.slice(-2)).toMatchObject([
    { day: "2026-02-28", newSales: 7, totalSold: 7, percentSold: 7 },
    { day: "2026-03-01", newSales: 0, totalSold: 7, percentSold: 7 },
  ]);
  expect(rows.status?.map(({ item, value }) => [item, value])).toEqual([
    ["Last count of DACH", "1 event"],
    ["Events with tickets that cannot be read", 0],
    ["Facts set aside", 0],
    ["Version", "1.2.3"],
  ]);
});

test("the Status tab says of how many events the newest count is not complete", async () => {
  const given = await surroundings();
  const countedAt = "2026-03-02T02:00:00.000Z";
  await given.apply([salesCounted({ countedAt, complete: false })]);
  const { status } = await sheetReader(given)();
  expect(status).toContainEqual({
    item: "Events with tickets that cannot be read",
    value: 1,
    at: null,
  });
});

test("what is nearly sold out stands among the changes, by the operator's thresholds", async () => {
  const read = sheetReader(await surroundings({ NEARLY_SOLD_OUT: "5" }));
  const changes = (await read()).changes?.filter(({ changeType }) => changeType !== "event");
  expect(changes).toMatchObject([
    { field: "percentSold", newValue: { value: 7 }, changedAt: "2026-03-01T02:00:00.000Z" },
    { field: "percentSold of HYROX MEN | Saturday", newValue: { value: 7 } },
  ]);
});

test("`export` writes the tabs as files without Google", async () => {
  const given = { ...(await surroundings()), folder };
  const workbooks = await exportFiles({ ...given, format: "xlsx" });
  expect(workbooks).toEqual([join(folder, "vivenu.xlsx")]);
  expect(
    await Bun.file(workbooks[0] ?? "")
      .slice(0, 2)
      .text(),
  ).toBe("PK");
  const files = await exportFiles({ ...given, format: "csv", filter: { regions: ["FRANCE"] } });
  expect(files).toHaveLength(8);
  const text = await Bun.file(files[0] ?? "").text();
  expect(text.split("\n").slice(1)).toEqual([""]);
});

test("a file that `export` replaces is whole at any time, and one that it cannot replace stays and is named", async () => {
  const given = { ...(await surroundings()), folder: join(folder, "again") };
  const [path = ""] = await exportFiles({ ...given, format: "xlsx" });
  // Who has it open reads it to its end, whatever takes its place.
  const open = createReadStream(path, { highWaterMark: 100 });
  const size = (await stat(path)).size;
  await once(open, "readable");
  const before = await stat(path);
  await exportFiles({ ...given, format: "xlsx", filter: { regions: ["FRANCE"] } });
  let read = 0;
  for await (const part of open) read += part.length;
  expect(read).toBe(size);
  expect((await stat(path)).ino).not.toBe(before.ino);
  const taken = join(given.folder, "events.csv");
  await mkdir(taken);
  await expect(exportFiles({ ...given, format: "csv" })).rejects.toThrow(
    /events\.csv.*say another --folder/,
  );
  await expect(exportFiles({ ...given, folder: path, format: "csv" })).rejects.toThrow(
    "say another --folder",
  );
  expect((await readdir(given.folder)).sort()).toEqual(["events.csv", "vivenu.xlsx"]);
});

test("several spreadsheets are kept by configuration, each with its rows and tabs", async () => {
  await using database = await emptyDatabase();
  const serviceAccountEmail = "mirror@played.example.com";
  const played = await playSheets({
    ...{ sql: database.sql, port: 0, serviceAccountEmail, log: () => {} },
    ...{ spreadsheetId: "whole", copies: ["partner", "other"] },
  });
  const { url, privateKey } = played;
  try {
    const given = await surroundings({
      GOOGLE_SHEET_ID: "whole",
      GOOGLE_SERVICE_ACCOUNT_EMAIL: serviceAccountEmail,
      GOOGLE_PRIVATE_KEY: privateKey,
      GOOGLE_SHEETS_BASE_URL: url,
    });
    const copy = { eventIds: undefined, tabs: ["events" as const], columns: undefined };
    const settings = {
      ...defaultSheetSettings,
      copies: [
        { ...copy, id: "partner", regions: ["DACH"] },
        { ...copy, id: "other", regions: ["FRANCE"] },
      ],
    };
    for (const mirror of buildMirrors({ ...given, settings })) await mirror.sync();
    const person = visit({ url, privateKey, serviceAccountEmail });
    const titles = async (spreadsheetId: string) =>
      (await person.get({ spreadsheetId })).data.sheets?.map((tab) => tab.properties?.title);
    const shown = async (spreadsheetId: string) =>
      (await person.values.get({ spreadsheetId, range: "Events!A2:B9" })).data.values?.length ?? 0;
    expect(await titles("whole")).toHaveLength(8);
    expect(await titles("partner")).toEqual(["Events"]);
    expect([await shown("whole"), await shown("partner"), await shown("other")]).toEqual([1, 1, 0]);
  } finally {
    await played.stop();
  }
});
