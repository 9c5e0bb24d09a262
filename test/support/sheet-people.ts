import type { sheets_v4 } from "@googleapis/sheets";
import type { SheetRequest } from "../../src/sheets/google/spreadsheet.ts";
import { isOurNote } from "../../src/sheets/layout/header-note.ts";
import { fc } from "./fast-check.ts";
import { type Scene, type } from "./sheet.ts";

/** One thing that a person does; `at` and `column` are taken within what is there. */
export interface Deed {
  do: (typeof structural)[number] | (typeof decorative)[number] | (typeof destructive)[number];
  at: number;
  column: number;
}

const structural = [
  ...["insertRow", "insertColumn", "hideRow", "hideColumn", "moveRow", "moveColumn"],
  ...["own", "formula", "ownRow", "sort", "filter", "filterAll", "clearFilter", "filterView"],
] as const;
const decorative = ["note", "headerNote", "colour", "strike", "freeze"] as const;
const destructive = ["deleteRow", "deleteColumn", "renameHeader", "overwrite", "merge"] as const;

const deeds = (names: readonly Deed["do"][]): fc.Arbitrary<Deed> =>
  fc.record({ do: fc.constantFrom(...names), at: fc.nat(14), column: fc.nat(26) });

const harmless = deeds([...structural, ...decorative]);
export const anything = fc.oneof(
  { weight: 4, arbitrary: harmless },
  { weight: 1, arbitrary: deeds(destructive) },
);

export const deed = (name: Deed["do"], at: number, column = 0): Deed => ({ do: name, at, column });

type Tab = sheets_v4.Schema$Sheet;
type Cell = sheets_v4.Schema$CellData;

const rowsOf = ({ data }: Tab) => (data?.[0]?.rowData ?? []).map(({ values }) => values ?? []);
const valueIn = (cell: Cell | undefined) =>
  cell?.userEnteredValue?.stringValue ?? cell?.userEnteredValue?.numberValue ?? null;
const anyFormulaIn = (cell: Cell | undefined) => cell?.userEnteredValue?.formulaValue ?? undefined;
/** A person's: of ours only small charts are formulas. */
const formulaIn = (cell: Cell | undefined) =>
  anyFormulaIn(cell)?.startsWith("=SPARKLINE(") ? undefined : anyFormulaIn(cell);
const headerOf = (tab: Tab, column: number) => valueIn(rowsOf(tab)[0]?.[column]);
const widthOf = (tab: Tab) => Math.max(1, ...rowsOf(tab).map((row) => row.length));

export async function doAll(it: Scene, all: readonly Deed[], title = "Events") {
  for (const one of all) {
    const requests = requestsOf(one, await it.tab(title));
    // What Google refuses a person, such as a move within itself, is not done.
    if (requests.length > 0) await it.edit(...requests).catch(() => {});
  }
}

let tags = 0;

function requestsOf(one: Deed, tab: Tab): SheetRequest[] {
  const rows = rowsOf(tab);
  const sheetId = tab.properties?.sheetId ?? 0;
  const height = Math.max(2, rows.length);
  const width = widthOf(tab);
  /** Below the header, so that it stays the header. */
  const row = (one.at % (height - 1)) + 1;
  const column = one.column % width;
  const range = (dimension: "ROWS" | "COLUMNS") => {
    const startIndex = dimension === "ROWS" ? row : column;
    return { ...{ sheetId, dimension, startIndex }, endIndex: startIndex + 1 };
  };
  const hide = (dimension: "ROWS" | "COLUMNS") => [
    {
      updateDimensionProperties: {
        range: range(dimension),
        properties: { hiddenByUser: true },
        fields: "hiddenByUser",
      },
    },
  ];
  const area = { sheetId, startRowIndex: 0, endRowIndex: height, startColumnIndex: 0 };
  const hidden = String(valueIn(rows[row]?.[column]) ?? "");
  const filterSpecs = [{ columnIndex: column, filterCriteria: { hiddenValues: [hidden] } }];
  const decorate = (cell: Cell, fields: string, rowIndex = row) => [
    {
      updateCells: {
        start: { sheetId, rowIndex, columnIndex: column },
        rows: [{ values: [cell] }],
        fields,
      },
    },
  ];
  tags += 1;
  switch (one.do) {
    case "insertRow":
      return [{ insertDimension: { range: range("ROWS") } }];
    case "insertColumn":
      return [{ insertDimension: { range: range("COLUMNS") } }];
    case "moveRow":
      return [
        {
          moveDimension: {
            source: range("ROWS"),
            destinationIndex: (one.column % (height - 1)) + 1,
          },
        },
      ];
    case "moveColumn":
      return [{ moveDimension: { source: range("COLUMNS"), destinationIndex: one.at % width } }];
    case "hideRow":
      return hide("ROWS");
    case "hideColumn":
      return hide("COLUMNS");
    case "sort":
      return [
        {
          sortRange: {
            range: { ...area, startRowIndex: 1, endColumnIndex: width },
            sortSpecs: [
              { dimensionIndex: column, sortOrder: tags % 2 ? "ASCENDING" : "DESCENDING" },
            ],
          },
        },
      ];
    case "filter":
    case "filterAll": {
      const range = one.do === "filter" ? { ...area, endColumnIndex: width } : { sheetId };
      return [{ setBasicFilter: { filter: { range, filterSpecs } } }];
    }
    case "clearFilter":
      return [{ clearBasicFilter: { sheetId } }];
    case "filterView":
      return [{ addFilterView: { filter: { title: `u${tags}`, range: area, filterSpecs } } }];
    case "note":
      return decorate({ note: `u${tags}` }, "note");
    case "headerNote":
      return decorate({ note: `u${tags}` }, "note", 0);
    case "colour":
      return decorate(
        { userEnteredFormat: { backgroundColor: { red: (tags % 255) / 255 } } },
        "userEnteredFormat.backgroundColor",
      );
    case "strike": {
      const textFormat = { strikethrough: true };
      const fields = "userEnteredFormat.textFormat(strikethrough,foregroundColor)";
      return decorate({ userEnteredFormat: { textFormat } }, fields);
    }
    case "freeze": {
      const gridProperties = {
        frozenRowCount: 1 + (one.at % 2),
        frozenColumnCount: one.column % 3,
      };
      const fields = "gridProperties(frozenRowCount,frozenColumnCount)";
      return [{ updateSheetProperties: { properties: { sheetId, gridProperties }, fields } }];
    }
    case "deleteRow":
      return [{ deleteDimension: { range: range("ROWS") } }];
    case "deleteColumn":
      return [{ deleteDimension: { range: range("COLUMNS") } }];
    case "renameHeader":
      return [type(sheetId, 0, column, `u${tags}`)];
    case "overwrite":
      return isTheirs(rows[row]?.[column]) ? [] : [type(sheetId, row, column, "overwritten")];
    case "merge": {
      const wide = 1 + (one.at % 2);
      const range = {
        ...{ sheetId, startRowIndex: row, endRowIndex: row + 3 - wide },
        ...{ startColumnIndex: column, endColumnIndex: column + wide },
      };
      return [{ mergeCells: { range, mergeType: "MERGE_ALL" } }];
    }
    case "own":
    case "formula": {
      const own = ownColumn(tab);
      const said = one.do === "own" ? `u${tags}` : `="u${tags}|"&${letters(column)}${row + 1}`;
      return isTheirs(rows[row]?.[own]) || own === column
        ? []
        : [type(sheetId, 0, own, "Mine"), type(sheetId, row, own, said)];
    }
    case "ownRow":
      return [type(sheetId, height, 2, `u${tags}`), type(sheetId, height, 5, `u${tags + 10_000}`)];
  }
}

function letters(column: number): string {
  return (
    (column >= 26 ? letters(Math.floor(column / 26) - 1) : "") +
    String.fromCharCode(65 + (column % 26))
  );
}

function ownColumn(tab: Tab) {
  const found = rowsOf(tab)[0]?.findIndex((cell) => valueIn(cell) === "Mine") ?? -1;
  return found >= 0 ? found : widthOf(tab);
}

const isTag = (cell: Cell | undefined) => /^u\d+$/.test(String(valueIn(cell) ?? ""));
const isTheirs = (cell: Cell | undefined) => isTag(cell) || formulaIn(cell) !== undefined;

const numberOfId = (value: unknown) =>
  /^[0-9a-f]{24}$/.test(String(value)) ? String(Number.parseInt(String(value), 16) - 1) : undefined;

/** A row by the event in it, or by what people wrote into it; undefined where neither tells. */
function nameOfRow(row: readonly Cell[] | undefined) {
  const event = row
    ?.map(valueIn)
    .map((value) => numberOfId(value) ?? /^HYROX (\d+)$/.exec(String(value))?.[1])
    .find((number) => number !== undefined);
  const tagged = (row ?? []).filter(isTag).map(valueIn).join();
  const formula = row?.map(formulaIn).find((found) => found !== undefined);
  return event ?? (tagged || /u\d+/.exec(formula ?? "")?.[0]);
}

const GREY = 154 / 255;

/** Everything of a tab that is people's, each thing by its column's header and by its row. */
export function belongings(tab: Tab): string[] {
  const rows = rowsOf(tab);
  const named = rows.map((row, at) => (at === 0 ? "header" : nameOfRow(row)));
  const things = rows.flatMap((row, at) =>
    row.flatMap((cell, column) => {
      const where = `${headerOf(tab, column)} | ${named[at]}`;
      const { backgroundColor, textFormat } = cell.userEnteredFormat ?? {};
      const isStruck = textFormat?.strikethrough && textFormat.foregroundColor?.red !== GREY;
      return [
        ...(isTag(cell) ? [`${where} | ${valueIn(cell)}`] : []),
        ...(formulaIn(cell) ? [`${where} | ${meaning(tab, formulaIn(cell) ?? "")}`] : []),
        ...(cell.note && !isOurNote(cell.note) ? [`${where} | note ${cell.note}`] : []),
        ...(backgroundColor && named[at] ? [`${where} | colour ${backgroundColor.red}`] : []),
        ...(isStruck && named[at] ? [`${where} | struck`] : []),
      ];
    }),
  );
  const { frozenRowCount, frozenColumnCount } = tab.properties?.gridProperties ?? {};
  const hiddenColumns = (tab.data?.[0]?.columnMetadata ?? []).flatMap(({ hiddenByUser }, column) =>
    hiddenByUser ? `hidden column ${headerOf(tab, column)}` : [],
  );
  const hiddenRows = (tab.data?.[0]?.rowMetadata ?? []).flatMap(
    ({ hiddenByUser, hiddenByFilter }, at) =>
      named[at] && (hiddenByUser || hiddenByFilter)
        ? `hidden ${hiddenByUser ? "by hand" : "by a filter"} ${named[at]}`
        : [],
  );
  const frozen = `frozen ${frozenRowCount ?? 0} ${frozenColumnCount ?? 0}`;
  return [...things, ...hiddenColumns, ...hiddenRows, frozen].sort();
}

/** What a formula says, with the cells that it names by their column and their row. */
const meaning = (tab: Tab, formula: string) =>
  formula.replace(/\b([A-Z]+)(\d+)\b/g, (_, column, row) => {
    const at = [...column].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0) - 1;
    return `[${headerOf(tab, at)} of ${nameOfRow(rowsOf(tab)[Number(row) - 1])}]`;
  });

export interface SeenFilter {
  what: string;
  /** Names of the rows under it. */
  rows: string[];
  coversHeader: boolean;
}

/** Each filter by what it hides in which column, and the rows that are under it. */
export function filters(tab: Tab): SeenFilter[] {
  const named = rowsOf(tab).map(nameOfRow);
  return [tab.basicFilter, ...(tab.filterViews ?? [])].flatMap((filter) => {
    if (!filter?.range) return [];
    const { startRowIndex = 0, endRowIndex } = filter.range;
    const specs = (filter.filterSpecs ?? []).map(({ columnIndex, filterCriteria }) => [
      headerOf(tab, columnIndex ?? 0),
      filterCriteria?.hiddenValues,
    ]);
    return [
      {
        what: JSON.stringify(["title" in filter ? filter.title : null, specs]),
        rows: named.slice(startRowIndex ?? 0, endRowIndex ?? undefined).flatMap((one) => one ?? []),
        coversHeader: startRowIndex === 0,
      },
    ];
  });
}

/** Numbers of the events whose row we have marked as gone. */
export function struckEvents(tab: Tab) {
  const id = rowsOf(tab)[0]?.findIndex((cell) => valueIn(cell) === "Event ID") ?? -1;
  return rowsOf(tab).flatMap((row) => {
    const { strikethrough, foregroundColor } = row[id]?.userEnteredFormat?.textFormat ?? {};
    const number = numberOfId(valueIn(row[id]));
    return number && strikethrough && foregroundColor?.red === GREY ? [Number(number)] : [];
  });
}

/** Every event on one row, each value under its header. */
export function shownEvents(tab: Tab, headers: readonly string[]) {
  const at = headers.map(
    (header) => rowsOf(tab)[0]?.findIndex((cell) => valueIn(cell) === header) ?? -1,
  );
  const id = at[headers.indexOf("Event ID")] ?? -1;
  return rowsOf(tab)
    .filter((row) => numberOfId(valueIn(row[id])) !== undefined)
    .map((row) => at.map((column) => valueIn(row[column]) ?? anyFormulaIn(row[column]) ?? null));
}
