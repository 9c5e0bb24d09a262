import Papa from "papaparse";
import { defused } from "../../lib/csv.ts";
import type { CellKind, CellValue } from "./cell.ts";
import { fileNames, WORKBOOK } from "./file-names.ts";
import { type LayoutSettings, layout, type SheetRows, type Tab } from "./layout.ts";
import { orNothing, workbookOf } from "./workbook.ts";

export interface File {
  name: string;
  contentType: string;
  body: Uint8Array;
}

export interface FilesOptions {
  rows: SheetRows;
  settings: LayoutSettings;
  now: Date;
}

/** The same tabs as the sheet's in one workbook. */
export async function workbook(options: FilesOptions): Promise<File> {
  return {
    name: "vivenu.xlsx",
    contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    body: await workbookOf(tabsOf(options), options.now),
  };
}

/** Tells Excel that a file is UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";

/** One file for each tab, in UTF-8 with a mark that tells Excel so. */
export const csvFiles = (options: FilesOptions): File[] => tabsOf(options).map(csvFile);

function csvFile(tab: Tab): File {
  const rows = tab.rows.map((row, at) =>
    row.map((value, column) => orNothing(() => csvCell(value, tab.shapeAt(at, column).kind), "")),
  );
  const lines = [tab.columns.map(({ header }) => header), ...rows];
  const text = `${BYTE_ORDER_MARK}${Papa.unparse(lines, { newline: "\n" })}\n`;
  return {
    name: fileNames[tab.name],
    contentType: "text/csv; charset=utf-8",
    body: new TextEncoder().encode(text),
  };
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

/** Undefined where there is no such file, or its tab is not among those that are shown. */
export async function download(name: string, options: FilesOptions): Promise<File | undefined> {
  if (name === WORKBOOK) return workbook(options);
  const tab = tabsOf(options).find((one) => fileNames[one.name] === name);
  return tab && csvFile(tab);
}
