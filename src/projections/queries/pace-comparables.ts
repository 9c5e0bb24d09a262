import { instantAt, type SellingTime, sellingTimeOf, shareOver } from "../../rules/pace.ts";
import { isParent } from "../../rules/parents.ts";
import type { Remembered } from "./pace-book.ts";
import type { EventRow, UnusualReason } from "./row-types.ts";
import type { SellingRow } from "./selling-events.ts";

/** Fewer say nothing of what is usual; more would be of other years. */
const FEWEST = 3;
const MOST = 10;

export interface Compared {
  share: number;
  time: SellingTime;
  with: Remembered[];
}

type Dates = Pick<EventRow, "salesLaunchDate" | "salesEndDate" | "eventDate">;

export const timeOf = ({ salesLaunchDate, salesEndDate, eventDate }: Dates) =>
  sellingTimeOf({
    launch: salesLaunchDate === null ? null : Date.parse(salesLaunchDate),
    salesEnd: salesEndDate === null ? null : Date.parse(salesEndDate),
    race: Date.parse(eventDate),
  });

/** What an event is compared with, the newest first: events whose sale can be told and is over. */
export function pastOf(all: ReadonlyMap<string, Remembered>, until: number): Remembered[] {
  const dateOf = ({ selling }: Remembered) => Date.parse(selling.row.eventDate);
  return [...all.values()]
    .filter((one) => {
      const time = isComparable(one) && timeOf(one.selling.row);
      return time && time.end <= until && dateOf(one) <= until;
    })
    .sort(
      (one, other) =>
        dateOf(other) - dateOf(one) ||
        (one.selling.row.eventId < other.selling.row.eventId ? -1 : 1),
    );
}

const isComparable = ({ selling: { row, sold, isCalledOff } }: Remembered) =>
  !isParent(row) && !isCalledOff && (sold ?? 0) > 0 && (row.totalCapacity ?? 0) > 0;

interface Choice {
  all: ReadonlyMap<string, Remembered>;
  past: readonly Remembered[];
  until: number;
  comparables?: readonly string[] | undefined;
}

/**
 * With what an event is compared that is, or was, as its row says: past events of the same account where
 * there are enough, else of all; or why with none.
 */
export function comparedWith(
  mine: Remembered,
  row: SellingRow,
  { all, past, until, comparables }: Choice,
): Compared | UnusualReason {
  if (isParent(row)) return "group";
  if (row.totalSold === null) return "notCounted";
  const time = timeOf(row);
  if (!time) return "noLaunchDate";
  if (until < time.launch) return "notLaunched";
  if (!row.totalCapacity) return "noCapacity";
  const share = shareOver(time, until);
  const others = past.filter((one) => one !== mine);
  const ofAccount = others.filter((one) => one.selling.row.region === row.region);
  const fitting = ofAccount.length >= FEWEST ? ofAccount : others;
  const chosen = comparables
    ?.flatMap((id) => all.get(id) ?? [])
    .filter((one) => {
      const theirs = one !== mine && isComparable(one) && timeOf(one.selling.row);
      // One that is still sold says something as far as it has come.
      return theirs && instantAt(theirs, share) <= until;
    });
  const compared = chosen ?? fitting.slice(0, MOST);
  if (compared.length < (chosen ? 1 : FEWEST)) return "tooFewComparables";
  return { share, time, with: compared };
}
