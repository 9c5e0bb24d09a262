import type { EventType } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { blameOf, causeOf } from "../database/fault.ts";
import type { Clock } from "../lib/clock.ts";
import { type Failure, isFailure, messageOf } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import { backoffMs } from "../lib/loop.ts";
import { TookTooLong, within } from "../lib/time-limit.ts";
import { nextTryAt, slowestTryAt } from "../lib/tries.ts";
import { batchesOf } from "./batches.ts";
import type { Datacore } from "./datacore.ts";
import { missingTypes } from "./missing-types.ts";
import {
  anySentSince,
  deleteConfirmedBefore,
  markSent,
  postpone,
  postponeFailing,
  readDue,
  readProbe,
  refuse,
  releasePostponed,
  type WaitingFact,
} from "./outbox.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** The datacore has a limit of its own, which is shorter: this one is for what ends in no way at all. */
const LIMIT_MS = 15 * SECOND_MS;

interface Delivered {
  outcome: "sent" | "unavailable" | "postponed" | "failed" | "refused";
  /** Why the datacore is unavailable. */
  error?: unknown;
}

/** How long a confirmed fact's key is kept, so that the same fact is not recorded again. */
export const KEEP_CONFIRMED_MS = 7 * 24 * HOUR_MS;

export interface OutboxRelayOptions {
  sql: Pool;
  datacore: Datacore;
  clock: Clock;
  log: Logger;
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
  /** For sending one fact. */
  limitMs?: number;
  /** Facts whose turn has not come when it aborts keep it for the next holder of the lease. */
  signal?: AbortSignal;
}

/**
 * The outbox relay: it sends facts from the outbox to the datacore. Flowcore's 200 does not mean stored, so a fact
 * leaves the outbox only when the consumer has read it back; until then it is sent again. One that
 * fails by nobody's intention is tried a few times more, and is then a dead letter like a refused one.
 */
export function outboxRelay(options: OutboxRelayOptions) {
  const { sql, datacore, clock, log, check, concurrency, batchSize } = options;
  const { onSent, onResent, signal, limitMs = LIMIT_MS, together = 1 } = options;
  let tidiedAt = 0;

  const missing = missingTypes(clock);
  let outage: { tries: number; until: number } | undefined;

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
    log.debug({ facts: sent, due: due.length }, "facts.sent");
    if (unavailable > 0) {
      if (isStuck() || sent + refused === 0) return wait(1, newest);
      log.warn({ facts: unavailable, error: newest }, "facts.postponed");
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
    const others = await readDue(sql, now, batchSize, missing.all());
    return [...asking.flatMap((one) => one ?? []), ...others];
  }

  /** One fact asks for all: no wake-up shortens the pause, and when it is taken all leave at once. */
  async function probe({ tries, until }: { tries: number; until: number }) {
    const now = clock.now();
    if (now.getTime() < until) return "idle";
    const waiting = await readProbe(sql, now);
    if (waiting) {
      const { outcome, error } = await deliver(waiting);
      if (outcome === "unavailable") return wait(tries + 1, error);
      if (outcome === "sent") onSent();
      log.info({ tries }, "datacore.available");
    }
    outage = undefined;
    await write((tx) => releasePostponed(tx, clock.now()));
    options.onOutage?.(undefined);
    return "more";
  }

  function wait(tries: number, error: unknown) {
    outage = { tries, until: clock.now().getTime() + backoffMs(tries, SECOND_MS) };
    log.warn({ tries, error }, "datacore.unavailable");
    options.onOutage?.(messageOf(error));
    return "idle" as const;
  }

  async function deliver(waiting: WaitingFact): Promise<Delivered> {
    const { outboxId, fact, attempts } = waiting;
    const { eventType } = fact;
    try {
      await within(limitMs, () => datacore.append(fact));
    } catch (error) {
      if (!isFailure(error) || error instanceof TookTooLong) return fail(waiting, error);
      // The key was refused or the data core is not there: not the fact's fault, and no other fact
      // would fare better, so the pass stops.
      if (isEveryFacts(error)) throw error;
      const reason = messageOf(error);
      const isUnavailable = error.kind === "unavailable";
      if (isUnavailable || error.context.status === 404) {
        // A timeout or a 5xx is "unknown", not "failed"; if it was stored, the consumer confirms it.
        // 404 is an event type that nobody has created yet.
        await postponeAll([waiting], reason);
        if (isUnavailable) return { outcome: "unavailable", error };
        log.warn({ eventType, attempts, error }, "fact.postponed");
        missing.note(eventType, reason);
        options.onMissingTypes?.(missing.reasons());
        return { outcome: "postponed" };
      }
      await write((tx) => refuse(tx, outboxId, clock.now(), reason));
      log.error({ eventType, outboxId, error }, "fact.refused");
      return { outcome: "refused" };
    }
    return sent([waiting], eventType);
  }

  /** All in one request; "apart" where none was stored as far as is known, and each has to ask for itself. */
  async function deliverTogether(batch: WaitingFact[]): Promise<Delivered | "apart"> {
    const facts = batch.map(({ fact }) => fact);
    const [first] = facts;
    if (!first) return { outcome: "sent" };
    try {
      await within(limitMs, () => datacore.appendAll(facts));
    } catch (error) {
      if (!isFailure(error) || error instanceof TookTooLong) return "apart";
      if (isEveryFacts(error)) throw error;
      if (error.kind !== "unavailable") return "apart";
      // They may be stored all the same, so none of them is sent again at once.
      await postponeAll(batch, messageOf(error));
      return { outcome: "unavailable", error };
    }
    return sent(batch, first.eventType);
  }

  async function sent(some: WaitingFact[], eventType: EventType): Promise<Delivered> {
    for (const { attempts } of some) if (attempts > 0) onResent?.();
    const tries = some.map(({ outboxId, attempts, wasSent }) => ({
      outboxId,
      nextAttemptAt: again(options.unconfirmedMs, wasSent ? attempts : 0, HOUR_MS),
    }));
    await write((tx) => markSent(tx, tries, clock.now()));
    if (missing.isKnown(eventType)) {
      hasType(eventType);
      await write((tx) => releasePostponed(tx, clock.now(), eventType));
    }
    return { outcome: "sent" };
  }

  function postponeAll(some: WaitingFact[], reason: string) {
    const tries = some.map(({ outboxId, attempts }) => ({
      outboxId,
      nextAttemptAt: again(SECOND_MS, attempts, MINUTE_MS),
    }));
    return write((tx) => postpone(tx, tries, reason));
  }

  function again(pauseMs: number, tries: number, longestMs: number) {
    return new Date(clock.now().getTime() + Math.min(pauseMs * 2 ** tries, longestMs));
  }

  function hasType(eventType: EventType) {
    missing.forget(eventType);
    options.onMissingTypes?.(missing.reasons());
  }

  async function fail(
    { outboxId, fact, failures, firstFailedAt }: WaitingFact,
    error: unknown,
  ): Promise<Delivered> {
    const { eventType } = fact;
    const blame = blameOf(error);
    if (blame === "outage") throw error;
    const at = clock.now();
    const reason = causeOf(error);
    // What does not end may be Flowcore's fault: then no other fact is taken either.
    const isOnly = blame === "slow" && !(await anySentSince(sql, firstFailedAt ?? at));
    const nextAt = nextTryAt(failures + 1, at) ?? (isOnly ? slowestTryAt(at) : undefined);
    if (nextAt) {
      await write((tx) => postponeFailing(tx, { outboxId, at, nextAt, reason }));
      log.warn({ eventType, outboxId, reason, failures: failures + 1 }, "fact.failed");
      return { outcome: blame === "slow" ? "postponed" : "failed" };
    }
    await write((tx) => refuse(tx, outboxId, at, reason));
    log.error({ eventType, outboxId, reason, failures: failures + 1 }, "fact.refused");
    return { outcome: "refused" };
  }

  /** The next relay may be at work already: what this one learned late must not undo what that one wrote. */
  async function write(change: (tx: Sql) => PromiseLike<unknown>) {
    await sql.begin(async (tx) => {
      await check(tx);
      await change(tx);
    });
  }

  async function tidy() {
    const now = clock.now().getTime();
    if (now - tidiedAt < HOUR_MS) return;
    tidiedAt = now;
    await write((tx) => deleteConfirmedBefore(tx, new Date(now - options.keepConfirmedMs)));
  }
}

const isEveryFacts = ({ kind, context }: Failure) =>
  kind === "missing" || context.status === 401 || context.status === 403;
