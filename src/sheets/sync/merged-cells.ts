import type { Area, FoundTab } from "../google/spreadsheet.ts";
import type { Placed } from "../match/place.ts";
import type { CellWrite } from "./requests.ts";

interface Written {
  /** Where they are numbered as the tab was read. */
  inPlace: readonly CellWrite[];
  /** Before which row new ones are inserted. */
  insertedAt: number | undefined;
  columns: readonly Placed[];
}

/**
 * Merged cells that a value of ours would be lost in: Google keeps none but the first one's. What hides nothing of
 * ours stays merged.
 */
export const hiding = (
  { merged = [] }: FoundTab,
  { inPlace, insertedAt, columns }: Written,
): readonly Area[] => {
  if (merged.length === 0) return [];
  const values = inPlace.filter(({ data }) => data.userEnteredValue !== undefined);
  return merged.filter((area) => {
    const isCovered = (row: number, column: number) =>
      isIn(area, row, column) && (row !== area.rows.start || column !== area.columns.start);
    const isSplit = insertedAt !== undefined && isAcross(area.rows, insertedAt);
    return (
      values.some(({ row, column }) => isCovered(row, column)) ||
      (isSplit && columns.some(({ at }) => isIn(area, area.rows.start, at)))
    );
  });
};

/** Google freezes no part of merged cells. */
export const canFreezeRows = ({ merged = [] }: FoundTab, count: number) =>
  !merged.some(({ rows }) => isAcross(rows, count));

const isIn = ({ rows, columns }: Area, row: number, column: number) =>
  row >= rows.start && row < rows.end && column >= columns.start && column < columns.end;

const isAcross = ({ start, end }: Area["rows"], at: number) => start < at && end > at;
