import { plainWords } from "./words.ts";

/** Letters that Unicode holds for letters of their own and people type without the stroke. */
const PLAIN: Readonly<Record<string, string>> = { Ł: "L", Đ: "D", Ð: "D", Ħ: "H", Ŧ: "T", Þ: "TH" };

/** A text as people look for it: without case, accents and punctuation. */
export const searchWords = (text: string) =>
  plainWords(text).replace(/[ŁĐÐĦŦÞ]/g, (letter) => PLAIN[letter] ?? letter);
