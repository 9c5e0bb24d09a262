import { setImmediate } from "node:timers/promises";
import { CLOSING, COMMA, meaningOf, OPENING, QUOTE, textEnd } from "../../lib/json-bytes.ts";

/** Of one list, and of one object's fields: twice the tickets that an order can have. */
const MOST_MEMBERS = 20_000;
/** Vivenu's JSON has a comma or an opening bracket in some 20 bytes; a list of numbers may be denser. */
const LEAST_BYTES_A_MARK = 8;
const ALWAYS_TAKEN = 50_000;
const MOST_LEVELS = 200;
/** It is read in a moment, whatever is in it. */
const SMALL_BYTES = 65_536;
/** What is looked at between two turns of the others. */
const SLICE_BYTES = 131_072;

/**
 * What makes a body more than any delivery is, or undefined. `JSON.parse` takes everybody's time, by
 * values and not by bytes, and cannot be stopped at the first one that is too many: so they are counted
 * before. What is no JSON at all may pass, for the parser says so.
 */
export async function excessOf(body: Uint8Array): Promise<string | undefined> {
  if (body.length <= SMALL_BYTES) return undefined;
  const count = counting(Math.max(ALWAYS_TAKEN, body.length / LEAST_BYTES_A_MARK));
  for (let at = 0; at < body.length; at += SLICE_BYTES) {
    if (at > 0) await setImmediate();
    const excess = count(body.subarray(at, at + SLICE_BYTES));
    if (excess !== undefined) return excess;
  }
  return undefined;
}

/** Goes on where the slice before ended, be it within a text. */
function counting(most: number) {
  const members = new Int32Array(MOST_LEVELS + 1);
  let [level, marks, isText] = [0, 0, false];
  let skipped = 0;

  // It looks at every byte: what it works with is its own.
  return (slice: Uint8Array): string | undefined => {
    let [inLevel, inText, seen, longest] = [level, isText, marks, 0];
    const { length } = slice;
    let at = skipped;
    for (; at < length; at += 1) {
      if (inText) {
        at = textEnd(slice, at);
        if (at >= length) break;
        inText = false;
        continue;
      }
      const meaning = meaningOf[slice[at] ?? 0];
      if (meaning === 0) continue;
      if (meaning === QUOTE) inText = true;
      else if (meaning === COMMA) {
        seen += 1;
        const inThis = (members[inLevel] ?? 0) + 1;
        members[inLevel] = inThis;
        if (inThis > longest) longest = inThis;
      } else if (meaning === OPENING) {
        seen += 1;
        inLevel += 1;
        if (inLevel > MOST_LEVELS) return `nested deeper than ${MOST_LEVELS} levels`;
        members[inLevel] = 0;
      } else if (meaning === CLOSING) inLevel = Math.max(inLevel - 1, 0);
    }
    [level, isText, marks, skipped] = [inLevel, inText, seen, at - length];
    if (longest >= MOST_MEMBERS) return `a list or an object of more than ${MOST_MEMBERS} parts`;
    if (marks > most) return `more than ${Math.floor(most)} commas and brackets`;
    return undefined;
  };
}
