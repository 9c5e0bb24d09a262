import type { Clock } from "../../lib/clock.ts";
import { unreadable } from "./problem.ts";
import { instantOf } from "./query.ts";

/** Before there were tickets there is nothing to see, and room for whoever looks some days further back. */
const EARLIEST_MS = 0;

/** The instant that is looked at. */
export const lookedAt = (instant: Date) => new Date(Math.max(instant.getTime(), EARLIEST_MS));

/** The parameter of what can be asked for as it was at another time. */
export const asOf = {
  as_of: instantOf(
    "As it was in Vivenu at this instant, by all that is known now: what was learned later corrects the past. Statuses are that instant's. Without it as it is now.",
    lookedAt,
  ),
};

/** Nobody knows what will be: rows of now under a later status would pass for it. */
export function pastOf(
  { as_of }: { as_of?: Date | undefined },
  clock: Clock,
): { asOf: Date | undefined } {
  if (as_of === undefined || as_of <= clock.now()) return { asOf: as_of };
  const reason = "must not be in the future";
  throw unreadable("as_of", reason);
}
