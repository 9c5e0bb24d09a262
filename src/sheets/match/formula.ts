/** Where a row or a column that was read under one number is now, counted from 0. */
export type Moved = (index: number) => number;

/**
 * Texts and cells of other tabs stay as they are; what is left are cells (`$H2`) and, in a range, whole
 * columns (`H:H`, `H2:H`).
 */
const REFERENCE =
  /"(?:[^"]|"")*"|(?:'(?:[^']|'')*'|[\p{L}_][\w.]*)!\$?[A-Z]*\$?\d*(?::\$?[A-Z]*\$?\d*)?|(?<![\w$])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\w(!])|(?<![\w$])(\$?)([A-Z]{1,3})(?=:\$?[A-Z])|(?<=:)(\$?)([A-Z]{1,3})(?![\w($])/gu;

/** A person's formula that is put back after rows or columns moved names the cells that it named before. */
export const movedFormula = (formula: string, rowNow: Moved, columnNow: Moved) =>
  formula.replace(
    REFERENCE,
    (
      whole,
      fixed = "",
      column,
      fixedRow = "",
      row,
      open = "",
      openColumn,
      close = "",
      closeColumn,
    ) => {
      if (column !== undefined)
        return `${fixed}${movedColumn(column, columnNow)}${fixedRow}${rowNow(Number(row) - 1) + 1}`;
      if (openColumn !== undefined) return `${open}${movedColumn(openColumn, columnNow)}`;
      return closeColumn === undefined ? whole : `${close}${movedColumn(closeColumn, columnNow)}`;
    },
  );

const movedColumn = (letters: string, columnNow: Moved) =>
  lettersOf(columnNow([...letters].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0) - 1));

const lettersOf = (column: number): string =>
  (column >= 26 ? lettersOf(Math.floor(column / 26) - 1) : "") +
  String.fromCharCode(65 + (column % 26));

/** What was recognised again tells where it is; the rest has moved as its neighbour before it did. */
export function movedBy(fromOf: ReadonlyMap<number, number>): Moved {
  const nowOf = new Map([...fromOf].map(([now, from]) => [from, now]));
  const known = [...nowOf.keys()].sort((a, b) => a - b);
  return (index) => {
    const near = known.findLast((one) => one <= index) ?? known[0];
    return near === undefined ? index : Math.max(0, index + (nowOf.get(near) ?? near) - near);
  };
}
