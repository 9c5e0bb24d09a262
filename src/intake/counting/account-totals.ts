import type { Pool } from "../../database/connect.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { soldStatuses } from "../../rules/count.ts";
import type { TicketFilter, VivenuClient } from "../../vivenu/client.ts";
import { type Fail, isKeyRefused } from "../events/account-events.ts";
import type { EventFilter } from "../events/event-filter.ts";
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
/** An event that a full count does not bring together with its totals is left out so long, then twice as long. */
const FIRST_WAIT_MS = 15 * 60_000;
const MOST_WAIT_MS = 24 * 3_600_000;
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
  const waiting = new Map<string, { at: number; waitMs: number }>();

  async function check(client: VivenuClient, told: Told): Promise<void> {
    const account = client.region;
    const now = clock.now().getTime();
    const last = askedAt.get(account);
    if (last !== undefined && agoMs(last, now) < EVERY_MS) return;
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
      const now = await readKept(account);
      if (now && (await agree(client, now, told.signal))) return confirm(account, now);
    }
    for (const eventId of await differing(client, told.signal))
      await countAnew(client, eventId, told);
  }

  function confirm(account: string, { until, events }: Kept) {
    agreedUntil.set(account, until);
    for (const { eventId } of events) waiting.delete(`${account} ${eventId}`);
  }

  /** The events that a half of them that differs comes down to. */
  async function differing(client: VivenuClient, signal: AbortSignal): Promise<string[]> {
    const kept = await readKept(client.region);
    if (kept === undefined) return [];
    const found: string[] = [];
    const parts = halves(kept.events);
    for (let events = parts.pop(); events; events = parts.pop()) {
      signal.throwIfAborted();
      if (await agree(client, { ...kept, events }, signal)) continue;
      const [first] = events;
      if (events.length === 1 && first) found.push(first.eventId);
      else parts.push(...halves(events));
    }
    return found;
  }

  async function countAnew(client: VivenuClient, eventId: string, { signal, fail }: Told) {
    const account = client.region;
    const key = `${account} ${eventId}`;
    try {
      await options.countFully(client, eventId, signal);
      const kept = await readKept(account);
      const events = kept?.events.filter((event) => event.eventId === eventId) ?? [];
      if (!kept || events.length === 0 || (await agree(client, { ...kept, events }, signal)))
        return;
    } catch (error) {
      if (signal.aborted || isKeyRefused(error)) throw error;
      fail(eventId, error);
    }
    const before = waiting.get(key)?.waitMs;
    const waitMs = Math.min(before ? 2 * before : FIRST_WAIT_MS, MOST_WAIT_MS);
    waiting.set(key, { at: clock.now().getTime(), waitMs });
  }

  async function readKept(account: string): Promise<Kept | undefined> {
    const at = clock.now();
    const kept = await readKeptTotals(sql, account, { sold: soldStatuses, at });
    const events = kept?.events.filter(({ eventId }) => {
      const wait = waiting.get(`${account} ${eventId}`);
      return !filter.excludes(eventId) && !(wait && agoMs(wait.at, at.getTime()) < wait.waitMs);
    });
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
