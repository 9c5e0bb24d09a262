import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { causeOf } from "../../database/fault.ts";
import type { Page, Unreadable } from "../../datacore/datacore.ts";
import { confirm } from "../../datacore/outbox.ts";
import { storedAt } from "../../datacore/time-uuid.ts";
import { inOrder } from "../../lib/in-order.ts";
import type { Begun } from "../tables/projection.ts";
import { readFresh } from "./checkpoint.ts";
import type { ConsumerOptions } from "./consumer.ts";
import { firstOfEach, pageTransactions, type Taken } from "./page-transactions.ts";
import { batchesOf, weightOfAll } from "./page-weight.ts";
import type { Pass } from "./passes.ts";
import { rowTeller } from "./row-messages.ts";
import { beginFact, type FactSpan, keepRowTraces } from "./row-traces.ts";
import { tellRowsChanged } from "./rows-channel.ts";

export interface PageOrigin {
  pass: Pass;
  flowType: string;
  timeBucket: string;
}

/** Of ticket types and undershops in one transaction: a page may hold hundreds of large facts. */
const MOST_WEIGHT = 1_500;
/** For one fact, and as much again for a full batch: some ten times what they take by right. */
const LIMIT_MS = 6_000;

/** Below the 15 s after which PostgreSQL ends a transaction in which nothing happens. */
const limitFor = (facts: readonly Fact[]) =>
  LIMIT_MS * (1 + Math.min(1, weightOfAll(facts) / MOST_WEIGHT));

/**
 * Applies a page, some facts at a time: their rows and the word to the outbox relay that they arrived are one
 * transaction.
 */
export function pageApplier({
  sql,
  projections,
  clock,
  logger,
  check,
  onApplied,
  onProgress,
  limitMs,
  isFollowed = false,
}: ConsumerOptions) {
  /** Of the facts of the transaction that is under way. */
  const spans: FactSpan[] = [];

  return async function applyPage(page: Page, origin: PageOrigin): Promise<number> {
    const ids = [...page.facts, ...page.unreadable].map(({ factId }) => factId);
    if (ids.length === 0) return 0;
    const { ids: fresh, isAnyAgain } = await readFresh(sql, ids);
    if (fresh.size === 0) return 0;
    const work = pageTransactions({
      sql,
      clock,
      check,
      take,
      limitMs: (facts) => limitMs ?? limitFor(facts),
      again: isAnyAgain ? "older" : undefined,
      onCommitted(taken) {
        onProgress?.();
        endSpans();
        tellOf(taken, origin);
      },
      onFailed(error) {
        for (const projection of projections) projection.forget?.();
        endSpans({ error });
      },
      onSplit: (facts, error) =>
        logger.warn({ ...origin, facts: facts.length, reason: causeOf(error) }, "page.split"),
    });
    const facts = firstOfEach(page.facts, fresh);
    const unreadable = firstOfEach(page.unreadable, fresh);
    if (unreadable.length > 0) await work([], unreadable, origin);
    for (const batch of batchesOf(facts, MOST_WEIGHT)) await work(batch, [], origin);
    return fresh.size;
  };

  /** Of each transaction: whatever ends the page behind it, it is not done again. */
  function tellOf({ facts, unapplied }: Taken, origin: PageOrigin) {
    const all = [...facts, ...unapplied];
    if (all.length === 0) return;
    for (const { factId, eventType, reason } of unapplied)
      logger.error({ ...origin, factId, eventType, reason }, "fact.set_aside");
    const now = clock.now().getTime();
    onApplied?.({
      ...origin,
      applied: facts.length,
      deadLettered: unapplied.length,
      ages: all.map(({ factId }) => (now - storedAt(factId).getTime()) / 1_000),
    });
  }

  async function take(tx: Sql, { facts, unapplied: aside, isAgain }: Taken) {
    const { news, tell } = rowTeller();
    if (isFollowed) spans.push(...facts.flatMap(beginFact));
    const begun: Begun[] = [];
    for (const projection of projections)
      begun.push(
        await projection.begin(tx, facts, { news: isFollowed ? news : undefined, again: isAgain }),
      );
    const touched = begun.flatMap((one) => one.touched);
    const written = inOrder([
      ...begun.map((one) => one.written),
      confirm(tx, keysOf(facts, aside), clock.now()).execute(),
      spans.length > 0 && keepRowTraces(tx, spans, clock.now()).execute(),
      facts.length > 0 && (isFollowed ? tell(tx, facts, touched) : tellRowsChanged(tx)).execute(),
    ]);
    return { written };
  }

  function endSpans(outcome?: { error: unknown }) {
    for (const { span } of spans.splice(0)) span.end(outcome);
  }
}

/** A key with NUL in it was never in the outbox: PostgreSQL would not even let us ask for it. */
const keysOf = (facts: Fact[], unreadable: Unreadable[]) =>
  [
    ...facts.map(({ payload }) => payload.idempotencyKey),
    ...unreadable.flatMap(({ idempotencyKey }) => idempotencyKey ?? []),
  ].filter((key) => !key.includes("\u0000"));
