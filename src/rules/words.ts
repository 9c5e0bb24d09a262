/**
 * Names are written by hand, in a dozen languages: `\b` and `\w` know ASCII alone, Hangul has no words
 * with blanks between them, and NFKD takes Hangul syllables and Japanese voicing marks apart. So names
 * and the terms that are looked for in them go through `plainWords` alike.
 */

/** A name as plain upper-case words: no accents, apostrophes, punctuation or trailing blanks. */
export const plainWords = (name: string) =>
  name
    .normalize("NFKD")
    // Japanese voicing marks make other letters: without them "pro" would be found in "floor".
    .replace(/(?![\u3099\u309a])[\p{M}\p{Cf}]/gu, "")
    // Hangul again, of which NFKD made single letters.
    .normalize("NFC")
    // "men's" is one word, and "d'équipe" two.
    .replace(/['’`´](?=s(?![\p{L}\p{N}]))/giu, "")
    .toUpperCase()
    .replaceAll("Æ", "AE")
    .replaceAll("Ø", "O")
    .replaceAll("Œ", "OE")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(SCRIPT_CHANGES, " ")
    .trim();

const UNSPACED = String.raw`\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
/** Where "HYROX男子" goes from letters that make words with blanks to others. */
const SCRIPT_CHANGES = new RegExp(
  `(?<=[${UNSPACED}])(?=[\\p{Script=Latin}\\p{N}])|(?<=[\\p{Script=Latin}\\p{N}])(?=[${UNSPACED}])`,
  "gu",
);
const IS_UNSPACED = new RegExp(`[${UNSPACED}]`, "u");

/**
 * A pattern over plain words for terms between commas or on lines of their own. `SPECTAT*` is any word
 * that begins so, `*SHIRT` any that ends so, `#` a number from 2 to 4; where a term has a blank, a name
 * may write the words together.
 */
export function termsPattern(terms: string): RegExp {
  const patterns = terms
    .split(/[,\n]/)
    .map((term) => term.trim())
    .filter((term) => term !== "")
    .map(termPattern);
  return new RegExp(patterns.join("|"), "u");
}

function termPattern(term: string): string {
  const words = plainWords(term.replaceAll("#", "0"))
    .replaceAll(" ", " ?")
    .replaceAll("0", "[2-4]");
  if (IS_UNSPACED.test(words)) return String.raw`(?<!\p{N})${words}(?!\p{N})`;
  const start = term.startsWith("*") ? "" : String.raw`(?<![\p{L}\p{N}])`;
  const end = term.endsWith("*") ? "" : String.raw`(?![\p{L}\p{N}])`;
  return `${start}${words}${end}`;
}
