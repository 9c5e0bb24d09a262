import { afterEach, expect, test } from "bun:test";
import type { sheets_v4 } from "@googleapis/sheets";
import {
  type PlayedSheets,
  playSheets,
  type SheetsOptions,
} from "../../../sandbox/sheets/server.ts";
import { visit } from "../../../sandbox/sheets/visit.ts";
import { playedDatabase } from "../../../test/support/played-database.ts";
import { fixedColumns } from "../../../test/support/sheet.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { wakeSignal } from "../../lib/loop.ts";
import { googleSpreadsheet } from "../google/google.ts";
import type { SheetRequest, Spreadsheet } from "../google/spreadsheet.ts";
import type { SheetEvent, SheetRows, SheetTicketType } from "../layout/layout.ts";
import { createMirror } from "./mirror.ts";

const spreadsheetId = "mirrored";
const serviceAccountEmail = "mirror@played.example.com";

const event = (more: Partial<SheetEvent> = {}): SheetEvent => ({
  eventId: "e1",
  region: "DACH",
  eventName: "HYROX Anytown",
  eventDate: "2026-04-01T10:00:00Z",
  timezone: "Europe/Berlin",
  salesLaunchDate: "2026-01-15T09:00:00Z",
  status: "On sale",
  totalCapacity: 300,
  totalSold: 100,
  totalAvailable: 200,
  percentSold: 33.33,
  lastUpdated: "2026-03-01T08:00:00Z",
  ...more,
});

const ticketType = (more: Partial<SheetTicketType> = {}): SheetTicketType => ({
  eventId: "e1",
  eventName: "HYROX Anytown",
  region: "DACH",
  timezone: "Europe/Berlin",
  ticketTypeId: "t1",
  ticketName: "HYROX MEN",
  price: 99.5,
  currency: "EUR",
  capacity: 300,
  sold: 100,
  available: 200,
  lastUpdated: "2026-03-01T08:00:00Z",
  ...more,
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A played spreadsheet, a mirror onto it whose writes are counted, and somebody who looks at it. */
async function setUp(more: Partial<SheetsOptions> & { clock?: Clock } = {}) {
  const database = await playedDatabase();
  closing.push(() => database[Symbol.asyncDispose]());
  const { clock = systemClock, ...options } = more;
  const played = await playSheets({
    sql: database.sql,
    port: 0,
    spreadsheetId,
    serviceAccountEmail,
    log: () => {},
    quota: { readsPerMinute: 1000, writesPerMinute: 1000 },
    ...options,
  });
  closing.push(() => played.stop());
  const rows: SheetRows = { events: [event()], ticketTypes: [ticketType()] };
  const writes: SheetRequest[][] = [];
  const spreadsheet = counted(clientOf(played), writes);
  const logger = createLogger("silent");
  const read = { spreadsheet, readRows: async () => rows };
  const mirror = createMirror({ ...read, clock, logger, settings: fixedColumns });
  const person = visit({ ...played, serviceAccountEmail });
  return { played, rows, writes, spreadsheet, mirror, person, ...looks(person) };
}

const clientOf = ({ url, privateKey }: { url: string; privateKey: string }, timeoutMs = 5_000) =>
  googleSpreadsheet({ spreadsheetId, serviceAccountEmail, privateKey, baseUrl: url, timeoutMs });

const counted = (spreadsheet: Spreadsheet, writes: SheetRequest[][]): Spreadsheet => ({
  ...spreadsheet,
  write(requests, readBack) {
    writes.push([...requests]);
    return spreadsheet.write(requests, readBack);
  },
});

function looks(person: sheets_v4.Resource$Spreadsheets) {
  const show = async (range: string, valueRenderOption = "FORMATTED_VALUE") =>
    (await person.values.get({ spreadsheetId, range, valueRenderOption })).data.values ?? [];
  const edit = (...requests: SheetRequest[]) =>
    person.batchUpdate({ spreadsheetId, requestBody: { requests } });
  const idOf = async (title: string) => {
    const { data } = await person.get({ spreadsheetId });
    const tab = data.sheets?.find(({ properties }) => properties?.title === title);
    return tab?.properties?.sheetId ?? -1;
  };
  return { show, edit, idOf };
}

const sizeOf = (requests: SheetRequest[] | undefined) =>
  (requests ?? [])
    .flatMap(({ updateCells }) => (updateCells?.fields === "note" ? [] : (updateCells?.rows ?? [])))
    .reduce((sum, { values }) => sum + (values?.length ?? 0), 0);

test("an empty spreadsheet gets both tabs with typed cells in one batch", async () => {
  const { mirror, writes, show, person } = await setUp();
  expect(await mirror.sync()).toMatchObject({ cells: 44 });
  expect(writes).toHaveLength(1);
  expect(await show("Events")).toEqual([
    "Event ID,Region,Event Name,Event Date,Sales Launch Date,Status,Total Capacity,Total Sold,Total Available,Percent Sold,Last Updated".split(
      ",",
    ),
    [
      "e1",
      "DACH",
      "HYROX Anytown",
      "2026-04-01 12:00",
      "2026-01-15 10:00",
      "On sale",
      "300",
      "100",
      "200",
      "33.33%",
      "2026-03-01 08:00",
    ],
  ]);
  expect(await show("'Ticket Types'")).toEqual([
    "Event ID,Event Name,Region,Ticket Type ID,Ticket Name,Price,Currency,Capacity,Sold,Available,Last Updated".split(
      ",",
    ),
    [
      "e1",
      "HYROX Anytown",
      "DACH",
      "t1",
      "HYROX MEN",
      "99.50",
      "EUR",
      "300",
      "100",
      "200",
      "2026-03-01 08:00",
    ],
  ]);
  expect((await show("Events!D2:J2", "UNFORMATTED_VALUE"))[0]).toEqual([
    46_113.5,
    46_037 + 10 / 24,
    "On sale",
    300,
    100,
    200,
    0.3333,
  ]);
  const { data } = await person.get({ spreadsheetId });
  expect(data.sheets?.map(({ properties }) => properties?.title)).toEqual([
    "Events",
    "Ticket Types",
  ]);
  expect(data.sheets?.[0]?.properties?.gridProperties?.frozenRowCount).toBe(1);
});

test("an unchanged world writes nothing", async () => {
  const { mirror, writes } = await setUp();
  await mirror.sync();
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
  expect(writes).toHaveLength(1);
});

test("one sale writes the cells that it changes and no other", async () => {
  const { mirror, writes, rows, show } = await setUp();
  rows.events = [event(), event({ eventId: "e2" })];
  await mirror.sync();
  rows.events = [event(), event({ eventId: "e2", totalSold: 101, totalAvailable: 199 })];
  expect((await mirror.sync()).cells).toBe(2);
  expect(sizeOf(writes[1])).toBe(2);
  expect(await show("Events!H2:I3")).toEqual([
    ["100", "200"],
    ["101", "199"],
  ]);
});

test("moved columns stay where they are, and what people add is never touched", async () => {
  const { mirror, rows, show, edit, idOf } = await setUp();
  const own = { userEnteredValue: { stringValue: "mine" } };
  await edit({
    appendCells: { sheetId: 0, rows: [{ values: [own] }], fields: "userEnteredValue" },
  });
  await mirror.sync();
  const sheetId = await idOf("Events");
  const column = (startIndex: number) => ({
    sheetId,
    dimension: "COLUMNS",
    startIndex,
    endIndex: startIndex + 1,
  });
  const formula = { userEnteredValue: { formulaValue: "=H2*2" } };
  await edit(
    { moveDimension: { source: column(7), destinationIndex: 1 } },
    { insertDimension: { range: column(3) } },
    {
      updateCells: {
        start: { sheetId, columnIndex: 3 },
        rows: [{ values: [own] }, { values: [formula] }, { values: [own] }],
        fields: "userEnteredValue",
      },
    },
  );
  rows.events = [event({ totalSold: 7 }), event({ eventId: "e2", totalSold: 8 })];
  await mirror.sync();
  expect(await show("Events!A1:E4", "FORMULA")).toEqual([
    ["Event ID", "Total Sold", "Region", "mine", "Event Name"],
    ["e1", 7, "DACH", "=H2*2", "HYROX Anytown"],
    ["", "", "", "mine"],
    ["e2", 8, "DACH", "", "HYROX Anytown"],
  ]);
  expect(await show("Sheet1")).toEqual([["mine"]]);
});

test("names that look like formulas stay the texts that they are", async () => {
  const { mirror, rows, person } = await setUp();
  const link = `=HYPERLINK("https://example.com";"x")`;
  const names = ["=1+1", "+1", "@x", "-1", "'=x", link, "\t=1", "1e3", "2026-01-01", "TRUE"];
  rows.events = names.map((eventName, index) => event({ eventId: `e${index}`, eventName }));
  await mirror.sync();
  const fields = "sheets.data.rowData.values.userEnteredValue";
  const { data } = await person.get({ spreadsheetId, ranges: ["Events!C2:C11"], fields });
  const values = data.sheets?.[0]?.data?.[0]?.rowData?.map((row) => row.values?.[0]);
  expect(values).toEqual(names.map((stringValue) => ({ userEnteredValue: { stringValue } })));
  expect((await mirror.sync()).requests).toBe(0);
});

test("more rows than the grid has room for make it grow", async () => {
  const { mirror, rows, show } = await setUp();
  await mirror.sync();
  rows.ticketTypes = Array.from({ length: 1200 }, (_, index) =>
    ticketType({ ticketTypeId: `t${index + 1}`, price: index }),
  );
  await mirror.sync();
  expect(await show("'Ticket Types'!D1201:F1201")).toEqual([["t1200", "HYROX MEN", "1,199.00"]]);
  expect((await mirror.sync()).requests).toBe(0);
});

test("a tab that somebody deletes comes back, and one that they rename is ours still", async () => {
  const { mirror, edit, idOf, show } = await setUp();
  await mirror.sync();
  const sheetId = await idOf("Events");
  await edit(
    { updateSheetProperties: { properties: { sheetId, title: "Old" }, fields: "title" } },
    { deleteSheet: { sheetId: await idOf("Ticket Types") } },
  );
  expect((await mirror.sync()).cells).toBe(22);
  await expect(show("Events!A1:A2")).rejects.toThrow("Unable to parse range");
  expect((await show("'Ticket Types'!A1:A2")).flat()).toEqual(["Event ID", "e1"]);
  expect((await show("Old!A1:A2")).flat()).toEqual(["Event ID", "e1"]);
});

test("a batch that Google refuses leaves no trace", async () => {
  const { spreadsheet, show } = await setUp();
  const addSheet = { addSheet: { properties: { title: "Half done" } } };
  await expect(spreadsheet.write([addSheet, addSheet])).rejects.toMatchObject({
    kind: "refused",
    context: { status: 400 },
  });
  await expect(show("'Half done'")).rejects.toThrow("Unable to parse range");
});

test("a batch whose answer is lost is found done at the next sync", async () => {
  const { played, rows, person } = await setUp();
  const lossy = losingAnswers(played);
  const readRows = async () => rows;
  const logger = createLogger("silent");
  const spreadsheet = clientOf({ ...played, url: lossy.url }, 500);
  const mirror = createMirror({ spreadsheet, readRows, clock: systemClock, logger });
  await expect(mirror.sync()).rejects.toMatchObject({ kind: "unavailable" });
  await lossy.lost;
  await mirror.sync();
  expect(mirror.state).toMatchObject({ cellsWritten: 0, lastChangeAt: null });
  expect((await looks(person).show("Events!A2")).flat()).toEqual(["e1"]);
});

/** Passes everything on, and keeps the answer to the first write to itself. */
function losingAnswers(played: PlayedSheets) {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  let isLost = false;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const answer = await fetch(new Request(`${played.url}${pathname}${search}`, request));
      if (isLost || !pathname.endsWith(":batchUpdate")) return answer;
      isLost = true;
      resolve();
      return new Promise<Response>(() => {});
    },
  });
  closing.push(() => server.stop(true));
  return { url: `http://127.0.0.1:${server.port}`, lost };
}

test("a spent quota is a reason to try again later, told in the state", async () => {
  // A fresh spreadsheet takes two: for all tabs, and for whether the only one is untouched.
  const { mirror } = await setUp({ quota: { readsPerMinute: 2, writesPerMinute: 1 } });
  await expect(mirror.sync()).resolves.toBeDefined();
  await expect(mirror.sync()).rejects.toMatchObject({
    kind: "unavailable",
    context: { status: 429 },
  });
  expect(mirror.state.lastFailure).toMatchObject({ kind: "unavailable" });
});

test("failures are sorted by whether trying again can help", async () => {
  const { played } = await setUp();
  const kindOf = (spreadsheet: Spreadsheet) =>
    spreadsheet.read([]).then(
      () => "none",
      (error) => error.kind,
    );
  const options = { ...played, spreadsheetId, serviceAccountEmail, timeoutMs: 10_000 };
  const to = (more: object) =>
    kindOf(googleSpreadsheet({ ...options, baseUrl: played.url, ...more }));
  expect(await to({})).toBe("none");
  expect(await to({ spreadsheetId: "another" })).toBe("refused");
  expect(await to({ serviceAccountEmail: "nobody@played.example.com" })).toBe("refused");
  expect(await to({ privateKey: "not a key" })).toBe("refused");
  expect(await to({ baseUrl: "http://127.0.0.1:1" })).toBe("unavailable");
});

test("no failure tells the key or the token", async () => {
  const { played } = await setUp({ quota: { readsPerMinute: 0, writesPerMinute: 0 } });
  const error = await clientOf(played)
    .read([])
    .catch((thrown) => thrown);
  const told = Bun.inspect(error, { depth: 20 });
  expect(told).toContain("429");
  expect(told).not.toMatch(/ya29|Bearer|PRIVATE KEY|assertion/);
});

test("the loop writes at once, gathers after that, and looks again when the minute is over", async () => {
  const pauses: { ms: number; end: () => void }[] = [];
  const clock: Clock = {
    now: () => new Date("2026-03-01T12:00:00Z"),
    pause(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      pauses.push({ ms, end: resolve });
      signal?.addEventListener("abort", () => resolve(), { once: true });
      return promise;
    },
  };
  const { mirror, rows, writes } = await setUp({ clock });
  const over = new AbortController();
  const wake = wakeSignal();
  const running = mirror.run(over.signal, wake);
  const paused = async (ms: number) => {
    while (pauses.length === 0) await Bun.sleep(1);
    const pause = pauses.shift();
    expect(pause?.ms).toBe(ms);
    return pause?.end ?? (() => {});
  };
  (await paused(250))();
  const minute = await paused(60_000);
  expect(mirror.state).toEqual({
    lastSyncAt: "2026-03-01T12:00:00.000Z",
    lastChangeAt: "2026-03-01T12:00:00.000Z",
    cellsWritten: 44,
    cellsPutBack: 0,
    lastFailure: null,
    unshown: [],
    taken: [],
  });
  minute();
  (await paused(2_000))();
  await paused(60_000);
  rows.events = [event({ status: "Sold out" })];
  wake.notify();
  (await paused(2_000))();
  await paused(60_000);
  expect(writes.map(sizeOf)).toEqual([44, 1]);
  over.abort();
  await running;
});
