import { expect, test } from "bun:test";
import { event, idOf, type Scene, scene, type } from "../../../test/support/sheet.ts";
import { defaultLayout } from "../layout/layout.ts";

const events = (count: number) =>
  Array.from({ length: count }, (_, number) =>
    event({ eventId: idOf(number), eventName: `HYROX ${number}`, totalSold: number }),
  );

const fixed = (it: Scene) =>
  it.mirrorOnto(it.spreadsheet, { settings: { ...defaultLayout, columns: "fixed" } });

test("columns that come later stand beside what a person's formula fills, and not in it", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await fixed(it).sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 0, 12, "=SEQUENCE(3,4)"));
  await it.mirror.sync();
  expect(await it.show("Events!M1:P3")).toEqual([
    ["1", "2", "3", "4"],
    ["5", "6", "7", "8"],
    ["9", "10", "11", "12"],
  ]);
  expect((await it.show("Events!Q1:R1")).flat()).toEqual(["Event Type", "Available to Buy"]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("new events stand below what a person's formula fills under ours", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 6, 0, "=SEQUENCE(3,2)"));
  it.rows.events = events(4);
  await it.mirror.sync();
  expect((await it.show("Events!A7:B9")).flat()).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect((await it.show("Events!C10")).flat()).toEqual(["HYROX 3"]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a formula that fills a person's own column to the end keeps no event from its place", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 0, 24, "=SEQUENCE(900)"));
  it.rows.events = events(4);
  await it.mirror.sync();
  expect((await it.show("Events!C5")).flat()).toEqual(["HYROX 3"]);
  expect((await it.show("Events!Y900")).flat()).toEqual(["900"]);
});

test("a pivot table beside ours is not written over", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await fixed(it).sync();
  const sheetId = await it.sheetId("Events");
  const source = { sheetId, startRowIndex: 0, endRowIndex: 4 };
  const pivotTable = { source, rows: [{ sourceColumnOffset: 1 }] };
  await it.edit({
    updateCells: {
      start: { sheetId, rowIndex: 0, columnIndex: 11 },
      rows: [{ values: [{ pivotTable }] }],
      fields: "pivotTable",
    },
  });
  await it.mirror.sync();
  expect((await it.show("Events!M1")).flat()).toEqual(["Event Type"]);
  const [first] = (await it.tab("Events")).data?.[0]?.rowData ?? [];
  expect(first?.values?.[11]?.pivotTable).toMatchObject({ source });
  expect(first?.values?.[11]?.userEnteredValue).toBeUndefined();
});

test("whoever has no formula is asked no more than before", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await it.mirror.sync();
  let asked = 0;
  const mirror = it.mirrorOnto({
    ...it.spreadsheet,
    readFilled(beyond) {
      asked += 1;
      return it.spreadsheet.readFilled(beyond);
    },
  });
  it.rows.events = events(4);
  await mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(type(sheetId, 0, 24, "=SUM(H2:H4)"));
  it.rows.events = events(4).with(0, event({ totalSold: 50, eventName: "HYROX 0" }));
  await mirror.sync();
  expect(asked).toBe(0);
});
