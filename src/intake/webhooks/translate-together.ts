import type { Sql } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { EventFilter } from "../events/event-filter.ts";
import { gatheredEventStore } from "../store/event-store.ts";
import { markTranslated, type WaitingDelivery } from "../store/inbox.ts";
import { lockEvents } from "../store/locks.ts";
import {
  type NewRecountRequest,
  type RecountPace,
  requestRecounts,
} from "../store/recount-requests.ts";
import { type Opened, type Owned, openDelivery, ownDelivery, recordDelivery } from "./delivered.ts";

/** Unpacked bodies that are held at one time; the first is, whatever its size. */
const MOST_BYTES = 8_000_000;

export interface TogetherOptions {
  filter: EventFilter;
  pace: RecountPace;
  clock: Clock;
  logger: Logger;
  /** Keeps that a delivery failed before anything of it was written. */
  fail: (tx: Sql, delivery: WaitingDelivery, error: unknown) => Promise<void>;
}

/**
 * Translates deliveries in one transaction. Those of one event follow one another as they came, and those
 * of different events go side by side, so that what is asked of all of them is one statement.
 * Throws where any of it failed, and then the whole transaction has to be given up. Says how many of them,
 * from the first on, it has dealt with.
 */
export async function translateTogether(
  tx: Sql,
  deliveries: readonly WaitingDelivery[],
  options: TogetherOptions,
): Promise<number> {
  const { filter, pace, clock, logger, fail } = options;
  const { opened, looked } = await openAll();
  const owned = await ownAll(opened);
  await lockEvents(
    tx,
    owned.map(({ account, event }) => ({ account, eventId: event._id })),
  );
  const store = gatheredEventStore(tx);
  const requests: NewRecountRequest[] = [];
  const outcomes = new Map<Owned, string>();
  const byEvent = Map.groupBy(owned, ({ event }) => event._id);
  await all([...byEvent.values()], async (some) => {
    for (const one of some) {
      const readAgain = (request: NewRecountRequest) => void requests.push(request);
      outcomes.set(one, await recordDelivery(tx, one, { filter, logger, readAgain, store }));
    }
  });
  if (requests.length > 0) await requestRecounts(tx, requests, { pace, evenDeleted: true });
  const translated = owned.map(({ delivery }) => delivery.deliveryId);
  await markTranslated(tx, translated, clock.now());
  for (const one of owned) {
    const { deliveryId, type, account } = one.delivery;
    logger.info({ deliveryId, type, account, outcome: outcomes.get(one) }, "delivery.translated");
  }
  return looked;

  /** What breaks its contract is known before anything is written, and takes no other with it. */
  async function openAll() {
    const all: Opened[] = [];
    let [bytes, count] = [0, 0];
    for (const delivery of deliveries) {
      if (bytes > MOST_BYTES) break;
      count += 1;
      try {
        const one = openDelivery(delivery, logger);
        bytes += one.bytes;
        all.push(one);
      } catch (error) {
        await fail(tx, delivery, error);
      }
    }
    return { opened: all, looked: count };
  }

  /**
   * Whose those are that do not say it. What another one of them would decide, as nobody had the event yet,
   * or will make ambiguous, is for one after the other.
   */
  async function ownAll(some: readonly Opened[]): Promise<Owned[]> {
    const said = new Set(
      some.flatMap(({ delivery, event }) => (delivery.account === null ? [] : event._id)),
    );
    if (some.some(({ delivery, event }) => delivery.account === null && said.has(event._id)))
      throw new Error("whose a delivery is hangs on another one");
    return all(some, (one) => ownDelivery(tx, one));
  }
}

/** Waits for all of them, also after a failure: nothing may ask on when the transaction is given up. */
async function all<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const settled = await Promise.allSettled(items.map(work));
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
