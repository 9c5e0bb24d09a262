import type { PollFinished } from "../contracts/index.ts";
import type { Pool } from "../database/connect.ts";
import { put } from "../datacore/outbox.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure, isFailure, messageOf } from "../lib/failure.ts";
import { type Logger, redactText } from "../lib/log.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import type { Seller, VivenuEvent } from "../vivenu/wire.ts";
import { type CountOutcome, countEvent } from "./counting.ts";
import { readKnownEvents, recordDeletion, recordEvent } from "./events.ts";
import type { EventFilter } from "./filter.ts";
import { saveSeller } from "./sellers.ts";

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
}

export interface Progress {
  account: string;
  /** Of the account's events. */
  done: number;
  of: number;
}

export type PollSummary = Omit<PollFinished, "idempotencyKey" | "source" | "observedAt">;

type Fail = (eventId: string | null, error: unknown) => void;

/** A fact has room for so many failures; the log has them all. */
const MAX_FAILURES = 50;
const MAX_REASON = 300;

/** Events of these kinds hold others, which are counted by themselves. */
const PARENTS = ["ROOT", "GROUP"];

/** Reads one account: its events, and all tickets of each. What fails is said and stops nothing else. */
export function poller(options: PollerOptions) {
  const { sql, filter, clock, log, onProgress } = options;

  async function pollAccount(client: VivenuClient, signal: AbortSignal): Promise<PollSummary> {
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
    try {
      const events = await readEvents(client, signal, fail);
      numbers.eventsRead = events.length;
      for (const [index, event] of events.entries()) {
        onProgress?.({ account, done: index, of: events.length });
        if (PARENTS.includes(event.eventType)) continue;
        try {
          const { ticketsRead } = await count(client, event, signal);
          numbers.eventsCounted += 1;
          numbers.ticketsRead += ticketsRead;
        } catch (error) {
          // A refused key is the account's failure: every other event would fail as well.
          if (isKeyRefused(error)) throw error;
          fail(event._id, error);
        }
      }
      onProgress?.({ account, done: events.length, of: events.length });
    } catch (error) {
      fail(null, error);
    }
    const requests = client.requests - requestsBefore;
    return finish({ account, startedAt, failures, requests, ...numbers });
  }

  /** Who the account's owner is; the events' word is taken where Vivenu does not say it by itself. */
  async function readSeller(client: VivenuClient, signal: AbortSignal, fail: Fail) {
    try {
      return await client.readSeller({ signal });
    } catch (error) {
      if (isKeyRefused(error)) throw error;
      fail(null, error);
      return { _id: null, currency: null };
    }
  }

  async function learnSeller(account: string, { _id, currency }: Seller, events: VivenuEvent[]) {
    const sellerId = _id ?? events.find((event) => event.sellerId !== null)?.sellerId ?? null;
    await saveSeller(sql, account, { _id: sellerId, currency }, clock.now());
  }

  /** Every wanted event as it is now, recorded; also those that the list no longer has. */
  async function readEvents(
    client: VivenuClient,
    signal: AbortSignal,
    fail: Fail,
  ): Promise<VivenuEvent[]> {
    const account = client.region;
    const seller = await readSeller(client, signal, fail);
    const observedAt = clock.now();
    const list = await client.readEvents({ signal });
    if (!list.complete)
      fail(
        null,
        new Failure("unavailable", `the list of events was not read whole: ${list.reason}`),
      );
    for (const { id, reason } of list.malformed)
      if (filter.mayWant(id))
        fail(id, new Failure("malformed", `an event of the list can not be read: ${reason}`));
    await learnSeller(account, seller, list.events);
    const wanted = list.events.filter((event) => filter.wants(account, event));
    const readable: VivenuEvent[] = [];
    for (const event of wanted) {
      try {
        await record(account, event, observedAt);
        readable.push(event);
      } catch (error) {
        fail(event._id, error);
      }
    }
    const listed = new Set([
      ...list.events.map(({ _id }) => _id),
      ...list.malformed.flatMap(({ id }) => id ?? []),
    ]);
    const known = await readKnownEvents(sql, account);
    for (const eventId of known.filter((id) => !listed.has(id))) {
      try {
        const event = await readMissing(client, eventId, signal);
        if (event) readable.push(event);
      } catch (error) {
        if (isKeyRefused(error)) throw error;
        fail(eventId, error);
      }
    }
    return readable;
  }

  /** An event that the list lacks is gone only when Vivenu answers 404 for it. */
  async function readMissing(client: VivenuClient, eventId: string, signal: AbortSignal) {
    const account = client.region;
    const observedAt = clock.now();
    const event = await client.readEvent(eventId, { signal });
    if (event) await record(account, event, observedAt);
    else
      await sql.begin((tx) =>
        recordDeletion(tx, { account, source: "poll", eventId, name: null, observedAt }),
      );
    return event;
  }

  /**
   * Reads and counts one event, for a hint. Returns until when its tickets are in the count, undefined
   * when its account no longer has it.
   */
  async function pollEvent(client: VivenuClient, eventId: string, signal: AbortSignal) {
    const until = settled();
    const event = await readMissing(client, eventId, signal);
    if (event && !PARENTS.includes(event.eventType)) await count(client, event, signal);
    return event && until;
  }

  const settled = () => new Date(clock.now().getTime() - options.settleMs);

  function record(account: string, event: VivenuEvent, observedAt: Date) {
    return sql.begin((tx) => recordEvent(tx, { account, source: "poll", event, observedAt }));
  }

  function count(
    client: VivenuClient,
    event: VivenuEvent,
    signal: AbortSignal,
  ): Promise<CountOutcome> {
    const { pageSize } = options;
    const account = client.region;
    return countEvent({ sql, client, account, event, countedAt: settled(), pageSize, signal });
  }

  async function finish({
    startedAt,
    failures,
    ...rest
  }: Omit<PollSummary, "startedAt" | "finishedAt" | "complete"> & {
    startedAt: Date;
  }): Promise<PollSummary> {
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
      await savePollState(tx, summary);
    });
    log.info(summary, "poll.finished");
    return summary;
  }

  return { pollAccount, pollEvent };
}

const isKeyRefused = (error: unknown) =>
  isFailure(error, "refused") && (error.context.status === 401 || error.context.status === 403);

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
