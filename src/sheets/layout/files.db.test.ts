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
import { sheetNames } from "./workbook.ts";

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

test("the workbook prints on pages as wide as its rows, and can be filtered and looked through", async () => {
  const file = await download("vivenu.xlsx", { rows, settings, now });
  const parts = unzipSync(file?.body ?? new Uint8Array());
  const read = (name: string) => new TextDecoder().decode(parts[name]);
  const events = read("xl/worksheets/sheet1.xml");
  // In the order that ECMA-376 has them in, or Excel calls the file corrupt.
  const inOrder = [
    ...['<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>', 'xSplit="3"', "</sheetData>"],
    ...['<autoFilter ref="A1:V3"/>', '<conditionalFormatting sqref="J2:J3">'],
    '<dataValidations count="4"><dataValidation showInputMessage="1" prompt="By the clock of each row',
    'prompt="Times are by one clock, UTC (SHEET_TIMEZONE), whichever event they are of." sqref="K1"/>',
    '<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/>',
  ];
  expect(inOrder.filter((part) => !events.includes(part))).toEqual([]);
  expect(inOrder.toSorted((one, other) => events.indexOf(one) - events.indexOf(other))).toEqual(
    inOrder,
  );
  expect(read("xl/workbook.xml")).toContain("'Ticket Types'!$1:$1</definedName>");
  expect(read("xl/workbook.xml")).toContain("'Events'!$A$1:$V$3</definedName>");
  expect(read("docProps/core.xml")).toContain(">2026-03-01T12:00:00Z</dcterms:created>");
  expect(read("xl/styles.xml").match(/<name val="Calibri"\/>/g)).toHaveLength(2);
  expect(read("xl/worksheets/sheet3.xml")).not.toContain("autoFilter");
});

test("tabs of the workbook have names that Excel takes, however they are called in the sheet", () => {
  const long = "HYROX events of the season 2026/27";
  const names = sheetNames([`${long} A`, `${long} B`, "'Mine'", "a/b", "A:B", "[]"]);
  expect(names).toEqual([
    ...[
      "HYROX events of the season 2026",
      "HYROX events of the season 20 2",
      "Mine",
      "a b",
      "A B 2",
    ],
    "Tab",
  ]);
});

test("a text is itself in the workbook, whatever it begins with", async () => {
  const file = await download("vivenu.xlsx", { rows, settings, now });
  const parts = unzipSync(file?.body ?? new Uint8Array());
  const texts = new TextDecoder().decode(parts["xl/sharedStrings.xml"]);
  expect(texts).toContain(">=1+1</t>");
  expect(texts).not.toContain("'=1+1");
});

test("a name of several lines is one field of CSV, whatever its lines end with", () => {
  for (const eventName of ["Lyon\ndeux", "Lyon\rdeux", "Lyon\r\ndeux"]) {
    const named = { ...rows, events: [event({ eventName })] };
    const text = new TextDecoder().decode(csvFiles({ rows: named, settings, now })[0]?.body);
    // As in a cell of the sheet, its lines end with LF.
    expect(text).toContain(`,DACH,"Lyon\ndeux",2026-04-01 12:00,`);
  }
});

test("an end in the year 10000 is an empty cell, in a file as in the sheet", () => {
  const eventEndDate = "9999-12-31T23:30:00Z";
  const endless = { ...rows, events: [event({ eventEndDate })] };
  const text = new TextDecoder().decode(csvFiles({ rows: endless, settings, now })[0]?.body);
  expect(text).not.toContain("10000");
  expect(text).toContain("2026-04-01 12:00");
});

const overview = [
  {
    ...{ eventId: idOf(0), eventName: "HYROX", region: "DACH", timezone: null, sold: 100 },
    ...{ status: "ON_SALE", left: 200, percentSold: 33.33, last24Hours: 3, last7Days: 20 },
    ...{ previous7Days: 30, pointsAhead: -1.5, daysToRace: 31, nextLaunch: null },
    sellsOut: { expected: "2026-03-20T10:00:00Z", low: null, high: null, words: null },
    ...{ sinceYesterday: "=1+1", value: 9_900, currency: "EUR", curve: [0, 100, 333] },
  },
];

test("a small chart is in no file, and all other columns are", async () => {
  const file = await download("overview.csv", { rows: { ...rows, overview }, settings, now });
  expect(new TextDecoder().decode(file?.body).split("\n").slice(0, 2)).toEqual([
    "Event,Region,Status,Sold,Left,Percent Sold,Last 24 h,Last 7 Days,7 Days Before,Against Usual (points),Days to Race,Next Launch,Sells Out,Earliest,Latest,Since Yesterday,Sold Value,Currency,Event ID",
    `HYROX,DACH,ON_SALE,100,200,33.33%,3,20,30,-1.5,31,,2026-03-20,,,'=1+1,9900,EUR,${idOf(0)}`,
  ]);
});

/** Of the children of a worksheet, as ECMA-376 has them (18.3.1.99): in another order Excel calls the file corrupt. */
const ORDER = [
  ...["sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter"],
  ...["mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions"],
  ...["pageMargins", "pageSetup"],
];

test("each worksheet has its parts in the order that Excel insists on, however many it has of a kind", async () => {
  const file = await download("vivenu.xlsx", { rows: { ...rows, overview }, settings, now });
  const parts = unzipSync(file?.body ?? new Uint8Array());
  const sheets = Object.keys(parts).filter((name) => name.startsWith("xl/worksheets/sheet"));
  expect(sheets).toHaveLength(4);
  for (const name of sheets) {
    const children = childrenOf(new TextDecoder().decode(parts[name]));
    const places = children.map((child) => ORDER.indexOf(child));
    expect([name, children, places]).toEqual([name, children, places.toSorted((a, b) => a - b)]);
    expect(children).toContain("pageSetup");
  }
});

/** Names of the elements right in the worksheet. */
function childrenOf(xml: string): string[] {
  let depth = 0;
  return [...xml.matchAll(/<(\/?)([A-Za-z]+)[^>]*?(\/?)>/g)].flatMap(
    ([, closing, name = "", alone]) => {
      if (closing) depth -= 1;
      const isChild = !closing && depth === 1;
      if (!closing && !alone) depth += 1;
      return isChild ? name : [];
    },
  );
}

test("only files of tabs that are shown can be downloaded", async () => {
  const given = { rows, settings: { ...settings, tabs: ["events" as const] }, now };
  const all = downloadNames(settings.tabs);
  expect(all).toHaveLength(1 + settings.tabs.length);
  const found = await Promise.all(all.map((name) => download(name, given)));
  expect(found.flatMap((file) => file?.name ?? [])).toEqual(downloadNames(given.settings.tabs));
  expect(downloadNames(given.settings.tabs)).toEqual(["vivenu.xlsx", "events.csv"]);
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

test("the workbook shows a price with the decimals of its currency", async () => {
  const ticketTypes = ["JPY", "KWD", "EUR"].map((currency) => ticketType({ currency, price: 12 }));
  const file = await download("vivenu.xlsx", { rows: { events: [], ticketTypes }, settings, now });
  const parts = unzipSync(file?.body ?? new Uint8Array());
  const read = (name: string) => new TextDecoder().decode(parts[name]);
  const [, ...formats] = read("xl/styles.xml").split("<cellXfs")[1]?.split("<xf ") ?? [];
  const codes = new Map(
    [...read("xl/styles.xml").matchAll(/numFmtId="(\d+)" formatCode="([^"]*)"/g)].map((m) => [
      m[1],
      m[2],
    ]),
  );
  const price = (row: number) => {
    const style = new RegExp(`<c r="F${row}"[^>]* s="(\\d+)"`).exec(
      read("xl/worksheets/sheet2.xml"),
    );
    return codes.get(/numFmtId="(\d+)"/.exec(formats[Number(style?.[1])] ?? "")?.[1] ?? "");
  };
  expect([2, 3, 4].map(price)).toEqual(["#,##0", "#,##0.000", "#,##0.00"]);
});
