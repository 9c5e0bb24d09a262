import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import { LRUCache } from "lru-cache";

/** The lines of a thousand events. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * A component whose HTML is kept by its properties, for those who ask next: they are all that it may be made
 * of, and plain values that JSON tells apart. What moves with the clock is therefore given as it is shown.
 */
export function kept<Props extends object>(Component: (props: Props) => JSX.Element) {
  const pieces = new LRUCache<string, string>({
    maxSize: MOST_BYTES,
    // A text of two bytes a letter, and what an entry takes beside it.
    sizeCalculation: (html, key) => 2 * (html.length + key.length) + 200,
  });
  function Kept(props: Props): JSX.Element {
    const key = JSON.stringify(props);
    const known = pieces.get(key);
    if (known !== undefined) return raw(known);
    const html = String(Component(props));
    pieces.set(key, html);
    return raw(html);
  }
  return Object.assign(Kept, {
    /** The component itself, which makes its HTML each time. */
    Fresh: Component,
  });
}
