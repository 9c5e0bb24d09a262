/** A name so far from a known one is taken for a slip of the finger. */
const MOST_SLIPS = 2;
/** Shorter names are near to too many others. */
const SHORTEST = 8;

/** What Kubernetes puts into a container's environment for each service beside it. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)$/;

/**
 * Names that are no variable of ours and nearly one: each as a fault that says which is meant. One whose
 * right name is set as well is left alone.
 */
export function misspeltNames(given: readonly string[], known: readonly string[]): string[] {
  const isKnown = new Set(known);
  const isGiven = new Set(given);
  return given
    .filter((name) => name.length >= SHORTEST && name.includes("_"))
    .filter((name) => !isKnown.has(name) && !SERVICE_LINK.test(name))
    .flatMap((name) => {
      const meant = known
        .filter((one) => !isGiven.has(one))
        .map((one) => ({ one, slips: slipsBetween(name, one) }))
        .filter(({ slips }) => slips <= MOST_SLIPS)
        .sort((a, b) => a.slips - b.slips)[0];
      return meant ? `${name} is no variable of this service; ${meant.one} is` : [];
    });
}

/** How many characters have to be added, left out or changed (Levenshtein's distance). */
function slipsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MOST_SLIPS) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, counterpart] of [...other].entries())
      next.push(
        Math.min(
          (next[j] ?? 0) + 1,
          (row[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + (letter === counterpart ? 0 : 1),
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
