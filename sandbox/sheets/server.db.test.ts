import { afterAll, beforeAll, expect, test } from "bun:test";
import type { sheets_v4 } from "@googleapis/sheets";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { createKey } from "./account.ts";
import { type PlayedSheets, playSheets } from "./server.ts";
import { visit } from "./visit.ts";

const spreadsheetId = "played-spreadsheet";
const serviceAccountEmail = "mirror@played.example.com";
const plenty = { readsPerMinute: 1000, writesPerMinute: 1000 };

let database: TestDatabase;
let played: PlayedSheets;
let client: sheets_v4.Resource$Spreadsheets;
let nextSheetId = 100;

const play = (more: { quota?: typeof plenty; now?: () => Date } = { quota: plenty }) =>
  playSheets({
    sql: database.sql,
    port: 0,
    spreadsheetId,
    serviceAccountEmail,
    log: () => {},
    ...more,
  });

const visitor = (to: PlayedSheets) => visit({ ...to, serviceAccountEmail });

beforeAll(async () => {
  database = await playedDatabase();
  played = await play();
  client = visitor(played);
});

afterAll(async () => {
  await played.stop();
  await database[Symbol.asyncDispose]();
});

const write = (...requests: sheets_v4.Schema$Request[]) =>
  client.batchUpdate({ spreadsheetId, requestBody: { requests } });

/** A tab of the test's own. */
async function newTab(grid: sheets_v4.Schema$GridProperties = {}) {
  const sheetId = nextSheetId++;
  const title = `Tab ${sheetId}`;
  await write({ addSheet: { properties: { sheetId, title, gridProperties: grid } } });
  return { sheetId, title };
}

const text = (value: string) => ({ userEnteredValue: { stringValue: value } });
const number = (value: number, type?: string, pattern?: string) => ({
  userEnteredValue: { numberValue: value },
  ...(type && { userEnteredFormat: { numberFormat: { type, ...(pattern && { pattern }) } } }),
});

const put = (
  sheetId: number,
  ...rows: sheets_v4.Schema$CellData[][]
): sheets_v4.Schema$Request => ({
  updateCells: { start: { sheetId }, rows: rows.map((values) => ({ values })), fields: "*" },
});

const valuesOf = async (range: string, valueRenderOption = "UNFORMATTED_VALUE") =>
  (await client.values.get({ spreadsheetId, range, valueRenderOption })).data.values;

async function refusalOf(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (thrown) => thrown,
  );
  return {
    code: error?.status,
    message: error?.message,
    status: error?.response?.data?.error?.status,
  };
}

test("the spreadsheet is there from the start with one empty tab", async () => {
  const { data } = await client.get({ spreadsheetId });
  expect(data.spreadsheetId).toBe(spreadsheetId);
  expect(data.sheets?.[0]?.properties).toEqual({
    sheetId: 0,
    title: "Sheet1",
    index: 0,
    sheetType: "GRID",
    gridProperties: { rowCount: 1000, columnCount: 26 },
  });
  expect(data.sheets?.[0]?.data).toBeUndefined();
});

test("a mask chooses what is answered, cells included", async () => {
  const { sheetId, title } = await newTab();
  await write(put(sheetId, [text("a"), number(0.5, "PERCENT", "0.00%")]));
  const fields =
    "sheets(properties.title,data(rowData.values(userEnteredValue,formattedValue,userEnteredFormat/numberFormat/type)))";
  const { data } = await client.get({ spreadsheetId, ranges: [`'${title}'!A1:C3`], fields });
  const values = [
    { userEnteredValue: { stringValue: "a" }, formattedValue: "a" },
    {
      userEnteredValue: { numberValue: 0.5 },
      formattedValue: "50.00%",
      userEnteredFormat: { numberFormat: { type: "PERCENT" } },
    },
  ];
  expect(data).toEqual({ sheets: [{ properties: { title }, data: [{ rowData: [{ values }] }] }] });
});

test("a text that begins like a formula stays a text", async () => {
  const { sheetId, title } = await newTab();
  await write(put(sheetId, [text("=1+1"), { userEnteredValue: { formulaValue: "=1+1" } }]));
  const fields = "sheets.data.rowData.values.userEnteredValue";
  const { data } = await client.get({ spreadsheetId, ranges: [`'${title}'`], fields });
  expect(data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values).toEqual([
    { userEnteredValue: { stringValue: "=1+1" } },
    { userEnteredValue: { formulaValue: "=1+1" } },
  ]);
});

test("a mask of a write leaves other fields of the cell alone", async () => {
  const { sheetId, title } = await newTab();
  await write(put(sheetId, [number(1, "NUMBER", "0.00")]));
  await write({
    updateCells: {
      range: { sheetId, endRowIndex: 1, endColumnIndex: 2 },
      rows: [{ values: [{ userEnteredValue: { numberValue: 2 } }] }],
      fields: "userEnteredValue",
    },
  });
  expect(await valuesOf(`'${title}'`, "FORMATTED_VALUE")).toEqual([["2.00"]]);
});

test("a batch is carried out as a whole or not at all", async () => {
  const { sheetId, title } = await newTab();
  const call = write(put(sheetId, [text("first")]), { addSheet: { properties: { title } } });
  expect(await refusalOf(call)).toEqual({
    code: 400,
    message: `Invalid requests[1].addSheet: A sheet with the name "${title}" already exists. Please enter another name.`,
    status: "INVALID_ARGUMENT",
  });
  expect(await valuesOf(`'${title}'`)).toBeUndefined();
});

test("what Google refuses is refused in its words", async () => {
  const { sheetId } = await newTab({ rowCount: 2, columnCount: 2 });
  const messages = await Promise.all(
    [
      write(put(sheetId, [text("a")], [text("b")], [text("c")])),
      write(put(999_999, [text("a")])),
      write(put(sheetId, [text("x".repeat(50_001))])),
      write({ updateCells: { start: { sheetId }, rows: [] } }),
      write({ appendDimension: { sheetId, dimension: "ROWS", length: 6_000_000 } }),
      client.get({ spreadsheetId, ranges: ["Nowhere!A1"] }),
      client.batchUpdate({
        spreadsheetId,
        requestBody: { requests: [{ ["paint" as "cutPaste"]: {} }] },
      }),
      client.get({ spreadsheetId: "another" }),
    ].map(async (call) => (await refusalOf(call)).message),
  );
  expect(messages).toEqual([
    "Invalid requests[0].updateCells: Attempting to write row: 2, beyond the last requested row of: 1",
    "Invalid requests[0].updateCells: No grid with id: 999999",
    "Invalid requests[0].updateCells: Your input contains more than the maximum of 50000 characters in a single cell.",
    "Invalid requests[0].updateCells: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
    "Invalid requests[0].appendDimension: This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
    "Unable to parse range: Nowhere!A1",
    `Invalid JSON payload received. Unknown name "paint" at 'requests[0]': Cannot find field.`,
    "Requested entity was not found.",
  ]);
});

test("rows and columns are inserted, moved and deleted with their cells", async () => {
  const { sheetId, title } = await newTab({ rowCount: 3, columnCount: 3 });
  await write(put(sheetId, [text("a"), text("b"), text("c")], [number(1), number(2), number(3)]));
  const columns = (startIndex: number, endIndex: number) => ({
    sheetId,
    dimension: "COLUMNS",
    startIndex,
    endIndex,
  });
  await write({ moveDimension: { source: columns(0, 1), destinationIndex: 3 } });
  expect(await valuesOf(`'${title}'`)).toEqual([
    ["b", "c", "a"],
    [2, 3, 1],
  ]);
  await write(
    { insertDimension: { range: { ...columns(1, 2), dimension: "ROWS" } } },
    { deleteDimension: { range: columns(0, 1) } },
    { appendCells: { sheetId, rows: [{ values: [text("new")] }], fields: "userEnteredValue" } },
  );
  expect(await valuesOf(`'${title}'!A1:C`)).toEqual([["c", "a"], [], [3, 1], ["new"]]);
  const { data } = await client.get({ spreadsheetId, ranges: [`'${title}'`] });
  expect(data.sheets?.[0]?.properties?.gridProperties).toEqual({ rowCount: 4, columnCount: 2 });
});

test("rules, protection and sizes are kept with the tab", async () => {
  const { sheetId, title } = await newTab();
  const range = { sheetId, startColumnIndex: 0, endColumnIndex: 1 };
  const booleanRule = { condition: { type: "NOT_BLANK" }, format: { textFormat: { bold: true } } };
  const { data: written } = await write(
    { addConditionalFormatRule: { rule: { ranges: [range], booleanRule }, index: 0 } },
    { addProtectedRange: { protectedRange: { range, warningOnly: true } } },
    {
      updateSheetProperties: {
        properties: { sheetId, gridProperties: { frozenRowCount: 1 } },
        fields: "gridProperties.frozenRowCount",
      },
    },
    {
      updateDimensionProperties: {
        range: { sheetId, dimension: "COLUMNS", startIndex: 0, endIndex: 1 },
        properties: { pixelSize: 222 },
        fields: "pixelSize",
      },
    },
  );
  const { data } = await client.get({
    spreadsheetId,
    ranges: [`'${title}'!A1:B2`],
    includeGridData: true,
  });
  const [sheet] = data.sheets ?? [];
  expect(written.replies?.[1]?.addProtectedRange?.protectedRange).toEqual(
    sheet?.protectedRanges?.[0] ?? {},
  );
  expect(sheet?.conditionalFormats).toEqual([{ ranges: [range], booleanRule }]);
  expect(sheet?.properties?.gridProperties?.frozenRowCount).toBe(1);
  expect(sheet?.data?.[0]?.columnMetadata).toEqual([{ pixelSize: 222 }, { pixelSize: 100 }]);
});

test("a request without a token, with a wrong one or with too small a scope is refused", async () => {
  const address = `${played.url}/v4/spreadsheets/${spreadsheetId}`;
  expect((await fetch(address)).status).toBe(403);
  const wrong = await fetch(address, { headers: { authorization: "Bearer ya29.e30.x" } });
  expect(wrong.status).toBe(401);
  const readOnly = visit({
    ...played,
    serviceAccountEmail,
    scope: "https://www.googleapis.com/auth/spreadsheets.readonly",
  });
  expect((await readOnly.get({ spreadsheetId })).status).toBe(200);
  const requestBody = { requests: [{ addSheet: {} }] };
  expect(await refusalOf(readOnly.batchUpdate({ spreadsheetId, requestBody }))).toMatchObject({
    code: 403,
    status: "PERMISSION_DENIED",
  });
});

test("a token is for the account's own key only", async () => {
  const stranger = visit({ ...played, serviceAccountEmail, privateKey: await createKey() });
  const { message } = await refusalOf(stranger.get({ spreadsheetId }));
  expect(message).toBe("invalid_grant: Invalid JWT Signature.");
  const nobody = visit({ ...played, serviceAccountEmail: "nobody@played.example.com" });
  const { code } = await refusalOf(nobody.get({ spreadsheetId }));
  expect(code).toBe(400);
});

test("each minute has its quota of reads and of writes", async () => {
  let at = new Date("2026-03-01T00:00:00Z");
  const quota = { readsPerMinute: 2, writesPerMinute: 1 };
  const strict = await play({ quota, now: () => at });
  const careful = visitor(strict);
  const requestBody = {
    requests: [{ autoResizeDimensions: { dimensions: { dimension: "ROWS" } } }],
  };
  await careful.get({ spreadsheetId });
  await careful.get({ spreadsheetId });
  await careful.batchUpdate({ spreadsheetId, requestBody });
  for (const call of [
    careful.get({ spreadsheetId }),
    careful.batchUpdate({ spreadsheetId, requestBody }),
  ]) {
    expect(await refusalOf(call)).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
  }
  at = new Date("2026-03-01T00:01:00Z");
  expect((await careful.get({ spreadsheetId })).status).toBe(200);
  await strict.stop();
});

test("spreadsheet, key and tokens outlive a restart", async () => {
  await using own = await playedDatabase();
  const options = { sql: own.sql, port: 0, spreadsheetId, serviceAccountEmail, log: () => {} };
  const first = await playSheets(options);
  await visitor(first).batchUpdate({
    spreadsheetId,
    requestBody: {
      requests: [put(0, [text("kept"), text("nul\u0000 and \ud800")], [], [number(3)])],
    },
  });
  await first.stop();
  const second = await playSheets({ ...options, port: Number(new URL(first.url).port) });
  expect(second.privateKey).toBe(first.privateKey);
  const { data } = await visitor(second).values.get({ spreadsheetId, range: "Sheet1" });
  expect(data.values?.[0]?.[0]).toBe("kept");
  expect(data.values?.[2]).toEqual(["3"]);
  await second.stop();
});

test("the page shows a tab as a spreadsheet does and asks no other host", async () => {
  const { sheetId, title } = await newTab({ rowCount: 1000, columnCount: 40, frozenRowCount: 1 });
  const row = [
    text("<script>alert('x')</script>"),
    number(46_113.5, "DATE_TIME", "yyyy-mm-dd hh:mm"),
    number(0.8333, "PERCENT", "0.00%"),
    number(1234.5, "NUMBER", "0.00"),
    { userEnteredValue: { boolValue: true } },
  ];
  await write(put(sheetId, [text("Header")], row));
  const response = await fetch(`${played.url}/sheets?gid=${sheetId}`);
  const html = await response.text();
  expect(html).toContain(`<a href="/sheets?gid=${sheetId}" aria-current="page">${title}</a>`);
  expect(html).toContain("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  expect(html).toContain(`<td class="number" title="2026-04-01 12:00">2026-04-01 12:00</td>`);
  expect(html).toContain(`<td class="number">83.33%</td>`);
  expect(html).toContain(`<td class="number">1234.50</td>`);
  expect(html).toContain(`<tr class="frozen"><th scope="row">1</th><td>Header</td>`);
  expect(html).not.toMatch(/<script|https?:\/\//);
  expect(response.headers.get("content-security-policy")).toStartWith("default-src 'none'");
});
