import type { Pool } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { isKeyRefused } from "../events/key-refused.ts";
import type { Fail } from "../events/told.ts";
import { readEventsWithoutBaseline } from "../store/baselines.ts";
import { readUnreadableEvents } from "../store/unreadable-tickets.ts";
import type { CountOutcome } from "./full-count.ts";

/** An event that could not be counted fully is tried again after this long, then after twice as long. */
const AGAIN_MS = 3_600_000;
const MOST_AGAIN_MS = 24 * 3_600_000;
/** Where Vivenu did not answer, or contradicted itself: that may be over at any time. */
const AFTER_OUTAGE_MS = 600_000;

interface Options {
  sql: Pool;
  filter: EventFilter;
  clock: Clock;
  countFully: (client: VivenuClient, eventId: string, signal: AbortSignal) => Promise<CountOutcome>;
}

/** Counts again what was not counted completely, ever more seldom where that does not help. */
export function incompleteCounts({ sql, filter, clock, countFully }: Options) {
  const again = new Map<string, { at: number; waitMs: number }>();

  /**
   * Counts fully the events without a baseline, and those with an unreadable ticket: it may be readable
   * by now. One that stays so waits.
   */
  async function countIncomplete(client: VivenuClient, signal: AbortSignal, fail: Fail) {
    const account = client.region;
    const eventIds = [
      ...(await readWithoutBaseline(account)),
      ...(await readUnreadableEvents(sql, account)),
    ];
    for (const eventId of new Set(eventIds.filter((id) => !filter.excludes(id)))) {
      const key = `${account} ${eventId}`;
      const now = clock.now().getTime();
      const before = again.get(key);
      if (before && agoMs(before.at, now) < before.waitMs) continue;
      const waitMs = Math.min(before ? 2 * before.waitMs : AGAIN_MS, MOST_AGAIN_MS);
      again.set(key, { at: now, waitMs });
      try {
        const { unreadable } = await countFully(client, eventId, signal);
        if (unreadable === 0) again.delete(key);
      } catch (error) {
        if (signal.aborted || isKeyRefused(error)) throw error;
        if (blameOf(error) === "outage") again.set(key, { at: now, waitMs: AFTER_OUTAGE_MS });
        fail(eventId, error);
      }
    }
  }

  const readWithoutBaseline = async (account: string) =>
    (await readEventsWithoutBaseline(sql, account)).filter((eventId) => !filter.excludes(eventId));

  return { countIncomplete, readWithoutBaseline };
}
