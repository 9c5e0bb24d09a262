import type { TransactionSql } from "postgres";
import { beginWithin } from "../../database/begin-within.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { TookTooLong } from "../../lib/time-limit.ts";
import { nextTryAt, slowestTryAt } from "../../lib/tries.ts";
import type { EventFilter } from "../events/event-filter.ts";
import {
  anyTranslatedSince,
  deleteBodiesBefore,
  markTranslated,
  postponeDelivery,
  refuseDelivery,
  takeWaiting,
  type WaitingDelivery,
} from "../store/inbox.ts";
import {
  type NewRecountRequest,
  type RecountPace,
  requestRecounts,
} from "../store/recount-requests.ts";
import { openDelivery, ownDelivery, recordDelivery } from "./delivered.ts";
import { translateTogether } from "./translate-together.ts";

const HOUR_MS = 3_600_000;
const KEEP_BODIES_MS = 7 * 24 * HOUR_MS;
/** For one transaction: below the 15 s after which PostgreSQL ends one in which nothing happens. */
const LIMIT_MS = 10_000;
/** Deliveries in one transaction. */
const TOGETHER = 200;
const TOGETHER_BYTES = 1_000_000;
/** For each part of its time that it works it leaves so many to those that answer and that read. */
const RESTS_A_WORK = 2;
const LONGEST_REST_MS = 200;

export interface TranslatorOptions {
  sql: Pool;
  filter: EventFilter;
  pace: RecountPace;
  clock: Clock;
  logger: Logger;
  /** For one delivery, and for some together. */
  limitMs?: number;
  /** So many in one transaction at most. */
  together?: number;
  /** Told when more may wait than one transaction took. */
  onFull?: () => void;
}

/**
 * Turns deliveries into facts: the facts in the outbox and the deliveries' marks are written together or
 * not at all. Any number of processes may run it. Some are translated in one transaction; where that
 * fails, whatever the reason, it has changed nothing, and each of them is translated alone. One that fails
 * by nobody's intention then is tried a few times more, behind the others, and is then a dead letter; only
 * an outage stops them all.
 */
export function translator(options: TranslatorOptions) {
  const { sql, filter, pace, clock, logger, limitMs = LIMIT_MS, together = TOGETHER } = options;
  const { onFull = () => {} } = options;
  let tidiedAt = 0;

  return async function step(progress = () => {}): Promise<"more" | "idle"> {
    await tidy();
    let alone = 1;
    const startedAt = clock.now().getTime();
    try {
      const translated = await beginWithin(sql, limitMs, translateSome);
      if (translated === "all") return await rest(startedAt);
      if (translated !== "alone") return translated;
    } catch (error) {
      logger.debug({ reason: causeOf(error) }, "deliveries.split");
      alone = together;
    }
    for (let n = 0; n < alone; n += 1) {
      if ((await translateAlone()) === "idle") return "idle";
      progress();
    }
    return "more";
  };

  /** Those before the first that has failed before: that one is to spoil nobody's transaction. */
  async function translateSome(tx: TransactionSql) {
    const at = clock.now();
    const due = await takeWaiting(tx, { at, most: together, mostBytes: TOGETHER_BYTES });
    if (due.length === 0) return "idle";
    const failing = due.findIndex(({ failures }) => failures > 0);
    const some = failing < 0 ? due : due.slice(0, failing);
    if (some.length === 0) return "alone";
    const worked = await translateTogether(tx, some, { filter, pace, clock, logger, fail });
    const bytes = due.reduce((sum, { compressed }) => sum + compressed.byteLength, 0);
    const isFull = due.length === together || bytes >= TOGETHER_BYTES;
    if (isFull) onFull();
    return worked < due.length || isFull ? "more" : "all";
  }

  /**
   * While deliveries pour in one after the other, each would be a transaction here, a request to the
   * datacore and a page of the log: what comes during the rest is worked on together, at a fraction of it.
   * Where more waits than one transaction takes there is no rest.
   */
  async function rest(startedAt: number): Promise<"more"> {
    const workedMs = clock.now().getTime() - startedAt;
    await clock.pause(Math.min(RESTS_A_WORK * workedMs, LONGEST_REST_MS));
    return "more";
  }

  async function translateAlone(): Promise<"more" | "idle"> {
    const taken: { delivery?: WaitingDelivery } = {};
    try {
      return await beginWithin(sql, limitMs, (tx) => translateNext(tx, taken));
    } catch (error) {
      if (!taken.delivery || !(error instanceof TookTooLong)) throw error;
      await fail(sql, taken.delivery, error);
      return "more";
    }
  }

  async function translateNext(tx: TransactionSql, taken: { delivery?: WaitingDelivery }) {
    const [delivery] = await takeWaiting(tx, { at: clock.now(), most: 1, mostBytes: 1 });
    if (!delivery) return "idle";
    taken.delivery = delivery;
    const { deliveryId, type, account } = delivery;
    try {
      const outcome = await tx.savepoint((sp) => translate(sp, delivery));
      await markTranslated(tx, [deliveryId], clock.now());
      logger.info({ deliveryId, type, account, outcome }, "delivery.translated");
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      await fail(tx, delivery, error);
    }
    return "more";
  }

  async function translate(tx: Sql, delivery: WaitingDelivery) {
    const requests: NewRecountRequest[] = [];
    const owned = await ownDelivery(tx, openDelivery(delivery, logger));
    const readAgain = (request: NewRecountRequest) => void requests.push(request);
    const outcome = await recordDelivery(tx, owned, { filter, logger, readAgain });
    if (requests.length > 0) await requestRecounts(tx, requests, { pace, evenDeleted: true });
    return outcome;
  }

  async function fail(tx: Sql, delivery: WaitingDelivery, error: unknown) {
    const { deliveryId, type, account } = delivery;
    const at = clock.now();
    const reason = causeOf(error);
    const nextAt = await nextAttempt(tx, delivery, error);
    const failed = { deliveryId, failures: delivery.failures, at, reason };
    const failures = delivery.failures + 1;
    if (nextAt) {
      await postponeDelivery(tx, { ...failed, nextAt });
      logger.warn({ deliveryId, type, account, reason, failures }, "delivery.failed");
    } else {
      await refuseDelivery(tx, failed);
      logger.error({ deliveryId, type, account, reason, failures }, "delivery.refused");
    }
  }

  /** Undefined where another try is useless. */
  async function nextAttempt(tx: Sql, delivery: WaitingDelivery, error: unknown) {
    const blame = blameOf(error);
    if (blame === "item") return undefined;
    const now = clock.now();
    const next = nextTryAt(delivery.failures + 1, now);
    if (next || blame !== "slow") return next;
    // While no other passes either, it is PostgreSQL that is slow.
    const since = delivery.firstFailedAt ?? now;
    return (await anyTranslatedSince(tx, since)) ? undefined : slowestTryAt(now);
  }

  async function tidy() {
    const now = clock.now().getTime();
    if (agoMs(tidiedAt, now) < HOUR_MS) return;
    tidiedAt = now;
    await deleteBodiesBefore(sql, new Date(now - KEEP_BODIES_MS));
  }
}
