import { expect, test } from "bun:test";
import { event, fixedColumns, idOf, type Scene, scene, type } from "../../../test/support/sheet.ts";
import { defaultLayout } from "../layout/layout.ts";
import type { SheetChange, SheetDay } from "../layout/sheet-rows.ts";

const day = (number: number): SheetDay => ({
  eventId: idOf(0),
  eventName: "HYROX Anytown",
  region: "DACH",
  day: `2026-02-0${number}`,
  newSales: number,
  totalSold: 10 * number,
  percentSold: number,
  daysToEvent: 40 - number,
});

async function days(it: Scene, ...numbers: number[]) {
  it.rows.salesByDay = numbers.map(day);
  await it.mirror.sync();
}

const shownDays = async (it: Scene) =>
  (await it.show("Sales by Day!A2:E9")).map(([id, , , date, sold]) => [id, date, sold]);

test("a day that is older than what is shown keeps its row, and the new day gets one of its own", async () => {
  await using it = await scene();
  await days(it, 1, 2);
  await days(it, 2, 3);
  expect(await shownDays(it)).toEqual([1, 2, 3].map((n) => [idOf(0), `2026-02-0${n}`, `${n}`]));
});

test("a day on which nothing was sold after all says so, also one before the first", async () => {
  await using it = await scene();
  it.rows.days = { unreadable: [] };
  await days(it, 1, 2, 3);
  await days(it, 2, 4, 5);
  expect(await it.show("Sales by Day!A2:H9")).toEqual([
    [idOf(0), "HYROX Anytown", "DACH", "2026-02-01", "0", "0", "0.00%", "59"],
    [idOf(0), "HYROX Anytown", "DACH", "2026-02-02", "2", "20", "2.00%", "38"],
    [idOf(0), "HYROX Anytown", "DACH", "2026-02-03", "0", "20", "2.00%", "57"],
    [idOf(0), "HYROX Anytown", "DACH", "2026-02-04", "4", "40", "4.00%", "36"],
    [idOf(0), "HYROX Anytown", "DACH", "2026-02-05", "5", "50", "5.00%", "35"],
  ]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
  await days(it, 2, 3, 4);
  expect(await shownDays(it)).toEqual(
    [0, 2, 3, 4, 0].map((sold, at) => [idOf(0), `2026-02-0${at + 1}`, `${sold}`]),
  );
});

test.each([
  ["could not be read", { unreadable: [idOf(0)] }, {}],
  ["are of an event that was not counted yet", {}, { totalSold: null }],
  ["are of an event that is not listed", {}, { eventId: idOf(7) }],
])("days that %s stay as they are", async (_, unreadable, more) => {
  await using it = await scene();
  await days(it, 1, 2);
  it.rows.days = { unreadable: [], ...unreadable };
  it.rows.events = [event(more)];
  await days(it);
  expect((await shownDays(it)).map(([, , sold]) => sold)).toEqual(["1", "2"]);
});

test("an event that has sold nothing after all has no sales on the days that stand there", async () => {
  await using it = await scene();
  it.rows.days = { unreadable: [] };
  await days(it, 1, 2);
  await days(it);
  expect(await it.show("Sales by Day!D2:G9")).toEqual([
    ["2026-02-01", "0", "0", "0.00%"],
    ["2026-02-02", "0", "0", "0.00%"],
  ]);
});

test("a person's own row and copy of a day of ours keep what the person typed", async () => {
  await using it = await scene();
  it.rows.days = { unreadable: [] };
  await days(it, 1, 2);
  const sheetId = await it.sheetId("Sales by Day");
  const serial = 46_055;
  const copy = [idOf(0), "HYROX Anytown", "DACH", serial, 7, 70, 0.7, 9] as const;
  await it.edit(type(sheetId, 5, 0, ...copy), type(sheetId, 6, 0, idOf(0), "", "", serial + 5));
  await days(it, 1);
  expect((await it.show("Sales by Day!D2:F9")).map(([, ...sold]) => sold)).toEqual([
    ["1", "10"],
    ["0", "10"],
    [],
    [],
    ["7", "70"],
    [],
  ]);
});

test("an id or a day that a person overwrote is put right on its row", async () => {
  await using it = await scene();
  await days(it, 1, 2, 3);
  const before = await shownDays(it);
  const sheetId = await it.sheetId("Sales by Day");
  await it.edit(type(sheetId, 1, 0, "oops"), type(sheetId, 2, 3, "yesterday"));
  expect(await it.mirror.sync()).toMatchObject({ cells: 2 });
  expect(await shownDays(it)).toEqual(before);
});

test("no event gets the row of one that is gone, also where the names' header is lost", async () => {
  await using it = await scene({ mirror: { settings: fixedColumns } });
  const named = (number: number) =>
    event({ eventId: idOf(number), eventName: `HYROX ${number}`, totalSold: number });
  it.rows.events = [0, 1, 2].map(named);
  await it.mirror.sync();
  await it.edit(type(await it.sheetId("Events"), 0, 2, "Race"));
  it.rows.events = [0, 2, 3].map(named);
  await it.mirror.sync();
  expect((await it.show("Events!A2:H9")).map((row) => [row[0], row[2], row[7]])).toEqual([
    [idOf(0), "HYROX 0", "0"],
    [idOf(1), "HYROX 1", "1"],
    [idOf(2), "HYROX 2", "2"],
    [idOf(3), "", "3"],
  ]);
  expect((await it.show("Events!L2:L9")).flat()).toEqual(["HYROX 0", "HYROX 2", "HYROX 3"]);
});

test("where neither ids nor names are left, rows are made anew and the old ones stay", async () => {
  await using it = await scene({ mirror: { settings: fixedColumns } });
  await it.mirror.sync();
  await it.edit(type(await it.sheetId("Events"), 0, 0, "Number", "Where", "Race"));
  await it.mirror.sync();
  const rows = await it.show("Events!A2:N9");
  expect(rows.map((row) => [row[0] ?? "", row[11] ?? "", row[7]])).toEqual([
    [idOf(0), "", "100"],
    ["", idOf(0), "100"],
  ]);
});

test("without all names a row is known by another id of its own, and of two alike neither is", async () => {
  await using it = await scene();
  const shop = (number: number, eventNumber: number, sold: number) => ({
    ...{ eventId: idOf(eventNumber), eventName: "HYROX", region: "DACH", timezone: null },
    ...{ underShopId: idOf(number), underShopName: "Clubs", eventDate: "2026-04-01T10:00:00Z" },
    ...{ active: true, inventoryStrategy: "dependent", salesStart: null, salesEnd: null },
    ...{ allocation: 900, left: 1, sold },
  });
  const put = (sold: number) => {
    it.rows.underShops = [shop(11, 1, sold), shop(12, 2, sold), shop(13, 2, sold)];
  };
  put(10);
  await it.mirror.sync();
  const headers = await it.show("Undershops!A1:Z1");
  const sheetId = await it.sheetId("Undershops");
  for (const name of ["Undershop ID", "Region"])
    await it.edit(type(sheetId, 0, headers[0]?.indexOf(name) ?? -1, "mine"));
  put(11);
  await it.mirror.sync();
  const sold = headers[0]?.indexOf("Sold") ?? -1;
  const event = headers[0]?.indexOf("Event ID") ?? -1;
  const rows = await it.show("Undershops!A2:Z9");
  expect(rows.map((row) => [row[event], row[sold]])).toEqual([
    [idOf(1), "11"],
    [idOf(2), "10"],
    [idOf(2), "10"],
    [idOf(2), "11"],
    [idOf(2), "11"],
  ]);
});

const change = (changedAt: string, timezone: string | null): SheetChange => ({
  ...{ eventId: idOf(0), eventName: "HYROX Vancouver", region: "CANADA", timezone },
  ...{ changeType: "event", field: "sellStart", source: "poll", severity: "high" },
  previousValue: { value: "2026-12-10T10:00:00Z", isInstant: true },
  newValue: { value: "2026-12-11T10:00:00Z", isInstant: true },
  changedAt,
});

test("a history whose clock is another one keeps its rows, and what people wrote beside them", async () => {
  await using it = await scene();
  const times = ["2026-12-03T10:00:07Z", "2026-12-03T11:00:07Z", "2026-12-04T09:13:20Z"];
  const shown = async () =>
    (await it.show("Sales Date Changes!A2:K9")).map((row) => [row[7], row[6], row[10] ?? ""]);
  // As the spreadsheet's clock is, then another one, by old zone data, by new ones, and on another day.
  for (const [timezone, wall] of [
    [null, ["2026-12-03 10:00", "2026-12-03 11:00", "2026-12-04 09:13"]],
    ["America/Los_Angeles", ["2026-12-03 02:00", "2026-12-03 03:00", "2026-12-04 01:13"]],
    ["America/Vancouver", ["2026-12-03 03:00", "2026-12-03 04:00", "2026-12-04 02:13"]],
    ["Pacific/Auckland", ["2026-12-03 23:00", "2026-12-04 00:00", "2026-12-04 22:13"]],
  ] as const) {
    it.rows.changes = times.map((time) => change(time, null));
    const settings = { ...defaultLayout, timezone };
    await it.mirrorOnto(it.client(), { settings }).sync();
    if (timezone === null)
      await it.edit(type(await it.sheetId("Sales Date Changes"), 3, 10, "ask Ben"));
    const rows = await shown();
    expect(rows.map(([at]) => at).toSorted()).toEqual([...wall]);
    expect(rows.find(([, , note]) => note !== "")).toEqual([
      wall[2],
      expect.any(String),
      "ask Ben",
    ]);
  }
  // Another change of the same day is another row, and what is no longer among the newest stays.
  it.rows.changes = [change("2026-12-04T10:20:00Z", null)];
  const settings = { ...defaultLayout, timezone: "Pacific/Auckland" };
  await it.mirrorOnto(it.client(), { settings }).sync();
  expect(await shown()).toHaveLength(4);
});
