/**
 * Of what is wrong, in the sentences of `/status`, what is of some accounts, and what is of none and so of all.
 * A sentence is another account's where it names that one, as those do that are of an account, and none of these.
 */
export function concerning(
  problems: readonly string[],
  { regions, all }: { regions: readonly string[] | undefined; all: readonly string[] },
): string[] {
  if (!regions) return [...problems];
  const others = all.filter((region) => !regions.includes(region));
  return problems.filter((problem) => {
    const names = (region: string) => namedIn(problem, region);
    return regions.some(names) || !others.some(names);
  });
}

/** `DACH: the last poll ...`, `DACH was never polled.`, `the key of DACH: ...`, `outbox-17 (DACH, event.updated)`. */
const namedIn = (problem: string, region: string) =>
  new RegExp(`(^|[\\s(])${region}(?=[:,)\\s])`).test(problem);
