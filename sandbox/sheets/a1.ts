import type { Sheet, Spreadsheet } from "./document.ts";
import { invalid } from "./refusal.ts";

/** Rows and columns from 0, ends excluded. */
export interface Bounds {
  startRow: number;
  endRow: number;
  startColumn: number;
  endColumn: number;
}

export function columnLetters(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest > 0 ? columnLetters(rest - 1) : "") + String.fromCharCode(65 + (column % 26));
}

const columnNumber = (letters: string) =>
  [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

const quoteTitle = (title: string) =>
  /^[A-Za-z_]\w*$/.test(title) ? title : `'${title.replaceAll("'", "''")}'`;

export const rangeText = (sheet: Sheet, { startRow, endRow, startColumn, endColumn }: Bounds) =>
  `${quoteTitle(sheet.properties.title)}!${columnLetters(startColumn)}${startRow + 1}:${columnLetters(endColumn - 1)}${endRow}`;

export function wholeOf({ properties: { gridProperties } }: Sheet): Bounds {
  const { rowCount, columnCount } = gridProperties;
  return { startRow: 0, endRow: rowCount, startColumn: 0, endColumn: columnCount };
}

/** Reads `Events`, `'Ticket Types'!A2:K`, `A1:B2` and the like. Probe: google/unknown-range. */
export function parseRange(
  spreadsheet: Spreadsheet,
  text: string,
): { sheet: Sheet; bounds: Bounds } {
  const unparsable = () => invalid(`Unable to parse range: ${text}`);
  const parts = /^(?:'((?:[^']|'')+)'|([^'!]+))(?:!(.+))?$/.exec(text);
  if (!parts) throw unparsable();
  const title = parts[1]?.replaceAll("''", "'") ?? parts[2];
  const named = spreadsheet.sheets.find(({ properties }) => properties.title === title);
  if (named?.properties.sheetType === "OBJECT") throw unparsable();
  if (named && parts[3] === undefined) return { sheet: named, bounds: wholeOf(named) };
  const sheet = named ?? (parts[3] === undefined && !parts[1] ? spreadsheet.sheets[0] : undefined);
  const cells = /^([A-Za-z]*)(\d*)(?::([A-Za-z]*)(\d*))?$/.exec(parts[3] ?? text);
  if (!sheet || !cells || !(cells[1] || cells[2])) throw unparsable();
  const [, fromColumn, fromRow, toColumn = fromColumn, toRow = fromRow] = cells;
  const whole = wholeOf(sheet);
  const bounds = {
    startRow: fromRow ? Number(fromRow) - 1 : 0,
    endRow: toRow ? Math.min(Number(toRow), whole.endRow) : whole.endRow,
    startColumn: fromColumn ? columnNumber(fromColumn) : 0,
    endColumn: toColumn ? Math.min(columnNumber(toColumn) + 1, whole.endColumn) : whole.endColumn,
  };
  if (bounds.startRow < 0) throw unparsable();
  if (bounds.startRow >= bounds.endRow || bounds.startColumn >= bounds.endColumn) {
    throw invalid(
      `Range (${text}) exceeds grid limits. Max rows: ${whole.endRow}, max columns: ${whole.endColumn}`,
    );
  }
  return { sheet, bounds };
}
