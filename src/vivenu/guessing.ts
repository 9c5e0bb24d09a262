import type { Page } from "./scan.ts";
import type { Segment, Stretch } from "./segments.ts";
import { trendOf } from "./trend.ts";

/**
 * Where a page seems sorted, it is guessed that nothing is missing up to its edge, and the next page
 * is asked for from there on. Guesses that leave too much behind are given up.
 */
export function guessing() {
  let luck = 2;
  let left: Stretch | undefined;
  return {
    next(
      segments: readonly Segment[],
      { asked, times }: Pick<Page, "asked" | "times">,
    ): Stretch | undefined {
      const current = segments.find((s) => s.from === asked.from && s.until === asked.until);
      const trend = luck < 0 ? undefined : trendOf(times);
      if (!current || !trend) return undefined;
      const { from, until } = current;
      const { direction, edge } = trend;
      if (edge <= from || edge >= until) return undefined;
      left = direction === "rising" ? { from, until: edge - 1 } : { from: edge + 1, until };
      return direction === "rising" ? { from: edge, until } : { from, until: edge };
    },
    judge(segments: readonly Segment[], top: number) {
      const behind = segments.find((s) => s.from === left?.from && s.until === left.until);
      const missing = behind ? behind.total - behind.known.length : 0;
      luck += missing > top / 3 ? -1 : 1;
    },
  };
}
