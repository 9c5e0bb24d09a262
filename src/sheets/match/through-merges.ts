import type { FoundTab } from "../google/spreadsheet.ts";
import type { Placed } from "./place.ts";

/** The rows as people see them: in these columns merged cells say all what the first of them says. */
export function throughMerges(
  { rows, merged = [] }: Pick<FoundTab, "rows" | "merged">,
  columns: readonly Placed[],
): FoundTab["rows"] {
  const seen = [...rows];
  for (const area of merged) {
    const first = rows[area.rows.start]?.[area.columns.start];
    const within = columns.filter(({ at }) => at >= area.columns.start && at < area.columns.end);
    if (!first || within.length === 0) continue;
    for (let row = area.rows.start; row < Math.min(area.rows.end, rows.length); row += 1) {
      const cells = [...(seen[row] ?? [])];
      for (const { at } of within) cells[at] = first;
      seen[row] = cells;
    }
  }
  return seen;
}
