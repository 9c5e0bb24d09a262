import type { Pool } from "../../database/connect.ts";
import { causeOf } from "../../database/fault.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TicketClass } from "../../rules/classify.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { takeFullCount } from "../counting/full-count.ts";
import { accountEvents } from "../events/account-events.ts";
import { isParentEvent } from "../events/describe.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { failureKindOf, isKeyRefused } from "../events/key-refused.ts";
import { renewCurrencies } from "../events/renew-currency.ts";
import type { Fail } from "../events/told.ts";
import { saveAccountReading } from "../store/account-reading.ts";
import { forgetBackfilled, readBackfilled, saveBackfilled } from "../store/backfilled-events.ts";
import { readOldestBaseline } from "../store/baselines.ts";
import { readAnomalies } from "../store/unreadable-tickets.ts";

export interface BackfillOptions {
  sql: Pool;
  filter: EventFilter;
  pageSize: number;
  cutoffMs: number;
  clock: Clock;
  logger: Logger;
  overrides?: Readonly<Record<string, TicketClass>>;
  onProgress?: (progress: { account: string; done: number; of: number }) => void;
}

export interface BackfillSummary {
  account: string;
  events: number;
  /** Of them: those that an earlier run had finished. */
  finishedBefore: number;
  ticketsRead: number;
  requests: number;
  /** Whether the account's whole history is told by now. */
  complete: boolean;
  failures: { eventId: string | null; kind: string; reason: string }[];
}

/**
 * Fills an empty datacore: says of every event what it is, and of all its tickets in which hour they
 * were created, whatever was said before. A run that breaks off goes on where it stopped, by event and
 * within an event by page.
 */
export function backfill(options: BackfillOptions) {
  const { sql, filter, clock, logger, overrides, pageSize, cutoffMs, onProgress } = options;
  const events = accountEvents({ sql, filter, clock, logger, source: "backfill", force: true });

  async function backfillAccount(
    client: VivenuClient,
    signal: AbortSignal,
  ): Promise<BackfillSummary> {
    const account = client.region;
    const startedAt = cutoff();
    const before = client.requests;
    const summary = { account, events: 0, finishedBefore: 0, ticketsRead: 0 };
    const failures: BackfillSummary["failures"] = [];
    const fail: Fail = (eventId, error) => {
      signal.throwIfAborted();
      const reason = causeOf(error);
      failures.push({ eventId, kind: failureKindOf(error), reason });
      logger.error({ account, eventId, error }, eventId ? "event.failed" : "account.failed");
    };
    const note: Fail = (eventId, error) => logger.warn({ account, eventId, error }, "event.noted");
    try {
      const read = await events.readAll(client, signal, { fail, note });
      const leaves = read.filter((event) => !isParentEvent(event));
      const finished = await readBackfilled(sql, account);
      summary.events = leaves.length;
      for (const [index, { _id: eventId }] of leaves.entries()) {
        onProgress?.({ account, done: index, of: leaves.length });
        if (finished.has(eventId)) summary.finishedBefore += 1;
        else summary.ticketsRead += await backfillEvent(client, eventId, { signal, fail });
      }
      onProgress?.({ account, done: leaves.length, of: leaves.length });
      await renewCurrencies(sql, account, { clock, logger });
      for (const { eventId, anomaly } of await readAnomalies(sql, account)) fail(eventId, anomaly);
    } catch (error) {
      fail(null, error);
    }
    const complete = failures.length === 0;
    if (complete) await finish(account, startedAt);
    const result = { ...summary, requests: client.requests - before, complete, failures };
    logger.info(result, "backfill.finished");
    return result;
  }

  async function backfillEvent(
    client: VivenuClient,
    eventId: string,
    { signal, fail }: { signal: AbortSignal; fail: Fail },
  ): Promise<number> {
    try {
      const { ticketsRead } = await takeFullCount({
        sql,
        client,
        eventId,
        until: cutoff(),
        pageSize,
        clock,
        logger,
        signal,
        overrides,
        source: "backfill",
        force: true,
      });
      await saveBackfilled(sql, client.region, eventId, clock.now());
      return ticketsRead;
    } catch (error) {
      if (isKeyRefused(error)) throw error;
      fail(eventId, error);
      return 0;
    }
  }

  /** The next run is a new one; and from here on changes are enough. */
  async function finish(account: string, startedAt: Date) {
    const oldest = await readOldestBaseline(sql, account);
    await sql.begin(async (tx) => {
      await forgetBackfilled(tx, account);
      const ticketsUntil = oldest && oldest < startedAt ? oldest : startedAt;
      await saveAccountReading(tx, account, { ticketsUntil });
    });
  }

  const cutoff = () => new Date(clock.now().getTime() - cutoffMs);

  return { backfillAccount };
}
