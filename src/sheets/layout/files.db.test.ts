import { expect, test } from "bun:test";
import { unzipSync } from "fflate";
import { z } from "zod";
import { event, idOf, ticketType } from "../../../test/support/sheet.ts";
import { sheetSettings, sheetVariables } from "../../config/sheets.ts";
import { defaultSheetSettings } from "../settings.ts";
import { downloadNames } from "./file-names.ts";
import { csvFiles, download } from "./files.ts";
import { filterRows, lastCountOf } from "./filter.ts";
import { defaultLayout, type SheetRows } from "./layout.ts";

const now = new Date("2026-03-01T12:00:00Z");
const settings = defaultLayout;
const balance = { reserved: 7, heldForUnderShops: 0, oversoldPlaces: 10 };
const rows: SheetRows = {
  events: [
    event({ eventName: 'HYROX "Any", town', totalAvailable: -3, eventType: "SINGLE", ...balance }),
    event({
      eventId: idOf(1),
      region: "FRANCE",
      eventName: "=1+1",
      totalSold: null,
      availableToBuy: 40,
    }),
  ],
  ticketTypes: [ticketType()],
  status: [
    { item: lastCountOf("DACH"), value: "1 events", at: "2026-03-01T11:00:00Z" },
    { item: lastCountOf("FRANCE"), value: "1 events", at: "2026-03-01T10:00:00Z" },
    { item: "Version", value: "1.2.3", at: null },
    { item: "Problem 1", value: "DACH was never polled.", at: null },
  ],
};

test("CSV has a file for each tab, with days and percentages as any spreadsheet reads them", () => {
  const files = csvFiles({ rows, settings, now });
  expect(files.map(({ name }) => name)).toEqual(["events.csv", "ticket-types.csv", "status.csv"]);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(files[0]?.body);
  expect(text.split("\n")).toEqual([
    "\ufeffEvent ID,Region,Event Name,Event Date,Sales Launch Date,Status,Total Capacity,Total Sold,Total Available,Percent Sold,Last Updated,Event Type,Available to Buy,Reserved,Held for Undershops,Oversold Places,Charity Sold,Currency,End Date,Location,Timezone,Counted At (UTC)",
    `${idOf(0)},DACH,"HYROX ""Any"", town",2026-04-01 12:00,2026-01-15 10:00,ON_SALE,300,100,-3,33.33%,2026-03-01 08:00,SINGLE,,7,0,10,,,,,Europe/Berlin,`,
    `${idOf(1)},FRANCE,'=1+1,2026-04-01 12:00,2026-01-15 10:00,ON_SALE,300,,200,33.33%,2026-03-01 08:00,,40,,,,,,,,Europe/Berlin,`,
    "",
  ]);
});

test("the workbook has the same tabs, with numbers and dates as numbers", async () => {
  const file = await download("vivenu.xlsx", { rows, settings, now });
  const parts = unzipSync(file?.body ?? new Uint8Array());
  const read = (name: string) => new TextDecoder().decode(parts[name]);
  expect(
    [...read("xl/workbook.xml").matchAll(/<sheet [^>]*name="([^"]+)"/g)].map((m) => m[1]),
  ).toEqual(["Events", "Ticket Types", "Status"]);
  const sheet = read("xl/worksheets/sheet1.xml");
  expect(sheet).toMatch(/<c r="D2"[^>]*><v>46113\.5<\/v>/);
  expect(sheet).toMatch(/<c r="J2"[^>]*><v>0\.3333<\/v>/);
  expect(sheet).toMatch(/<c r="I2"[^>]*><v>-3<\/v>/);
  expect(sheet).not.toMatch(/<c r="H3"[^>]*><v>/);
  expect(read("xl/styles.xml")).toContain("yyyy-mm-dd hh:mm");
});

test("only files of tabs that are shown can be downloaded", async () => {
  const given = { rows, settings: { ...settings, tabs: ["events" as const] }, now };
  const found = await Promise.all(downloadNames.map((name) => download(name, given)));
  expect(found.flatMap((file) => file?.name ?? [])).toEqual(["vivenu.xlsx", "events.csv"]);
  expect(await download("../etc/passwd", given)).toBeUndefined();
});

test("a filtered copy names nothing of other accounts", () => {
  const filtered = filterRows(rows, { regions: ["FRANCE"] });
  expect(filtered.events.map(({ region }) => region)).toEqual(["FRANCE"]);
  expect(filtered.ticketTypes).toEqual([]);
  expect(JSON.stringify(filtered)).not.toContain("DACH");
  expect(filtered.status).toHaveLength(2);
  expect(filterRows(rows, { eventIds: [idOf(0)] }).events).toHaveLength(1);
});

const read = (given: Record<string, string>) =>
  sheetSettings(z.object(sheetVariables).parse(given));

test("the environment says which tabs, titles, formats, spreadsheets and how often", () => {
  expect(read({})).toEqual(defaultSheetSettings);
  const chosen = read({
    SHEET_TABS: "events, status",
    SHEET_TITLES: "events=Races",
    SHEET_TIMEZONE: "Europe/Berlin",
    SHEET_DATE_TIME_FORMAT: "dd.mm.yyyy hh:mm",
    SHEET_HEAL_INTERVAL: "120",
    SHEET_COPIES: '[{"id": "abc", "regions": ["dach"], "tabs": ["events"]}]',
  });
  expect(chosen).toMatchObject({
    layout: {
      tabs: ["events", "status"],
      titles: { events: "Races", status: "Status" },
      timezone: "Europe/Berlin",
      dateTimeFormat: "dd.mm.yyyy hh:mm",
    },
    lookMs: 120_000,
    copies: [{ id: "abc", regions: ["DACH"], eventIds: undefined, tabs: ["events"] }],
  });
});

test.each([
  ["SHEET_TABS", "events,nonsense"],
  ["SHEET_TITLES", "events=Status"],
  ["SHEET_TITLES", "nonsense=X"],
  ["SHEET_TIMEZONE", "Mars/Olympus"],
  ["SHEET_DATE_FORMAT", "=1"],
  ["SHEET_COPIES", "abc"],
  ["SHEET_COPIES", '[{"id": "x", "region": "DACH"}]'],
  ["SHEET_REQUESTS_PER_MINUTE", "0"],
])("%s=%s is refused", (name, value) => {
  expect(() => read({ [name]: value })).toThrow();
});
