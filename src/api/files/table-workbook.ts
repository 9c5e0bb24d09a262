import type { CellObject, SheetData } from "write-excel-file/node";
import { workbookText } from "../../lib/printable.ts";
import { unreadable } from "../request/problem.ts";
import { type Cell, cellOf, columnsOf } from "./table-cells.ts";

/** It is made whole in memory: of so many rows of ticket types it takes some 40 MB for two seconds. */
const MOST_ROWS = 5_000;
/** From so many on it pays to collect between two steps: a few hundredths of the time for a third of the memory. */
const COLLECTED_ROWS = 1_000;
const WIDEST = 40;
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** One sheet. Texts are texts, whatever they begin with; instants are Excel's, in UTC. */
export async function workbookOf(
  pages: AsyncIterable<readonly object[]>,
  { name, example }: { name: string; example: object },
): Promise<Uint8Array<ArrayBuffer>> {
  const columns = columnsOf(example).map((column) => {
    const value = cellOf(example, column);
    return { column, isInstant: typeof value === "string" && INSTANT.test(value) };
  });
  const data: SheetData = [
    columns.map(
      ({ column: { name } }): CellObject => ({ value: name, type: String, fontWeight: "bold" }),
    ),
  ];
  for await (const rows of pages) {
    for (const row of rows)
      data.push(columns.map(({ column, isInstant }) => cell(cellOf(row, column), isInstant)));
    if (data.length - 1 > MOST_ROWS) {
      const reason = `must be csv for more than ${MOST_ROWS} rows; or send filters`;
      throw unreadable("format", reason);
    }
  }
  // What the rows were read from takes as much as the cells that were made of them.
  if (data.length > COLLECTED_ROWS) Bun.gc(true);
  // Most processes never write one, and it takes 4 MB.
  const { default: writeXlsxFile } = await import("write-excel-file/node");
  const widths = columns.map(({ column }) => ({ width: Math.min(WIDEST, column.name.length + 4) }));
  const dateFormat = "yyyy-mm-dd hh:mm:ss";
  const sheet = { sheet: name, stickyRowsCount: 1, columns: widths, dateFormat, data };
  const writing = writeXlsxFile([sheet]);
  // Its cells are text by now, and stand beside what that is packed into unless they go first.
  const isLarge = data.length > COLLECTED_ROWS;
  data.length = 0;
  if (isLarge) Bun.gc(true);
  return new Uint8Array(await writing.toBuffer());
}

function cell(value: Cell, isInstant: boolean): Cell | Date {
  if (typeof value !== "string") return value;
  const instant = isInstant ? new Date(value) : undefined;
  if (instant && !Number.isNaN(instant.getTime())) return instant;
  return workbookText(value);
}
