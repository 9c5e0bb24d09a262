import { z } from "zod";
import type { Pool, Sql } from "../database/connect.ts";
import { isDataFault } from "../database/fault.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure, isFailure } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import { reportUnknown } from "../vivenu/unknown-fields.ts";
import { Delivery, parse, VivenuEvent } from "../vivenu/wire.ts";
import { isWatched, readAccountOf, recordDeletion, recordEvent } from "./events.ts";
import type { EventFilter } from "./filter.ts";
import { type HintPace, markEvents } from "./hints.ts";
import {
  deleteBodiesBefore,
  markRefused,
  markTranslated,
  takeWaiting,
  type WaitingDelivery,
} from "./inbox.ts";

const HOUR_MS = 3_600_000;
const KEEP_BODIES_MS = 7 * 24 * HOUR_MS;

export interface TranslatorOptions {
  sql: Pool;
  filter: EventFilter;
  pace: HintPace;
  clock: Clock;
  log: Logger;
}

/**
 * Turns deliveries into facts, one a transaction: the facts in the outbox and the delivery's mark are
 * written together or not at all. Any number of processes may run it.
 */
export function translator({ sql, filter, pace, clock, log }: TranslatorOptions) {
  let tidiedAt = 0;

  return async function step(): Promise<"more" | "idle"> {
    await tidy();
    return sql.begin(async (tx) => {
      const delivery = await takeWaiting(tx);
      if (!delivery) return "idle";
      const { deliveryId, type, account } = delivery;
      try {
        const outcome = await tx.savepoint((sp) => translate(sp, delivery));
        await markTranslated(tx, deliveryId, clock.now());
        log.info({ deliveryId, type, account, outcome }, "delivery.translated");
      } catch (error) {
        const reason = faultOf(error);
        if (reason === undefined) throw error;
        await markRefused(tx, deliveryId, clock.now(), reason);
        log.error({ deliveryId, type, account, reason }, "delivery.refused");
      }
      return "more";
    });
  };

  async function translate(tx: Sql, delivery: WaitingDelivery) {
    const { type, receivedAt } = delivery;
    const event = eventOf(delivery, log);
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

/** What can not be read, or holds what PostgreSQL can not, by its reason; undefined for what is not its fault. */
function faultOf(error: unknown): string | undefined {
  if (isFailure(error, "malformed")) return error.message;
  return isDataFault(error) ? `PostgreSQL: ${error.code}` : undefined;
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
export function eventOf({ body, type }: Pick<WaitingDelivery, "body" | "type">, log: Logger) {
  const raw = jsonOf(body, type);
  reportUnknown(log, "delivery", [raw]);
  const delivery = parse(Delivery, raw, { what: type });
  const { event } = parse(EventData, delivery.data, { what: type });
  reportUnknown(log, "event", [event]);
  return parse(VivenuEvent, event, { what: type });
}
