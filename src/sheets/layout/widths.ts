import type { CellKind, CellValue } from "./cell.ts";
import type { Tab } from "./layout.ts";

const PIXELS_A_LETTER = 7;
const PIXELS_A_BOLD_LETTER = 7.5;
const ROUND_A_CELL = 16;
/** The button of a filter stands beside the header. */
const ROUND_A_HEADER = 34;

/**
 * How wide a new column is, in pixels: as its header and what stands below it need, and no wider than the
 * column's own bound but for the header, which is never cut.
 */
export function widthOf({ columns, rows, shapeAt }: Tab, at: number): number {
  const { header = "", width = 0, kind } = columns[at] ?? {};
  const longest = rows.reduce(
    (most, row, index) => Math.max(most, lengthOf(row[at] ?? null, shapeAt(index, at).kind)),
    0,
  );
  // Of what will stand in a tab that is made empty, nobody knows how long it is.
  const isUnknown = kind === "chart" || rows.length === 0;
  const content = isUnknown ? width : longest * PIXELS_A_LETTER + ROUND_A_CELL;
  const least = header.length * PIXELS_A_BOLD_LETTER + ROUND_A_HEADER;
  return Math.round(Math.max(least, Math.min(content, width)));
}

/** Letters of a value as it is shown. */
function lengthOf(value: CellValue, kind: CellKind): number {
  if (value === null || typeof value === "object") return 0;
  if (typeof value === "string") return Math.max(...value.split("\n").map(({ length }) => length));
  if (kind === "dateTime") return 16;
  if (kind === "date") return 10;
  const digits = String(Math.trunc(Math.abs(value))).length;
  const whole = digits + Math.floor((digits - 1) / 3) + (value < 0 ? 1 : 0);
  return kind === "count" ? whole : whole + 4;
}
