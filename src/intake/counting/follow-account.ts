import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TicketClass } from "../../rules/classify.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { type Fail, isKeyRefused } from "../events/account-events.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { renewCurrencies } from "../events/renew-currency.ts";
import { readAccountReading, saveAccountReading } from "../store/account-reading.ts";
import { type EventWork, forgetEventFailure, noteEventFailure } from "../store/event-failures.ts";
import { isBased, readOldestBase, readUnbased } from "../store/running-counts.ts";
import { readTicketsToCheck, saveChecked } from "../store/tickets-to-check.ts";
import { readUnreadEvents } from "../store/unreadable-tickets.ts";
import { type CountedEvents, type Followed, follower } from "./follow-changes.ts";
import { type CountOutcome, countWhole } from "./full-count.ts";
import type { RunningOptions } from "./incremental-settings.ts";

interface Options extends RunningOptions {
  sql: Pool;
  pageSize: number;
  settleMs: number;
  filter: EventFilter;
  clock: Clock;
  log: Logger;
  overrides?: Readonly<Record<string, TicketClass>>;
}

/** The events that were counted, and those that could not be. */
export type FollowedAccount = Followed & CountedEvents;

export interface FollowOptions {
  signal: AbortSignal;
  /** Told of each event that could not be counted. */
  fail: Fail;
  overlapMs?: number;
}

/** An event that could not be read whole is tried again after this long, then after twice as long. */
const AGAIN_MS = 3_600_000;
const MOST_AGAIN_MS = 24 * 3_600_000;
/** A reading that another caller finished so short a time ago is as good as one of our own. */
const FRESH_MS = 10_000;

/** Counts kept up to date by what changes, whole readings being the truth. */
export function runningCounts(options: Options) {
  const { sql, pageSize, settleMs, filter, clock, log, overrides, overlapMs, checkMs } = options;
  const { limitMs } = options;
  const follow = follower({ sql, pageSize, settleMs, clock, log, filter, overrides, limitMs });
  const again = new Map<string, { at: number; waitMs: number }>();

  const settled = () => new Date(clock.now().getTime() - settleMs);

  async function wholeCount(
    client: VivenuClient,
    eventId: string,
    signal: AbortSignal,
  ): Promise<CountOutcome> {
    const until = settled();
    const outcome = await noting({ account: client.region, eventId, work: "count" }, () =>
      countWhole({
        ...{ sql, client, eventId, until, pageSize, clock, log, signal, overrides, limitMs },
        onDifference: options.onDifference,
      }),
    );
    await follow.countLeft(outcome.left, until);
    await renewCurrencies(sql, client.region, { clock, log });
    return outcome;
  }

  /** What a try comes to is kept, for whoever asks why an event is not counted. */
  async function noting<Result>(key: EventWork, work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      await forgetEventFailure(sql, key);
      return result;
    } catch (error) {
      const isAborted = error instanceof Error && error.name === "AbortError";
      if (!isAborted && !isKeyRefused(error))
        await noteEventFailure(sql, key, { error, at: clock.now() });
      throw error;
    }
  }

  /** Reads an account's changes and counts the events that they are of. */
  async function followOnce(
    client: VivenuClient,
    { signal, fail, overlapMs: overlap = overlapMs }: FollowOptions,
  ): Promise<FollowedAccount | undefined> {
    const followedAt = clock.now();
    const followed = await follow.readChanges(client, { overlapMs: overlap, signal });
    if (!followed) return undefined;
    const counted = await follow.countChanged(client.region, signal, fail);
    await follow.countLeft(
      followed.left.filter(({ account }) => account !== client.region),
      followed.until,
    );
    await renewCurrencies(sql, client.region, { clock, log });
    await saveAccountReading(sql, client.region, { followedAt });
    return { ...followed, ...counted };
  }

  /**
   * Brings one event up to date by its account's changes, and says up to when; undefined where they
   * are not enough, or cannot be read: then it is to be counted whole.
   */
  async function followEvent(
    client: VivenuClient,
    eventId: string,
    { until, signal, fail }: { until: Date; signal: AbortSignal; fail: Fail },
  ): Promise<Date | undefined> {
    const account = client.region;
    if (!(await isBased(sql, account, eventId))) return undefined;
    const { ticketsUntil } = await readAccountReading(sql, account);
    if (!ticketsUntil) return undefined;
    try {
      if (ticketsUntil.getTime() < until.getTime() - FRESH_MS) {
        const followed = await followOnce(client, { signal, fail });
        if (followed?.failed.includes(eventId)) return undefined;
        return (await check(client, eventId, signal)) ? until : undefined;
      }
      const { failed } = await follow.countChanged(account, signal, fail);
      if (failed.includes(eventId)) return undefined;
      if (!(await check(client, eventId, signal))) return undefined;
      return ticketsUntil < until ? ticketsUntil : until;
    } catch (error) {
      if (signal.aborted || isKeyRefused(error)) throw error;
      log.warn({ account, eventId, error }, "follow.failed");
      return undefined;
    }
  }

  /**
   * Holds our number of an event's tickets against Vivenu's: one request, and not more than one in
   * `checkMs`. False where they differ.
   */
  async function check(client: VivenuClient, eventId: string, signal: AbortSignal) {
    if (checkMs === 0) return true;
    const account = client.region;
    const now = clock.now();
    const kept = await readTicketsToCheck(sql, { account, eventId });
    if (!kept || (kept.checkedAt && now.getTime() - kept.checkedAt.getTime() < checkMs))
      return true;
    const createdUntil = kept.ticketsUntil;
    const total = await client.readTicketTotal({ eventId, createdUntil }, { signal });
    await saveChecked(sql, account, eventId, now);
    if (total === kept.tickets) return true;
    log.warn({ account, eventId, kept: kept.tickets, total }, "count.doubted");
    return false;
  }

  /**
   * Counts whole the events that were never read so, and those with a ticket that cannot be read: it
   * may be readable by now. One that stays so waits.
   */
  async function countDoubtful(client: VivenuClient, signal: AbortSignal, fail: Fail) {
    const account = client.region;
    const eventIds = [...(await unbased(account)), ...(await readUnreadEvents(sql, account))];
    for (const eventId of new Set(eventIds.filter((id) => !filter.excludes(id)))) {
      const key = `${account} ${eventId}`;
      const now = clock.now().getTime();
      const before = again.get(key);
      if (before && now < before.at) continue;
      const waitMs = Math.min(before ? 2 * before.waitMs : AGAIN_MS, MOST_AGAIN_MS);
      again.set(key, { at: now + waitMs, waitMs });
      try {
        const { unread } = await wholeCount(client, eventId, signal);
        if (unread === 0) again.delete(key);
      } catch (error) {
        if (signal.aborted || isKeyRefused(error)) throw error;
        fail(eventId, error);
      }
    }
  }

  const unbased = async (account: string) =>
    (await readUnbased(sql, account)).filter((eventId) => !filter.excludes(eventId));

  return {
    countWhole: wholeCount,
    countDoubtful,
    follow: followOnce,
    followEvent,
    readUnbased: unbased,
    isBegun: async (account: string) =>
      (await readAccountReading(sql, account)).ticketsUntil !== null,
    /** After a whole poll: changes are read from the oldest of its readings on. */
    async begin(account: string, startedAt: Date) {
      const oldest = await readOldestBase(sql, account);
      const ticketsUntil = oldest && oldest < startedAt ? oldest : startedAt;
      await saveAccountReading(sql, account, { ticketsUntil });
    },
  };
}
