// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const HALF_AT_THE_END = /[\ud800-\udbff]$/;

/** As much of a text as has room, without half a character at its end or anywhere else. */
export const printable = (text: string, longest: number) =>
  text.replace(UNPRINTABLE, "").slice(0, longest).replace(HALF_AT_THE_END, "").toWellFormed();
