import { counted } from "../../lib/counted.ts";
import type { EventRow, Pace } from "../../projections/queries/row-types.ts";
import { isSaleOpen, type StatusName } from "../../rules/event-status.ts";
import { instantWords, plain } from "../notices/words.ts";
import type { Digest, DigestEvent } from "./digest.ts";

const MOST_EVENTS = 20;

/** What was sold: of all events on sale, and of those that sold without being so, as in a presale. */
export function salesOf(
  rows: readonly EventRow[],
  paces: ReadonlyMap<string, Pace>,
): Pick<Digest, "soldInDay" | "soldPerDay" | "unknownEvents" | "events" | "moreEvents"> {
  const sell = rows
    .map((row) => ({ row, pace: paces.get(row.eventId) }))
    .filter(({ row, pace }) => isOnSale(row) || (pace?.last24Hours ?? 0) > 0);
  const inDay = sell.flatMap(({ pace }) => pace?.last24Hours ?? []);
  const inWeek = sell.flatMap(({ pace }) => pace?.last7Days ?? []);
  const events = sell
    .map(({ row, pace }) => digestEvent(row, pace))
    .sort((one, other) => (other.soldInDay ?? -1) - (one.soldInDay ?? -1));
  return {
    soldInDay: inDay.length === 0 ? null : sumOf(inDay),
    soldPerDay: inWeek.length === 0 ? null : Math.round(sumOf(inWeek) / 7),
    unknownEvents: sell.length - inDay.length,
    events: events.slice(0, MOST_EVENTS),
    moreEvents: Math.max(0, events.length - MOST_EVENTS),
  };
}

// The cast: a row's status is one of these names.
const isOnSale = ({ status, presale }: EventRow) =>
  isSaleOpen({ status: status as StatusName }) || presale;

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

const digestEvent = (row: EventRow, pace: Pace | undefined): DigestEvent => ({
  name: plain(row.eventName),
  region: row.region,
  soldInDay: pace?.last24Hours ?? null,
  percentSold: row.percentSold,
  pointsAhead: pace?.usual?.pointsAhead ?? null,
  available: row.totalAvailable,
});

/** Null of an account whose tickets were never read through. */
export interface ReadUntil {
  accounts: ReadonlyMap<string, Date | null>;
  /** Up to when what was recorded is in the rows; null before the log was ever read to its end. */
  rows: Date | null;
}

/** Tickets are read every hour, and what is recorded is in the rows at once: what is older is not of now. */
const OLD_MS = { account: 3 * 3_600_000, rows: 10 * 60_000 };

/** Whose numbers are not of now, in words: what was sold since is in none of them. */
export function oldNumbers(
  events: readonly EventRow[],
  { accounts, rows }: ReadUntil,
  now: Date,
): string[] {
  const isOld = (at: Date | null, of: keyof typeof OLD_MS = "account") =>
    at === null || now.getTime() - at.getTime() > OLD_MS[of];
  if (isOld(rows, "rows"))
    return [
      rows === null
        ? "What Flowcore holds was not read to its end yet: no number here is complete."
        : `All numbers are of ${instantWords(rows, null)}: what was recorded since is not in them.`,
    ];
  const regions = [...new Set(events.filter(isOnSale).map(({ region }) => region))].sort();
  const ofAccounts = regions.flatMap((region) => {
    const at = accounts.get(region) ?? null;
    if (!isOld(at)) return [];
    return at === null
      ? [`The tickets of ${region} were never read through: its numbers are not complete.`]
      : [
          `The numbers of ${region} are of ${instantWords(at, null)}: nothing of it was read since.`,
        ];
  });
  const behind = events.filter(
    (row) =>
      isOnSale(row) && row.countComplete === false && !isOld(accounts.get(row.region) ?? null),
  );
  if (behind.length === 0) return ofAccounts;
  const what = counted(behind.length, "event keeps its", "events keep their");
  return [
    ...ofAccounts,
    `${what} last complete numbers, for some tickets could not be read: ${behind
      .slice(0, 5)
      .map(({ eventName, countedAt }) => `${plain(eventName)}${ofTime(countedAt)}`)
      .join(", ")}${behind.length > 5 ? `, and ${behind.length - 5} more` : ""}.`,
  ];
}

const ofTime = (at: string | null) =>
  at === null ? "" : ` (of ${instantWords(new Date(at), null)})`;
