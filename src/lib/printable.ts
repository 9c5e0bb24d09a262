// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const HALF_AT_THE_END = /[\ud800-\udbff]$/;

/** As much of a text as has room, without half a character at its end or anywhere else. */
export const printable = (text: string, longest: number) =>
  text.replace(UNPRINTABLE, "").slice(0, longest).replace(HALF_AT_THE_END, "").toWellFormed();

/** Excel's own limit of one cell. */
const LONGEST_CELL = 32_767;

/** What readers of a workbook would take for an escaped character (ECMA-376, `ST_Xstring`), as in `Wave_x0031_`. */
const ESCAPED = /_(?=x[0-9a-f]{4}_)/gi;

/** A text of a workbook's cell, which is read as it is here. */
export const workbookText = (text: string) =>
  printable(text, LONGEST_CELL).replace(ESCAPED, "_x005F_");
