import type { FoundTab } from "../google/spreadsheet.ts";
import { valueData } from "../layout/cell.ts";
import { isOurNote } from "../layout/header-note.ts";
import { isFilled, type Place, type Placed } from "../match/place.ts";
import { type CellWrite, NOTE, VALUE_AND_BOLD } from "./requests.ts";

/** Headers that are not there, or have another name, and the notes on all of them. */
export const headerWrites = (found: FoundTab, place: Place): CellWrite[] => [
  ...place.columns
    .filter(({ isMissing, isRenamed }) => isMissing || isRenamed)
    .map((column) => headerWrite(place, column)),
  ...noteWrites(found, place),
];

/**
 * The headers alone, where their row is gone: in a row of their own on top, unless nothing stands there. What else
 * is otherwise comes behind it, when they are found again.
 */
export function headerRowWrites({ rows }: FoundTab, place: Place) {
  const isInserted = (rows[0] ?? []).some(isFilled);
  const writes = place.columns
    .filter(({ isMissing }) => !isMissing)
    .map((column) => ({ ...headerWrite(place, column), ...(isInserted && { isNew: true }) }));
  return { writes, isInserted };
}

const headerWrite = ({ headerRow }: Place, { at, header }: Placed): CellWrite => ({
  row: headerRow,
  column: at,
  data: { ...valueData(header), userEnteredFormat: { textFormat: { bold: true } } },
  fields: VALUE_AND_BOLD,
});

/**
 * Where somebody wrote a note of their own, theirs stays and ours is not written; nor is it where the owner
 * keeps us from the header, for Google would refuse all numbers with it.
 */
const noteWrites = (tab: FoundTab, { headerRow, columns }: Place): CellWrite[] =>
  columns.flatMap(({ at, note, isMissing }) => {
    if (isClosed(tab, headerRow, at)) return [];
    const { rows } = tab;
    const found = isMissing ? undefined : rows[headerRow]?.[at]?.note;
    if (note === undefined || found === note || (found && !isOurNote(found))) return [];
    return [{ row: headerRow, column: at, data: { note }, fields: NOTE }];
  });

const isClosed = ({ closed = [] }: FoundTab, row: number, column: number) =>
  closed.some(
    ({ rows, columns }) =>
      row >= rows.start && row < rows.end && column >= columns.start && column < columns.end,
  );
