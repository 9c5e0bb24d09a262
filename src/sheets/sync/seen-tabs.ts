import type { Tab } from "../layout/layout.ts";

/**
 * What each tab was to hold when it was last found or made so. A digest of it is kept, for the cells are
 * tens of megabytes. Two that are alike by chance are told apart at the next look at all tabs.
 */
export function seenTabs() {
  const digests = new Map<string, bigint>();
  return {
    /** Those of which something else is wanted than when they were last kept. */
    differing: (tabs: readonly Tab[]): Tab[] =>
      tabs.filter((tab) => digests.get(tab.title) !== digestOf(tab)),
    keep(tabs: readonly Tab[]) {
      for (const tab of tabs) digests.set(tab.title, digestOf(tab));
    },
    /** Nothing is known any more of what stands in the spreadsheet. */
    forget: () => digests.clear(),
    isEmpty: () => digests.size === 0,
  };
}

/** All that a plan is made of; row by row, so that no text is as long as the tab. */
function digestOf({ columns, rows, shapeAt, gone, unstruck, unshown }: Tab): bigint {
  const mixed = [...columns.keys()].filter(
    (at) => columns[at]?.isMixed || columns[at]?.kind === "money",
  );
  const marked = [...unshown].map(([row, missing]) => [row, [...missing]]);
  let digest = hash(JSON.stringify([columns, [...gone], [...unstruck], marked]), 0n);
  rows.forEach((row, index) => {
    const shapes = mixed.map((at) => shapeAt(index, at));
    digest = hash(JSON.stringify(shapes.length > 0 ? [row, shapes] : row), digest);
  });
  return digest;
}

/** 64 bits. */
const hash = (text: string, seed: bigint) => Bun.hash.xxHash64(text, seed);
