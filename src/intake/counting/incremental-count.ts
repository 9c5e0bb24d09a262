import type { SalesCounted } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { classify, type TicketClass } from "../../rules/classify.ts";
import { countingTickets } from "../../rules/count.ts";
import { idsOf, type PageContent } from "../../vivenu/ticket-page.ts";
import { readAccountReading } from "../store/account-reading.ts";
import { hasBaseline, markCounted, saveBaseline } from "../store/baselines.ts";
import { saveCurrencies } from "../store/event-currencies.ts";
import { isGone, readDescription } from "../store/events-seen.ts";
import { lockTickets } from "../store/locks.ts";
import {
  type EventKey,
  lockTicketsOf,
  type Place,
  takeFromElsewhere,
} from "../store/moved-tickets.ts";
import {
  believedTickets,
  CHUNK,
  changedBy,
  countsAlike,
  deleteTickets,
  type ReadTimes,
  readAlikeTickets,
  readOtherTickets,
  readTickets,
  saveTickets,
  stateOf,
  type TicketState,
} from "../store/ticket-states.ts";
import {
  countUnreadable,
  forgetUnreadableOf,
  noteUnreadable,
  readUnreadable,
} from "../store/unreadable-tickets.ts";
import { noteClocks, type WrongClock } from "../store/wrong-clocks.ts";
import { type Difference, differencesBetween } from "./count-difference.ts";
import { recordCount, typeCountsOf } from "./record-count.ts";

/** The tickets that were created up to `until`. */
export interface FullReading extends PageContent, ReadTimes {
  account: string;
  eventId: string;
}

export interface AppliedReading {
  /** What the incremental count had wrong, by field. */
  differences: Difference[];
  /** The events that had some of these tickets before, and are to be counted again. */
  left: EventKey[];
  /** Tickets of which it was not known that their clock is wrong. */
  wrongClocks: WrongClock[];
}

/**
 * All tickets of an event are the truth: what is kept is made the same, but for what changed since. Undefined
 * where the event is gone by now.
 */
export async function applyFullReading(
  tx: Sql,
  found: FullReading,
): Promise<AppliedReading | undefined> {
  const { account, eventId, until } = found;
  const reading = { ...found, tickets: believedTickets(found.tickets, found) };
  const key = { account, eventId };
  const accounts = await lockTicketsOf(tx, account, idsOf(reading));
  // It was deleted while it was read: what is kept of it was forgotten, and must not come back.
  if (await isGone(tx, account, eventId)) return undefined;
  const { ticketsUntil } = await readAccountReading(tx, account);
  const isChange = await hasBaseline(tx, account, eventId);
  const { stale, left } = await takeFromElsewhere(tx, {
    accounts,
    until,
    places: placesIn(reading),
  });
  const wrongClocks = await noteClocks(tx, account, found);
  await applyUnreadable(tx, reading, stale);
  // What broke since the reading was begun is not again what it was.
  const unreadable = await readUnreadable(tx, account, eventId);
  const tickets = reading.tickets.filter(({ _id }) => !unreadable.has(_id) && !stale.has(_id));
  const ticketIds = idsOf(reading);
  const known = isChange && ticketsUntil ? ticketsUntil.toISOString() : "";
  const missed: Changed[] = [];
  for (let at = 0; at < tickets.length; at += CHUNK) {
    const read = tickets.slice(at, at + CHUNK).map(stateOf);
    const changed = await readChangedOf(tx, key, read);
    const stored = changed.map(({ now }) => ({ eventId, state: now }));
    await saveTickets(tx, account, stored);
    missed.push(...changed.filter(({ now }) => now.updatedAt <= known));
  }
  const vanished = await readOtherTickets(tx, { ...key, ticketIds, until });
  const vanishedIds = vanished.map(({ ticketId }) => ticketId);
  await deleteTickets(tx, account, eventId, vanishedIds);
  await saveBaseline(tx, { ...key, until });
  if (known === "") return { differences: [], left, wrongClocks };
  const differences = differencesBetween(
    [...missed.flatMap(({ was }) => was ?? []), ...vanished],
    missed.map(({ now }) => now),
  );
  return { differences, left, wrongClocks };
}

/**
 * Of one that cannot be read it is known where it is, and of a changing one at the latest when. One that says
 * to be another event's is where that one's readings find it.
 */
const placesIn = ({ eventId, tickets, malformed, ...times }: FullReading): Place[] => [
  ...tickets.map(({ _id, updatedAt }) => ({ eventId, ticketId: _id, updatedAt })),
  ...malformed.flatMap((broken) =>
    broken.id === null || (broken.eventId ?? eventId) !== eventId
      ? []
      : { eventId, ticketId: broken.id, updatedAt: changedBy(broken.updatedAt, times) },
  ),
];

/** Of those that cannot be read, those that could be when they changed since are left alone. */
async function applyUnreadable(
  tx: Sql,
  { account, eventId, until, ...reading }: FullReading,
  stale: ReadonlySet<string>,
) {
  await forgetUnreadableOf(tx, { account, eventId, until });
  const ids = reading.malformed.flatMap(({ id }) => id ?? []);
  const changed = await readTickets(tx, { account, eventId, ticketIds: ids });
  const later = changed.filter(({ updatedAt }) => updatedAt > until.toISOString());
  const readable = new Set(later.map(({ ticketId }) => ticketId));
  const tickets = reading.malformed
    .filter(({ id }) => id === null || !(readable.has(id) || stale.has(id)))
    .map((broken) => ({ eventId, broken }));
  await noteUnreadable(tx, account, { tickets, until });
}

interface Changed {
  was: TicketState | undefined;
  now: TicketState;
}

/** Those that are not kept as they were read, but for what is kept of a later change. */
async function readChangedOf(
  tx: Sql,
  key: { account: string; eventId: string },
  read: TicketState[],
): Promise<Changed[]> {
  const ticketIds = read.map(({ ticketId }) => ticketId);
  const kept = await readTickets(tx, { ...key, ticketIds });
  const before = new Map(kept.map((state) => [state.ticketId, state]));
  return read
    .map((now) => ({ was: before.get(now.ticketId), now }))
    .filter(({ was, now }) => !was || (was.updatedAt <= now.updatedAt && !countsAlike(was, now)));
}

export interface KeptCountOptions {
  account: string;
  eventId: string;
  /** The tickets that are kept are at least of then. */
  at: Date;
  overrides?: Readonly<Record<string, TicketClass>> | undefined;
  source?: SalesCounted["source"] | undefined;
  force?: boolean | undefined;
  /** Every ticket was read for it. */
  isFull?: boolean;
}

export interface KeptCount {
  /** Whether it says something new. */
  recorded: boolean;
  /** How many tickets have a status that is not known. */
  unknown: number;
}

/** Counts an event by the tickets that are kept; not completely where there are others. */
export async function countKept(tx: Sql, options: KeptCountOptions): Promise<KeptCount> {
  const { account, eventId, at, overrides, source, force, isFull = false } = options;
  await lockTickets(tx, account);
  const description = await readDescription(tx, account, eventId);
  const types = description === undefined ? [] : description.ticketTypes;
  const secondary = [...classify(types, overrides, description?.categories)].flatMap(
    ([id, type]) => (type === "secondary" ? id : []),
  );
  const counting = countingTickets(
    types.map(({ ticketTypeId }) => ticketTypeId),
    new Set(secondary),
  );
  let total = 0;
  for await (const tickets of readAlikeTickets(tx, account, eventId)) {
    counting.add(tickets);
    for (const { alike = 1 } of tickets) total += alike;
  }
  const tally = counting.tally();
  await saveCurrencies(tx, account, eventId, tally.currenciesInUse);
  const unreadable = await countUnreadable(tx, account, eventId);
  const { ticketsUntil } = await readAccountReading(tx, account);
  const countedAt = new Date(Math.max(at.getTime(), ticketsUntil?.getTime() ?? 0)).toISOString();
  await markCounted(tx, account, eventId);
  const count = {
    eventId,
    countedAt,
    complete: unreadable === 0,
    currencies: tally.currencies,
    ticketsRead: total,
    expectedTotal: total + unreadable,
    ticketTypes: typeCountsOf(tally),
  };
  const recorded = await recordCount(tx, account, count, {
    ...(source && { source }),
    ...(force && { force }),
    isFull,
  });
  return { recorded, unknown: tally.ticketTypes.reduce((sum, t) => sum + (t.unknown ?? 0), 0) };
}
