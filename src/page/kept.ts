import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import { LRUCache } from "lru-cache";

/** Of all components together: the lines of some thousand events. */
const MOST_BYTES = 8 * 1024 * 1024;

const pieces = new LRUCache<string, string>({
  maxSize: MOST_BYTES,
  // A text of two bytes a letter, and what an entry takes beside it.
  sizeCalculation: (html, key) => 2 * (html.length + key.length) + 200,
});

let components = 0;

/**
 * A component whose HTML is kept by its properties, for those who ask next: they are all that it may be made
 * of, and plain values that JSON tells apart. What moves with the clock is therefore given as it is shown.
 */
export function kept<Props extends object>(Component: (props: Props) => JSX.Element) {
  const component = ++components;
  function Kept(props: Props): JSX.Element {
    const key = `${component} ${JSON.stringify(props)}`;
    const known = pieces.get(key);
    if (known !== undefined) return raw(known);
    const html = inOnePiece(String(Component(props)));
    pieces.set(key, html);
    return raw(html);
  }
  return Object.assign(Kept, {
    /** The component itself, which makes its HTML each time. */
    Fresh: Component,
  });
}

/**
 * The same of a component that is made of its `of` alone: of objects that nobody changes, and that are given again
 * for as long as they say the same. Its HTML goes with the first of them.
 */
export function keptBy<Of extends readonly [object, ...object[]]>(
  Component: (of: Of) => JSX.Element,
) {
  const made = new WeakMap<object, { of: Of; html: string }>();
  return ({ of }: { of: Of }): JSX.Element => {
    const known = made.get(of[0]);
    if (known?.of.every((one, index) => one === of[index])) return raw(known.html);
    const html = inOnePiece(String(Component(of)));
    made.set(of[0], { of, html });
    return raw(html);
  };
}

/** A text that was put together is a tree of its parts until somebody reads it, and each page would go through all of them. */
const inOnePiece = (text: string) => Buffer.from(text).toString();
