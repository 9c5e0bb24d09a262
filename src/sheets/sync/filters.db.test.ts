import { expect, test } from "bun:test";
import { event, idOf, scene, type } from "../../../test/support/sheet.ts";

const events = (count: number) =>
  Array.from({ length: count }, (_, number) =>
    event({ eventId: idOf(number), eventName: `HYROX ${number}`, totalSold: number }),
  );

test("new events stand within a filter, above its last row, and look like no other row", async () => {
  await using it = await scene();
  it.rows.events = events(3);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const range = {
    sheetId,
    startRowIndex: 0,
    endRowIndex: 4,
    startColumnIndex: 0,
    endColumnIndex: 11,
  };
  const filterSpecs = [{ columnIndex: 2, filterCriteria: { hiddenValues: ["HYROX 0"] } }];
  const red = { userEnteredFormat: { backgroundColor: { red: 1 } } };
  const last = { sheetId, dimension: "ROWS", startIndex: 3, endIndex: 4 };
  await it.edit(
    type(sheetId, 6, 1, "=SUM(H2:H4)"),
    { setBasicFilter: { filter: { range, filterSpecs } } },
    { addFilterView: { filter: { title: "Mine", range, filterSpecs } } },
    {
      updateCells: {
        start: { sheetId, rowIndex: 3, columnIndex: 2 },
        rows: [{ values: [red] }],
        fields: "userEnteredFormat.backgroundColor",
      },
    },
    {
      updateDimensionProperties: {
        range: last,
        properties: { hiddenByUser: true },
        fields: "hiddenByUser",
      },
    },
  );
  it.rows.events = events(5).with(
    2,
    event({ eventId: idOf(2), eventName: "HYROX 2", totalSold: 50 }),
  );
  await it.mirror.sync();
  const names = ["HYROX 0", "HYROX 1", "HYROX 3", "HYROX 4", "HYROX 2"];
  expect((await it.show("Events!C2:C8")).flat()).toEqual(names);
  expect((await it.show("Events!H2:H8")).flat()).toEqual(["0", "1", "3", "4", "50"]);
  const { basicFilter, filterViews, data } = await it.tab("Events");
  expect(basicFilter).toEqual({ range: { ...range, endRowIndex: 6 }, filterSpecs });
  expect(filterViews?.[0]?.range?.endRowIndex).toBe(6);
  expect(await it.show("Events!B9", "FORMULA")).toEqual([["=SUM(H2:H6)"]]);
  const rows = data?.[0]?.rowMetadata ?? [];
  expect(rows.flatMap((row, at) => (row.hiddenByUser ? at : []))).toEqual([5]);
  expect(rows.flatMap((row, at) => (row.hiddenByFilter ? at : []))).toEqual([1]);
  const coloured = data?.[0]?.rowData?.map(
    ({ values }) => values?.[2]?.userEnteredFormat?.backgroundColor?.red ?? 0,
  );
  expect(coloured?.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 1]);
  expect(await it.show("Events!D4")).toEqual([["2026-04-01 12:00"]]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

test("new events stand below everything when a filter goes on below it, or there is none", async () => {
  await using it = await scene();
  it.rows.events = events(2);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit(
    { setBasicFilter: { filter: { range: { sheetId } } } },
    type(sheetId, 4, 1, "mine"),
  );
  it.rows.events = events(3);
  await it.mirror.sync();
  expect(await it.show("Events!B5:C6")).toEqual([["mine"], ["DACH", "HYROX 2"]]);
});

test("new events stand within what Google calls a table", async () => {
  await using it = await scene();
  it.rows.events = events(2);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const range = { sheetId, startRowIndex: 0, endRowIndex: 3 };
  await it.edit({ addTable: { table: { name: "Mine", range } } });
  it.rows.events = events(4);
  await it.mirror.sync();
  expect((await it.tab("Events")).tables?.[0]?.range?.endRowIndex).toBe(5);
});

test("new events stand within what a slicer shows", async () => {
  await using it = await scene();
  it.rows.events = events(2);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  await it.edit({ clearBasicFilter: { sheetId } });
  const dataRange = { sheetId, startRowIndex: 0, endRowIndex: 3 };
  await it.edit({ addSlicer: { slicer: { spec: { dataRange, columnIndex: 1 } } } });
  it.rows.events = events(4);
  await it.mirror.sync();
  expect((await it.tab("Events")).slicers?.[0]?.spec?.dataRange?.endRowIndex).toBe(5);
});

test("in a table whose columns have types all numbers are kept up to date, and new events come", async () => {
  await using it = await scene();
  it.rows.events = events(2);
  await it.mirror.sync();
  const sheetId = await it.sheetId("Events");
  const range = {
    ...{ sheetId, startRowIndex: 0, endRowIndex: 3 },
    ...{ startColumnIndex: 0, endColumnIndex: 11 },
  };
  // As "Convert to table" makes it: it finds out the types by itself, and Google leaves out the first number.
  const typesOf = ["TEXT", "TEXT", "TEXT", "DATE_TIME", "DATE_TIME", "TEXT", "DOUBLE", "DOUBLE"];
  const columnProperties = typesOf.map((columnType, columnIndex) => ({
    ...(columnIndex > 0 && { columnIndex }),
    columnType,
  }));
  const red = { userEnteredFormat: { backgroundColor: { red: 1 } } };
  await it.edit(
    { addTable: { table: { name: "Mine", range, columnProperties } } },
    type(sheetId, 1, 3, "by hand"),
    {
      updateCells: {
        start: { sheetId, rowIndex: 2, columnIndex: 2 },
        rows: [{ values: [red] }],
        fields: "userEnteredFormat.backgroundColor",
      },
    },
  );
  it.rows.events = events(4).with(0, event({ totalSold: 7, eventName: "HYROX 0" }));
  await it.mirror.sync();
  expect((await it.show("Events!C2:H6")).map((row) => [row[0], row[1], row[5]])).toEqual([
    ["HYROX 0", "2026-04-01 12:00", "7"],
    ...["2", "3", "1"].map((number) => [`HYROX ${number}`, expect.anything(), number]),
  ]);
  const { tables, data } = await it.tab("Events");
  expect(tables?.[0]?.range?.endRowIndex).toBe(5);
  const coloured = data?.[0]?.rowData?.map(
    ({ values }) => values?.[2]?.userEnteredFormat?.backgroundColor?.red ?? 0,
  );
  expect(coloured?.slice(0, 5)).toEqual([0, 0, 0, 0, 1]);
  expect(await it.mirror.sync()).toEqual({ cells: 0, requests: 0 });
});
