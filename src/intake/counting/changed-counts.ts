import { beginWithin } from "../../database/begin-within.ts";
import type { Pool } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TicketClass } from "../../rules/classify.ts";
import { readChangedTickets } from "../../vivenu/changed-tickets.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { EventFilter } from "../events/event-filter.ts";
import type { Fail } from "../events/told.ts";
import { readAccountReading } from "../store/account-reading.ts";
import { forgetTickets, readDirty, readEventsWithBaseline } from "../store/baselines.ts";
import { forgetEventFailure, noteEventFailure, readFailing } from "../store/event-failures.ts";
import type { EventKey } from "../store/moved-tickets.ts";
import { warnOfClocks } from "../store/wrong-clocks.ts";
import { applyChanges } from "./apply-changes.ts";
import { countKept } from "./incremental-count.ts";
import { isolatingTickets } from "./isolate-tickets.ts";

export interface ChangeCounterOptions {
  sql: Pool;
  pageSize: number;
  /** The cutoff, as a time before now: what changed last may not be readable everywhere yet. */
  cutoffMs: number;
  clock: Clock;
  logger: Logger;
  filter: Pick<EventFilter, "excludes">;
  overrides?: Readonly<Record<string, TicketClass>> | undefined;
  /** For counting one event by the tickets that are kept. */
  limitMs?: number | undefined;
}

const LIMIT_MS = 30_000;
/** For a stretch of changes: thousands of tickets. */
const APPLY_MS = 120_000;

export interface CountedEvents {
  eventIds: string[];
  /** Could not be counted, now or a short time ago. */
  failed: string[];
}

export interface ReadChanges {
  /** Every change up to then is known. */
  until: Date;
  ticketsRead: number;
  /** Changed tickets that cannot be read, and of which not even the event is known. */
  unplaced: number;
  /** The events that lost a ticket to another one. */
  left: EventKey[];
}

/**
 * The incremental count: reads what changed of an account's tickets, of all its events at once, and counts
 * the events that it touched.
 */
export function changeCounter(options: ChangeCounterOptions) {
  const { sql, pageSize, cutoffMs, clock, logger, filter, overrides, limitMs = LIMIT_MS } = options;
  /** How many of an event's tickets have a status that is not known, as last said. */
  const unknownSaid = new Map<string, number>();

  /**
   * Reads what changed since the last time, and `overlapMs` before that once more: Vivenu may show a
   * change late. Or from `knownUntil` on, for what a list hid. Undefined where the account has no full poll yet.
   */
  async function readChanges(
    client: VivenuClient,
    {
      overlapMs,
      knownUntil,
      signal,
    }: { overlapMs: number; knownUntil?: Date | undefined; signal: AbortSignal },
  ): Promise<ReadChanges | undefined> {
    const account = client.region;
    const { ticketsUntil } = await readAccountReading(sql, account);
    if (!ticketsUntil) return undefined;
    const now = new Date(clock.now().getTime() - cutoffMs);
    if (now <= ticketsUntil && !knownUntil)
      return { until: ticketsUntil, ticketsRead: 0, unplaced: 0, left: [] };
    const until = now > ticketsUntil ? now : ticketsUntil;
    await forgetExcluded(account);
    const since = new Date((knownUntil ?? ticketsUntil).getTime() - overlapMs);
    let ticketsRead = 0;
    let unplaced = 0;
    const left: EventKey[] = [];
    const reading = await readChangedTickets(client, {
      since,
      until,
      pageSize,
      signal,
      onStretch: async (content, upTo) => {
        ticketsRead += content.tickets.length;
        const { excludes } = filter;
        const changes = { ...content, until: upTo, excludes };
        const applied = await isolatingTickets(sql, changes, {
          ms: APPLY_MS,
          work: (tx, some) => applyChanges(tx, account, some),
        });
        unplaced += applied.unplaced;
        left.push(...applied.left);
        warnOfClocks(logger, account, applied.wrongClocks);
        const { unreadable: eventIds } = applied;
        if (eventIds.length > 0) logger.warn({ account, eventIds }, "ticket.unreadable");
      },
    });
    if (!reading.complete)
      throw new Failure("unavailable", `the changes were not read completely: ${reading.reason}`, {
        account,
      });
    if (unplaced > 0) logger.warn({ account, tickets: unplaced }, "ticket.unplaced");
    return { until, ticketsRead, unplaced, left };
  }

  /** What was kept of an event that is excluded by now goes stale, and must not be counted by. */
  async function forgetExcluded(account: string) {
    for (const eventId of (await readEventsWithBaseline(sql, account)).filter(filter.excludes))
      await sql.begin((tx) => forgetTickets(tx, account, eventId));
  }

  /** Counts the events that changed. One that fails is told, has its own next turn, and stops no other. */
  async function countChanged(
    account: string,
    signal: AbortSignal,
    fail: Fail,
  ): Promise<CountedEvents> {
    const eventIds = (await readDirty(sql, account)).filter((id) => !filter.excludes(id));
    const { ticketsUntil } = await readAccountReading(sql, account);
    const counted: CountedEvents = { eventIds: [], failed: [] };
    if (!ticketsUntil) return counted;
    const failing = await readFailing(sql, account, { work: "count", at: clock.now() });
    for (const eventId of eventIds) {
      signal.throwIfAborted();
      if (failing.get(eventId)) {
        counted.failed.push(eventId);
        continue;
      }
      const key = { account, eventId, work: "count" as const };
      try {
        await countOne(account, eventId, ticketsUntil);
        if (failing.has(eventId)) await forgetEventFailure(sql, key);
        counted.eventIds.push(eventId);
      } catch (error) {
        if (signal.aborted || blameOf(error) === "outage") throw error;
        await noteEventFailure(sql, key, { error, at: clock.now() });
        counted.failed.push(eventId);
        fail(eventId, error);
      }
    }
    return counted;
  }

  /** Counts the events that lost tickets to others, of whichever account: they are marked dirty besides. */
  async function countLeft(left: readonly EventKey[], at: Date) {
    const each = new Map(left.map((key) => [`${key.account} ${key.eventId}`, key]));
    for (const { account, eventId } of each.values()) {
      if (filter.excludes(eventId)) continue;
      const { ticketsUntil } = await readAccountReading(sql, account);
      try {
        await countOne(account, eventId, ticketsUntil ?? at);
      } catch (error) {
        // It is dirty: its own account counts it at its next look.
        if (blameOf(error) === "outage") throw error;
        logger.warn({ account, eventId, reason: causeOf(error) }, "event.not_counted");
      }
    }
  }

  async function countOne(account: string, eventId: string, at: Date) {
    const { unknown } = await beginWithin(sql, limitMs, (tx) =>
      countKept(tx, { account, eventId, at, overrides }),
    );
    if (unknown > 0 && unknown !== unknownSaid.get(eventId))
      logger.warn({ account, eventId, tickets: unknown }, "ticket.unknown_status");
    unknownSaid.set(eventId, unknown);
  }

  return { readChanges, countChanged, countLeft };
}
