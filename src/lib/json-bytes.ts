/** What a byte means to whoever looks, outside of texts, for where lists and objects of JSON begin and end. */
export const [QUOTE, COMMA, OPENING, CLOSING] = [1, 2, 3, 4];

/** By byte; 0 for all that means nothing of it. One look into it costs less than comparing letters. */
export const meaningOf = new Uint8Array(256);
for (const [letters, meaning] of [
  ['"', QUOTE],
  [",", COMMA],
  ["[{", OPENING],
  ["]}", CLOSING],
] as const)
  for (const letter of letters) meaningOf[letter.charCodeAt(0)] = meaning;

const [DOUBLE_QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * Where the text ends in which `from` is: at its last quote. Where that is not among these bytes it is at
 * their end, or one behind where the first byte of what comes next is escaped.
 */
export function textEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === DOUBLE_QUOTE) break;
    if (byte === BACKSLASH) at += 1;
  }
  return at;
}
