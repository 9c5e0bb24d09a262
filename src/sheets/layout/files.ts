import { stringify } from "csv-stringify/sync";
import type { CellObject } from "write-excel-file/node";
import { defused } from "../../lib/csv.ts";
import { printable } from "../../lib/printable.ts";
import type { CellKind, CellValue } from "./cell.ts";
import { downloadNames, fileNames } from "./file-names.ts";
import { type LayoutSettings, layout, type SheetRows, type Tab } from "./layout.ts";
import { widthOf } from "./widths.ts";

export interface File {
  name: string;
  contentType: string;
  body: Uint8Array;
}

/** Excel's own limit of one cell. */
const LONGEST_TEXT = 32_767;
const PIXELS_A_LETTER = 7;
const WIDEST_TITLE = 31;

export interface FilesOptions {
  rows: SheetRows;
  settings: LayoutSettings;
  now: Date;
}

/** The same tabs as the sheet's in one workbook; a text is a text there too, whatever it begins with. */
export async function workbook(options: FilesOptions): Promise<File> {
  const tabs = tabsOf(options);
  // Most processes never write one, and it takes 4 MB.
  const { default: writeXlsxFile } = await import("write-excel-file/node");
  const body = await writeXlsxFile(
    tabs.map((tab) => ({
      sheet: tab.title.replace(/[\\/?*[\]:]/g, " ").slice(0, WIDEST_TITLE),
      stickyRowsCount: 1,
      columns: tab.columns.map((_, at) => ({ width: widthOf(tab, at) / PIXELS_A_LETTER })),
      data: [
        tab.columns.map(
          ({ header }): CellObject => ({
            value: header,
            type: String,
            fontWeight: "bold",
          }),
        ),
        ...tab.rows.map((row, at) =>
          row.map((value, column) =>
            orNothing(() => excelCell(value, tab.shapeAt(at, column).format?.pattern), null),
          ),
        ),
      ],
    })),
  ).toBuffer();
  return {
    name: "vivenu.xlsx",
    contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    body,
  };
}

function excelCell(value: CellValue, pattern: string | undefined): CellObject | null {
  if (value === null || typeof value === "object") return null;
  if (typeof value === "number")
    return { value, type: Number, ...(pattern && { format: pattern }) };
  return { value: printable(value, LONGEST_TEXT), type: String };
}

/** One file for each tab, in UTF-8 with a mark that tells Excel so. */
export const csvFiles = (options: FilesOptions): File[] => tabsOf(options).map(csvFile);

function csvFile(tab: Tab): File {
  const rows = tab.rows.map((row, at) =>
    row.map((value, column) => orNothing(() => csvCell(value, tab.shapeAt(at, column).kind), "")),
  );
  const text = stringify([tab.columns.map(({ header }) => header), ...rows], { bom: true });
  return {
    name: fileNames[tab.name],
    contentType: "text/csv; charset=utf-8",
    body: new TextEncoder().encode(text),
  };
}

/** A cell that cannot be written spoils no other; `/status` says which of the rows' cannot be shown. */
function orNothing<Cell>(write: () => Cell, nothing: Cell): Cell {
  try {
    return write();
  } catch {
    return nothing;
  }
}

function csvCell(value: CellValue, kind: CellKind): string | number {
  if (value === null || typeof value === "object") return "";
  if (typeof value === "string") return defused(value);
  if (kind === "percent") return `${Math.round(value * 1_000_000) / 10_000}%`;
  if (kind === "date") return isoOf(value).slice(0, 10);
  return kind === "dateTime" ? isoOf(value).slice(0, 16).replace("T", " ") : value;
}

const isoOf = (serial: number) =>
  new Date(Math.round((serial - 25_569) * 86_400) * 1_000).toISOString();

const tabsOf = ({ rows, settings, now }: FilesOptions) =>
  layout(rows, settings, now).map(withoutCharts);

/** A file has no small charts: Excel does not know the formula, and a text of numbers is nobody's. */
function withoutCharts(tab: Tab): Tab {
  const kept = [...tab.columns.keys()].filter((at) => tab.columns[at]?.kind !== "chart");
  if (kept.length === tab.columns.length) return tab;
  return {
    ...tab,
    columns: kept.flatMap((at) => tab.columns[at] ?? []),
    rows: tab.rows.map((row) => kept.map((at) => row[at] ?? null)),
    shapeAt: (row, column) => tab.shapeAt(row, kept[column] ?? column),
  };
}

/** One of `downloadNames`; undefined where its tab is not among those that are shown. */
export async function download(name: string, options: FilesOptions): Promise<File | undefined> {
  if (name === downloadNames[0]) return workbook(options);
  const tab = tabsOf(options).find((one) => fileNames[one.name] === name);
  return tab && csvFile(tab);
}
