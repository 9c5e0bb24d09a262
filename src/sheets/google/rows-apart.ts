import { CLOSING, meaningOf, OPENING, QUOTE, textEnd } from "../../lib/json-bytes.ts";

/** No text can hold it: there the quotes would be escaped, and a text is followed by no colon. */
const LIST = /"rowData"\s*:\s*\[/g;
/** Kept back of what was looked through, for the rest of such a beginning may come next. */
const LONGEST_BEGINNING = 64;

/**
 * Takes an answer of Google's apart as it comes: each row of a list called `rowData` is parsed and handed
 * to `onRow` when it is whole, with the number of its list, and is not kept. All cells of a season are
 * 25 MB of JSON, and ten times that as text and objects at one time.
 */
export function rowsApart(onRow: (list: number, row: unknown) => void) {
  /** All but the rows: in their place the lists are empty. */
  const others: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let [lists, level, isWithin, isText] = [0, 0, false, false];
  /** How much of `rest`, which begins with a row, was looked at. */
  let seen = 0;

  return {
    write(part: Uint8Array) {
      rest = Buffer.concat([rest, part]);
      while (isWithin ? isOverAfterRows() : isBegunAfterOthers()) isWithin = !isWithin;
    },
    /** What is left, parsed. Throws where it is no JSON. */
    end(): unknown {
      return JSON.parse(Buffer.concat([...others, rest]).toString());
    },
  };

  function isBegunAfterOthers(): boolean {
    // One letter a byte, so that both are counted alike.
    LIST.lastIndex = 0;
    const isFound = LIST.test(rest.toString("latin1"));
    passOver(isFound ? LIST.lastIndex : Math.max(0, rest.length - LONGEST_BEGINNING));
    return isFound;
  }

  function passOver(length: number) {
    others.push(Buffer.from(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }

  /** It looks at every byte: what it works with is its own. */
  function isOverAfterRows(): boolean {
    const bytes = rest;
    let [from, at, depth, inText] = [0, seen, level, isText];
    for (; at < bytes.length; at += 1) {
      if (inText) {
        at = textEnd(bytes, at);
        if (at >= bytes.length) break;
        inText = false;
        continue;
      }
      const meaning = meaningOf[bytes[at] ?? 0];
      if (meaning === 0) continue;
      if (meaning === QUOTE) inText = true;
      else if (meaning === OPENING) {
        if (depth === 0) from = at;
        depth += 1;
      } else if (meaning === CLOSING) {
        depth -= 1;
        if (depth < 0) break;
        if (depth === 0) {
          onRow(lists, JSON.parse(bytes.toString("utf8", from, at + 1)));
          from = at + 1;
        }
      }
    }
    const isOver = depth < 0;
    rest = bytes.subarray(isOver ? at : from);
    [seen, level, isText] = isOver ? [0, 0, false] : [at - from, depth, inText];
    if (isOver) lists += 1;
    return isOver;
  }
}
