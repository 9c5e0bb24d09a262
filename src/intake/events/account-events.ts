import { beginWithin } from "../../database/begin-within.ts";
import type { Pool } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { Failure, isFailure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { EventList } from "../../vivenu/all-events.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { isOthersKey } from "../../vivenu/known-owner.ts";
import type { Seller, VivenuEvent } from "../../vivenu/wire.ts";
import { forgetList, readAccountReading, saveAccountReading } from "../store/account-reading.ts";
import {
  forgetEventFailure,
  forgetFailuresOf,
  noteEventFailure,
  readFailingSince,
} from "../store/event-failures.ts";
import { isWatched, readKnownEvents } from "../store/events-seen.ts";
import { lockEvent } from "../store/locks.ts";
import { requestRecounts } from "../store/recount-requests.ts";
import { knowsCurrency, readSellerIds, saveSeller } from "../store/sellers.ts";
import type { EventFilter } from "./event-filter.ts";
import { recordDeletion, recordEvent, warnOfClock } from "./record-event.ts";

export type Fail = (eventId: string | null, error: unknown) => void;

export interface Told {
  fail: Fail;
  /** Of what may not concern us at all: it is said, and makes nothing incomplete. */
  note: Fail;
}

export interface AccountEventsOptions {
  sql: Pool;
  filter: EventFilter;
  clock: Clock;
  logger: Logger;
  source?: "poll" | "backfill" | undefined;
  /** Says every event anew, whatever was said before. */
  force?: boolean | undefined;
  /** For recording one event. */
  limitMs?: number | undefined;
}

const LIMIT_MS = 30_000;

/** Vivenu may show a changed event late. */
const OVERLAP_MS = 10 * 60_000;
/**
 * An empty list of changes is as good an answer as any, and no number contradicts it. So the first look of an hour
 * reads what changed in a day once more: few events, in as many requests.
 */
const FAR_OVERLAP_MS = 25 * 3_600_000;
const FAR_EVERY_MS = 3_600_000;
/** Two daily polls lie further apart, whatever each takes. */
const MOST_GONE_MS = 20 * 3_600_000;
/** An event that cannot be read, or not be recorded, is asked for again by itself after so long. */
const ALONE_MS = 30 * 60_000;

/** Reads one account's events, and records what is new in them. */
export function accountEvents(options: AccountEventsOptions) {
  const {
    sql,
    filter,
    clock,
    logger,
    source = "poll",
    force = false,
    limitMs = LIMIT_MS,
  } = options;

  /** Every wanted event as it is now, recorded; also those that the list no longer has. */
  async function readAll(
    client: VivenuClient,
    signal: AbortSignal,
    told: Told,
  ): Promise<VivenuEvent[]> {
    const account = client.region;
    const seller = await readSeller(client, signal, told);
    const observedAt = clock.now();
    const list = await client.readEvents({ signal });
    const isNewOwner = await learnSeller(account, seller, list.events);
    const known = await readWatched(account);
    const { readable, ...recorded } = await recordWanted(list, {
      account,
      signal,
      known,
      observedAt,
      told,
    });
    let { failed } = recorded;
    const listed = new Set(idsOf(list));
    const missing = known.filter((id) => !listed.has(id));
    // A key that sees less, or a list and a 404 of somebody in between: sellers do not take down a season.
    // Where others are in the place of all of them and the account is another seller's by now, that was configured.
    const isAnother = isNewOwner && missing.length === known.length && readable.length > 0;
    const areMost = missing.length > 1 && missing.length > known.length / 2 && !isAnother;
    const unlisted = !list.complete ? undefined : areMost ? "with most others" : "alone";
    for (const eventId of missing) {
      try {
        const event = await readOne(client, eventId, signal, unlisted);
        if (event) readable.push(event);
      } catch (error) {
        if (isKeyRefused(error)) throw error;
        told.fail(eventId, error);
        // Else the number of events would say that nothing is missing, and nobody would look again. What
        // is forbidden will be so in ten minutes.
        if (!isForbidden(error)) failed = true;
      }
    }
    if (list.complete && !failed) {
      const listedEvents = idsOf(list).map((id) => id ?? "");
      await saveAccountReading(sql, account, { eventsUntil: observedAt, listedEvents });
    }
    return readable;
  }

  /**
   * The wanted events that changed since the last time, recorded: two requests where none did. A list
   * of changes does not tell what was deleted, but their number does: then all are read.
   */
  async function readChanged(
    client: VivenuClient,
    signal: AbortSignal,
    told: Told,
  ): Promise<VivenuEvent[]> {
    const account = client.region;
    const { eventsUntil, listedEvents } = await readAccountReading(sql, account);
    if (!eventsUntil || listedEvents === null || !(await learnCurrency(client, signal, told)))
      return readAll(client, signal, told);
    const observedAt = clock.now();
    const updatedSince = new Date(eventsUntil.getTime() - overlapMsOf(eventsUntil, observedAt));
    const list = await client.readEvents({ signal, updatedSince });
    const listed = new Set<string | null>(listedEvents);
    const anyCame = idsOf(list).some((id) => !listed.has(id));
    const total = await client.readEventTotal({ signal });
    // One that came may hide that another went.
    if (!list.complete || anyCame || total !== listedEvents.length)
      return readAll(client, signal, told);
    const known = await readWatched(account);
    const { readable, failed } = await recordWanted(list, {
      account,
      signal,
      known,
      observedAt,
      told,
    });
    if (!failed) await saveAccountReading(sql, account, { eventsUntil: observedAt });
    return readable;
  }

  interface Listing {
    account: string;
    signal: AbortSignal;
    known: readonly string[];
    observedAt: Date;
    told: Told;
  }

  /**
   * `failed` is true where the same list may be read better later. What is an event's own fault is not
   * so: the list will say the same until the event changes, and then says that it did.
   */
  async function recordWanted(list: EventList, listing: Listing) {
    const { account, signal, known, observedAt, told } = listing;
    let failed = !list.complete;
    if (!list.complete)
      told.fail(
        null,
        new Failure("unavailable", `the list of events was not read completely: ${list.reason}`),
      );
    await reportUnreadable(list.malformed, listing);
    const isKnown = new Set(known);
    const readable: VivenuEvent[] = [];
    for (const event of list.events) {
      try {
        // One that is watched goes on being watched when it is renamed.
        if (!filter.wants(account, event) && !isKnown.has(event._id)) continue;
        await noting(account, event._id, signal, () => record(account, event, observedAt));
        readable.push(event);
      } catch (error) {
        told.fail(event._id, error);
        if (blameOf(error) === "outage") failed = true;
        else await askAlone(account, event._id);
      }
    }
    return { readable, failed };
  }

  async function reportUnreadable(
    malformed: EventList["malformed"],
    { account, known, observedAt, told }: Listing,
  ) {
    for (const { id, name, reason } of malformed) {
      const error = new Failure("malformed", `an event of the list cannot be read: ${reason}`);
      const isWatched = id !== null && known.includes(id);
      const isWanted = isWatched || filter.wantsUnreadable({ id, name });
      if (isWanted) told.fail(id, error);
      else if (isWanted === undefined) told.note(id, error);
      if (isWanted && id !== null) {
        const key = { account, eventId: id, work: "describe" as const };
        await noteEventFailure(sql, key, { error, at: observedAt });
      }
      if (isWatched) await askAlone(account, id);
    }
  }

  /** Its recount request is served when this event is read, and stays until that succeeds. */
  const askAlone = (account: string, eventId: string) =>
    requestRecounts(sql, [{ account, eventId, at: clock.now() }], {
      pace: { debounceMs: ALONE_MS, intervalMs: ALONE_MS },
    });

  const readWatched = async (account: string) =>
    (await readKnownEvents(sql, account)).filter((eventId) => !filter.excludes(eventId));

  /**
   * Who the account's owner is; the events' word is taken where Vivenu does not say it by itself. That it never
   * will is no reason to read everything again.
   */
  async function readSeller(client: VivenuClient, signal: AbortSignal, { fail, note }: Told) {
    try {
      return await client.readSeller({ signal });
    } catch (error) {
      if (isOthersKey(error)) throw error;
      if (isKeyRefused(error)) {
        // Where the key is good for events, this alone is forbidden; else this throws what is so.
        await client.readEventTotal({ signal });
        note(null, unsaidOwner(client.region));
      } else if (isFailure(error, "unavailable")) fail(null, error);
      else note(null, error);
      return { _id: null, currency: null };
    }
  }

  /** Asks until Vivenu says it; false where only the account's events tell whose the answer is. */
  async function learnCurrency(client: VivenuClient, signal: AbortSignal, told: Told) {
    const account = client.region;
    if (await knowsCurrency(sql, account)) return true;
    const seller = await readSeller(client, signal, told);
    if (seller._id === null) return seller.currency === null;
    await learnSeller(account, seller, []);
    return true;
  }

  /** Whether the account has another owner than the one that was known. */
  async function learnSeller(account: string, { _id, currency }: Seller, events: VivenuEvent[]) {
    const before = (await readSellerIds(sql)).get(account);
    const sellerId = _id ?? sellerOfMost(events);
    await saveSeller(sql, account, { _id: sellerId, currency }, clock.now());
    return before !== undefined && sellerId !== null && sellerId !== before;
  }

  /**
   * One event by itself; undefined where it is gone. Any gateway's 404 looks like Vivenu's, so that is believed
   * with a second witness only: a complete list without the event, or the webhook of its deletion.
   */
  async function readOne(
    client: VivenuClient,
    eventId: string,
    signal: AbortSignal,
    unlisted?: Unlisted,
  ) {
    const account = client.region;
    const observedAt = clock.now();
    return noting(account, eventId, signal, async () => {
      const event = await client.readEvent(eventId, { signal }).catch(async (error) => {
        if (!isKeyRefused(error)) throw error;
        // Where the key is good for the list, this event is forbidden; else this throws what is so.
        await client.readEventTotal({ signal });
        throw forbidden(account, eventId);
      });
      if (event) await record(account, event, observedAt);
      else {
        if (unlisted === "with most others" && !(await isLongDoubted(account, eventId)))
          throw goneWithMost(account, eventId);
        const isUnlisted = unlisted !== undefined;
        if (!(await recordGone(account, eventId, { observedAt, isUnlisted })))
          throw unconfirmed(account, eventId);
      }
      return event;
    });
  }

  /** What is said of most events is believed when it is still so the day after. */
  async function isLongDoubted(account: string, eventId: string) {
    const since = await readFailingSince(sql, { account, eventId, work: "describe" });
    return since !== null && agoMs(since.getTime(), clock.now().getTime()) >= MOST_GONE_MS;
  }

  /** False where nothing but one answer says so: then the account's list is read anew at its next look. */
  function recordGone(
    account: string,
    eventId: string,
    { observedAt, isUnlisted }: { observedAt: Date; isUnlisted: boolean },
  ): Promise<boolean> {
    return beginWithin(sql, limitMs, async (tx) => {
      await lockEvent(tx, account, eventId);
      if (!isUnlisted && (await isWatched(tx, account, eventId))) {
        await forgetList(tx, account);
        return false;
      }
      const gone = { account, source: "poll", eventId, name: null, observedAt } as const;
      await recordDeletion(tx, gone);
      await forgetFailuresOf(tx, { account, eventId });
      return true;
    });
  }

  /** Why an event could not be described is kept, for whoever asks why it is not as Vivenu says. */
  async function noting<Result>(
    account: string,
    eventId: string,
    signal: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const key = { account, eventId, work: "describe" as const };
      if (!signal.aborted && !isKeyRefused(error))
        await noteEventFailure(sql, key, { error, at: clock.now() });
      throw error;
    }
  }

  const record = (account: string, event: VivenuEvent, observedAt: Date) =>
    beginWithin(sql, limitMs, async (tx) => {
      const reading = { account, source, event, observedAt, force };
      const outcome = await recordEvent(tx, reading);
      warnOfClock(logger, reading, outcome);
      await forgetEventFailure(tx, { account, eventId: event._id, work: "describe" });
    });

  return { readAll, readChanged, readOne };
}

/** An account may list what another one sells for it: whose most events are. */
function sellerOfMost(events: readonly VivenuEvent[]): string | null {
  const bySeller = Map.groupBy(events, ({ sellerId }) => sellerId);
  bySeller.delete(null);
  const most = [...bySeller].toSorted(([, some], [, others]) => others.length - some.length);
  return most[0]?.[0] ?? null;
}

/** A complete list lacks the event: alone, or with most of those that the account had. */
type Unlisted = "alone" | "with most others";

function overlapMsOf(last: Date, now: Date) {
  const hourOf = (at: Date) => Math.floor(at.getTime() / FAR_EVERY_MS);
  return hourOf(last) === hourOf(now) ? OVERLAP_MS : FAR_OVERLAP_MS;
}

const idsOf = ({ events, malformed }: EventList) => [
  ...events.map(({ _id }) => _id),
  ...malformed.map(({ id }) => id),
];

const unsaidOwner = (account: string) =>
  new Failure(
    "refused",
    `Vivenu lists the events of ${account} and does not say to its key who owns it: its currency is known by tickets alone`,
    { account },
  );

const forbidden = (account: string, eventId: string) =>
  new Failure(
    "refused",
    `Vivenu lists the other events of ${account} and refuses this one, so it stays as it was: if it is another seller's by now, leave it out with VIVENU_EXCLUDE_EVENTS=${eventId}`,
    { account, eventId, isForbidden: true },
  );

const unconfirmed = (account: string, eventId: string) =>
  new Failure(
    "unavailable",
    "Vivenu answered 404 for this event alone, and neither its account's list nor a webhook says that it is gone: it stays as it was until the list, which is read anew, lacks it as well",
    { account, eventId },
  );

const goneWithMost = (account: string, eventId: string) =>
  new Failure(
    "unavailable",
    `Vivenu lists most events of ${account} no more, and answers 404 for this one: it stays as it was, and is gone when that is still so the day after; does the account's key see less than before?`,
    { account, eventId },
  );

const isForbidden = (error: unknown) =>
  isFailure(error, "refused") && error.context.isForbidden === true;

/** A failure's kind where it is the account's key that Vivenu refuses, or that is another account's. */
export const KEY_REFUSED = "key_refused";

export const isKeyRefused = (error: unknown) =>
  isOthersKey(error) ||
  (isFailure(error, "refused") && (error.context.status === 401 || error.context.status === 403));

/** What a poll or a backfill calls the failure. */
export const failureKindOf = (error: unknown) =>
  isKeyRefused(error) ? KEY_REFUSED : isFailure(error) ? error.kind : "fault";
