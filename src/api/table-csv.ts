import { defused, quotedLines } from "../lib/csv.ts";
import { type Cell, cellsOf } from "./table-cells.ts";

export interface CsvForm {
  delimiter: "comma" | "semicolon" | "tab";
  decimal: "point" | "comma";
}

const DELIMITERS = { comma: ",", semicolon: ";", tab: "\t" };

/** RFC 4180 in UTF-8: a line of names, and a line for each row. */
export async function* csvOf(
  pages: AsyncIterable<readonly object[]>,
  columns: readonly string[],
  { delimiter, decimal }: CsvForm,
): AsyncGenerator<Uint8Array> {
  // Most processes never write one.
  const { stringify } = await import("csv-stringify/sync");
  const encoder = new TextEncoder();
  const options = {
    ...{ delimiter: DELIMITERS[delimiter], record_delimiter: "windows" },
    ...quotedLines,
  } as const;
  const textOf = (value: Cell) => {
    if (value === null) return "";
    if (typeof value === "string") return defused(value);
    const text = String(value);
    return decimal === "comma" && typeof value === "number" ? text.replace(".", ",") : text;
  };
  yield encoder.encode(stringify([[...columns]], options));
  for await (const rows of pages) {
    const lines = rows.map((row) => {
      const cells = cellsOf(row);
      return columns.map((name) => textOf(cells.get(name) ?? null));
    });
    yield encoder.encode(stringify(lines, options));
  }
}
