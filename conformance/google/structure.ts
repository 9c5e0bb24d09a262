import { field, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import { COLUMNS, INVALID, number, ROWS, refused, type Tab, text } from "./world.ts";

const rows = (sheetId: number, startIndex: number, endIndex: number) => ({
  ...{ sheetId, dimension: "ROWS" },
  ...{ startIndex, endIndex },
});

/** One field of the tab, as the spreadsheet's answer has it. */
async function of({ client, spreadsheetId, sheetId }: Tab, fields: string) {
  const { data } = await client.get({
    spreadsheetId,
    fields: `sheets(properties.sheetId,${fields})`,
  });
  return data.sheets?.find(({ properties }) => properties?.sheetId === sheetId);
}

/** Tabs, rows and columns, and what goes along with them. */
export const structure: Probe<Tab>[] = [
  {
    id: "google/taken-title",
    says: "A second tab of one title is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write, title }) => refused(write({ addSheet: { properties: { title } } })),
  },
  {
    id: "google/unknown-tab",
    says: "A request for a tab that is not there is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write }) => refused(write({ deleteSheet: { sheetId: 2_000_000_000 } })),
  },
  {
    id: "google/freeze-all",
    says: "Not all rows of a tab can be frozen.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write, sheetId }) =>
      refused(
        write({
          updateSheetProperties: {
            properties: { sheetId, gridProperties: { frozenRowCount: ROWS } },
            fields: "gridProperties.frozenRowCount",
          },
        }),
      ),
  },
  {
    id: "google/insert-rows",
    says: "Rows that are inserted move those below them down.",
    certainty: "known",
    wanted: { values: [["a"], [], ["b"]], rows: 1 },
    ask: async (tab) => {
      await tab.put([text("a")], [text("b")]);
      const rowsBefore = Number(
        field(
          await of(tab, "properties.gridProperties"),
          "properties",
          "gridProperties",
          "rowCount",
        ),
      );
      await tab.write({ insertDimension: { range: rows(tab.sheetId, 1, 2) } });
      const rowsAfter = Number(
        field(
          await of(tab, "properties.gridProperties"),
          "properties",
          "gridProperties",
          "rowCount",
        ),
      );
      const values = await tab.values("A1:A3");
      await tab.write({ deleteDimension: { range: rows(tab.sheetId, 1, 2) } });
      return { values, rows: rowsAfter - rowsBefore };
    },
  },
  {
    id: "google/inherit-at-the-top",
    says: "What is inserted at the top has no row before it to look like.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write, sheetId }) =>
      refused(write({ insertDimension: { range: rows(sheetId, 0, 1), inheritFromBefore: true } })),
  },
  {
    id: "google/move-rows",
    says: "Rows are moved to before the row of their destination, counted as they stood.",
    certainty: "known",
    wanted: [["b"], ["a"], ["c"]],
    ask: async ({ put, write, values, sheetId }) => {
      await put([text("a")], [text("b")], [text("c")]);
      await write({ moveDimension: { source: rows(sheetId, 0, 1), destinationIndex: 2 } });
      return values("A1:A3");
    },
  },
  {
    id: "google/delete-all-rows",
    says: "Not all rows of a tab can be deleted.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write, sheetId }) =>
      refused(write({ deleteDimension: { range: rows(sheetId, 0, ROWS) } })),
  },
  {
    id: "google/formulas-follow",
    says: "A formula goes on naming its cells when rows are inserted above them.",
    certainty: "known",
    wanted: "=A2+A3",
    ask: async ({ put, write, values, sheetId }) => {
      await put([number(1), { userEnteredValue: { formulaValue: "=A1+A2" } }], [number(2)]);
      await write({ insertDimension: { range: rows(sheetId, 0, 1) } });
      const formula = field(await values("B2", "FORMULA"), 0, 0);
      await write({ deleteDimension: { range: rows(sheetId, 0, 1) } });
      return formula;
    },
  },
  {
    id: "google/filter",
    says: "A filter hides the rows of the values that it names, and says so of each.",
    certainty: "likely",
    wanted: [false, true, false],
    ask: async ({ put, write, client, spreadsheetId, sheetId, title }) => {
      await put([text("head")], [text("hidden")], [text("shown")]);
      const range = {
        sheetId,
        startRowIndex: 0,
        endRowIndex: 3,
        startColumnIndex: 0,
        endColumnIndex: 1,
      };
      const filterSpecs = [{ columnIndex: 0, filterCriteria: { hiddenValues: ["hidden"] } }];
      await write({ setBasicFilter: { filter: { range, filterSpecs } } });
      const fields = "sheets.data.rowMetadata.hiddenByFilter";
      const { data } = await client.get({ spreadsheetId, ranges: [`'${title}'!A1:A3`], fields });
      await write({ clearBasicFilter: { sheetId } });
      return list(data, "sheets", 0, "data", 0, "rowMetadata").map(
        (row) => field(row, "hiddenByFilter") === true,
      );
    },
  },
  {
    id: "google/filter-view",
    says: "A filter view is made with an id, and a view that is not there cannot be deleted.",
    certainty: "known",
    wanted: { id: "number", unknown: INVALID },
    ask: async ({ write, sheetId }) => {
      const made = await write({ addFilterView: { filter: { range: { sheetId } } } });
      const filterId = field(made, "replies", 0, "addFilterView", "filter", "filterViewId");
      if (typeof filterId === "number") await write({ deleteFilterView: { filterId } });
      const unknown = await refused(write({ deleteFilterView: { filterId: 2_000_000_000 } }));
      return { id: typeof filterId, unknown };
    },
  },
  {
    id: "google/sort",
    says: "Sorted rows have numbers before texts, and empty cells last in either order.",
    certainty: "known",
    wanted: { up: [[1], [2], ["a"]], down: [["a"], [2], [1]] },
    ask: async ({ put, write, values, sheetId }) => {
      await put([text("a")], [{}], [number(2)], [number(1)]);
      const range = {
        sheetId,
        startRowIndex: 0,
        endRowIndex: 4,
        startColumnIndex: 0,
        endColumnIndex: 1,
      };
      const sorted = async (sortOrder: string) => {
        await write({ sortRange: { range, sortSpecs: [{ dimensionIndex: 0, sortOrder }] } });
        return values("A1:A4");
      };
      return { up: await sorted("ASCENDING"), down: await sorted("DESCENDING") };
    },
  },
  {
    id: "google/own-protection",
    says: "A protected range has an id, and one that is not there cannot be deleted.",
    certainty: "known",
    wanted: { id: "number", unknown: INVALID },
    ask: async ({ write, sheetId }) => {
      const protectedRange = { range: { sheetId, endRowIndex: 1 }, warningOnly: true };
      const made = await write({ addProtectedRange: { protectedRange } });
      const id = field(
        made,
        "replies",
        0,
        "addProtectedRange",
        "protectedRange",
        "protectedRangeId",
      );
      if (typeof id === "number") await write({ deleteProtectedRange: { protectedRangeId: id } });
      const none = { deleteProtectedRange: { protectedRangeId: 2_000_000_000 } };
      return { id: typeof id, unknown: await refused(write(none)) };
    },
  },
  {
    id: "google/freeze-all-columns",
    says: "Not all columns of a tab can be frozen.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ write, sheetId }) =>
      refused(
        write({
          updateSheetProperties: {
            properties: { sheetId, gridProperties: { frozenColumnCount: COLUMNS } },
            fields: "gridProperties.frozenColumnCount",
          },
        }),
      ),
  },
  {
    id: "google/open-filter",
    says: "A filter may have no last row, and then hides rows that come later as well.",
    certainty: "likely",
    wanted: { header: 0, isKept: true },
    ask: async (tab) => {
      const range = { sheetId: tab.sheetId, startRowIndex: 0, startColumnIndex: 0 };
      await tab.write({ setBasicFilter: { filter: { range: { ...range, endColumnIndex: 1 } } } });
      const found = field(await of(tab, "basicFilter"), "basicFilter", "range");
      await tab.write({ clearBasicFilter: { sheetId: tab.sheetId } });
      const end = field(found, "endRowIndex");
      return {
        header: field(found, "startRowIndex") ?? 0,
        isKept: end === undefined || end === ROWS,
      };
    },
  },
  {
    id: "google/conditions",
    says: "A filter view has conditions and an order, and keeps them.",
    certainty: "likely",
    wanted: { title: "nearly gone", type: "NUMBER_GREATER_THAN_EQ", value: "80%", by: 1 },
    ask: async ({ write, sheetId }) => {
      const condition = {
        type: "NUMBER_GREATER_THAN_EQ",
        values: [{ userEnteredValue: "80%" }],
      };
      const made = await write({
        addFilterView: {
          filter: {
            ...{ title: "nearly gone", range: { sheetId } },
            filterSpecs: [{ columnIndex: 1, filterCriteria: { condition } }],
            sortSpecs: [{ dimensionIndex: 1, sortOrder: "DESCENDING" }],
          },
        },
      });
      const view = field(made, "replies", 0, "addFilterView", "filter");
      const filterId = field(view, "filterViewId");
      if (typeof filterId === "number") await write({ deleteFilterView: { filterId } });
      const kept = field(view, "filterSpecs", 0, "filterCriteria", "condition");
      return {
        title: field(view, "title"),
        type: field(kept, "type"),
        value: field(kept, "values", 0, "userEnteredValue"),
        by: field(view, "sortSpecs", 0, "dimensionIndex"),
      };
    },
  },
  {
    id: "google/typed-condition",
    says: "A condition's number is read by the spreadsheet's locale, and what is none by it is refused.",
    certainty: "likely",
    wanted: INVALID,
    ask: ({ write, sheetId }) => {
      const condition = { type: "NUMBER_GREATER", values: [{ userEnteredValue: "0;8" }] };
      const filterSpecs = [{ columnIndex: 1, filterCriteria: { condition } }];
      const filter = { title: "no number", range: { sheetId }, filterSpecs };
      return refused(write({ addFilterView: { filter } }));
    },
  },
  {
    id: "google/typed-column",
    says: "In a typed column of a table no cell gets a number format, with a value or without; values alone and other formats are taken.",
    certainty: "likely",
    wanted: { format: INVALID, value: 7, rows: 4 },
    ask: async (tab) => {
      const { write, put, sheetId } = tab;
      await put([text("Name"), text("Count")], [text("a"), number(1)], [text("b"), number(2)]);
      const range = {
        ...{ sheetId, startRowIndex: 0, endRowIndex: 3 },
        ...{ startColumnIndex: 0, endColumnIndex: 2 },
      };
      const columnProperties = [{ columnIndex: 1, columnName: "Count", columnType: "DOUBLE" }];
      const name = `conformance_${sheetId}`;
      const made = await write({ addTable: { table: { name, range, columnProperties } } });
      const cellOf = (rowIndex: number) => ({ start: { sheetId, rowIndex, columnIndex: 1 } });
      const format = await refused(
        write({
          updateCells: {
            ...cellOf(1),
            rows: [{ values: [number(7, "NUMBER", "0.00")] }],
            fields: "userEnteredValue,userEnteredFormat.numberFormat",
          },
        }),
      );
      await write(
        { insertDimension: { range: rows(sheetId, 2, 3) } },
        {
          repeatCell: {
            range: { sheetId, startRowIndex: 2, endRowIndex: 3 },
            cell: {},
            fields: "userEnteredFormat(backgroundColor,textFormat)",
          },
        },
        {
          updateCells: {
            ...cellOf(1),
            rows: [{ values: [number(7)] }],
            fields: "userEnteredValue",
          },
        },
      );
      const table = field(await of(tab, "tables"), "tables", 0);
      const value = list(await tab.values("B2:B2"), 0)[0];
      const tableId = field(made, "replies", 0, "addTable", "table", "tableId");
      if (typeof tableId === "string") await write({ deleteTable: { tableId } });
      await write({ deleteDimension: { range: rows(sheetId, 2, 3) } });
      return { format, value, rows: field(table, "range", "endRowIndex") };
    },
  },
  {
    id: "google/colour-scale",
    says: "A colour scale of three numbers is taken, and said with its tab.",
    certainty: "likely",
    wanted: ["-20", "0", "20"],
    ask: async (tab) => {
      const point = (value: string) => ({ type: "NUMBER", value, color: { red: 1 } });
      const gradientRule = {
        ...{ minpoint: point("-20"), midpoint: point("0"), maxpoint: point("20") },
      };
      const ranges = [{ sheetId: tab.sheetId, startRowIndex: 1, endColumnIndex: 1 }];
      await tab.write({ addConditionalFormatRule: { index: 0, rule: { ranges, gradientRule } } });
      const rule = field(await of(tab, "conditionalFormats"), "conditionalFormats", 0);
      return ["minpoint", "midpoint", "maxpoint"].map((name) =>
        field(rule, "gradientRule", name, "value"),
      );
    },
  },
  {
    id: "google/untouched",
    says: "Of a tab that nobody has touched no row has a cell that says anything.",
    certainty: "likely",
    wanted: [],
    ask: async ({ client, spreadsheetId, write }) => {
      const made = await write({ addSheet: { properties: { title: "conformance untouched" } } });
      const sheetId = field(made, "replies", 0, "addSheet", "properties", "sheetId");
      const { data } = await client.get({
        ...{ spreadsheetId, ranges: ["'conformance untouched'"] },
        fields: "sheets.data.rowData.values(userEnteredValue,userEnteredFormat,note)",
      });
      if (typeof sheetId === "number") await write({ deleteSheet: { sheetId } });
      return list(data, "sheets", 0, "data", 0, "rowData").filter((row) =>
        list(row, "values").some((cell) => Object.keys(Object(cell)).length > 0),
      );
    },
  },
];
