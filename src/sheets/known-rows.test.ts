import { expect, test } from "bun:test";
import type { SheetDay } from "./sheet-rows.ts";
import { event, idOf, type Scene, scene, type } from "./testing.ts";

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
  await using it = await scene();
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
  await using it = await scene();
  await it.mirror.sync();
  await it.edit(type(await it.sheetId("Events"), 0, 0, "Number", "Where", "Race"));
  await it.mirror.sync();
  const rows = await it.show("Events!A2:N9");
  expect(rows.map((row) => [row[0] ?? "", row[11] ?? "", row[7]])).toEqual([
    [idOf(0), "", "100"],
    ["", idOf(0), "100"],
  ]);
});
