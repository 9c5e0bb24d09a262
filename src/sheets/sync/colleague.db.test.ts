import { expect, test } from "bun:test";
import {
  event,
  fixedColumns,
  idOf,
  scene,
  steppedClock,
  ticketType,
  type,
} from "../../../test/support/sheet.ts";
import { limiter } from "../google/limiter.ts";
import { defaultSheetSettings } from "../settings.ts";

const statusItems = [
  { item: "Version", value: "1.2.3", at: null },
  { item: "Last count of DACH", value: "3 events", at: "2026-03-01T10:30:00Z" },
];

const change = {
  eventId: idOf(0),
  eventName: "HYROX Anytown",
  region: "DACH",
  timezone: "Europe/Berlin",
  changeType: "event",
  field: "sellStart",
  previousValue: { value: "2026-01-15T09:00:00Z", isInstant: true },
  newValue: { value: "2026-01-16T09:00:00Z", isInstant: true },
  changedAt: "2026-01-10T09:00:00Z",
  source: "webhook",
  severity: "critical",
};

const day = {
  eventId: idOf(0),
  eventName: "HYROX Anytown",
  region: "DACH",
  day: "2026-02-28",
  newSales: 12,
  totalSold: 100,
  percentSold: 33.33,
  daysToEvent: 32,
};

test("all five tabs have their columns, with numbers as numbers and days as days", async () => {
  await using it = await scene({ clock: steppedClock() });
  Object.assign(it.rows, { changes: [change], salesByDay: [day], status: statusItems });
  await it.mirror.sync();
  expect(await it.show("Sales Date Changes")).toEqual([
    "Event ID,Event Name,Region,Change Type,Field,Previous Value,New Value,Changed At,Source,Severity".split(
      ",",
    ),
    [
      ...[idOf(0), "HYROX Anytown", "DACH", "event", "sellStart"],
      ...["2026-01-15 10:00", "2026-01-16 10:00", "2026-01-10 09:00", "webhook", "critical"],
    ],
  ]);
  expect(await it.show("Sales by Day!A1:H9")).toEqual([
    "Event ID,Event Name,Region,Date,New Sales,Total Sold,Percent Sold,Days to Event".split(","),
    [idOf(0), "HYROX Anytown", "DACH", "2026-02-28", "12", "100", "33.33%", "32"],
  ]);
  expect(await it.show("Status")).toEqual([
    ["Item", "Value", "At", "Age (hours)"],
    ["Last sync", "this tab is as new as this", "2026-03-01 12:00", "0.00"],
    ["Version", "1.2.3"],
    ["Last count of DACH", "3 events", "2026-03-01 10:30", "1.50"],
    ["Clock of Last Updated, Changed At and At", "Etc/GMT"],
  ]);
  expect((await it.show("Sales by Day!D2", "UNFORMATTED_VALUE"))[0]).toEqual([46_081]);
});

test("a change's values are dates, amounts and texts, each as what it is", async () => {
  await using it = await scene();
  const of = (field: string, previousValue: unknown, newValue: unknown, isInstant = false) => ({
    ...change,
    field,
    previousValue: { value: previousValue, isInstant },
    newValue: { value: newValue, isInstant },
  });
  const changes = [
    change,
    of("amount of HYROX MEN", 100, 250),
    of("price of HYROX MEN", 99.5, 0),
    of("name", "=1+1", "2026-01-01"),
    of("sellEnd", null, "2026-02-01T09:00:00Z", true),
    of("active of HYROX MEN", false, true),
  ];
  Object.assign(it.rows, { changes });
  await it.mirror.sync();
  expect(await it.show("Sales Date Changes!F2:G7", "UNFORMATTED_VALUE")).toEqual([
    [46_037 + 10 / 24, 46_038 + 10 / 24],
    [100, 250],
    [99.5, 0],
    ["=1+1", "2026-01-01"],
    ["", 46_054 + 10 / 24],
    ["false", "true"],
  ]);
  expect(await it.show("Sales Date Changes!F2:G7")).toEqual([
    ["2026-01-15 10:00", "2026-01-16 10:00"],
    ["100", "250"],
    ["99.50", "0.00"],
    ["=1+1", "2026-01-01"],
    ["", "2026-02-01 10:00"],
    ["false", "true"],
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  const sheetId = await it.sheetId("Sales Date Changes");
  await it.edit(type(sheetId, 1, 6, "2026-01-16 10:00"));
  expect(await it.mirror.sync()).toMatchObject({ cells: 1 });
});

test("ages on the Status tab move on with a change or after a while, never by themselves", async () => {
  const clock = steppedClock();
  await using it = await scene({ clock });
  it.rows.status = statusItems;
  await it.mirror.sync();
  clock.pass(200_000);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  it.rows.events = [event({ totalSold: 101 })];
  expect(await it.mirror.sync()).toMatchObject({ cells: 3 });
  clock.pass(200_000);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  clock.pass(100_001);
  expect(await it.mirror.sync()).toMatchObject({ cells: 2 });
});

test("tabs, titles, timezone and formats are as configured", async () => {
  const { layout } = defaultSheetSettings;
  const settings = {
    ...layout,
    tabs: ["events" as const],
    titles: { ...layout.titles, events: "Races" },
    timezone: "America/New_York",
    dateTimeFormat: "dd.mm.yyyy hh:mm",
  };
  await using it = await scene({ mirror: { settings } });
  await it.mirror.sync();
  // A race's date is by the race's clock, and when it was updated last by the one that was chosen.
  expect((await it.show("Races!D2"))[0]).toEqual(["01.04.2026 12:00"]);
  expect((await it.show("Races!K2"))[0]).toEqual(["01.03.2026 03:00"]);
  await expect(it.show("'Ticket Types'")).rejects.toThrow();
});

test("the first run colours percentages and warns whoever edits our columns", async () => {
  await using it = await scene();
  await it.mirror.sync();
  const { conditionalFormats, protectedRanges, properties } = await it.tab("Events");
  expect(conditionalFormats).toHaveLength(1);
  expect(conditionalFormats?.[0]?.ranges?.[0]).toMatchObject({ startColumnIndex: 9 });
  const columns = (await it.show("Events!1:1"))[0]?.length ?? 0;
  expect(protectedRanges).toHaveLength(columns);
  expect(protectedRanges?.every(({ warningOnly }) => warningOnly)).toBe(true);
  expect(properties?.gridProperties?.frozenRowCount).toBe(1);
  await it.mirror.sync();
  expect((await it.tab("Events")).protectedRanges).toHaveLength(columns);
});

test("what a person overwrote in our columns is put right, an id too, and nothing is doubled", async () => {
  await using it = await scene({ mirror: { settings: fixedColumns } });
  it.rows.events = [event(), event({ eventId: idOf(1), eventName: "HYROX Elsewhere" })];
  await it.mirror.sync();
  const before = await it.show("Events");
  const sheetId = await it.sheetId("Events");
  await it.edit(
    type(sheetId, 1, 6, "lots", "=1+1"),
    type(sheetId, 2, 0, "oops"),
    type(sheetId, 2, 12, "a note"),
  );
  expect(await it.mirror.sync()).toMatchObject({ cells: 3 });
  const after = await it.show("Events");
  expect(after.map((row) => row.slice(0, 11))).toEqual(before);
  expect(after[2]?.[12]).toBe("a note");
});

test("a renamed header comes back at the right edge, and the Status tab says so", async () => {
  await using it = await scene({ clock: steppedClock(), mirror: { settings: fixedColumns } });
  it.rows.status = statusItems;
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 0, 7, "My total"), type(sheetId, 0, 11, "Mine"));
  await it.mirror.sync();
  const [header, row] = await it.show("Events");
  expect([header?.[7], row?.[7], header?.[11]]).toEqual(["My total", "100", "Mine"]);
  expect([header?.[12], row?.[12]]).toEqual(["Total Sold", "100"]);
  expect(await it.show("Status!A6:C6")).toEqual([
    ["Header restored: Events, Total Sold", "put back at the right edge", "2026-03-01 12:00"],
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a tab that cannot be written does not stop another", async () => {
  await using it = await scene();
  await it.edit(type(0, 0, 0, "mine"));
  await it.mirror.sync();
  // The spreadsheet is all but full: the Ticket Types cannot grow, the Events need not.
  const { gridProperties } = (await it.tab("Ticket Types")).properties ?? {};
  const others = 2 * (gridProperties?.rowCount ?? 0) * (gridProperties?.columnCount ?? 0);
  const rowCount = Math.floor((10_000_000 - others) / 26);
  const full = { properties: { sheetId: 0, gridProperties: { rowCount } } };
  await it.edit({ updateSheetProperties: { ...full, fields: "gridProperties.rowCount" } });
  it.rows.events = [event({ totalSold: 123 })];
  it.rows.ticketTypes = Array.from({ length: 1_100 }, (_, index) =>
    ticketType({ ticketTypeId: idOf(100 + index) }),
  );
  await expect(it.mirror.sync()).rejects.toMatchObject({ kind: "refused" });
  expect((await it.show("Events!H2"))[0]).toEqual(["123"]);
  expect(await it.show("'Ticket Types'!A3:A4")).toEqual([]);
});

test("a change too large for one request is written in parts, and every row is whole in each", async () => {
  await using it = await scene({ mirror: { maxBytes: 30_000 } });
  it.rows.ticketTypes = Array.from({ length: 120 }, (_, index) =>
    ticketType({ ticketTypeId: idOf(100 + index), sold: index, available: 300 - index }),
  );
  const seen: (string | number | boolean)[][][] = [];
  const watched = it.mirrorOnto({
    ...it.spreadsheet,
    async write(requests, readBack) {
      const after = await it.spreadsheet.write(requests, readBack);
      expect(JSON.stringify(requests).length).toBeLessThanOrEqual(30_000);
      seen.push(await it.show("'Ticket Types'").catch(() => []));
      return after;
    },
  });
  await watched.sync();
  expect(seen.length).toBeGreaterThan(2);
  for (const rows of seen)
    for (const row of rows.slice(1)) {
      expect(row).toHaveLength(22);
      expect(Number(row[8]) + Number(row[9])).toBe(300);
    }
  expect(seen.at(-1)).toHaveLength(121);
  expect((await it.mirror.sync()).requests).toBe(0);
});

test("requests keep within the limit in any minute, reads and writes apart", async () => {
  const clock = steppedClock();
  const { admit } = limiter({ clock, perMinute: 3 });
  for (let call = 0; call < 3; call += 1) {
    await admit("read");
    await admit("write");
    clock.pass(10_000);
  }
  expect(clock.pauses).toEqual([]);
  await admit("read");
  expect(clock.pauses).toEqual([30_000]);
  clock.pass(5_000);
  await admit("read");
  expect(clock.pauses).toEqual([30_000, 5_000]);
});

test("a quiet hour takes less than a tenth of the quota in every minute of it", async () => {
  const clock = steppedClock();
  await using it = await scene({ clock });
  it.rows.status = statusItems;
  const calls: number[] = [];
  const called = () => calls.push(clock.now().getTime());
  const mirror = it.mirrorOnto({
    read(titles) {
      called();
      return it.spreadsheet.read(titles);
    },
    readFilled(beyond) {
      called();
      return it.spreadsheet.readFilled(beyond);
    },
    write(requests, readBack) {
      called();
      return it.spreadsheet.write(requests, readBack);
    },
  });
  await mirror.sync();
  calls.length = 0;
  const over = new AbortController();
  const end = clock.now().getTime() + 3_600_000;
  const pause = clock.pause;
  clock.pause = async (ms) => {
    await pause(ms);
    if (clock.now().getTime() >= end) over.abort();
  };
  await mirror.run(over.signal);
  const inMinuteFrom = (start: number) =>
    calls.filter((at) => at >= start && at < start + 60_000).length;
  expect(calls.length).toBeGreaterThan(50);
  expect(Math.max(...calls.map(inMinuteFrom))).toBeLessThan(6);
});

test("notes and colours of people stay on their cells and on ours, whatever is written into them", async () => {
  await using it = await scene({ clock: steppedClock() });
  it.rows.events = [0, 1, 2].map((number) => event({ eventId: idOf(number), totalSold: number }));
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const marks = [
    { row: 1, column: 7, note: "ask the organiser", red: 1 },
    { row: 2, column: 2, note: "=HYPERLINK(1)", red: 0.5 },
    { row: 3, column: 11, note: "mine", red: 0.25 },
  ];
  for (const { row, column, note, red } of marks)
    await it.edit({
      updateCells: {
        start: { sheetId, rowIndex: row, columnIndex: column },
        rows: [{ values: [{ note, userEnteredFormat: { backgroundColor: { red } } }] }],
        fields: "note,userEnteredFormat.backgroundColor",
      },
    });
  it.rows.events = [0, 1, 2, 3].map((number) =>
    event({ eventId: idOf(number), eventName: `HYROX renamed ${number}`, totalSold: 500 + number }),
  );
  await it.mirror.sync();
  const { data } = await it.tab("Events");
  const cellAt = (row: number, column: number) => data?.[0]?.rowData?.[row]?.values?.[column];
  expect(cellAt(1, 7)?.userEnteredValue).toEqual({ numberValue: 500 });
  for (const { row, column, note, red } of marks)
    expect({
      note: cellAt(row, column)?.note,
      red: cellAt(row, column)?.userEnteredFormat?.backgroundColor?.red,
    }).toEqual({ note, red });
});
