import { gunzipSync } from "node:zlib";
import type { TransactionSql } from "postgres";
import { z } from "zod";
import { limitStatements, type Pool, type Sql } from "../database/connect.ts";
import { blameOf, causeOf } from "../database/fault.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import { TookTooLong, within } from "../lib/time-limit.ts";
import { nextTryAt, slowestTryAt } from "../lib/tries.ts";
import { whichEvent } from "../vivenu/rows.ts";
import { reportUnknown } from "../vivenu/unknown-fields.ts";
import { Delivery, parse, VivenuEvent } from "../vivenu/wire.ts";
import { isWatched, readAccountOf, recordDeletion, recordEvent, warnOfClock } from "./events.ts";
import type { EventFilter } from "./filter.ts";
import { type HintPace, markEvents } from "./hints.ts";
import {
  anyTranslatedSince,
  deleteBodiesBefore,
  markTranslated,
  postponeDelivery,
  refuseDelivery,
  takeWaiting,
  type WaitingDelivery,
} from "./inbox.ts";

const HOUR_MS = 3_600_000;
const KEEP_BODIES_MS = 7 * 24 * HOUR_MS;
/** For one delivery: below the 15 s after which PostgreSQL ends a transaction in which nothing happens. */
const LIMIT_MS = 10_000;

export interface TranslatorOptions {
  sql: Pool;
  filter: EventFilter;
  pace: HintPace;
  clock: Clock;
  log: Logger;
  /** For one delivery. */
  limitMs?: number;
}

/**
 * Turns deliveries into facts, one a transaction: the facts in the outbox and the delivery's mark are
 * written together or not at all. Any number of processes may run it. A delivery that fails by nobody's
 * intention is tried a few times more, behind the others, and is then a dead letter; only an outage
 * stops them all.
 */
export function translator({
  sql,
  filter,
  pace,
  clock,
  log,
  limitMs = LIMIT_MS,
}: TranslatorOptions) {
  let tidiedAt = 0;

  return async function step(): Promise<"more" | "idle"> {
    await tidy();
    const taken: { delivery?: WaitingDelivery } = {};
    try {
      return await within(limitMs, () => sql.begin((tx) => translateNext(tx, taken)));
    } catch (error) {
      if (!taken.delivery || !(error instanceof TookTooLong)) throw error;
      await fail(sql, taken.delivery, error);
      return "more";
    }
  };

  async function translateNext(tx: TransactionSql, taken: { delivery?: WaitingDelivery }) {
    const [, delivery] = await Promise.all([
      limitStatements(tx, limitMs),
      takeWaiting(tx, clock.now()),
    ]);
    if (!delivery) return "idle";
    taken.delivery = delivery;
    const { deliveryId, type, account } = delivery;
    try {
      const outcome = await tx.savepoint((sp) => translate(sp, delivery));
      await markTranslated(tx, deliveryId, clock.now());
      log.info({ deliveryId, type, account, outcome }, "delivery.translated");
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      await fail(tx, delivery, error);
    }
    return "more";
  }

  async function fail(tx: Sql, delivery: WaitingDelivery, error: unknown) {
    const { deliveryId, type, account } = delivery;
    const at = clock.now();
    const reason = causeOf(error);
    const nextAt = await nextAttempt(tx, delivery, error);
    const failures = delivery.failures + 1;
    if (nextAt) {
      await postponeDelivery(tx, { deliveryId, at, reason, nextAt });
      log.warn({ deliveryId, type, account, reason, failures }, "delivery.failed");
    } else {
      await refuseDelivery(tx, { deliveryId, at, reason });
      log.error({ deliveryId, type, account, reason, failures }, "delivery.refused");
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

  async function translate(tx: Sql, delivery: WaitingDelivery) {
    const { type, receivedAt } = delivery;
    const event = eventOf({ type, body: gunzipSync(delivery.compressed) }, log);
    const account = delivery.account ?? (await readAccountOf(tx, event._id));
    if (account === undefined)
      throw new Failure(
        "malformed",
        "neither key nor seller nor event tell whose it is: give each account a webhook key of its own",
      );
    // One that is watched goes on being watched when it is renamed.
    const stays = !filter.excludes(event._id) && (await isWatched(tx, account, event._id));
    if (!stays && !filter.wants(account, event)) return "not watched";
    const readAgain = () =>
      markEvents(tx, [{ account, eventId: event._id, at: receivedAt }], {
        pace,
        evenDeleted: true,
      });
    const observed = { account, source: "webhook" as const, event, observedAt: receivedAt };
    if (type === "event.deleted") {
      const { _id: eventId, name } = event;
      const isNews = await recordDeletion(tx, { ...observed, eventId, name });
      // Vivenu's word is final only as an answer: the webhook can be two hours old.
      if (isNews) await readAgain();
      return "deleted";
    }
    const outcome = await recordEvent(tx, observed);
    warnOfClock(log, observed, outcome);
    // The hints of one that was not known yet were not for anybody.
    if (outcome === "doubtful" || !stays) await readAgain();
    return outcome;
  }

  async function tidy() {
    const now = clock.now().getTime();
    if (now - tidiedAt < HOUR_MS) return;
    tidiedAt = now;
    await deleteBodiesBefore(sql, new Date(now - KEEP_BODIES_MS));
  }
}

const EventData = z.object({ event: z.unknown() });

/** A parser's message quotes the text that it stumbled over. */
function jsonOf(body: Uint8Array, type: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Failure("malformed", `${type} is not JSON`);
  }
}

/** The event that a delivery is about. */
export function eventOf({ body, type }: { body: Uint8Array; type: string }, log: Logger) {
  const raw = jsonOf(body, type);
  reportUnknown(log, "delivery", [raw]);
  const delivery = parse(Delivery, raw, { what: type });
  const { event } = parse(EventData, delivery.data, { what: type });
  reportUnknown(log, "event", [event]);
  const { id, name } = whichEvent(event);
  const which = id === null ? "" : ` of ${name ?? "an event"} (${id})`;
  return parse(VivenuEvent, event, { what: `${type}${which}` });
}
