import { LRUCache } from "lru-cache";
import type { Pool } from "../../database/connect.ts";
import { dayAt, daysBetween } from "../../lib/zones.ts";
import { isCalledOff } from "../../rules/called-off.ts";
import { percentOf } from "../../rules/capacity.ts";
import {
  instantAt,
  median,
  soldBy,
  twoDecimals,
  type Windows,
  windowsOf,
} from "../../rules/pace.ts";
import { isParent } from "../../rules/parents.ts";
import { readSalesUntil, type SalesUntil } from "./pace-as-of.ts";
import type { PaceBook, PaceBookOptions, Remembered } from "./pace-book.ts";
import { type Compared, comparedWith, pastOf, timeOf } from "./pace-comparables.ts";
import type { EventRow, Pace, UnusualReason, Usual } from "./row-types.ts";
import type { SellingRow } from "./selling-events.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface PaceOptions extends PaceBookOptions {
  book: PaceBook;
  /** The events to compare with; without it those that fit best. */
  comparables?: readonly string[] | undefined;
  /** Of this one's hour, and not of the hour that it is now. */
  at?: Date | undefined;
  /** How it was then, of rows that are of then. */
  instant?: PaceInstant | undefined;
}

/** An instant, and what is known of it. */
export interface PaceInstant {
  sql: Pool;
  asOf: Date;
  /** What the totals of these events held then. */
  readTypeIds: (events: readonly EventRow[]) => Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Instants that are looked at again and again, as by somebody who goes through pages. */
const MOST_KEPT = 32;

/**
 * How fast each of these events sells, against what is usual by now. What was worked out for an hour or
 * for an instant holds until something is written: then the book says all of it anew, as another map.
 */
export async function readPaces(
  events: readonly EventRow[],
  { book, comparables, instant, at: given, ...options }: PaceOptions,
): Promise<ReadonlyMap<string, Pace>> {
  const at = (instant?.asOf ?? given ?? options.now).getTime();
  const until = Math.floor(at / HOUR_MS) * HOUR_MS;
  const all = await book.events(options);
  // Choices are anybody's, and as many: they are worked out each time.
  const known = comparables
    ? new Map<string, Pace>()
    : workedOutOf(all, instant ? `at ${at}` : `until ${until}`);
  const missing = events.filter(({ eventId }) => !known.has(eventId));
  if (missing.length > 0) {
    const paces = await workOut(missing, { all, until, comparables, instant, book });
    for (const [eventId, pace] of paces) known.set(eventId, pace);
  }
  return known;
}

type Worked = LRUCache<string, Map<string, Pace>>;

const worked = new WeakMap<ReadonlyMap<string, Remembered>, Worked>();

/** Of the hour that it is, or of an instant. */
function workedOutOf(all: ReadonlyMap<string, Remembered>, of: string): Map<string, Pace> {
  const ofBook: Worked = worked.get(all) ?? new LRUCache({ max: MOST_KEPT });
  worked.set(all, ofBook);
  const known = ofBook.get(of) ?? new Map<string, Pace>();
  ofBook.set(of, known);
  return known;
}

interface Work extends Pick<PaceOptions, "book" | "comparables" | "instant"> {
  all: ReadonlyMap<string, Remembered>;
  until: number;
}

async function workOut(
  events: readonly EventRow[],
  { all, until, comparables, instant, book }: Work,
) {
  const past = pastOf(all, until);
  const chosen = events.map((event) => {
    const mine = all.get(event.eventId);
    // Where rows are read a instant before the book, the book's are the newer ones.
    const row = instant ? event : (mine?.selling.row ?? event);
    // Its row is its state's as well, which the book does not have.
    const compared = isCalledOff(event)
      ? "cancelled"
      : mine
        ? comparedWith(mine, row, { all, past, until, comparables })
        : "notCounted";
    return { event, row, mine, compared };
  });
  const [sales] = await Promise.all([
    instant && readSales(instant, { chosen, until }),
    book.fill([
      ...new Set(
        chosen.flatMap(({ mine, compared }) => [
          ...(mine && isKnown(mine.selling.row) ? [mine] : []),
          ...(typeof compared === "string" ? [] : compared.with),
        ]),
      ),
    ]),
  ]);
  return chosen.map(({ event, row, mine, compared }) => {
    const isThere = mine && isKnown(row);
    const ofThen = sales?.get(event.eventId);
    const pace = isThere
      ? paceOf(row, mine, { until, at: instant?.asOf.getTime(), ofThen, compared })
      : unknownPace(row, until);
    return [event.eventId, pace] as const;
  });
}

interface Chosen {
  event: EventRow;
  mine: Remembered | undefined;
}

/** Of the events that something was counted of since: what nobody has counted since is as it is now. */
async function readSales(
  { sql, asOf, readTypeIds }: PaceInstant,
  { chosen, until }: { chosen: readonly Chosen[]; until: number },
): Promise<Map<string, SalesUntil>> {
  const counted = chosen.flatMap(({ event, mine }) =>
    mine && isKnown(event) && mine.selling.row.countedAt !== event.countedAt
      ? [{ event, soldNow: mine.selling.sold ?? 0 }]
      : [],
  );
  if (counted.length === 0) return new Map();
  const typeIds = await readTypeIds(counted.map(({ event }) => event));
  return readSalesUntil(
    sql,
    counted.map(({ event: { eventId }, soldNow }) => ({
      eventId,
      soldNow,
      typeIds: typeIds.get(eventId) ?? [],
    })),
    { until, asOf },
  );
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

interface PaceAt {
  until: number;
  /** Where it is not now. */
  at: number | undefined;
  /** Where something was counted since. */
  ofThen: SalesUntil | undefined;
  compared: Compared | UnusualReason;
}

function paceOf(
  event: SellingRow,
  { hours = { at: [], tickets: [] }, selling }: Remembered,
  { until, at, ofThen, compared }: PaceAt,
): Pace {
  const windows: Windows = ofThen?.windows(hours) ?? windowsOf(hours, until, at ?? until + HOUR_MS);
  const end = timeOf(event)?.end ?? Date.parse(event.eventDate);
  const daysLeft = (end - until) / DAY_MS;
  const { totalAvailable, totalCapacity } = event;
  const isUnknown = typeof compared === "string";
  const sold = ofThen?.soldUntil(hours) ?? soldBy(hours, selling.sold ?? 0, until);
  return {
    until: new Date(until).toISOString(),
    unknown: null,
    ...windows,
    perDay: twoDecimals(windows.last7Days / 7),
    daysToRace: daysToRace(event, until),
    neededPerDay:
      totalAvailable === null || daysLeft <= 0 || compared === "cancelled"
        ? null
        : twoDecimals(totalAvailable / Math.max(1, daysLeft)),
    usual: isUnknown ? null : usualOf(compared, { sold, capacity: totalCapacity }),
    usualUnknown: isUnknown ? compared : null,
  };
}

interface Sold {
  sold: number;
  capacity: number | null;
}

function usualOf({ share, with: compared }: Compared, mine: Sold): Usual {
  const percents = compared.map(({ hours = { at: [], tickets: [] }, selling }) => {
    const time = timeOf(selling.row);
    const { totalCapacity: capacity } = selling.row;
    const sold = time ? soldBy(hours, selling.sold ?? 0, instantAt(time, share)) : 0;
    return percentBy({ sold, capacity });
  });
  const usual = median(percents);
  return {
    shareOfSellingTime: twoDecimals(share * 100),
    percentSold: percentOf(mine.sold, mine.capacity) ?? 0,
    usualPercentSold: twoDecimals(usual),
    pointsAhead: twoDecimals(percentBy(mine) - usual),
    comparables: compared.map(({ selling }) => selling.row.eventId),
  };
}

const percentBy = ({ sold, capacity }: Sold) => (capacity ? (sold * 100) / capacity : 0);

const daysToRace = ({ eventDate, timezone }: SellingRow, until: number) =>
  daysBetween(dayAt(new Date(until), timezone), dayAt(new Date(eventDate), timezone));
