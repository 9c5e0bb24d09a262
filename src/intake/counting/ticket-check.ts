import type { Pool } from "../../database/connect.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { readTicketsToCheck, saveChecked } from "../store/tickets-to-check.ts";

interface Options {
  sql: Pool;
  clock: Clock;
  logger: Logger;
  /** How far two checks of an event lie apart; 0 for none. */
  checkMs: number;
}

/** Checks the tickets that are kept of one event. */
export function ticketCheck({ sql, clock, logger, checkMs }: Options) {
  /**
   * Holds our number of an event's tickets against Vivenu's: one request, and not more than one in
   * `checkMs`. False where they differ.
   */
  return async function check(client: VivenuClient, eventId: string, signal: AbortSignal) {
    if (checkMs === 0) return true;
    const account = client.region;
    const now = clock.now();
    const kept = await readTicketsToCheck(sql, { account, eventId });
    if (!kept || (kept.checkedAt && agoMs(kept.checkedAt.getTime(), now.getTime()) < checkMs))
      return true;
    const createdUntil = kept.ticketsUntil;
    const total = await client.readTicketTotal({ eventId, createdUntil }, { signal });
    await saveChecked(sql, account, eventId, now);
    if (total === kept.tickets) return true;
    logger.warn({ account, eventId, kept: kept.tickets, total }, "count.doubted");
    return false;
  };
}
