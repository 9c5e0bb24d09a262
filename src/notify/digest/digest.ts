import { counted } from "../../lib/counted.ts";
import type { ChangeRow, EventRow, LaunchRow, Pace } from "../../projections/queries/row-types.ts";
import { willBe } from "../../rules/called-off.ts";
import type { LaunchProblemName } from "../../rules/launch-readiness.ts";
import { isNew } from "../notices/from-changes.ts";
import type { Notice } from "../notices/notice.ts";
import { instantWords, plain } from "../notices/words.ts";
import { graveChanges } from "./digest-changes.ts";
import { oldNumbers, type ReadUntil, salesOf } from "./digest-sales.ts";
import { firstOf } from "./first-of.ts";

/** A day in numbers and words, as it is kept until it is sent: whoever is told late is told the same. */
export interface Digest {
  /** The day that it is sent on, like `2026-11-18`. */
  day: string;
  /** In whole hours, over all events that sell; null where nothing is known of any. */
  soldInDay: number | null;
  /** The mean of the last seven days, of the same events. Absent where an older program kept it, as the next three. */
  soldPerDay?: number | null;
  /** Events on sale of which it is not known what they sold. */
  unknownEvents?: number;
  /** Up to when what was recorded was in it. */
  rowsUntil?: string | null;
  /** Whose numbers are older than the digest, in words. */
  oldNumbers?: string[];
  events: DigestEvent[];
  /** Events that sell and are not listed, for less was sold of them. */
  moreEvents: number;
  /** The grave ones, in words. */
  changes: string[];
  /** All that changed, was opened or is gone, grave or not. */
  changesInDay: number;
  launches: DigestLaunch[];
  /** Launches that are not listed, for they come later. */
  moreLaunches?: number;
  wrong: string[];
}

export interface DigestEvent {
  name: string;
  region: string;
  soldInDay: number | null;
  percentSold: number | null;
  /** Percent of the places by which it is ahead of what is usual by now; null where nobody knows. */
  pointsAhead: number | null;
  available: number | null;
}

export interface DigestLaunch {
  name: string;
  region: string;
  at: string;
  /** What is not ready for it. */
  notReady: string[];
}

export interface DigestGiven {
  day: string;
  now: Date;
  /** Those that are on sale, and all others that may have sold something in the day. */
  events: readonly EventRow[];
  paces: ReadonlyMap<string, Pace>;
  /** Up to when each account of an event was read, and the rows were made. */
  readUntil: ReadUntil;
  /** Since the last digest, oldest first. */
  changes: readonly ChangeRow[];
  /** What of the same time no change says: sales that were opened, events that are gone. */
  notices: readonly Notice[];
  launches: readonly LaunchRow[];
  problems: readonly string[];
}

const MOST_CHANGES = 20;
const MOST_LAUNCHES = 30;
const MOST_WRONG = 15;
/** Of a sentence of what is wrong: its end says what to do. */
const LONGEST_WRONG = 500;

export function digestOf(given: DigestGiven): Digest {
  const { day, now, notices } = given;
  const changes = given.changes.filter(isNew);
  const launches = given.launches.filter(willBe);
  return {
    day,
    ...salesOf(given.events, given.paces),
    rowsUntil: given.readUntil.rows?.toISOString() ?? null,
    oldNumbers: oldNumbers(given.events, given.readUntil, now),
    changes: firstOf(graveChanges(changes, notices), MOST_CHANGES),
    changesInDay: changes.length + notices.length,
    launches: launches.slice(0, MOST_LAUNCHES).map(launchOf),
    moreLaunches: Math.max(0, launches.length - MOST_LAUNCHES),
    wrong: firstOf(
      given.problems.map((problem) => plain(problem, LONGEST_WRONG)),
      MOST_WRONG,
    ),
  };
}

const launchOf = (launch: LaunchRow): DigestLaunch => ({
  name: plain(launch.eventName),
  region: launch.region,
  at: instantWords(new Date(launch.salesLaunchDate), launch.timezone),
  notReady: launch.problems.map(({ problem, ticketTypes: { length } }) =>
    length === 0 ? notReady[problem] : `${notReady[problem]} (${counted(length, "ticket type")})`,
  ),
});

const notReady: Record<LaunchProblemName, string> = {
  noRaces: "no race entries",
  noPrice: "no price",
  inactive: "switched off",
  noCapacity: "no places",
};
