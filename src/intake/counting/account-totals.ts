import type { Pool } from "../../database/connect.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { soldStatuses } from "../../rules/count.ts";
import type { TicketFilter, VivenuClient } from "../../vivenu/client.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { isKeyRefused } from "../events/key-refused.ts";
import type { Fail } from "../events/told.ts";
import { type KeptTotals, readKeptTotals } from "../store/tickets-to-check.ts";

export interface AccountTotalsOptions {
  sql: Pool;
  clock: Clock;
  logger: Logger;
  filter: Pick<EventFilter, "excludes">;
  /** Reads an account's changes once more from a moment on, and counts what they touch. */
  readAgain: (client: VivenuClient, since: Date, told: Told) => Promise<void>;
  countFully: (client: VivenuClient, eventId: string, signal: AbortSignal) => Promise<unknown>;
}

interface Told {
  signal: AbortSignal;
  fail: Fail;
}

/** Between two checks of one account. */
const EVERY_MS = 5 * 60_000;
/**
 * An event that a full count does not bring together with its totals is left out so long, then twice as long; an
 * account as well, where no event is to blame for its sums.
 */
const FIRST_WAIT_MS = 15 * 60_000;
const MOST_WAIT_MS = 24 * 3_600_000;
/** The account's looks wait for a check: it counts no more fully, and the next one goes on. */
const EVENTS_A_CHECK = 10;
/** An id has 24 letters, and an address has to end somewhere. */
const EVENTS_AN_ASK = 50;

/**
 * The second witness of a list of changes, of which one that is short or empty is as good an answer as any: what
 * Vivenu says that the account's events have in all, and of that is sold, is held against what is kept of them.
 * Where it is another number the changes are read once more from when both were last the same; what still differs
 * is counted fully.
 */
export function accountTotals(options: AccountTotalsOptions) {
  const { sql, clock, logger, filter } = options;
  const askedAt = new Map<string, number>();
  const agreedUntil = new Map<string, Date>();
  /** By account, and by account and event. */
  const waiting = new Map<string, { at: number; waitMs: number }>();

  async function check(client: VivenuClient, told: Told): Promise<void> {
    const account = client.region;
    const now = clock.now().getTime();
    const last = askedAt.get(account);
    if ((last !== undefined && agoMs(last, now) < EVERY_MS) || isWaiting(account)) return;
    askedAt.set(account, now);
    try {
      await findMissed(client, told);
    } catch (error) {
      if (told.signal.aborted || isKeyRefused(error)) throw error;
      logger.warn({ account, error }, "totals.not_read");
    }
  }

  async function findMissed(client: VivenuClient, told: Told) {
    const account = client.region;
    const kept = await readKept(account);
    if (kept === undefined) return;
    if (await agree(client, kept, told.signal)) return confirm(account, kept);
    const since = agreedUntil.get(account);
    logger.warn({ account, since, until: kept.until }, "changes.missed");
    if (since !== undefined) {
      await options.readAgain(client, since, told);
      // What is hidden twice is for full counts: a stretch that is read again each time would grow without end.
      agreedUntil.set(account, kept.until);
      const now = await readKept(account);
      if (now && (await agree(client, now, told.signal))) return confirm(account, now);
    }
    const found = await differing(client, told.signal);
    let healed = 0;
    for (const eventId of found) if (await countAnew(client, eventId, told)) healed += 1;
    const isEventToBlame = healed > 0 || (found.length > 0 && found.length < EVENTS_A_CHECK);
    if (!isEventToBlame) postpone(account);
  }

  function confirm(account: string, { until, events }: Kept) {
    agreedUntil.set(account, until);
    waiting.delete(account);
    for (const { eventId } of events) waiting.delete(`${account} ${eventId}`);
  }

  /** The events that a half of them that differs comes down to, some of them where they are many. */
  async function differing(client: VivenuClient, signal: AbortSignal): Promise<string[]> {
    const kept = await readKept(client.region);
    if (kept === undefined) return [];
    const found: string[] = [];
    // The last are asked for first: those that no full count was in vain for.
    const waitOf = ({ eventId }: KeptTotals) =>
      waiting.get(`${client.region} ${eventId}`)?.waitMs ?? 0;
    const parts = halves(kept.events.toSorted((one, other) => waitOf(other) - waitOf(one)));
    for (let events = parts.pop(); events; events = parts.pop()) {
      if (found.length === EVENTS_A_CHECK) break;
      signal.throwIfAborted();
      if (await agree(client, { ...kept, events }, signal)) continue;
      const [first] = events;
      if (events.length === 1 && first) found.push(first.eventId);
      else parts.push(...halves(events));
    }
    return found;
  }

  /** Whether it agrees with its totals by now. */
  async function countAnew(client: VivenuClient, eventId: string, { signal, fail }: Told) {
    const account = client.region;
    try {
      await options.countFully(client, eventId, signal);
      const kept = await readKept(account);
      const events = kept?.events.filter((event) => event.eventId === eventId) ?? [];
      if (!kept || events.length === 0 || (await agree(client, { ...kept, events }, signal)))
        return true;
    } catch (error) {
      if (signal.aborted || isKeyRefused(error)) throw error;
      fail(eventId, error);
    }
    postpone(`${account} ${eventId}`);
    return false;
  }

  function postpone(key: string) {
    const before = waiting.get(key)?.waitMs;
    const waitMs = Math.min(before ? 2 * before : FIRST_WAIT_MS, MOST_WAIT_MS);
    waiting.set(key, { at: clock.now().getTime(), waitMs });
  }

  function isWaiting(key: string) {
    const wait = waiting.get(key);
    return wait !== undefined && agoMs(wait.at, clock.now().getTime()) < wait.waitMs;
  }

  async function readKept(account: string): Promise<Kept | undefined> {
    const at = clock.now();
    const kept = await readKeptTotals(sql, account, { sold: soldStatuses, at });
    const events = kept?.events.filter(
      ({ eventId }) => !filter.excludes(eventId) && !isWaiting(`${account} ${eventId}`),
    );
    return kept && events && events.length > 0 ? { until: kept.until, events } : undefined;
  }

  return { check };
}

interface Kept {
  until: Date;
  events: readonly KeptTotals[];
}

/**
 * The number of all tickets up to a moment stands still. That of those sold moves with what changes meanwhile, of
 * which there is no more than Vivenu lists as changed since.
 */
async function agree(client: VivenuClient, { until, events }: Kept, signal: AbortSignal) {
  const sumOf = (field: "tickets" | "sold" | "unread") =>
    events.reduce((sum, event) => sum + event[field], 0);
  const eventIds = events.map(({ eventId }) => eventId);
  const totalOf = async (filter: TicketFilter) => {
    let total = 0;
    for (let at = 0; at < eventIds.length; at += EVENTS_AN_ASK) {
      const some = eventIds.slice(at, at + EVENTS_AN_ASK);
      total += await client.readTicketTotal({ ...filter, eventIds: some }, { signal });
    }
    return total;
  };
  if ((await totalOf({ createdUntil: until })) !== sumOf("tickets")) return false;
  const sold = await totalOf({ createdUntil: until, statuses: soldStatuses });
  const off = Math.abs(sold - sumOf("sold")) - sumOf("unread");
  return off <= 0 || off <= (await client.readTicketTotal({ updatedFrom: until }, { signal }));
}

function halves<Item>(items: readonly Item[]): (readonly Item[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((half) => half.length > 0);
}
