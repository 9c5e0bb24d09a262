import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TicketClass } from "../../rules/classify.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { isKeyRefused } from "../events/key-refused.ts";
import { renewCurrencies } from "../events/renew-currency.ts";
import type { Fail } from "../events/told.ts";
import { readAccountReading, saveAccountReading } from "../store/account-reading.ts";
import { hasBaseline, readOldestBaseline } from "../store/baselines.ts";
import { type EventWork, forgetEventFailure, noteEventFailure } from "../store/event-failures.ts";
import { accountTotals } from "./account-totals.ts";
import { type CountedEvents, changeCounter, type ReadChanges } from "./changed-counts.ts";
import { type CountOutcome, takeFullCount } from "./full-count.ts";
import { incompleteCounts } from "./incomplete-counts.ts";
import type { IncrementalOptions } from "./incremental-settings.ts";
import { ticketCheck } from "./ticket-check.ts";

interface Options extends IncrementalOptions {
  sql: Pool;
  pageSize: number;
  cutoffMs: number;
  filter: EventFilter;
  clock: Clock;
  logger: Logger;
  overrides?: Readonly<Record<string, TicketClass>>;
}

/** The events that were counted, and those that could not be. */
export type CountedChanges = ReadChanges & CountedEvents;

export interface CountChangesOptions {
  signal: AbortSignal;
  /** Told of each event that could not be counted. */
  fail: Fail;
  overlapMs?: number;
}

/** Changes that another caller read so short a time ago are as good as those of our own request. */
const FRESH_MS = 10_000;

/**
 * An account's counts: incremental ones by what changed, and full ones, which are the truth and make the
 * baseline.
 */
export function accountCounts(options: Options) {
  const { sql, pageSize, cutoffMs, filter, clock, logger, overrides, overlapMs, checkMs } = options;
  const { limitMs } = options;
  const changes = changeCounter({
    sql,
    pageSize,
    cutoffMs,
    clock,
    logger,
    filter,
    overrides,
    limitMs,
  });
  const totals = accountTotals({
    ...{ sql, clock, logger, filter, countFully },
    readAgain: async (client, knownUntil, { signal, fail }) => {
      await followChanges(client, { overlapMs, knownUntil, signal, fail });
    },
  });

  const check = ticketCheck({ sql, clock, logger, checkMs });
  const incomplete = incompleteCounts({ sql, filter, clock, countFully });

  const cutoff = () => new Date(clock.now().getTime() - cutoffMs);

  async function countFully(
    client: VivenuClient,
    eventId: string,
    signal: AbortSignal,
  ): Promise<CountOutcome> {
    const until = cutoff();
    const outcome = await noting({ account: client.region, eventId, work: "count" }, () =>
      takeFullCount({
        sql,
        client,
        eventId,
        until,
        pageSize,
        clock,
        logger,
        signal,
        overrides,
        limitMs,
        onDifference: options.onDifference,
      }),
    );
    await changes.countLeft(outcome.left, until);
    await renewCurrencies(sql, client.region, { clock, logger });
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
  async function countChanges(
    client: VivenuClient,
    { signal, fail, overlapMs: overlap = overlapMs }: CountChangesOptions,
  ): Promise<CountedChanges | undefined> {
    const followedAt = clock.now();
    const counted = await followChanges(client, { overlapMs: overlap, signal, fail });
    if (!counted) return undefined;
    await saveAccountReading(sql, client.region, { followedAt });
    if (checkMs > 0) await totals.check(client, { signal, fail });
    return counted;
  }

  async function followChanges(
    client: VivenuClient,
    { fail, ...how }: { signal: AbortSignal; fail: Fail; overlapMs: number; knownUntil?: Date },
  ): Promise<CountedChanges | undefined> {
    const account = client.region;
    const read = await changes.readChanges(client, how);
    if (!read) return undefined;
    const counted = await changes.countChanged(account, how.signal, fail);
    const elsewhere = read.left.filter((event) => event.account !== account);
    await changes.countLeft(elsewhere, read.until);
    await renewCurrencies(sql, account, { clock, logger });
    return { ...read, ...counted };
  }

  /**
   * Counts one event by its account's changes, and says up to when; undefined where they are not enough,
   * or cannot be read: then it needs a full count.
   */
  async function countEventChanges(
    client: VivenuClient,
    eventId: string,
    { until, signal, fail }: { until: Date; signal: AbortSignal; fail: Fail },
  ): Promise<Date | undefined> {
    const account = client.region;
    if (!(await hasBaseline(sql, account, eventId))) return undefined;
    const { ticketsUntil } = await readAccountReading(sql, account);
    if (!ticketsUntil) return undefined;
    try {
      if (ticketsUntil.getTime() < until.getTime() - FRESH_MS) {
        const counted = await countChanges(client, { signal, fail });
        if (counted?.failed.includes(eventId)) return undefined;
        return (await check(client, eventId, signal)) ? until : undefined;
      }
      const { failed } = await changes.countChanged(account, signal, fail);
      if (failed.includes(eventId)) return undefined;
      if (!(await check(client, eventId, signal))) return undefined;
      return ticketsUntil < until ? ticketsUntil : until;
    } catch (error) {
      if (signal.aborted || isKeyRefused(error)) throw error;
      logger.warn({ account, eventId, error }, "incremental_count.failed");
      return undefined;
    }
  }

  return {
    ...incomplete,
    countFully,
    countChanges,
    countEventChanges,
    isBegun: async (account: string) =>
      (await readAccountReading(sql, account)).ticketsUntil !== null,
    /** After a full poll: changes are read from the oldest of its baselines on. */
    async begin(account: string, startedAt: Date) {
      const oldest = await readOldestBaseline(sql, account);
      const ticketsUntil = oldest && oldest < startedAt ? oldest : startedAt;
      await saveAccountReading(sql, account, { ticketsUntil });
    },
  };
}
