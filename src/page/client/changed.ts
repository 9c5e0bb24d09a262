import { say } from "./say.ts";

const TINT_MS = 2_000;

interface Shown {
  element: Element;
  /** The id of the row or part that it is of. */
  of: string;
  /** What it is a text of: `1 h ago` becomes otherwise by itself, and nothing changed. */
  value: string;
  text: string;
}

/** Rows that are an event each. */
const OF_EVENTS = /^(event|launch)-/;

/** A number by the row or part it is of; the key is the same in the page that comes. */
function numbers(): Map<string, Shown> {
  const found = new Map<string, Shown>();
  for (const element of document.querySelectorAll("main [data-field]")) {
    const of = element.closest("[id]")?.id ?? "";
    const key = `${of} ${element.getAttribute("data-field")}`;
    const text = element.textContent ?? "";
    const value = element.getAttribute("value") ?? element.getAttribute("data-value") ?? text;
    if (!found.has(key)) found.set(key, { element, of, value, text });
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
    for (const [key, { element, of, value, text }] of numbers()) {
      const was = before.get(key);
      if (!was || was.value === value || was.text === text) continue;
      changed.add(of);
      if (isCalm) continue;
      element.classList.add("is-changed");
      setTimeout(() => element.classList.remove("is-changed"), TINT_MS);
    }
    const events = [...changed].filter((id) => OF_EVENTS.test(id)).length;
    if (events > 0) say(events === 1 ? "1 event changed" : `${events} events changed`);
    else if (changed.size > 0) say("Numbers changed");
  };
}
