import type { Pool } from "../database/connect.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { TicketClass } from "../rules/classify.ts";
import { readChangedTickets } from "../vivenu/changes.ts";
import type { VivenuClient } from "../vivenu/client.ts";
import { applyChanges, countKept, readAccountReading, readDirty } from "./running.ts";

export interface FollowerOptions {
  sql: Pool;
  pageSize: number;
  /** How long before now a reading ends: the last moments may not be readable everywhere yet. */
  settleMs: number;
  clock: Clock;
  overrides?: Readonly<Record<string, TicketClass>> | undefined;
}

export interface Followed {
  /** Every change up to then is known. */
  until: Date;
  ticketsRead: number;
}

/** Keeps an account's tickets up to date by what changed: one reading covers all its events. */
export function follower({ sql, pageSize, settleMs, clock, overrides }: FollowerOptions) {
  /**
   * Reads what changed since the last time, and `overlapMs` before that once more: Vivenu may show a
   * change late. Undefined where the account was never read whole.
   */
  async function readChanges(
    client: VivenuClient,
    { overlapMs, signal }: { overlapMs: number; signal: AbortSignal },
  ): Promise<Followed | undefined> {
    const account = client.region;
    const { ticketsUntil } = await readAccountReading(sql, account);
    if (!ticketsUntil) return undefined;
    const until = new Date(clock.now().getTime() - settleMs);
    if (until <= ticketsUntil) return { until: ticketsUntil, ticketsRead: 0 };
    const since = new Date(ticketsUntil.getTime() - overlapMs);
    let ticketsRead = 0;
    const reading = await readChangedTickets(client, {
      ...{ since, until, pageSize, signal },
      onStretch: async (tickets, upTo) => {
        ticketsRead += tickets.length;
        await sql.begin((tx) => applyChanges(tx, account, { tickets, until: upTo }));
      },
    });
    if (!reading.complete)
      throw new Failure("unavailable", `the changes were not read whole: ${reading.reason}`, {
        account,
      });
    return { until, ticketsRead };
  }

  /** Counts the events that changed; how many there were. */
  async function countChanged(account: string, signal: AbortSignal): Promise<string[]> {
    const eventIds = await readDirty(sql, account);
    const { ticketsUntil } = await readAccountReading(sql, account);
    if (!ticketsUntil) return [];
    for (const eventId of eventIds) {
      signal.throwIfAborted();
      await sql.begin((tx) => countKept(tx, { account, eventId, at: ticketsUntil, overrides }));
    }
    return eventIds;
  }

  return { readChanges, countChanged };
}
