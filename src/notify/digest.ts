import type { ChangeRow, EventRow, LaunchRow, Pace } from "../projections/queries/row-types.ts";
import { willBe } from "../rules/called-off.ts";
import type { LaunchProblemName } from "../rules/launch-readiness.ts";
import { isAsGrave, severities } from "../rules/severity.ts";
import { noticesOf } from "./from-changes.ts";
import type { Notice } from "./notice.ts";
import { instantWords, messageOf, plain } from "./words.ts";

/** A day in numbers and words, as it is kept until it is sent: whoever is told late is told the same. */
export interface Digest {
  /** The day that it is sent on, like `2026-11-18`. */
  day: string;
  /** In whole hours, over all events that are on sale; null where nothing is known of any. */
  soldInDay: number | null;
  events: DigestEvent[];
  /** Events that are on sale and not listed, for less was sold of them. */
  moreEvents: number;
  /** The grave ones, in words. */
  changes: string[];
  /** All that changed, grave or not. */
  changesInDay: number;
  launches: DigestLaunch[];
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
  events: readonly EventRow[];
  paces: ReadonlyMap<string, Pace>;
  changes: readonly ChangeRow[];
  changesInDay: number;
  launches: readonly LaunchRow[];
  problems: readonly string[];
}

const DAY_MS = 24 * 3_600_000;
const MOST_EVENTS = 20;
const MOST_CHANGES = 20;
const MOST_WRONG = 15;

export function digestOf(given: DigestGiven): Digest {
  const { day, now, paces, changesInDay } = given;
  const events = given.events
    .map((row) => digestEvent(row, paces.get(row.eventId)))
    .sort((one, other) => (other.soldInDay ?? -1) - (one.soldInDay ?? -1));
  const known = events.flatMap(({ soldInDay }) => soldInDay ?? []);
  const notices = noticesOf(given.changes, { now, since: new Date(now.getTime() - DAY_MS) });
  const grave = notices.filter(({ severity }) => isAsGrave(severity, "high"));
  return {
    day,
    soldInDay: known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0),
    events: events.slice(0, MOST_EVENTS),
    moreEvents: Math.max(0, events.length - MOST_EVENTS),
    changes: firstOf(gravestFirst(grave).map(inShort), MOST_CHANGES),
    changesInDay,
    launches: given.launches.filter(willBe).map((launch) => ({
      name: plain(launch.eventName),
      region: launch.region,
      at: instantWords(new Date(launch.salesLaunchDate), launch.timezone),
      notReady: launch.problems.map(({ problem, ticketTypes: { length } }) =>
        length === 0 ? notReady[problem] : `${notReady[problem]} (${length} ticket types)`,
      ),
    })),
    wrong: firstOf(given.problems.map(plain), MOST_WRONG),
  };
}

/** What is left out is said to be there. */
const firstOf = (lines: string[], most: number) =>
  lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;

/** Where there is no room for all, what is less grave goes, and of that the oldest. */
const gravestFirst = (notices: readonly Notice[]) =>
  notices.toReversed().sort((one, other) => gravityOf(one) - gravityOf(other));

const gravityOf = ({ severity }: Notice) => severities.indexOf(severity);

const inShort = (notice: Notice) => {
  const { title, lines } = messageOf(notice, undefined);
  return [title, ...lines.slice(0, 1)].join(" · ");
};

const notReady: Record<LaunchProblemName, string> = {
  noRaces: "no race entries",
  noPrice: "no price",
  inactive: "switched off",
  noCapacity: "no places",
};

const digestEvent = (row: EventRow, pace: Pace | undefined): DigestEvent => ({
  name: plain(row.eventName),
  region: row.region,
  soldInDay: pace?.last24Hours ?? null,
  percentSold: row.percentSold,
  pointsAhead: pace?.usual?.pointsAhead ?? null,
  available: row.totalAvailable,
});
