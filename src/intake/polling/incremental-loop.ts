import type { Pool } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { isFailure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { isOthersKey } from "../../vivenu/known-owner.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { isKeyRefused } from "../events/key-refused.ts";
import { readAccountReading } from "../store/account-reading.ts";
import { retryAfterOutage } from "../store/event-failures.ts";
import type { Priority } from "../store/request-budget.ts";
import {
  type IncrementalPace,
  type LaunchPhase,
  launchPhaseAt,
  nextCountAt,
  readOpenings,
} from "./launch.ts";
import type { poller } from "./poller.ts";

interface FailedLook {
  phase: LaunchPhase;
  error: unknown;
  /** What it asked until it failed. */
  requests: number;
}

export interface IncrementalLoopOptions {
  sql: Pool;
  accounts: readonly string[];
  /** Accounts whose next look is due where none was a short time ago; a look takes its account out. */
  looksWanted?: Set<string>;
  /** An account's client, its requests counted as what they are for. */
  clientOf: (account: string, priority: Priority) => VivenuClient;
  poller: Pick<ReturnType<typeof poller>, "countChanges">;
  filter: Pick<EventFilter, "excludes">;
  pace: IncrementalPace;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  /** Where nothing was answered for so long one request asks; without it an account is left alone until its turn. */
  silence?: { limitMs: number; answeredAt: (account: string) => number | undefined };
  /** Goes around each look at an account. */
  watch?: (account: string, count: () => Promise<void>) => Promise<void>;
  onCounted?: (counted: { account: string; phase: LaunchPhase; eventsCounted: number }) => void;
  /** Told that what failed at once is answered again; the look that follows may still fail. */
  onAnswered?: (account: string) => void;
  onFailed?: (failed: { account: string; isKeyRefused: boolean; othersKey?: string }) => void;
  /** Told why an account's changes could not be counted. */
  onNotCounted?: (failed: { account: string; reason: string }) => void;
}

/**
 * In a launch thousands change a minute, and all that the overlap covers is read again: a look overlaps little,
 * and one in so long as far as at other times, for what Vivenu shows late.
 */
const FAR_EVERY_MS = 5 * 60_000;
/** Between two looks at an account's events while only its tickets are of the essence. */
const EVENTS_EVERY_MS = 10 * 60_000;
interface Waiting {
  since: number;
  ms: number;
  error: unknown;
  /** The first request failed already. */
  atOnce: boolean;
  loggedAt: number;
}
/** What failed is asked for again so soon, by one request, so that its end is told within a minute. */
const AGAIN_MS = 30_000;
/** A look that needs several requests to fail waits as long for each: six a minute are asked at most. */
const EACH_MS = 10_000;
const MOST_AGAIN_MS = 3_600_000;
/** What goes on failing is logged once in so long. */
const LOGGED_MS = 10 * 60_000;

type Trouble = "refused" | "unavailable" | "other";

const troubleOf = (error: unknown): Trouble => {
  if (isKeyRefused(error)) return "refused";
  return isFailure(error, "unavailable") ? "unavailable" : "other";
};

/** The list that could not be read; undefined where it was no list that failed. */
const listOf = (error: unknown) => {
  const path = isFailure(error) ? String(error.context.path ?? "") : "";
  if (path.startsWith("/api/events")) return "events";
  return path === "" ? undefined : "tickets";
};

/** Counts what changes in every account that was polled once: all the time in a launch, else now and then. */
export function incrementalLoop(options: IncrementalLoopOptions) {
  const {
    sql,
    accounts,
    looksWanted = new Set(),
    filter,
    pace,
    clock,
    logger,
    signal,
    silence,
    watch = (_, work) => work(),
  } = options;
  const begunAt = clock.now().getTime();
  const waiting = new Map<string, Waiting>();
  const underWay = new Map<string, Promise<void>>();
  const eventsAskedAt = new Map<string, number>();
  const askedAt = new Map<string, number>();
  const lookedFarAt = new Map<string, number>();

  /** Begins what is due; an account that takes long keeps no other waiting. */
  async function step(): Promise<"more" | "idle"> {
    for (const account of accounts) {
      if (signal.aborted) break;
      const work = underWay.has(account) ? undefined : await dueOrFails(account);
      if (work === undefined) continue;
      const run = watch(account, work).finally(() => underWay.delete(account));
      underWay.set(account, run);
    }
    return "idle";
  }

  /** What an account's own events make fail keeps no other account waiting. */
  async function dueOrFails(account: string): Promise<(() => Promise<void>) | undefined> {
    try {
      if (await isDue(account)) return () => countNow(account);
      return (await isSilent(account)) ? () => ask(account) : undefined;
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      failed(account, { phase: "calm", error, requests: 0 });
      return undefined;
    }
  }

  /** Nobody would learn for up to an hour that its key is refused, or that Vivenu is away. */
  async function isSilent(account: string) {
    if (silence === undefined || waiting.has(account)) return false;
    const now = clock.now().getTime();
    const lastAt = Math.max(silence.answeredAt(account) ?? begunAt, askedAt.get(account) ?? 0);
    if (agoMs(lastAt, now) < silence.limitMs) return false;
    return (await readAccountReading(sql, account)).ticketsUntil !== null;
  }

  async function ask(account: string) {
    askedAt.set(account, clock.now().getTime());
    const client = options.clientOf(account, "recount");
    try {
      await client.readTicketTotal({}, { signal });
    } catch (error) {
      if (!signal.aborted) failed(account, { phase: "calm", error, requests: 0 });
    }
  }

  async function isDue(account: string) {
    const now = clock.now();
    const wait = waiting.get(account);
    if (wait && agoMs(wait.since, now.getTime()) < wait.ms) return false;
    const { ticketsUntil, followedAt } = await readAccountReading(sql, account);
    if (ticketsUntil === null) return false;
    // Recounts may have followed the account meanwhile: only a look says that what failed is over.
    if (wait) return true;
    const sinceMs = agoMs(followedAt?.getTime() ?? Number.NEGATIVE_INFINITY, now.getTime());
    if (looksWanted.has(account) && sinceMs >= AGAIN_MS) return true;
    return isInTurn(account, now);
  }

  async function isInTurn(account: string, now: Date) {
    const { followedAt } = await readAccountReading(sql, account);
    return nextCountAt(await openingsOf(account), followedAt, now, pace) <= now;
  }

  const openingsOf = (account: string) => readOpenings(sql, account, filter);

  /** A list that cannot be read to its end is not asked for every minute either. */
  async function areEventsDue(account: string, now: Date) {
    const { eventsUntil } = await readAccountReading(sql, account);
    const last = Math.max(eventsUntil?.getTime() ?? 0, eventsAskedAt.get(account) ?? 0);
    if (agoMs(last, now.getTime()) < EVENTS_EVERY_MS) return false;
    eventsAskedAt.set(account, now.getTime());
    return true;
  }

  async function countNow(account: string) {
    let phase: LaunchPhase = "calm";
    let requests = () => 0;
    try {
      const now = clock.now();
      phase = launchPhaseAt(await openingsOf(account), now, pace);
      const client = options.clientOf(account, phase === "launch" ? "launch" : "recount");
      const before = client.requests;
      requests = () => client.requests - before;
      const last = waiting.get(account);
      const isOfEvents = last !== undefined && listOf(last.error) === "events";
      const lasting = last && (await whyStillFailing(client, last.error));
      // Where the list of events alone fails, tickets are counted in their turn all the same.
      if (lasting && !(isOfEvents && (await isInTurn(account, now)))) throw lasting.error;
      // What follows may take long, and is not what was told.
      if (last?.atOnce && !lasting) options.onAnswered?.(account);
      // The list that failed belongs to the look, or the account would be taken for mended without it.
      const withEvents = !lasting && (isOfEvents || (await areEventsDue(account, now)));
      const farAt = lookedFarAt.get(account) ?? Number.NEGATIVE_INFINITY;
      const isNear = phase === "launch" && agoMs(farAt, now.getTime()) < FAR_EVERY_MS;
      const counted = await options.poller.countChanges(client, signal, {
        withEvents,
        ...(isNear && { overlapMs: pace.launchOverlapMs }),
      });
      if (!isNear) lookedFarAt.set(account, now.getTime());
      if (lasting) return failed(account, { phase, error: lasting.error, requests: 1 });
      if (last) await retryAfterOutage(sql, account, clock.now());
      waiting.delete(account);
      looksWanted.delete(account);
      if (!counted) return;
      const { eventIds, ticketsRead } = counted;
      const told = { account, phase, eventsCounted: eventIds.length };
      logger.info({ ...told, ticketsRead }, "account.counted");
      options.onCounted?.(told);
    } catch (error) {
      if (!signal.aborted) failed(account, { phase, error, requests: requests() });
    }
  }

  /** A look asks each of its requests several times: whether it can succeed at all, one says. */
  async function whyStillFailing(client: VivenuClient, error: unknown) {
    const list = listOf(error);
    try {
      if (list === "events") await client.readEventTotal({ signal, retries: 0 });
      if (list === "tickets") await client.readTicketTotal({}, { signal, retries: 0 });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      return { error };
    }
  }

  function failed(account: string, { phase, error, requests }: FailedLook) {
    const trouble = troubleOf(error);
    const last = waiting.get(account);
    const costMs = last ? Math.max(AGAIN_MS, EACH_MS * requests) : AGAIN_MS;
    const isUrgent = phase === "launch" && trouble !== "refused";
    const ms = Math.min(costMs, isUrgent ? 2 * pace.launchEveryMs : MOST_AGAIN_MS);
    const now = clock.now().getTime();
    const isLogged =
      last !== undefined &&
      troubleOf(last.error) === trouble &&
      agoMs(last.loggedAt, now) < LOGGED_MS;
    const loggedAt = isLogged ? last.loggedAt : now;
    waiting.set(account, { since: now, ms, error, atOnce: requests <= 1, loggedAt });
    if (!isLogged) logger.warn({ account, error }, "account.not_counted");
    options.onFailed?.({
      account,
      isKeyRefused: trouble === "refused",
      ...(isOthersKey(error) && { othersKey: causeOf(error) }),
    });
    options.onNotCounted?.({ account, reason: causeOf(error) });
  }

  return {
    step,
    /** When what has begun is over. */
    ended: () => Promise.all(underWay.values()).then(() => {}),
  };
}
