/** CSV has no types: a spreadsheet would run such a text as a formula when the file is opened. */
const FORMULA = /^[\s'"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** The text, behind an apostrophe where a spreadsheet would take it for a formula. */
export const defused = (text: string) => (FORMULA.test(text) ? `'${text}` : text);
