import type { FoundCell } from "../google/spreadsheet.ts";
import type { Placed } from "../match/place.ts";
import { type CellWrite, STRUCK, STRUCK_IN_GREY } from "./requests.ts";

/** Struck through in this grey, which no palette has, is our doing; what somebody strikes is not. */
const GREY = colourOf(154 / 255);
const BLACK = colourOf(0);
const HALF_A_SHADE = 0.5 / 255;

export interface KeyedRow {
  row: number;
  cells: readonly FoundCell[];
  isGone: boolean;
  isNew: boolean;
}

/**
 * The ids of what is gone are struck through, and those of what came back are not any more. The mark
 * is in the cell alone, so that it goes along when somebody sorts, and a new process knows it.
 */
export function strikes(columns: readonly Placed[], { row, cells, isGone, isNew }: KeyedRow) {
  return columns.flatMap(({ at, role }): CellWrite[] => {
    if (role !== "key") return [];
    const letters = cells[at]?.letters;
    const where = { row, column: at, ...(isNew && { isNew }) };
    if (!isGone) {
      const data = { userEnteredFormat: { textFormat: {} } };
      return isOurs(letters) ? [{ ...where, data, fields: STRUCK_IN_GREY }] : [];
    }
    if (letters?.strikethrough) return [];
    const textFormat = { strikethrough: true };
    // A colour that somebody gave an id is theirs: it is struck through in that colour, for good.
    if (isChosen(letters))
      return [{ ...where, data: { userEnteredFormat: { textFormat } }, fields: STRUCK }];
    const inGrey = { ...textFormat, foregroundColor: GREY };
    return [
      { ...where, data: { userEnteredFormat: { textFormat: inGrey } }, fields: STRUCK_IN_GREY },
    ];
  });
}

const isOurs = (letters: FoundCell["letters"]) =>
  Boolean(letters?.strikethrough && letters.foregroundColor && isIn(letters.foregroundColor, GREY));

/** What was pasted may say that it is black, as everything is. */
const isChosen = (letters: FoundCell["letters"]) =>
  Boolean(letters?.foregroundColor) &&
  ![GREY, BLACK].some((colour) => isIn(letters?.foregroundColor ?? {}, colour));

function colourOf(shade: number) {
  return { red: shade, green: shade, blue: shade };
}

type Colour = NonNullable<NonNullable<FoundCell["letters"]>["foregroundColor"]>;

const isIn = (one: Colour, other: typeof GREY) =>
  (["red", "green", "blue"] as const).every(
    (part) => Math.abs((one[part] ?? 0) - other[part]) < HALF_A_SHADE,
  );
