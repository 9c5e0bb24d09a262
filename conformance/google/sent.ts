import { field, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import { COLUMNS, INVALID, number, ROWS, refused, type Tab, text } from "./world.ts";

const RED = { backgroundColor: { red: 1 } };

/** Of the tab, by a mask of it. */
async function tabOf({ client, spreadsheetId, title }: Tab, fields: string) {
  const { data } = await client.get({
    ...{ spreadsheetId, ranges: [`'${title}'`] },
    fields: `sheets(${fields})`,
  });
  return field(data, "sheets", 0);
}

const span = (sheetId: number, dimension: string, startIndex: number, endIndex: number) => ({
  ...{ sheetId, dimension, startIndex, endIndex },
});

/** Requests as the product sends them, where a refusal or another meaning would spoil somebody's sheet. */
export const sent: Probe<Tab>[] = [
  {
    id: "google/own-number",
    says: "A tab is made with a number and a size of one's own, and written to in the same batch.",
    certainty: "likely",
    wanted: { first: "written", rows: 7, columns: 3 },
    ask: async ({ client, spreadsheetId, write }) => {
      const sheetId = 900_001;
      const title = "conformance own number";
      const gridProperties = { rowCount: 7, columnCount: 3 };
      await write(
        { addSheet: { properties: { sheetId, title, gridProperties } } },
        {
          updateCells: {
            start: { sheetId, rowIndex: 0, columnIndex: 0 },
            rows: [{ values: [text("written")] }],
            fields: "userEnteredValue",
          },
        },
      );
      const { data } = await client.get({
        ...{ spreadsheetId, ranges: [`'${title}'`] },
        fields: "sheets(properties,data.rowData.values.userEnteredValue)",
      });
      await write({ deleteSheet: { sheetId } });
      const made = field(data, "sheets", 0);
      const grid = field(made, "properties", "gridProperties");
      const [cell] = list(made, "data", 0, "rowData", 0, "values");
      return {
        first: field(cell, "userEnteredValue", "stringValue"),
        ...{ rows: field(grid, "rowCount"), columns: field(grid, "columnCount") },
      };
    },
  },
  {
    id: "google/replaced-tab",
    says: "A batch may remove a tab behind one that it makes.",
    certainty: "likely",
    wanted: { made: "conformance second", isFirstThere: false },
    ask: async ({ client, spreadsheetId, write }) => {
      const add = (sheetId: number, title: string) => ({
        addSheet: { properties: { sheetId, title } },
      });
      await write(add(900_002, "conformance first"));
      await write(add(900_003, "conformance second"), { deleteSheet: { sheetId: 900_002 } });
      const { data } = await client.get({ spreadsheetId, fields: "sheets.properties" });
      await write({ deleteSheet: { sheetId: 900_003 } });
      const ids = list(data, "sheets").map((tab) => field(tab, "properties", "sheetId"));
      const made = list(data, "sheets").find(
        (tab) => field(tab, "properties", "sheetId") === 900_003,
      );
      return { made: field(made, "properties", "title"), isFirstThere: ids.includes(900_002) };
    },
  },
  {
    id: "google/mark",
    says: "What is said of a tab to programs alone is in the answer to a read of that tab and of no other, and goes along when it is renamed.",
    certainty: "likely",
    wanted: { key: "conformance.mark", value: "a", others: [] },
    ask: async ({ client, spreadsheetId, write, sheetId, title }) => {
      const own = 900_004;
      await write(
        { addSheet: { properties: { sheetId: own, title: "conformance marked" } } },
        {
          createDeveloperMetadata: {
            developerMetadata: {
              ...{ metadataKey: "conformance.mark", metadataValue: "a" },
              ...{ location: { sheetId: own }, visibility: "DOCUMENT" },
            },
          },
        },
        {
          updateSheetProperties: {
            properties: { sheetId: own, title: "conformance renamed" },
            fields: "title",
          },
        },
      );
      const { data } = await client.get({
        ...{ spreadsheetId, ranges: ["'conformance renamed'", `'${title}'`] },
        fields: "sheets(properties.sheetId,developerMetadata(metadataKey,metadataValue))",
      });
      await write({ deleteSheet: { sheetId: own } });
      const marksOf = (id: number) => {
        const tab = list(data, "sheets").find((one) => field(one, "properties", "sheetId") === id);
        return list(tab, "developerMetadata");
      };
      const [mark] = marksOf(own);
      return {
        ...{ key: field(mark, "metadataKey"), value: field(mark, "metadataValue") },
        others: marksOf(sheetId),
      };
    },
  },
  {
    id: "google/duplicate",
    says: "A copy of a tab has its cells, and a number and a title of its own.",
    certainty: "likely",
    wanted: { first: "copied", isAnother: true },
    ask: async ({ client, spreadsheetId, write, put, sheetId }) => {
      await put([text("copied")]);
      const made = await write({ duplicateSheet: { sourceSheetId: sheetId } });
      const properties = field(made, "replies", 0, "duplicateSheet", "properties");
      const [copyId, title] = [field(properties, "sheetId"), field(properties, "title")];
      const { data } = await client.get({
        ...{ spreadsheetId, ranges: [`'${title}'`] },
        fields: "sheets.data.rowData.values.userEnteredValue",
      });
      if (typeof copyId === "number") await write({ deleteSheet: { sheetId: copyId } });
      const [cell] = list(data, "sheets", 0, "data", 0, "rowData", 0, "values");
      return {
        first: field(cell, "userEnteredValue", "stringValue"),
        isAnother: typeof copyId === "number" && copyId !== sheetId,
      };
    },
  },
  {
    id: "google/append-dimension",
    says: "Rows and columns are appended at the end, and are empty.",
    certainty: "known",
    wanted: { rows: ROWS + 2, columns: COLUMNS + 1, values: [["a"]] },
    ask: async (tab) => {
      const { sheetId } = tab;
      await tab.put([text("a")]);
      const append = (dimension: string, length: number) => ({
        appendDimension: { sheetId, dimension, length },
      });
      await tab.write(append("ROWS", 2), append("COLUMNS", 1));
      const grid = field(await tabOf(tab, "properties"), "properties", "gridProperties");
      const values = await tab.values("A1:I32");
      await tab.write(
        { deleteDimension: { range: span(sheetId, "ROWS", ROWS, ROWS + 2) } },
        { deleteDimension: { range: span(sheetId, "COLUMNS", COLUMNS, COLUMNS + 1) } },
      );
      return { rows: field(grid, "rowCount"), columns: field(grid, "columnCount"), values };
    },
  },
  {
    id: "google/inherit-from-below",
    says: "A row that is inserted looks as the one below it, and is hidden as that one is.",
    certainty: "likely",
    wanted: { red: 1, isHidden: true, shown: false },
    ask: async (tab) => {
      const { sheetId } = tab;
      await tab.put([text("a")], [{ ...text("b"), userEnteredFormat: RED }]);
      const hide = (startIndex: number, hiddenByUser: boolean) => ({
        updateDimensionProperties: {
          range: span(sheetId, "ROWS", startIndex, startIndex + 1),
          properties: { hiddenByUser },
          fields: "hiddenByUser",
        },
      });
      const range = span(sheetId, "ROWS", 1, 2);
      await tab.write(hide(1, true), { insertDimension: { range, inheritFromBefore: false } });
      const row = async () => {
        const found = await tabOf(
          tab,
          "data(rowData.values.userEnteredFormat,rowMetadata.hiddenByUser)",
        );
        return {
          cell: list(found, "data", 0, "rowData", 1, "values")[0],
          isHidden: field(found, "data", 0, "rowMetadata", 1, "hiddenByUser") ?? false,
        };
      };
      const { cell, isHidden } = await row();
      await tab.write(hide(1, false));
      const shown = (await row()).isHidden;
      await tab.write(hide(2, false), { deleteDimension: { range } });
      const red = field(cell, "userEnteredFormat", "backgroundColor", "red");
      return { red, isHidden, shown };
    },
  },
  {
    id: "google/plain-again",
    says: "A cell without anything, repeated under a mask of formats, takes formats off and leaves values.",
    certainty: "likely",
    wanted: { value: "a", format: "undefined" },
    ask: async (tab) => {
      await tab.put([{ ...text("a"), userEnteredFormat: RED }]);
      const range = { sheetId: tab.sheetId, startRowIndex: 0, endRowIndex: 1 };
      await tab.write({ repeatCell: { range, cell: {}, fields: "userEnteredFormat" } });
      const [cell] = list(await tab.cells("A1", "userEnteredValue,userEnteredFormat"), 0, "values");
      return {
        value: field(cell, "userEnteredValue", "stringValue"),
        format: typeof field(cell, "userEnteredFormat"),
      };
    },
  },
  {
    id: "google/insert-at-a-range",
    says: "A range that holds the row before an inserted one grows; one that begins with that row moves down.",
    certainty: "likely",
    wanted: [0, 2],
    ask: async (tab) => {
      const { sheetId } = tab;
      const protect = (description: string, startRowIndex: number) => ({
        addProtectedRange: {
          protectedRange: {
            ...{ description, warningOnly: true },
            range: { sheetId, startRowIndex, endRowIndex: 9 },
          },
        },
      });
      const made = await tab.write(protect("holds", 0), protect("begins", 1));
      const range = span(sheetId, "ROWS", 1, 2);
      await tab.write({ insertDimension: { range, inheritFromBefore: false } });
      const found = list(await tabOf(tab, "protectedRanges(description,range)"), "protectedRanges");
      const startOf = (description: string) => {
        const one = found.find((it) => field(it, "description") === description);
        return field(one, "range", "startRowIndex") ?? 0;
      };
      const ids = list(made, "replies").map((reply) =>
        field(reply, "addProtectedRange", "protectedRange", "protectedRangeId"),
      );
      await tab.write(
        ...ids.map((id) => ({ deleteProtectedRange: { protectedRangeId: Number(id) } })),
        { deleteDimension: { range } },
      );
      return [startOf("holds"), startOf("begins")];
    },
  },
  {
    id: "google/width",
    says: "A column gets the width that is asked for.",
    certainty: "known",
    wanted: 321,
    ask: async (tab) => {
      await tab.write({
        updateDimensionProperties: {
          range: span(tab.sheetId, "COLUMNS", 0, 1),
          properties: { pixelSize: 321 },
          fields: "pixelSize",
        },
      });
      const found = await tabOf(tab, "data.columnMetadata.pixelSize");
      return field(found, "data", 0, "columnMetadata", 0, "pixelSize");
    },
  },
  {
    id: "google/freeze",
    says: "Rows and columns are frozen by one request, and stay so when others are written.",
    certainty: "known",
    wanted: { rows: 1, columns: 2 },
    ask: async (tab) => {
      const freeze = (frozenRowCount: number, frozenColumnCount: number) => ({
        updateSheetProperties: {
          properties: {
            sheetId: tab.sheetId,
            gridProperties: { frozenRowCount, frozenColumnCount },
          },
          fields: "gridProperties(frozenRowCount,frozenColumnCount)",
        },
      });
      await tab.write(freeze(1, 2));
      await tab.put([text("a")]);
      const grid = field(await tabOf(tab, "properties"), "properties", "gridProperties");
      await tab.write(freeze(0, 0));
      return { rows: field(grid, "frozenRowCount"), columns: field(grid, "frozenColumnCount") };
    },
  },
  {
    id: "google/merged-cells",
    says: "Of merged cells only the first holds a value; behind an unmerge in the same batch each does.",
    certainty: "likely",
    wanted: { merged: [["a"]], apart: [["a", 7]], merges: null },
    ask: async (tab) => {
      const { sheetId } = tab;
      const range = {
        ...{ sheetId, startRowIndex: 0, endRowIndex: 1 },
        ...{ startColumnIndex: 0, endColumnIndex: 2 },
      };
      const second = {
        updateCells: {
          start: { sheetId, rowIndex: 0, columnIndex: 1 },
          rows: [{ values: [number(7)] }],
          fields: "userEnteredValue",
        },
      };
      await tab.put([text("a"), text("b")]);
      await tab.write({ mergeCells: { range, mergeType: "MERGE_ALL" } });
      const merged = await tab.values("A1:B1");
      await tab.write({ unmergeCells: { range } }, second);
      const merges = field(await tabOf(tab, "merges"), "merges") ?? null;
      return { merged, apart: await tab.values("A1:B1"), merges };
    },
  },
  {
    id: "google/slicer",
    says: "A slicer is said with its tab, and its range grows with a row that is inserted within it.",
    certainty: "likely",
    wanted: 4,
    ask: async (tab) => {
      const { sheetId } = tab;
      const dataRange = {
        ...{ sheetId, startRowIndex: 0, endRowIndex: 3 },
        ...{ startColumnIndex: 0, endColumnIndex: 2 },
      };
      await tab.put([text("Name"), text("Count")], [text("a"), number(1)], [text("b"), number(2)]);
      const anchorCell = { sheetId, rowIndex: 0, columnIndex: 4 };
      const position = { overlayPosition: { anchorCell } };
      await tab.write(
        { addSlicer: { slicer: { spec: { dataRange, columnIndex: 0 }, position } } },
        { insertDimension: { range: span(sheetId, "ROWS", 2, 3) } },
      );
      const found = await tabOf(tab, "slicers.spec.dataRange(startRowIndex,endRowIndex)");
      await tab.write({ deleteDimension: { range: span(sheetId, "ROWS", 2, 3) } });
      return field(found, "slicers", 0, "spec", "dataRange", "endRowIndex");
    },
  },
  {
    id: "google/spill",
    says: "A formula of several numbers fills cells in which nothing was typed, which are read as effective values alone; where something was typed it fills none.",
    certainty: "known",
    wanted: {
      shown: [
        [1, 2],
        [3, 4],
      ],
      typed: [
        [true, false],
        [false, false],
      ],
      blocked: "#REF!",
    },
    ask: async (tab) => {
      const { sheetId } = tab;
      await tab.put([{ userEnteredValue: { formulaValue: "=SEQUENCE(2;2)" } }]);
      const shown = await tab.values("A1:B2");
      const cells = await tab.cells("A1:B2", "userEnteredValue,effectiveValue");
      const isTyped = (row: number, column: number) =>
        field(list(cells, row, "values")[column], "userEnteredValue") !== undefined;
      const typed = [0, 1].map((row) => [0, 1].map((column) => isTyped(row, column)));
      await tab.write({
        updateCells: {
          start: { sheetId, rowIndex: 1, columnIndex: 1 },
          rows: [{ values: [number(9)] }],
          fields: "userEnteredValue",
        },
      });
      const blocked = list(await tab.values("A1:A1", "FORMATTED_VALUE"), 0)[0];
      return { shown, typed, blocked };
    },
  },
  {
    id: "google/freeze-through-merge",
    says: "Rows of which merged cells would be frozen in part are not frozen.",
    certainty: "known",
    wanted: INVALID,
    ask: async ({ write, sheetId }) => {
      const range = {
        ...{ sheetId, startRowIndex: 0, endRowIndex: 3 },
        ...{ startColumnIndex: 0, endColumnIndex: 1 },
      };
      await write({ mergeCells: { range, mergeType: "MERGE_ALL" } });
      const properties = { sheetId, gridProperties: { frozenRowCount: 1 } };
      const fields = "gridProperties.frozenRowCount";
      const outcome = await refused(write({ updateSheetProperties: { properties, fields } }));
      await write({ unmergeCells: { range } });
      return outcome;
    },
  },
  {
    id: "google/warning",
    says: "A protection that only warns has its words and its range, and keeps nobody from writing.",
    certainty: "likely",
    wanted: { words: "kept up to date", column: 1, isOnly: true, value: [[5]] },
    ask: async (tab) => {
      const { sheetId } = tab;
      const range = { sheetId, startRowIndex: 0, startColumnIndex: 1, endColumnIndex: 2 };
      const asked = { range, description: "kept up to date", warningOnly: true };
      const made = await tab.write({ addProtectedRange: { protectedRange: asked } });
      await tab.write({
        updateCells: {
          start: { sheetId, rowIndex: 0, columnIndex: 1 },
          rows: [{ values: [number(5)] }],
          fields: "userEnteredValue",
        },
      });
      const found = list(
        await tabOf(tab, "protectedRanges(description,warningOnly,range)"),
        "protectedRanges",
      ).find((one) => field(one, "description") === asked.description);
      const value = await tab.values("B1");
      const id = field(made, "replies", 0, "addProtectedRange", "protectedRange");
      const protectedRangeId = field(id, "protectedRangeId");
      if (typeof protectedRangeId === "number")
        await tab.write({ deleteProtectedRange: { protectedRangeId } });
      return {
        words: field(found, "description"),
        column: field(found, "range", "startColumnIndex"),
        isOnly: field(found, "warningOnly"),
        value,
      };
    },
  },
  {
    id: "google/note",
    says: "A note is written and taken off by a mask of it, and the cell's value stays.",
    certainty: "known",
    wanted: { noted: "by one clock", taken: "undefined", value: "a" },
    ask: async (tab) => {
      const { sheetId } = tab;
      await tab.put([text("a")]);
      const write = (cell: { note?: string }) =>
        tab.write({
          updateCells: {
            start: { sheetId, rowIndex: 0, columnIndex: 0 },
            rows: [{ values: [cell] }],
            fields: "note",
          },
        });
      const read = async () => list(await tab.cells("A1", "note,userEnteredValue"), 0, "values")[0];
      await write({ note: "by one clock" });
      const noted = field(await read(), "note");
      await write({});
      const after = await read();
      return {
        noted,
        taken: typeof field(after, "note"),
        value: field(after, "userEnteredValue", "stringValue"),
      };
    },
  },
];
