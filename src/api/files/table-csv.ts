import { defused } from "../../lib/csv.ts";
import { type Cell, type Column, cellOf } from "./table-cells.ts";

export interface CsvForm {
  delimiter: "comma" | "semicolon" | "tab";
  decimal: "point" | "comma";
}

const LINE_END = "\r\n";
const DELIMITERS = { comma: ",", semicolon: ";", tab: "\t" };

/** RFC 4180 in UTF-8: a line of names, and a line for each row. */
export async function* csvOf(
  pages: AsyncIterable<readonly object[]>,
  columns: readonly Column[],
  { delimiter, decimal }: CsvForm,
): AsyncGenerator<Uint8Array> {
  // Most processes never write one.
  const { default: Papa } = await import("papaparse");
  const encoder = new TextEncoder();
  const form = { delimiter: DELIMITERS[delimiter], newline: LINE_END };
  const encoded = (lines: string[][]) => encoder.encode(Papa.unparse(lines, form) + LINE_END);
  const textOf = (value: Cell) => {
    if (value === null) return "";
    if (typeof value === "string") return defused(value);
    const text = String(value);
    return decimal === "comma" && typeof value === "number" ? text.replace(".", ",") : text;
  };
  yield encoded([columns.map(({ name }) => name)]);
  for await (const rows of pages)
    if (rows.length > 0)
      yield encoded(rows.map((row) => columns.map((column) => textOf(cellOf(row, column)))));
}
