import type { EventRow, Pace } from "../../projections/queries/row-types.ts";
import { Whole } from "../number.tsx";

/** When an event sells out, where that can be known; and why not where it cannot. */
export function SellsOut({ row, pace }: { row: EventRow; pace: Pace | undefined }) {
  if (row.oversoldPlaces)
    return (
      <span class="wrong">
        <Whole name="oversoldPlaces" value={row.oversoldPlaces} /> oversold
      </span>
    );
  if (row.status === "SOLD_OUT") return <span>sold out</span>;
  if (row.status !== "ON_SALE" || row.totalSold === null) return null;
  if (pace?.perDay === 0 && !pace.hourSoFar) return <span class="unknown">none in 7 days</span>;
  return <span class="unknown">not known yet</span>;
}
