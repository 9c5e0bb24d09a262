import { dayAt, daysBetween } from "../../lib/zones.ts";
import {
  instantAt,
  median,
  type SellingTime,
  sellingTimeOf,
  shareOver,
  soldBy,
  twoDecimals,
  windowsOf,
} from "../../rules/pace.ts";
import { isParent } from "../../rules/parents.ts";
import type { PaceBook, PaceBookOptions, Remembered } from "./pace-book.ts";
import type { EventRow, Pace, UnusualReason, Usual } from "./row-types.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Fewer say nothing of what is usual; more would be of other years. */
const FEWEST = 3;
const MOST = 10;

export interface PaceOptions extends PaceBookOptions {
  book: PaceBook;
  /** The events to compare with; without it those that fit best. */
  comparables?: readonly string[] | undefined;
}

/** How fast each of these events sells, against what is usual by now. */
export async function readPaces(
  events: readonly EventRow[],
  { book, comparables, ...options }: PaceOptions,
): Promise<Map<string, Pace>> {
  const until = Math.floor(options.now.getTime() / HOUR_MS) * HOUR_MS;
  const all = await book.events(options);
  const past = pastOf(all, until);
  const chosen = events.map((event) => {
    const mine = all.get(event.eventId);
    const compared = mine ? comparedWith(mine, { all, past, until, comparables }) : "notCounted";
    return { event, mine, compared };
  });
  await book.fill([
    ...new Set(
      chosen.flatMap(({ event, mine, compared }) => [
        ...(mine && isKnown(event) ? [mine] : []),
        ...(typeof compared === "string" ? [] : compared.with),
      ]),
    ),
  ]);
  return new Map(
    chosen.map(({ event, mine, compared }) => [
      event.eventId,
      mine && isKnown(event) ? paceOf(event, mine, { until, compared }) : unknownPace(event, until),
    ]),
  );
}

const isKnown = (event: EventRow) => !isParent(event) && event.totalSold !== null;

/** What each number is while it is not known. */
function unknownPace(event: EventRow, until: number): Pace {
  const reason = isParent(event) ? "group" : "notCounted";
  return {
    until: new Date(until).toISOString(),
    unknown: reason,
    hourSoFar: null,
    lastHour: null,
    last24Hours: null,
    last7Days: null,
    previous7Days: null,
    perDay: null,
    daysToRace: daysToRace(event, until),
    neededPerDay: null,
    usual: null,
    usualUnknown: reason,
  };
}

interface Compared {
  share: number;
  time: SellingTime;
  with: Remembered[];
}

function paceOf(
  event: EventRow,
  { hours = { at: [], tickets: [] }, selling }: Remembered,
  { until, compared }: { until: number; compared: Compared | UnusualReason },
): Pace {
  const windows = windowsOf(hours, until);
  const daysLeft = (Date.parse(event.eventDate) - until) / DAY_MS;
  const { totalAvailable, totalCapacity } = event;
  const isUnknown = typeof compared === "string";
  const percent = percentBy(hours, { sold: selling.sold, capacity: totalCapacity }, until);
  return {
    until: new Date(until).toISOString(),
    unknown: null,
    ...windows,
    perDay: twoDecimals(windows.last7Days / 7),
    daysToRace: daysToRace(event, until),
    neededPerDay:
      totalAvailable === null || daysLeft <= 0
        ? null
        : twoDecimals(totalAvailable / Math.max(1, daysLeft)),
    usual: isUnknown ? null : usualOf(compared, percent),
    usualUnknown: isUnknown ? compared : null,
  };
}

function usualOf({ share, with: compared }: Compared, percent: number): Usual {
  const percents = compared.map(({ hours = { at: [], tickets: [] }, selling }) => {
    const time = timeOf(selling.row);
    const { totalCapacity: capacity } = selling.row;
    return time ? percentBy(hours, { sold: selling.sold, capacity }, instantAt(time, share)) : 0;
  });
  const usual = median(percents);
  return {
    shareOfSellingTime: twoDecimals(share * 100),
    percentSold: twoDecimals(percent),
    usualPercentSold: twoDecimals(usual),
    pointsAhead: twoDecimals(percent - usual),
    comparables: compared.map(({ selling }) => selling.row.eventId),
  };
}

const percentBy = (
  hours: NonNullable<Remembered["hours"]>,
  { sold, capacity }: { sold: number | null; capacity: number | null },
  instant: number,
) => (capacity ? (soldBy(hours, sold ?? 0, instant) / capacity) * 100 : 0);

const daysToRace = ({ eventDate, timezone }: EventRow, until: number) =>
  daysBetween(dayAt(new Date(until), timezone), dayAt(new Date(eventDate), timezone));

type Dates = Pick<EventRow, "salesLaunchDate" | "salesEndDate" | "eventDate">;

const timeOf = ({ salesLaunchDate, salesEndDate, eventDate }: Dates) =>
  sellingTimeOf({
    launch: salesLaunchDate === null ? null : Date.parse(salesLaunchDate),
    salesEnd: salesEndDate === null ? null : Date.parse(salesEndDate),
    race: Date.parse(eventDate),
  });

/** What an event is compared with, the newest first: events whose sale can be told and is over. */
function pastOf(all: ReadonlyMap<string, Remembered>, until: number): Remembered[] {
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

const isComparable = ({ selling: { row, sold, isDeleted } }: Remembered) =>
  !isParent(row) && !isDeleted && (sold ?? 0) > 0 && (row.totalCapacity ?? 0) > 0;

interface Choice {
  all: ReadonlyMap<string, Remembered>;
  past: readonly Remembered[];
  until: number;
  comparables?: readonly string[] | undefined;
}

/** Past events of the same account where there are enough, else of all; or why none. */
function comparedWith(
  mine: Remembered,
  { all, past, until, comparables }: Choice,
): Compared | UnusualReason {
  const { row } = mine.selling;
  if (isParent(row)) return "group";
  if (mine.selling.sold === null) return "notCounted";
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
