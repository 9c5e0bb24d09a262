import { blameOf } from "../../database/fault.ts";
import { Failure } from "../../lib/failure.ts";
import type { EventList } from "../../vivenu/all-events.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import { readAccountReading, saveAccountReading } from "../store/account-reading.ts";
import { noteEventFailure } from "../store/event-failures.ts";
import { readKnownEvents } from "../store/events-seen.ts";
import { requestRecounts } from "../store/recount-requests.ts";
import { accountOwner } from "./account-owner.ts";
import type { EventFilter } from "./event-filter.ts";
import { isKeyRefused } from "./key-refused.ts";
import { isForbidden, type OneEventOptions, oneEvent } from "./one-event.ts";
import type { Told } from "./told.ts";

export interface AccountEventsOptions extends OneEventOptions {
  filter: EventFilter;
}

/** Vivenu may show a changed event late. */
const OVERLAP_MS = 10 * 60_000;
/**
 * An empty list of changes is as good an answer as any, and no number contradicts it. So the first look of an hour
 * reads what changed in a day once more: few events, in as many requests.
 */
const FAR_OVERLAP_MS = 25 * 3_600_000;
const FAR_EVERY_MS = 3_600_000;
/** An event that cannot be read, or not be recorded, is asked for again by itself after so long. */
const ALONE_MS = 30 * 60_000;

/** What a list of an account's events is held against. */
interface Listing {
  account: string;
  signal: AbortSignal;
  known: readonly string[];
  observedAt: Date;
  told: Told;
}

/** Reads one account's events, and records what is new in them. */
export function accountEvents(options: AccountEventsOptions) {
  const { sql, filter, clock } = options;
  const owner = accountOwner(options);
  const { readOne, recordListed } = oneEvent(options);

  /** Every wanted event as it is now, recorded; also those that the list no longer has. */
  async function readAll(
    client: VivenuClient,
    signal: AbortSignal,
    told: Told,
  ): Promise<VivenuEvent[]> {
    const account = client.region;
    const seller = await owner.read(client, signal, told);
    const observedAt = clock.now();
    const list = await client.readEvents({ signal });
    const isNewOwner = await owner.learn(account, seller, list.events);
    const known = await readWatched(account);
    const listing = { account, signal, known, observedAt, told };
    const { readable, failed } = await recordWanted(list, listing);
    const missing = await readMissing(client, list, {
      ...listing,
      isReplaced: isNewOwner && readable.length > 0,
    });
    if (list.complete && !failed && !missing.failed) {
      const listedEvents = idsOf(list).map((id) => id ?? "");
      await saveAccountReading(sql, account, { eventsUntil: observedAt, listedEvents });
    }
    return [...readable, ...missing.readable];
  }

  /** Those that were known and that the list does not have. */
  async function readMissing(
    client: VivenuClient,
    list: EventList,
    { known, signal, told, isReplaced }: Listing & { isReplaced: boolean },
  ) {
    const readable: VivenuEvent[] = [];
    let failed = false;
    const listed = new Set(idsOf(list));
    const missing = known.filter((id) => !listed.has(id));
    // A key that sees less, or a list and a 404 of somebody in between: sellers do not take down a season.
    // Where others are in the place of all of them and the account is another seller's by now, that was configured.
    const isAnother = isReplaced && missing.length === known.length;
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
    return { readable, failed };
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
    if (!eventsUntil || listedEvents === null || !(await owner.learnCurrency(client, signal, told)))
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
    const listing = { account, signal, known, observedAt, told };
    const { readable, failed } = await recordWanted(list, listing);
    if (!failed) await saveAccountReading(sql, account, { eventsUntil: observedAt });
    return readable;
  }

  /**
   * `failed` is true where the same list may be read better later. What is an event's own fault is not
   * so: the list will say the same until the event changes, and then says that it did.
   */
  async function recordWanted(list: EventList, listing: Listing) {
    const { account, known, told } = listing;
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
        await recordListed(event, listing);
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

  return { readAll, readChanged, readOne };
}

function overlapMsOf(last: Date, now: Date) {
  const hourOf = (at: Date) => Math.floor(at.getTime() / FAR_EVERY_MS);
  return hourOf(last) === hourOf(now) ? OVERLAP_MS : FAR_OVERLAP_MS;
}

const idsOf = ({ events, malformed }: EventList) => [
  ...events.map(({ _id }) => _id),
  ...malformed.map(({ id }) => id),
];
