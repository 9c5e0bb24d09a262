import type { Cell, Sheet } from "./document.ts";

/** What a formula of another cell put there, or why this one's could put nothing anywhere. */
export interface ShownCell extends Cell {
  spilled?: { numberValue: number } | { errorValue: { type: string; message: string } };
}

type Rows = readonly (readonly (ShownCell | null | undefined)[] | undefined)[];

const SEQUENCE = /^=SEQUENCE\((\d+)(?:[,;]\s*(\d+))?\)$/i;
const known = new WeakMap<Sheet, Rows>();

/**
 * The cells as they are seen: a formula of several numbers fills those beside and below it, unless something was
 * typed into one of them. Of such formulas this one is played. Probe: google/spill.
 */
export function shownRows(sheet: Sheet): Rows {
  const found = known.get(sheet) ?? spilled(sheet);
  known.set(sheet, found);
  return found;
}

function spilled(sheet: Sheet): Rows {
  const sequences = Array.from(sheet.rows).flatMap((row, at) =>
    Array.from(row ?? []).flatMap((cell, column) => {
      const [, height, width = "1"] =
        SEQUENCE.exec(cell?.userEnteredValue?.formulaValue ?? "") ?? [];
      return height ? { row: at, column, height: Number(height), width: Number(width) } : [];
    }),
  );
  if (sequences.length === 0) return sheet.rows;
  const rows: (ShownCell | null | undefined)[][] = Array.from(sheet.rows, (row) =>
    Array.from(row ?? []),
  );
  for (const { row, column, height, width } of sequences) {
    const places = Array.from({ length: height * width }, (_, at) => ({
      ...{ row: row + Math.floor(at / width), column: column + (at % width), value: at + 1 },
    }));
    const isBlocked = places.slice(1).some((place) => {
      const cell = sheet.rows[place.row]?.[place.column];
      return cell?.userEnteredValue !== undefined || cell?.pivotTable !== undefined;
    });
    const message = "Array result was not expanded because it would overwrite data.";
    for (const place of isBlocked ? places.slice(0, 1) : places) {
      while (rows.length <= place.row) rows.push([]);
      const cells = rows[place.row] ?? [];
      cells[place.column] = {
        ...cells[place.column],
        spilled: isBlocked
          ? { errorValue: { type: "REF", message } }
          : { numberValue: place.value },
      };
    }
  }
  return rows;
}
