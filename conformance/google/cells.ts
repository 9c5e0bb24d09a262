import { field, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import { COLUMNS, INVALID, number, ROWS, refused, type Tab, text } from "./world.ts";

/** Values and formats of cells. */
export const cells: Probe<Tab>[] = [
  {
    id: "google/write-and-read",
    says: "What is written reads back as it was, without empty cells and rows at the ends.",
    certainty: "known",
    wanted: [["a", 1, true], [], ["b"]],
    ask: async ({ put, values }) => {
      await put(
        [text("a"), number(1), { userEnteredValue: { boolValue: true } }, {}],
        [{}],
        [text("b")],
      );
      return values("A1:H30");
    },
  },
  {
    id: "google/text-stays-text",
    says: "A text that begins like a formula, or looks like a number, stays a text.",
    certainty: "known",
    wanted: [["=1+1", "'007", "007"]],
    ask: async ({ put, values }) => {
      await put([text("=1+1"), text("'007"), text("007")]);
      return values("A1:C1");
    },
  },
  {
    id: "google/formula",
    says: "A formula is worked out, and reads back as itself where formulas are asked for.",
    certainty: "known",
    wanted: { value: [[2, 3, 5]], formula: [[2, 3, "=SUM(A1:B1)"]] },
    ask: async ({ put, values }) => {
      await put([number(2), number(3), { userEnteredValue: { formulaValue: "=SUM(A1:B1)" } }]);
      return { value: await values("A1:C1"), formula: await values("A1:C1", "FORMULA") };
    },
  },
  {
    id: "google/sparkline",
    says: "A small chart of numbers is a formula without an error, and reads back as it was written.",
    certainty: "likely",
    wanted: { formula: "=SPARKLINE({0;120;400})", error: "undefined" },
    ask: async ({ put, values, cells }) => {
      await put([{ userEnteredValue: { formulaValue: "=SPARKLINE({0;120;400})" } }]);
      const [cell] = list(await cells("A1", "effectiveValue"), 0, "values");
      return {
        formula: field(await values("A1", "FORMULA"), 0, 0),
        error: typeof field(cell, "effectiveValue", "errorValue"),
      };
    },
  },
  {
    id: "google/empty-text",
    says: "An empty text is an empty cell.",
    certainty: "likely",
    wanted: [["", "b"]],
    ask: async ({ put, values }) => {
      await put([text(""), text("b")]);
      return values("A1:B1");
    },
  },
  {
    id: "google/shown",
    says: "A number is shown by its format.",
    certainty: "known",
    wanted: [["50.00%", "2026-03-01", "1,234.5"]],
    ask: async ({ put, values }) => {
      await put([
        number(0.5, "PERCENT", "0.00%"),
        number(46082, "DATE", "yyyy-mm-dd"),
        number(1234.5, "NUMBER", "#,##0.0"),
      ]);
      return values("A1:C1", "FORMATTED_VALUE");
    },
  },
  {
    id: "google/write-mask",
    says: "A write with a mask leaves what the mask does not name.",
    certainty: "known",
    wanted: { value: 2, type: "PERCENT" },
    ask: async ({ put, write, cells, sheetId }) => {
      await put([number(1, "PERCENT", "0%")]);
      await write({
        updateCells: {
          start: { sheetId, rowIndex: 0, columnIndex: 0 },
          rows: [{ values: [number(2)] }],
          fields: "userEnteredValue",
        },
      });
      const [cell] = list(
        await cells("A1", "userEnteredValue,userEnteredFormat.numberFormat"),
        0,
        "values",
      );
      return {
        value: field(cell, "userEnteredValue", "numberValue"),
        type: field(cell, "userEnteredFormat", "numberFormat", "type"),
      };
    },
  },
  {
    id: "google/write-needs-mask",
    says: "A write without a mask is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write, sheetId }) =>
      refused(write({ updateCells: { start: { sheetId }, rows: [{ values: [text("a")] }] } })),
  },
  {
    id: "google/all-or-nothing",
    says: "A batch with one request that is refused changes nothing.",
    certainty: "known",
    wanted: { refused: INVALID, values: [["before"]] },
    ask: async ({ put, write, values, sheetId }) => {
      await put([text("before")]);
      const said = await refused(
        write(
          {
            updateCells: {
              start: { sheetId },
              rows: [{ values: [text("after")] }],
              fields: "userEnteredValue",
            },
          },
          { deleteSheet: { sheetId: 2_000_000_000 } },
        ),
      );
      return { refused: said, values: await values("A1") };
    },
  },
  {
    id: "google/no-requests",
    says: "A batch without a request is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write }) => refused(write()),
  },
  {
    id: "google/unknown-field",
    says: "A field that there is not is answered 400, with its name.",
    certainty: "known",
    wanted: { refused: INVALID, isNamed: true },
    ask: async ({ client, spreadsheetId, write }) => {
      // The client's types know what Google knows; what is not of them is put in past them.
      const request: object = { addSheets: {} };
      const asked = { spreadsheetId, requestBody: { requests: [request] } };
      const message = await client
        .batchUpdate(asked)
        .catch((error: unknown) => field(error, "message"));
      return {
        refused: await refused(write(request)),
        isNamed: String(message).includes("addSheets"),
      };
    },
  },
  {
    id: "google/beyond-the-grid",
    says: "A write beyond the last row or column is answered 400 and does not grow the grid.",
    certainty: "known",
    wanted: [INVALID, INVALID],
    ask: async ({ write, sheetId }) => {
      const at = (start: { rowIndex?: number; columnIndex?: number }) =>
        refused(
          write({
            updateCells: {
              start: { sheetId, ...start },
              rows: [{ values: [text("a")] }],
              fields: "*",
            },
          }),
        );
      return [await at({ rowIndex: ROWS }), await at({ columnIndex: COLUMNS })];
    },
  },
  {
    id: "google/range-beyond-the-grid",
    says: "A range that ends beyond the grid is answered 400.",
    certainty: "likely",
    wanted: INVALID,
    ask: ({ write, sheetId }) =>
      refused(
        write({
          repeatCell: { range: { sheetId, endRowIndex: ROWS + 1 }, cell: text("a"), fields: "*" },
        }),
      ),
  },
  {
    id: "google/longest-text",
    says: "A cell holds 50,000 characters and not one more.",
    certainty: "known",
    wanted: { longest: 50_000, longer: INVALID },
    ask: async ({ put, values }) => {
      await put([text("x".repeat(50_000))]);
      const longest = String(field(await values("A1"), 0, 0)).length;
      return { longest, longer: await refused(put([text("x".repeat(50_001))])) };
    },
  },
  {
    id: "google/append",
    says: "Cells are appended below the last row that holds a value.",
    certainty: "known",
    wanted: [["a"], [], ["b"], ["c"]],
    ask: async ({ put, write, values, sheetId }) => {
      await put([text("a")], [{}], [text("b")]);
      await write({
        appendCells: { sheetId, rows: [{ values: [text("c")] }], fields: "userEnteredValue" },
      });
      return values("A1:A30");
    },
  },
  {
    id: "google/repeat-cell",
    says: "One cell is repeated over a range.",
    certainty: "known",
    wanted: [
      [1, 1],
      [1, 1],
    ],
    ask: async ({ put, write, values, sheetId }) => {
      await put([{}]);
      const range = {
        sheetId,
        startRowIndex: 0,
        endRowIndex: 2,
        startColumnIndex: 0,
        endColumnIndex: 2,
      };
      await write({ repeatCell: { range, cell: number(1), fields: "userEnteredValue" } });
      return values("A1:D4");
    },
  },
  {
    id: "google/answer-with-cells",
    says: "A batch answers with the spreadsheet as it then is, where that is asked for.",
    certainty: "known",
    wanted: "written",
    ask: async ({ client, spreadsheetId, sheetId, title }) => {
      const rows = [{ values: [text("written")] }];
      const { data } = await client.batchUpdate({
        spreadsheetId,
        requestBody: {
          requests: [{ updateCells: { start: { sheetId }, rows, fields: "*" } }],
          ...{ includeSpreadsheetInResponse: true, responseIncludeGridData: true },
          responseRanges: [`'${title}'!A1`],
        },
      });
      const tab = field(
        data,
        "updatedSpreadsheet",
        "sheets",
        0,
        "data",
        0,
        "rowData",
        0,
        "values",
        0,
      );
      return field(tab, "userEnteredValue", "stringValue");
    },
  },
];
