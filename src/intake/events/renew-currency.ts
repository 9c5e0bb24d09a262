import { beginWithin } from "../../database/begin-within.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import { enqueue } from "../../datacore/outbox.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { readCurrency, readMiscalled } from "../store/event-currencies.ts";
import { readSeen, type Seen, saveSeen } from "../store/events-seen.ts";
import { lockEvent } from "../store/locks.ts";
import { requestRecounts } from "../store/recount-requests.ts";
import { digestOf, inCurrency } from "./describe.ts";
import { eventFacts } from "./fact-parts.ts";
import { momentKeyOf } from "./record-event.ts";

/** An event whose prices were not kept is read again, not more often than this. */
const AGAIN_MS = 30 * 60_000;
const LIMIT_MS = 30_000;

/**
 * Records an account's events anew where their tickets have shown since that they sell in another
 * currency. To be called after counts, outside their transactions: an event is locked before tickets.
 */
export async function renewCurrencies(
  sql: Pool,
  account: string,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<void> {
  for (const eventId of await readMiscalled(sql, account)) {
    try {
      const renewed = await beginWithin(sql, LIMIT_MS, (tx) => renewCurrency(tx, account, eventId));
      if (renewed) logger.info({ account, eventId, ...renewed }, "event.currency_learned");
      else await readAgain(eventId);
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      logger.error({ account, eventId, reason: causeOf(error) }, "event.not_renewed");
    }
  }

  function readAgain(eventId: string) {
    const pace = { debounceMs: 0, intervalMs: AGAIN_MS };
    return requestRecounts(sql, [{ account, eventId, at: clock.now() }], { pace });
  }
}

async function renewCurrency(tx: Sql, account: string, eventId: string) {
  await lockEvent(tx, account, eventId);
  const [seen, currency] = await Promise.all([
    readSeen(tx, account, eventId),
    readCurrency(tx, account, eventId),
  ]);
  if (!seen?.prices) return undefined;
  const before = seen.description.currency;
  if (seen.deletedAt === null && before !== currency)
    await record(tx, account, renewed(seen, seen.prices, currency));
  return { before, currency };
}

/** The same look at the event, told in other words: a moment later, so that it is the newest. */
function renewed(seen: Seen, prices: Record<string, number>, currency: string | null): Seen {
  const description = inCurrency(seen.description, prices, currency);
  const observedAt = new Date(seen.observedAt.getTime() + 1);
  return { ...seen, observedAt, description, digest: digestOf(description), recorded: true };
}

async function record(tx: Sql, account: string, version: Seen) {
  const observedAt = version.observedAt.toISOString();
  // As a webhook's: it must not pass for an answer that brings a deleted event back.
  const subject = {
    key: momentKeyOf(account, version),
    account,
    source: "webhook",
    observedAt,
  } as const;
  await enqueue(
    tx,
    eventFacts(subject, version.updatedAt, version.description),
    version.observedAt,
  );
  await saveSeen(tx, account, version);
}
