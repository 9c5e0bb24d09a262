import { say } from "./say.ts";

const TINT_MS = 2_000;

/** A number by the row or part it is of; the key is the same in the page that comes. */
function numbers(): Map<string, { text: string; element: Element; of: string }> {
  const found = new Map<string, { text: string; element: Element; of: string }>();
  for (const element of document.querySelectorAll("main [data-field]")) {
    const of = element.closest("[id]")?.id ?? "";
    const key = `${of} ${element.getAttribute("data-field")}`;
    if (!found.has(key)) found.set(key, { text: element.textContent ?? "", element, of });
  }
  return found;
}

/**
 * Call it before the page changes, and what it gives afterwards: what is otherwise has a tint for two seconds,
 * and one line says to readers how much it is.
 */
export function tintChanged(): () => void {
  const before = numbers();
  return () => {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const changed = new Set<string>();
    for (const [key, { text, element, of }] of numbers()) {
      const was = before.get(key);
      if (!was || was.text === text) continue;
      changed.add(of);
      if (isCalm) continue;
      element.classList.add("is-changed");
      setTimeout(() => element.classList.remove("is-changed"), TINT_MS);
    }
    const rows = [...changed].filter((id) => document.getElementById(id)?.matches("tr")).length;
    if (rows > 0) say(rows === 1 ? "1 event changed" : `${rows} events changed`);
    else if (changed.size > 0) say("Numbers changed");
  };
}
