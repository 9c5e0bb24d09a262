import { graveWordsIn } from "./grave-words.ts";
import type { Severity } from "./severity.ts";

/** A name that gains such a word is the worst there is; one that loses it makes it good again. */
export function nameSeverity(older: string, newer: string): Severity {
  const before = graveWordsIn(older);
  const after = graveWordsIn(newer);
  if (!after.isSubsetOf(before)) return "critical";
  return before.isSubsetOf(after) ? "medium" : "high";
}
