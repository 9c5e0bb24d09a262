import type { Pool, Sql } from "../database/connect.ts";
import { agoMs, type Clock } from "../lib/clock.ts";
import { messageOf } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import { backoffMs } from "../lib/loop.ts";
import { batchesOf } from "./batches.ts";
import type { Datacore } from "./datacore.ts";
import { factDelivery } from "./fact-delivery.ts";
import { type LostFactsOptions, lostFacts } from "./lost-facts.ts";
import { missingTypes } from "./missing-types.ts";
import { deleteConfirmedBefore, readDue, readProbe, releasePostponed } from "./outbox.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long a confirmed fact's key is kept, so that the same fact is not recorded again. */
export const KEEP_CONFIRMED_MS = 7 * 24 * HOUR_MS;

export interface OutboxRelayOptions {
  sql: Pool;
  datacore: Datacore;
  clock: Clock;
  logger: Logger;
  /** Throws when another process has the relay's lease by now; runs in every writing transaction. */
  check: (tx: Sql) => Promise<void>;
  /** Requests to Flowcore at one time. */
  concurrency: number;
  batchSize: number;
  /** Facts in one request; without it each has its own. */
  together?: number;
  /** How long a sent fact may stay unconfirmed before it is sent again; doubles with each attempt. */
  unconfirmedMs: number;
  /** How long a confirmed fact's key is kept. */
  keepConfirmedMs: number;
  /** Called when facts were sent: the consumer may look. */
  onSent: () => void;
  onResent?: () => void;
  /** Told why, at each try, while the datacore takes nothing; undefined when it takes facts again. */
  onOutage?: (reason: string | undefined) => void;
  /** Told which event types the data core does not have, and why, at each try; none when it has them. */
  onMissingTypes?: (reasons: string[]) => void;
  /** Flow types that nobody reads on purpose: what was sent of them is not sent again meanwhile. */
  readHeld?: () => Promise<readonly string[]>;
  /** How far the log was read, and who is told of facts that it took and does not show. */
  lost?: Pick<LostFactsOptions, "readTimes" | "onLost">;
  /** For sending one fact. */
  limitMs?: number;
  /** Facts whose turn has not come when it aborts keep it for the next holder of the lease. */
  signal?: AbortSignal;
}

interface Outage {
  tries: number;
  /** When one asked last. */
  since: number;
  pauseMs: number;
}

/**
 * The outbox relay: it sends facts from the outbox to the datacore. Flowcore's 200 does not mean stored, so
 * a fact leaves the outbox only when the consumer has read it back; until then it is sent again. One that
 * fails by nobody's intention is tried a few times more, and is then a dead letter like a refused one.
 * Here is when facts are sent; `fact-delivery.ts` sends them and notes what came of it.
 */
export function outboxRelay(options: OutboxRelayOptions) {
  const { sql, clock, logger, concurrency, batchSize, onSent, signal, together = 1 } = options;
  let tidiedAt = 0;

  const missing = missingTypes(clock);
  const { deliver, deliverTogether, hasType, write } = factDelivery({ ...options, missing });
  const lookForLost = options.lost && lostFacts({ sql, clock, write, ...options.lost });
  let outage: Outage | undefined;

  return async function step(): Promise<"more" | "idle"> {
    if (outage) return probe(outage);
    await tidy();
    const due = await readTurns();
    if (due.length === 0) return "idle";
    const outcomes = { sent: 0, unavailable: 0, postponed: 0, failed: 0, refused: 0 };
    let inARow = 0;
    let newest: unknown;
    const queue = batchesOf(due, together);
    // In an outage a few requests try, and the facts of the others wait without growing their pauses.
    const isStuck = () => inARow >= concurrency;
    const relay = async () => {
      while (!isStuck() && !signal?.aborted) {
        const [next, ...others] = queue.shift() ?? [];
        if (!next) return;
        if (missing.isPaused(next.fact.eventType)) continue;
        const batch = [next, ...others];
        const delivered = others.length > 0 ? await deliverTogether(batch) : await deliver(next);
        if (delivered === "apart") {
          queue.unshift(...batch.map((one) => [one]));
          continue;
        }
        const { outcome, error } = delivered;
        outcomes[outcome] += batch.length;
        if (error !== undefined) newest = error;
        inARow = outcome === "unavailable" || outcome === "postponed" ? inARow + 1 : 0;
      }
    };
    const relays = await Promise.allSettled(Array.from({ length: concurrency }, relay));
    const { sent, unavailable, refused } = outcomes;
    if (sent > 0) onSent();
    for (const ended of relays) if (ended.status === "rejected") throw ended.reason;
    logger.debug({ facts: sent, due: due.length }, "facts.sent");
    if (unavailable > 0) {
      if (isStuck() || sent + refused === 0) return wait(1, newest);
      logger.warn({ facts: unavailable, error: newest }, "facts.postponed");
    }
    return sent === 0 || isStuck() ? "idle" : "more";
  };

  /** What is due; of an event type that is not there one fact, when it is time to ask for it again. */
  async function readTurns() {
    const now = clock.now();
    const types = missing.due();
    const asking = await Promise.all(types.map((eventType) => readProbe(sql, now, eventType)));
    // A type of which nothing waits any more is not asked for.
    for (const [n, eventType] of types.entries()) if (!asking[n]) hasType(eventType);
    const held = (await options.readHeld?.()) ?? [];
    await lookForLost?.(held);
    const others = await readDue(sql, now, batchSize, missing.all(), held);
    return [...asking.flatMap((one) => one ?? []), ...others];
  }

  /** One fact asks for all: no wake-up shortens the pause, and when it is taken all leave at once. */
  async function probe({ tries, since, pauseMs }: Outage) {
    const now = clock.now();
    if (agoMs(since, now.getTime()) < pauseMs) return "idle";
    const waiting = await readProbe(sql, now);
    if (waiting) {
      const { outcome, error } = await deliver(waiting);
      if (outcome === "unavailable") return wait(tries + 1, error);
      if (outcome === "sent") onSent();
      logger.info({ tries }, "datacore.available");
    }
    outage = undefined;
    await write((tx) => releasePostponed(tx, clock.now()));
    options.onOutage?.(undefined);
    return "more";
  }

  function wait(tries: number, error: unknown) {
    outage = { tries, since: clock.now().getTime(), pauseMs: backoffMs(tries, SECOND_MS) };
    logger.warn({ tries, error }, "datacore.unavailable");
    options.onOutage?.(messageOf(error));
    return "idle" as const;
  }

  async function tidy() {
    const now = clock.now().getTime();
    if (agoMs(tidiedAt, now) < HOUR_MS) return;
    tidiedAt = now;
    await write((tx) => deleteConfirmedBefore(tx, new Date(now - options.keepConfirmedMs)));
  }
}
