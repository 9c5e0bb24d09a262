import type { Pool } from "../database/connect.ts";
import type { Clock } from "../lib/clock.ts";
import { type Failure, isFailure, messageOf } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import type { Datacore } from "./datacore.ts";
import {
  deleteConfirmedBefore,
  markSent,
  postpone,
  readDue,
  refuse,
  type WaitingFact,
} from "./outbox.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface CourierOptions {
  sql: Pool;
  datacore: Datacore;
  clock: Clock;
  log: Logger;
  /** Requests to Flowcore at one time. */
  concurrency: number;
  batchSize: number;
  /** How long a sent fact may stay unread before it is sent again; doubles with each attempt. */
  unconfirmedMs: number;
  /** How long a confirmed fact's key is remembered. */
  keepConfirmedMs: number;
  /** Rung when facts were sent: the consumer may look. */
  onSent: () => void;
  onResent?: () => void;
}

/**
 * Carries facts from the outbox to the datacore. Flowcore's 200 does not mean stored, so a fact
 * leaves the outbox only when the consumer has read it back; until then it is sent again.
 */
export function courier(options: CourierOptions) {
  const { sql, datacore, clock, log, concurrency, batchSize, onSent, onResent } = options;
  let tidiedAt = 0;

  return async function step(): Promise<"more" | "idle"> {
    await tidy();
    const due = await readDue(sql, clock.now(), batchSize);
    if (due.length === 0) return "idle";
    let sent = 0;
    const queue = [...due];
    const carry = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        if ((await deliver(next)) === "sent") sent += 1;
      }
    };
    const carriers = await Promise.allSettled(Array.from({ length: concurrency }, carry));
    if (sent > 0) onSent();
    for (const carrier of carriers) if (carrier.status === "rejected") throw carrier.reason;
    log.debug({ facts: sent, due: due.length }, "facts.sent");
    return sent === 0 ? "idle" : "more";
  };

  async function deliver({ outboxId, fact, attempts }: WaitingFact) {
    const again = (pauseMs: number) =>
      new Date(clock.now().getTime() + Math.min(pauseMs * 2 ** attempts, HOUR_MS));
    try {
      await datacore.append(fact);
      if (attempts > 0) onResent?.();
      await markSent(sql, outboxId, clock.now(), again(options.unconfirmedMs));
      return "sent";
    } catch (error) {
      if (isFailure(error, "unavailable")) {
        // A timeout or a 5xx is "unknown", not "failed"; if it was stored, the consumer confirms it.
        await postpone(sql, outboxId, again(1_000), messageOf(error));
        log.warn({ eventType: fact.eventType, attempts, error }, "fact.postponed");
        return "postponed";
      }
      // The key was refused, or our database failed: not the fact's fault, so the pass stops.
      if (!isFailure(error) || isKeyRefused(error)) throw error;
      await refuse(sql, outboxId, clock.now(), messageOf(error));
      log.error({ eventType: fact.eventType, outboxId, error }, "fact.refused");
      return "refused";
    }
  }

  async function tidy() {
    const now = clock.now().getTime();
    if (now - tidiedAt < HOUR_MS) return;
    tidiedAt = now;
    await deleteConfirmedBefore(sql, new Date(now - options.keepConfirmedMs));
  }
}

export const KEEP_CONFIRMED_MS = 7 * DAY_MS;

const isKeyRefused = ({ context }: Failure) => context.status === 401 || context.status === 403;
