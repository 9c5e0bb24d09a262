import type { CellObject } from "write-excel-file/node";
import { workbookText } from "../../lib/printable.ts";
import type { CellValue } from "./cell.ts";
import type { Tab } from "./layout.ts";
import { widthOf } from "./widths.ts";

const PIXELS_A_LETTER = 7;
const WIDEST_TITLE = 31;
/** What Excel itself begins with; without a name header and cells are shown in two fonts. */
const FONT = { fontFamily: "Calibri", fontSize: 11 } as const;

/** Tabs in one `.xlsx`, looking as the sheet's do; a text is a text there too, whatever it begins with. */
export async function workbookOf(tabs: readonly Tab[], now: Date): Promise<Uint8Array> {
  // Most processes never write one, and they take 4 MB.
  const { default: writeXlsxFile } = await import("write-excel-file/node");
  const { printed } = await import("./workbook-print.ts");
  const names = sheetNames(tabs.map(({ title }) => title));
  const sheets = tabs.map((tab, index) => ({
    sheet: names[index] ?? tab.title,
    stickyRowsCount: 1,
    stickyColumnsCount: tab.frozenColumns,
    columns: tab.columns.map((_, at) => ({ width: widthOf(tab, at) / PIXELS_A_LETTER })),
    data: [
      tab.columns.map(
        ({ header }): CellObject => ({ value: header, type: String, fontWeight: "bold" }),
      ),
      ...tab.rows.map((row, at) =>
        row.map((value, column) => {
          const { format } = tab.shapeAt(at, column);
          return orNothing(() => excelCell(value, format?.pattern), null);
        }),
      ),
    ],
  }));
  return writeXlsxFile(sheets, {
    ...FONT,
    features: [printed(tabs, names, now)],
  }).toBuffer();
}

/**
 * As Excel takes them: without some characters, not too long, no apostrophe at either end, and no two that
 * differ in case alone. A workbook with others it calls corrupt.
 */
export function sheetNames(titles: readonly string[]): string[] {
  // That one is Excel's own.
  const taken = new Set(["history"]);
  return titles.map((title) => {
    const plain = title.replace(/[\\/?*[\]:]/g, " ").replace(/^'+|'+$/g, "");
    let name = cutTo(plain, WIDEST_TITLE);
    for (let number = 2; taken.has(name.toLowerCase()); number += 1)
      name = `${cutTo(plain, WIDEST_TITLE - ` ${number}`.length)} ${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Without a blank, an apostrophe or half a character that the cut would leave at the end. */
const cutTo = (text: string, length: number) =>
  text.slice(0, length).replace(/[\s'\ud800-\udbff]+$/, "") || "Tab";

function excelCell(value: CellValue, pattern: string | undefined): CellObject | null {
  if (value === null || typeof value === "object") return null;
  if (typeof value === "number")
    return { value, type: Number, ...(pattern && { format: pattern }) };
  return { value: workbookText(value), type: String };
}

/** A cell that cannot be written spoils no other; `/status` says which of the rows' cannot be shown. */
export function orNothing<Cell>(write: () => Cell, nothing: Cell): Cell {
  try {
    return write();
  } catch {
    return nothing;
  }
}
