import type { EventRow, Pace } from "../../projections/queries/row-types.ts";

/** When an event sells out, where that can be known; and why not where it cannot. */
export function SellsOut({ row, pace }: { row: EventRow; pace: Pace | undefined }) {
  if (row.status === "SOLD_OUT") return <span>sold out</span>;
  if (row.status !== "ON_SALE" || row.totalSold === null) return null;
  if (pace?.perDay === 0) return <span class="unknown">nothing sold in 7 days</span>;
  return <span class="unknown">not known yet</span>;
}
