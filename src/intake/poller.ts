import type { PollFinished } from "../contracts/index.ts";
import type { Pool } from "../database/connect.ts";
import { put } from "../datacore/outbox.ts";
import type { Clock } from "../lib/clock.ts";
import { isFailure, messageOf } from "../lib/failure.ts";
import { type Logger, redactText } from "../lib/log.ts";
import type { TicketClass } from "../rules/classify.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import type { VivenuEvent } from "../vivenu/wire.ts";
import { accountEvents, type Fail, isKeyRefused } from "./account-events.ts";
import { type CountOutcome, countEvent } from "./counting.ts";
import type { EventFilter } from "./filter.ts";
import { type RunningOptions, runningCounts } from "./running-counts.ts";

export interface PollerOptions {
  sql: Pool;
  filter: EventFilter;
  pageSize: number;
  /**
   * How long before its start a count ends: what is created in the last moments may not be readable
   * everywhere yet.
   */
  settleMs: number;
  clock: Clock;
  log: Logger;
  onProgress?: (progress: Progress) => void;
  /** What the operator says a ticket type is, whatever its structure and its name say. */
  overrides?: Readonly<Record<string, TicketClass>>;
  /** Keeps of each ticket what counting needs, so that changes are enough; without it all is read anew. */
  running?: RunningOptions;
}

/**
 * - `full`     every ticket of every event: the truth
 * - `changes`  what changed since the last time, and whole only what was never read whole
 */
export type PollMode = "full" | "changes";

export interface Progress {
  account: string;
  /** Of the account's events. */
  done: number;
  of: number;
}

export type PollSummary = Omit<PollFinished, "idempotencyKey" | "source" | "observedAt">;

/** A fact has room for so many failures; the log has them all. */
const MAX_FAILURES = 50;
const MAX_REASON = 300;

/** Events of these kinds hold others, which are counted by themselves. */
const PARENTS = ["ROOT", "GROUP"];

/** Reads one account: its events, and their tickets. What fails is said and stops nothing else. */
export function poller(options: PollerOptions) {
  const { sql, clock, log, onProgress } = options;
  const events = accountEvents(options);
  const running = options.running && runningCounts({ ...options, ...options.running });

  async function pollAccount(
    client: VivenuClient,
    signal: AbortSignal,
    { mode = "full" }: { mode?: PollMode } = {},
  ): Promise<PollSummary> {
    const account = client.region;
    const startedAt = clock.now();
    const requestsBefore = client.requests;
    const failures: PollSummary["failures"] = [];
    const numbers = { eventsRead: 0, eventsCounted: 0, ticketsRead: 0 };
    const fail: Fail = (eventId, error) => {
      signal.throwIfAborted();
      const kind = isFailure(error) ? error.kind : "fault";
      failures.push({ eventId, kind, reason: redactText(messageOf(error)).slice(0, MAX_REASON) });
      log.error({ account, eventId, error }, eventId ? "event.failed" : "account.failed");
    };
    const run: Run = { client, signal, fail, numbers };
    let isWhole = true;
    try {
      if (running && mode === "changes" && (await running.isBegun(account))) {
        isWhole = false;
        await readChanges(running, run);
      } else await readWhole(run);
    } catch (error) {
      fail(null, error);
    }
    const requests = client.requests - requestsBefore;
    return finish({ account, startedAt, failures, requests, ...numbers }, isWhole);
  }

  async function readWhole(run: Run) {
    const { client, signal, fail, numbers } = run;
    const startedAt = settled();
    const read = await events.readAll(client, signal, fail);
    numbers.eventsRead = read.length;
    const leaves = read.filter(({ eventType }) => !PARENTS.includes(eventType));
    await countEach(leaves, run, (event) => count(client, event, signal));
    if (!running) return;
    await running.begin(client.region, startedAt);
    const followed = await running.follow(client, { signal });
    numbers.ticketsRead += followed?.ticketsRead ?? 0;
  }

  async function readChanges(counts: NonNullable<typeof running>, run: Run) {
    const { client, signal, fail, numbers } = run;
    numbers.eventsRead = (await events.readChanged(client, signal, fail)).length;
    const followed = await counts.follow(client, { signal });
    numbers.ticketsRead += followed?.ticketsRead ?? 0;
    numbers.eventsCounted += followed?.eventIds.length ?? 0;
    const unbased = (await counts.readUnbased(client.region)).map((_id) => ({ _id }));
    await countEach(unbased, run, ({ _id }) => counts.countWhole(client, _id, signal));
  }

  async function countEach<Event extends { _id: string }>(
    each: Event[],
    { client, fail, numbers }: Run,
    countOne: (event: Event) => Promise<CountOutcome>,
  ) {
    const account = client.region;
    for (const [index, event] of each.entries()) {
      onProgress?.({ account, done: index, of: each.length });
      try {
        const { ticketsRead } = await countOne(event);
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
   * Reads and counts one event, for a hint. Returns until when its tickets are in the count, undefined
   * when its account no longer has it.
   */
  async function pollEvent(client: VivenuClient, eventId: string, signal: AbortSignal) {
    const until = settled();
    const event = await events.readMissing(client, eventId, signal);
    if (!event || PARENTS.includes(event.eventType)) return event && until;
    const followed = await running?.followEvent(client, eventId, { until, signal });
    if (followed) return followed;
    await count(client, event, signal);
    return until;
  }

  /**
   * Reads what changed in an account between two polls: its tickets, and with `events` its events as
   * well. Events that were never read whole are. Undefined where the account was never polled.
   */
  async function followAccount(
    client: VivenuClient,
    signal: AbortSignal,
    { overlapMs, withEvents = false }: { overlapMs?: number; withEvents?: boolean } = {},
  ) {
    if (!running) return undefined;
    const fail: Fail = (eventId, error) => {
      signal.throwIfAborted();
      log.warn({ account: client.region, eventId, error }, "follow.failed");
    };
    if (withEvents) await events.readChanged(client, signal, fail);
    const followed = await running.follow(client, {
      signal,
      ...(overlapMs !== undefined && { overlapMs }),
    });
    if (followed) await running.countNew(client, signal, fail);
    return followed;
  }

  const settled = () => new Date(clock.now().getTime() - options.settleMs);

  function count(
    client: VivenuClient,
    event: VivenuEvent,
    signal: AbortSignal,
  ): Promise<CountOutcome> {
    if (running) return running.countWhole(client, event._id, signal);
    const { pageSize, overrides } = options;
    const account = client.region;
    return countEvent({
      ...{ sql, client, account, event, countedAt: settled(), pageSize, signal },
      ...(overrides && { overrides }),
    });
  }

  async function finish(
    {
      startedAt,
      failures,
      ...rest
    }: Omit<PollSummary, "startedAt" | "finishedAt" | "complete"> & { startedAt: Date },
    isWhole: boolean,
  ): Promise<PollSummary> {
    const finishedAt = clock.now();
    const summary = {
      ...rest,
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt.toISOString(),
      complete: failures.length === 0,
      failures: failures.slice(0, MAX_FAILURES),
    };
    await sql.begin(async (tx) => {
      const payload = {
        ...summary,
        idempotencyKey: `poll.finished/${rest.account}/${summary.startedAt}`,
        source: "poll" as const,
        observedAt: summary.startedAt,
      };
      await put(tx, [{ eventType: "poll.finished.0", payload }], finishedAt);
      // A look at the changes does not stand in for the daily count of everything.
      if (isWhole) await savePollState(tx, summary);
    });
    log.info(summary, "poll.finished");
    return summary;
  }

  return { pollAccount, pollEvent, followAccount };
}

interface Run {
  client: VivenuClient;
  signal: AbortSignal;
  fail: Fail;
  numbers: { eventsRead: number; eventsCounted: number; ticketsRead: number };
}

const savePollState = (
  sql: Parameters<typeof put>[0],
  { account, startedAt, finishedAt, complete }: PollSummary,
) => sql`
  insert into poll_state (account, started_at, finished_at, complete)
  values (${account}, ${startedAt}, ${finishedAt}, ${complete})
  on conflict (account) do update set
    started_at  = excluded.started_at,
    finished_at = excluded.finished_at,
    complete    = excluded.complete
  where poll_state.started_at <= excluded.started_at
`;

/** When each account's last poll began, and whether it could read everything. */
export async function readLastPolls(
  sql: Pool,
): Promise<Map<string, { startedAt: Date; complete: boolean }>> {
  const rows = await sql<{ account: string; startedAt: Date; complete: boolean | null }[]>`
    select account, started_at, complete from poll_state
  `;
  return new Map(
    rows.map(({ account, startedAt, complete }) => [
      account,
      { startedAt, complete: complete === true },
    ]),
  );
}
