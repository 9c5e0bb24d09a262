import { afterAll, beforeAll, expect, test } from "bun:test";
import type { sheets_v4 } from "@googleapis/sheets";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { type PlayedSheets, playSheets } from "./server.ts";
import { visit } from "./visit.ts";

const spreadsheetId = "filtered";
const serviceAccountEmail = "mirror@played.example.com";

let database: TestDatabase;
let played: PlayedSheets;
let client: sheets_v4.Resource$Spreadsheets;
let sheetId = 100;

beforeAll(async () => {
  database = await playedDatabase();
  const quota = { readsPerMinute: 1000, writesPerMinute: 1000 };
  const options = { sql: database.sql, port: 0, spreadsheetId, serviceAccountEmail };
  played = await playSheets({ ...options, quota, log: () => {} });
  client = visit({ ...played, serviceAccountEmail });
});

afterAll(async () => {
  await played.stop();
  await database[Symbol.asyncDispose]();
});

const write = (...requests: sheets_v4.Schema$Request[]) =>
  client.batchUpdate({ spreadsheetId, requestBody: { requests } });

const cell = (value: string | number) => ({
  userEnteredValue:
    typeof value === "number"
      ? { numberValue: value }
      : value.startsWith("=")
        ? { formulaValue: value }
        : { stringValue: value },
});

/** A tab with a header, three rows and a sum. */
async function fill() {
  sheetId += 1;
  const rows = [
    ["Name", "Sold"],
    ["C", 3, "=B2*2"],
    ["A", 1, "=B3*2"],
    ["B", 2, "=B4*$B$2"],
    ["Sum", "=SUM(B2:B4)"],
  ];
  await write(
    { addSheet: { properties: { sheetId, title: `Tab ${sheetId}` } } },
    {
      updateCells: {
        start: { sheetId },
        rows: rows.map((values) => ({ values: values.map(cell) })),
        fields: "userEnteredValue",
      },
    },
  );
  return sheetId;
}

const formulas = async (range: string) => {
  const asked = { spreadsheetId, range: `'Tab ${sheetId}'!${range}`, valueRenderOption: "FORMULA" };
  return (await client.values.get(asked)).data.values;
};

async function tab() {
  const { data } = await client.get({ spreadsheetId, includeGridData: true });
  return data.sheets?.find(({ properties }) => properties?.sheetId === sheetId);
}

const hidden = async () =>
  (await tab())?.data?.[0]?.rowMetadata?.flatMap((row, at) => (row.hiddenByFilter ? at : []));

const rows = (startIndex: number, endIndex: number) => ({
  range: { sheetId, dimension: "ROWS", startIndex, endIndex },
});

const filter = (endRowIndex: number) => ({
  range: { sheetId, startRowIndex: 0, endRowIndex, startColumnIndex: 0, endColumnIndex: 2 },
  filterSpecs: [{ columnIndex: 0, filterCriteria: { hiddenValues: ["A"] } }],
});

test("a filter hides by value, grows with rows inserted within it and not at its end", async () => {
  await fill();
  await write({ setBasicFilter: { filter: filter(4) } });
  expect(await hidden()).toEqual([2]);
  await write({ insertDimension: rows(4, 6) });
  expect((await tab())?.basicFilter?.range?.endRowIndex).toBe(4);
  await write({ insertDimension: rows(3, 4) });
  expect((await tab())?.basicFilter?.range?.endRowIndex).toBe(5);
  expect(await hidden()).toEqual([2]);
  const column = { sheetId, dimension: "COLUMNS", startIndex: 0, endIndex: 1 };
  await write({ insertDimension: { range: column } });
  expect((await tab())?.basicFilter?.filterSpecs?.[0]?.columnIndex).toBe(1);
  await write({ clearBasicFilter: { sheetId } });
  expect(await hidden()).toEqual([]);
  expect((await tab())?.basicFilter).toBeUndefined();
});

test("filter views are kept beside it, and gone with their rows", async () => {
  await fill();
  const { data } = await write({ addFilterView: { filter: { ...filter(3), title: "Mine" } } });
  const view = data.replies?.[0]?.addFilterView?.filter;
  expect((await tab())?.filterViews).toMatchObject([{ title: "Mine" }]);
  await write({ deleteFilterView: { filterId: view?.filterViewId ?? -1 } });
  expect((await tab())?.filterViews).toBeUndefined();
  await write({ addFilterView: { filter: filter(3) } }, { deleteDimension: rows(0, 3) });
  expect((await tab())?.filterViews).toBeUndefined();
});

test("formulas go on naming their cells when rows and columns are inserted, moved and deleted", async () => {
  await fill();
  await write({ insertDimension: rows(2, 3) });
  expect(await formulas("A2:C6")).toEqual([
    ["C", 3, "=B2*2"],
    [],
    ["A", 1, "=B4*2"],
    ["B", 2, "=B5*$B$2"],
    ["Sum", "=SUM(B2:B5)"],
  ]);
  const source = { sheetId, dimension: "COLUMNS", startIndex: 1, endIndex: 2 };
  await write({ moveDimension: { source, destinationIndex: 0 } }, { deleteDimension: rows(1, 2) });
  expect(await formulas("A1:C5")).toEqual([
    ["Sold", "Name"],
    [],
    [1, "A", "=A3*2"],
    [2, "B", "=A4*#REF!"],
    ["=SUM(A2:A4)", "Sum"],
  ]);
});

test("sorting moves values and notes, and formulas take the cells of their new row", async () => {
  await fill();
  const note = { start: { sheetId, rowIndex: 2 }, rows: [{ values: [{ note: "mine" }] }] };
  await write(
    { updateCells: { ...note, fields: "note" } },
    {
      sortRange: {
        range: {
          sheetId,
          startRowIndex: 1,
          endRowIndex: 4,
          startColumnIndex: 0,
          endColumnIndex: 3,
        },
        sortSpecs: [{ dimensionIndex: 1, sortOrder: "ASCENDING" }],
      },
    },
  );
  expect(await formulas("A2:C5")).toEqual([
    ["A", 1, "=B2*2"],
    ["B", 2, "=B3*$B$2"],
    ["C", 3, "=B4*2"],
    ["Sum", "=SUM(B2:B4)"],
  ]);
  expect((await tab())?.data?.[0]?.rowData?.[1]?.values?.[0]?.note).toBe("mine");
});

test("an inserted row looks like its neighbour", async () => {
  await fill();
  const backgroundColor = { red: 1 };
  const format = { rows: [{ values: [{ userEnteredFormat: { backgroundColor } }] }] };
  await write(
    {
      updateCells: {
        ...format,
        start: { sheetId, rowIndex: 2 },
        fields: "userEnteredFormat.backgroundColor",
      },
    },
    { insertDimension: rows(2, 3) },
  );
  expect((await tab())?.data?.[0]?.rowData?.[2]?.values?.[0]).toMatchObject({
    userEnteredFormat: { backgroundColor },
  });
  await write({ insertDimension: { ...rows(2, 3), inheritFromBefore: true } });
  expect((await tab())?.data?.[0]?.rowData?.[2]?.values).toBeUndefined();
});
