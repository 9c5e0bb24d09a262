import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TicketClass } from "../../rules/classify.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { isOthersKey } from "../../vivenu/known-owner.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import { accountCounts } from "../counting/counts-of-account.ts";
import type { IncrementalOptions } from "../counting/incremental-settings.ts";
import { whyUnconfirmed } from "../counting/missing-tickets.ts";
import { accountEvents } from "../events/account-events.ts";
import { isParentEvent } from "../events/describe.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { isKeyRefused } from "../events/key-refused.ts";
import type { Fail } from "../events/told.ts";
import { forgetFailuresOfOthers } from "../store/event-failures.ts";
import { readAnomalies } from "../store/unreadable-tickets.ts";
import { failureOf, type PollSummary, recordPoll } from "./poll-summary.ts";

export interface PollerOptions {
  sql: Pool;
  filter: EventFilter;
  pageSize: number;
  /**
   * The cutoff of a count, as a time before its start: what was created last may not be readable
   * everywhere yet.
   */
  cutoffMs: number;
  clock: Clock;
  logger: Logger;
  onProgress?: (progress: Progress) => void;
  /** What the operator says a ticket type is, whatever its structure and its name say. */
  overrides?: Readonly<Record<string, TicketClass>>;
  incremental: IncrementalOptions;
}

/**
 * - `full`     every ticket of every event: the truth
 * - `changes`  what changed since the last time, and a full count of what has no baseline
 */
export type PollMode = "full" | "changes";

export interface Progress {
  account: string;
  /** Of the account's events. */
  done: number;
  of: number;
}

/** Reads one account: its events, and their tickets. What fails is said and stops nothing else. */
export function poller(options: PollerOptions) {
  const { sql, clock, logger, onProgress } = options;
  const events = accountEvents({ ...options, limitMs: options.incremental.limitMs });
  const incremental = accountCounts({ ...options, ...options.incremental });

  async function pollAccount(
    client: VivenuClient,
    signal: AbortSignal,
    { mode = "full" }: { mode?: PollMode } = {},
  ): Promise<PollSummary> {
    const account = client.region;
    const startedAt = clock.now();
    const requestsBefore = client.requests;
    const failures: PollSummary["failures"] = [];
    const notes: PollSummary["failures"] = [];
    const numbers = { eventsRead: 0, eventsCounted: 0, ticketsRead: 0 };
    const failed = new Set<string>();
    const fail: Fail = (eventId, error) => {
      signal.throwIfAborted();
      if (eventId !== null) failed.add(eventId);
      failures.push({ eventId, ...failureOf(error) });
      logger.error({ account, eventId, error }, eventId ? "event.failed" : "account.failed");
    };
    const note: Fail = (eventId, error) => {
      notes.push({ eventId, ...failureOf(error) });
      logger.warn({ account, eventId, error }, "event.noted");
    };
    const run: Run = { client, signal, fail, note, numbers, failed };
    let isFull = true;
    try {
      if (mode === "changes" && (await incremental.isBegun(account))) {
        isFull = false;
        await readChanges(run);
      } else await readFully(run);
      await reportAnomalies(run);
    } catch (error) {
      fail(null, error);
    }
    const requests = client.requests - requestsBefore;
    const ended = { account, startedAt, failures, notes, requests, ...numbers };
    return recordPoll(options, ended, isFull);
  }

  /** What is wrong with the tickets that are kept, whichever count found it. */
  async function reportAnomalies({ client, fail }: Run) {
    for (const { eventId, anomaly } of await readAnomalies(sql, client.region))
      if (!options.filter.excludes(eventId)) fail(eventId, anomaly);
  }

  async function readFully(run: Run) {
    const { client, signal, numbers } = run;
    const startedAt = cutoff();
    const read = await events.readAll(client, signal, run);
    numbers.eventsRead = read.length;
    const leaves = read.filter((event) => !isParentEvent(event));
    await countEach(leaves, run);
    const eventIds = [...read.map(({ _id }) => _id), ...run.failed];
    await forgetFailuresOfOthers(sql, client.region, eventIds);
    await incremental.begin(client.region, startedAt);
    await countChanged(run);
    const unconfirmed = await whyUnconfirmed(sql, client, signal);
    if (unconfirmed) run.note(null, unconfirmed);
  }

  async function readChanges(run: Run) {
    const { client, signal, numbers } = run;
    numbers.eventsRead = (await events.readChanged(client, signal, run)).length;
    const counted = await countChanged(run);
    numbers.eventsCounted += counted?.eventIds.length ?? 0;
    const withoutBaseline = await incremental.readWithoutBaseline(client.region);
    await countEach(
      withoutBaseline.map((_id) => ({ _id })),
      run,
    );
  }

  async function countChanged({ client, signal, fail, numbers }: Run) {
    const counted = await incremental.countChanges(client, { signal, fail });
    numbers.ticketsRead += counted?.ticketsRead ?? 0;
    if (counted && counted.unplaced > 0)
      fail(
        null,
        new Failure(
          "malformed",
          `${counted.unplaced} changed tickets cannot be read, nor of which event they are`,
        ),
      );
    return counted;
  }

  async function countEach(
    each: Pick<VivenuEvent, "_id">[],
    { client, signal, fail, numbers }: Run,
  ) {
    const account = client.region;
    for (const [index, event] of each.entries()) {
      onProgress?.({ account, done: index, of: each.length });
      try {
        const { ticketsRead } = await incremental.countFully(client, event._id, signal);
        numbers.eventsCounted += 1;
        numbers.ticketsRead += ticketsRead;
      } catch (error) {
        // A refused key is the account's failure: every other event would fail as well.
        if (isKeyRefused(error)) throw error;
        fail(event._id, error);
      }
    }
    onProgress?.({ account, done: each.length, of: each.length });
  }

  /**
   * Reads and counts one event, for a recount request. Returns until when its tickets are in the count, undefined
   * when its account no longer has it, or it is excluded.
   */
  async function pollEvent(client: VivenuClient, eventId: string, signal: AbortSignal) {
    if (options.filter.excludes(eventId)) return undefined;
    const until = cutoff();
    const event = await events.readOne(client, eventId, signal);
    if (!event || isParentEvent(event)) return event && until;
    const fail = logging(client.region, signal);
    const counted = await incremental.countEventChanges(client, eventId, { until, signal, fail });
    if (counted) return counted;
    await incremental.countFully(client, eventId, signal);
    return until;
  }

  /**
   * Reads what changed in an account between two polls: its tickets, and with `events` its events as
   * well. Events without a baseline are counted fully. Undefined where the account was never polled.
   */
  async function countChanges(
    client: VivenuClient,
    signal: AbortSignal,
    { overlapMs, withEvents = false }: { overlapMs?: number; withEvents?: boolean } = {},
  ) {
    const fail = logging(client.region, signal);
    const ofEvents = withEvents ? await whyEventsFail(client, signal, fail) : undefined;
    const counted = await incremental.countChanges(client, {
      signal,
      fail,
      ...(overlapMs !== undefined && { overlapMs }),
    });
    if (counted) await incremental.countIncomplete(client, signal, fail);
    if (ofEvents) throw ofEvents.error;
    return counted;
  }

  /** A list of events that fails keeps no ticket from being counted, but where the key is another account's. */
  async function whyEventsFail(client: VivenuClient, signal: AbortSignal, fail: Fail) {
    try {
      await events.readChanged(client, signal, { fail, note: fail });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (isOthersKey(error)) throw error;
      return { error };
    }
  }

  /** Between two polls a failure of one event is no failure of the account. */
  const logging =
    (account: string, signal: AbortSignal): Fail =>
    (eventId, error) => {
      signal.throwIfAborted();
      logger.warn({ account, eventId, error }, "incremental_count.failed");
    };

  const cutoff = () => new Date(clock.now().getTime() - options.cutoffMs);

  return { pollAccount, pollEvent, countChanges };
}

interface Run {
  client: VivenuClient;
  signal: AbortSignal;
  fail: Fail;
  note: Fail;
  /** The events of which some failure was told. */
  failed: Set<string>;
  numbers: { eventsRead: number; eventsCounted: number; ticketsRead: number };
}
