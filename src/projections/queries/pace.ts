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
import type { SellingRow } from "./selling-events.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Fewer say nothing of what is usual; more would be of other years. */
const FEWEST = 3;
const MOST = 10;

export interface PaceOptions extends PaceBookOptions {
  book: PaceBook;
  /** The events to compare with; without it those that fit best. */
  comparables?: readonly string[] | undefined;
  /** How it was then, of rows that are of then, by when tickets that are sold now were created. */
  asOf?: Date | undefined;
}

/**
 * How fast each of these events sells, against what is usual by now. What was worked out for an hour
 * holds until something is written: then the book says all of it anew, as another map.
 */
export async function readPaces(
  events: readonly EventRow[],
  { book, comparables, asOf, ...options }: PaceOptions,
): Promise<ReadonlyMap<string, Pace>> {
  const at = (asOf ?? options.now).getTime();
  const until = Math.floor(at / HOUR_MS) * HOUR_MS;
  const all = await book.events(options);
  const before = worked.get(all);
  // Choices and instants are anybody's, and as many: they are worked out each time.
  const isRemembered = !comparables && !asOf;
  const known = before?.until === until && isRemembered ? before.paces : new Map<string, Pace>();
  const missing = events.filter(({ eventId }) => !known.has(eventId));
  if (missing.length > 0) {
    const paces = await workOut(missing, { all, until, comparables, asOf, book });
    for (const [eventId, pace] of paces) known.set(eventId, pace);
  }
  if (isRemembered) worked.set(all, { until, paces: known });
  return known;
}

const worked = new WeakMap<ReadonlyMap<string, Remembered>, Worked>();

interface Worked {
  until: number;
  paces: Map<string, Pace>;
}

interface Work extends Pick<PaceOptions, "book" | "comparables" | "asOf"> {
  all: ReadonlyMap<string, Remembered>;
  until: number;
}

async function workOut(events: readonly EventRow[], { all, until, comparables, asOf, book }: Work) {
  const past = pastOf(all, until);
  const chosen = events.map((event) => {
    const mine = all.get(event.eventId);
    const compared = mine ? comparedWith(mine, { all, past, until, comparables }) : "notCounted";
    return { event, mine, compared };
  });
  await book.fill([
    ...new Set(
      chosen.flatMap(({ mine, compared }) => [
        ...(mine && isKnown(mine.selling.row) ? [mine] : []),
        ...(typeof compared === "string" ? [] : compared.with),
      ]),
    ),
  ]);
  return chosen.map(({ event, mine, compared }) => {
    // Where rows are read a moment before the book, the book's are the newer ones.
    const row = asOf ? event : (mine?.selling.row ?? event);
    const isThere = mine && isKnown(row);
    const pace = isThere ? paceOf(row, mine, { until, asOf, compared }) : unknownPace(row, until);
    return [event.eventId, pace] as const;
  });
}

const isKnown = (event: SellingRow) => !isParent(event) && event.totalSold !== null;

/** What each number is while it is not known. */
function unknownPace(event: SellingRow, until: number): Pace {
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

interface PaceAt {
  until: number;
  asOf: Date | undefined;
  compared: Compared | UnusualReason;
}

function paceOf(
  event: SellingRow,
  { hours = { at: [], tickets: [] }, selling }: Remembered,
  { until, asOf, compared }: PaceAt,
): Pace {
  const windows = windowsOf(hours, until, asOf?.getTime());
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

const daysToRace = ({ eventDate, timezone }: SellingRow, until: number) =>
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
