import { expect, test } from "bun:test";
import { event, idOf, scene, ticketType, type } from "../../../test/support/sheet.ts";

const events = (count: number, sold = 0) =>
  Array.from({ length: count }, (_, number) =>
    event({ eventId: idOf(number), eventName: `HYROX ${number}`, totalSold: sold + number }),
  );

const merge = (
  sheetId: number,
  [startRowIndex, endRowIndex]: readonly [number, number],
  [startColumnIndex, endColumnIndex]: readonly [number, number],
) => ({
  mergeCells: {
    range: { sheetId, startRowIndex, endRowIndex, startColumnIndex, endColumnIndex },
    mergeType: "MERGE_ALL",
  },
});

test("merged cells that hide what we say are taken apart, and others stay merged", async () => {
  await using it = await scene();
  it.rows.events = events(4);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(
    { insertDimension: { range: { sheetId, dimension: "ROWS", startIndex: 0, endIndex: 1 } } },
    type(sheetId, 0, 0, "Season"),
    merge(sheetId, [0, 1], [0, 11]),
    // Regions that are alike, two ids, and a person's own cells.
    merge(sheetId, [2, 4], [1, 2]),
    merge(sheetId, [4, 6], [0, 1]),
    merge(sheetId, [8, 10], [2, 4]),
  );
  await it.mirror.sync();
  const ids = [0, 1, 2, 3].map((number) => [idOf(number), "DACH", `HYROX ${number}`]);
  expect(await it.show("Events!A3:C8")).toEqual(ids);
  const merges = (await it.tab("Events")).merges?.map(({ startRowIndex }) => startRowIndex);
  expect(merges).toEqual([0, 8]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("what somebody merges between our read and our write is right again at the end of the sync", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  it.rows.events = events(3, 10);
  let isMerged = false;
  const mirror = it.mirrorOnto({
    ...it.spreadsheet,
    async write(requests, readBack) {
      if (!isMerged) await it.edit(merge(sheetId, [1, 4], [7, 8]));
      isMerged = true;
      return it.spreadsheet.write(requests, readBack);
    },
  });
  await mirror.sync();
  expect(await it.show("Events!H2:H5")).toEqual([["10"], ["11"], ["12"]]);
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a new event comes also where cells are merged around its place", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const range = { sheetId, startRowIndex: 0, endRowIndex: 4 };
  await it.edit({ setBasicFilter: { filter: { range } } }, merge(sheetId, [2, 4], [1, 2]));
  it.rows.events = events(5);
  await it.mirror.sync();
  const shown = await it.show("Events!B2:C8");
  expect(shown.toSorted()).toEqual([0, 1, 2, 3, 4].map((number) => ["DACH", `HYROX ${number}`]));
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("a tab that somebody began with a title across several rows is filled all the same", async () => {
  await using it = await scene();
  await it.edit(
    { addSheet: { properties: { sheetId: 9, title: "Events" } } },
    type(9, 0, 0, "Season"),
    merge(9, [0, 3], [0, 1]),
  );
  await it.mirror.sync();
  expect((await it.show("Events!B1:D1")).flat()).toEqual(["Event ID", "Region", "Event Name"]);
  expect((await it.tab("Events")).merges).toHaveLength(1);
});

test("rows of which somebody merged what is alike are the same rows still, and none is doubled", async () => {
  await using it = await scene();
  const types = (sold: number) =>
    [0, 1, 2, 3, 4].map((number) =>
      ticketType({
        ...{ eventId: idOf(number < 4 ? 0 : 1), eventName: number < 4 ? "HYROX 0" : "HYROX 1" },
        ...{ ticketTypeId: idOf(100 + number), ticketName: `Type ${number}`, sold },
      }),
    );
  it.rows.events = events(4);
  it.rows.ticketTypes = types(1);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Ticket Types");
  const eventsId = await it.sheetId("Events");
  // The event's id, name and region, as one groups its ticket types; and of two events the id and the region.
  await it.edit(
    ...[0, 1, 2].map((column) => merge(sheetId, [1, 5], [column, column + 1])),
    ...[0, 1].map((column) => merge(eventsId, [2, 4], [column, column + 1])),
  );
  it.rows.ticketTypes = types(7);
  await it.mirror.sync();
  expect(await it.show("'Ticket Types'!A2:I9")).toEqual(
    types(7).map((one) => [
      ...[one.eventId, one.eventName, "DACH", one.ticketTypeId, one.ticketName],
      ...["99.50", "EUR", "300", "7"],
    ]),
  );
  expect((await it.show("Events!A2:C9")).map(([id, region, name]) => [id, region, name])).toEqual(
    [0, 1, 2, 3].map((number) => [idOf(number), "DACH", `HYROX ${number}`]),
  );
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});
