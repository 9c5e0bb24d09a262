import { expect, test } from "bun:test";
import { searchWords } from "./search-words.ts";

test.each([
  ["HYROX München", "HYROX MUNCHEN"],
  ["Łódź", "LODZ"],
  ["Malmö | Køge", "MALMO KOGE"],
  ["Saint-Étienne, FR", "SAINT ETIENNE FR"],
  ["İstanbul", "ISTANBUL"],
  ["Großstadt", "GROSSSTADT"],
  ["  ¡!  ", ""],
])("%s is found as %s", (text, words) => {
  expect(searchWords(text)).toBe(words);
  expect(searchWords(words.toLowerCase())).toBe(words);
});
