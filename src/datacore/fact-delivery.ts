import type { EventType } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { blameOf, causeOf } from "../database/fault.ts";
import { type Failure, isFailure, messageOf } from "../lib/failure.ts";
import { TookTooLong, within } from "../lib/time-limit.ts";
import { currentTraceparent, traced } from "../lib/tracing.ts";
import { nextTryAt, slowestTryAt } from "../lib/tries.ts";
import type { missingTypes } from "./missing-types.ts";
import {
  anySentSince,
  markSent,
  postpone,
  postponeFailing,
  refuse,
  releasePostponed,
  type WaitingFact,
} from "./outbox.ts";
import type { OutboxRelayOptions } from "./outbox-relay.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** A fact that a proxy keeps from Flowcore is tried so often, in some 13 minutes where nothing else is sent. */
const MOST_KEPT_BACK = 18;
/** Others pass where one of them did within that time. */
const PASSING_MS = 5 * MINUTE_MS;
/** The datacore has a limit of its own, which is shorter: this one is for what ends in no way at all. */
const LIMIT_MS = 15 * SECOND_MS;

export interface Delivered {
  outcome: "sent" | "unavailable" | "postponed" | "failed" | "refused";
  /** Why the datacore is unavailable. */
  error?: unknown;
}

export interface DeliveryOptions extends OutboxRelayOptions {
  /** The event types that the data core does not have, as far as it said so. */
  missing: ReturnType<typeof missingTypes>;
}

/**
 * Sends facts and notes in the outbox what came of it, in transactions that check the lease: sent, to be
 * sent again later, or a dead letter. When to send what is the relay's.
 */
export function factDelivery(options: DeliveryOptions) {
  const { sql, datacore, clock, logger, check, onResent, missing, limitMs = LIMIT_MS } = options;

  return { deliver, deliverTogether, hasType, write };

  async function deliver(waiting: WaitingFact): Promise<Delivered> {
    const { outboxId, fact, attempts } = waiting;
    const { eventType } = fact;
    try {
      await send([waiting], () =>
        within(limitMs, () => datacore.append(fact, currentTraceparent())),
      );
    } catch (error) {
      if (!isFailure(error) || error instanceof TookTooLong) return fail(waiting, error);
      // The key was refused or the data core is not there: not the fact's fault, and no other fact
      // would fare better, so the pass stops.
      if (isEveryFacts(error)) throw error;
      const reason = messageOf(error);
      if (error.kind === "unavailable" && !(await isKeptBack(waiting, error))) {
        // A timeout or a 5xx is "unknown", not "failed"; if it was stored, the consumer confirms it.
        await postponeAll([waiting], reason);
        return { outcome: "unavailable", error };
      }
      if (error.context.status === 404) {
        // It is an event type that nobody has created yet.
        await postponeAll([waiting], reason);
        logger.warn({ eventType, attempts, error }, "fact.postponed");
        missing.note(eventType, reason);
        options.onMissingTypes?.(missing.reasons());
        return { outcome: "postponed" };
      }
      await write((tx) => refuse(tx, outboxId, clock.now(), reason));
      logger.error({ eventType, outboxId, error }, "fact.refused");
      return { outcome: "refused" };
    }
    return sent([waiting], eventType);
  }

  /** Something on the way lets others pass, and not this one, however often it is tried. */
  async function isKeptBack({ attempts, wasSent }: WaitingFact, error: Failure): Promise<boolean> {
    if (wasSent || !mayBeOfOne(error) || attempts + 1 < MOST_KEPT_BACK) return false;
    return anySentSince(sql, new Date(clock.now().getTime() - PASSING_MS));
  }

  /** All in one request; "apart" where none was stored as far as is known, and each has to ask for itself. */
  async function deliverTogether(batch: WaitingFact[]): Promise<Delivered | "apart"> {
    const facts = batch.map(({ fact }) => fact);
    const [first] = facts;
    if (!first) return { outcome: "sent" };
    try {
      await send(batch, () =>
        within(limitMs, () => datacore.appendAll(facts, currentTraceparent())),
      );
    } catch (error) {
      if (!isFailure(error) || error instanceof TookTooLong) return "apart";
      if (isEveryFacts(error)) throw error;
      if (error.kind !== "unavailable" || mayBeOfOne(error)) return "apart";
      // They may be stored all the same, so none of them is sent again at once.
      await postponeAll(batch, messageOf(error));
      return { outcome: "unavailable", error };
    }
    return sent(batch, first.eventType);
  }

  /** They are of one trace, or of none. */
  function send([first, ...others]: readonly WaitingFact[], request: () => Promise<unknown>) {
    if (!first) return Promise.resolve();
    const attributes = { event_type: first.fact.eventType, facts: others.length + 1 };
    const { traceparent: parent } = first;
    return traced("fact.send", { parent, kind: "producer", attributes }, request);
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
      logger.warn({ eventType, outboxId, reason, failures: failures + 1 }, "fact.failed");
      return { outcome: blame === "slow" ? "postponed" : "failed" };
    }
    await write((tx) => refuse(tx, outboxId, at, reason));
    logger.error({ eventType, outboxId, reason, failures: failures + 1 }, "fact.refused");
    return { outcome: "refused" };
  }

  /** The next relay may be at work already: what this one learned late must not undo what that one wrote. */
  async function write(change: (tx: Sql) => PromiseLike<unknown>) {
    await sql.begin(async (tx) => {
      await check(tx);
      await change(tx);
    });
  }
}

/** Whoever answers so, a proxy too, may dislike one of them. */
const mayBeOfOne = ({ context }: Failure) =>
  [400, 403, 406, 409, 422].some((one) => one === context.status);

/** Flowcore's word; a proxy's is said of a request. */
const isEveryFacts = ({ kind, context }: Failure) =>
  kind === "missing" || (kind === "refused" && (context.status === 401 || context.status === 403));
