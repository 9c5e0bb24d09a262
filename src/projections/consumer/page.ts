import type { Fact } from "../../contracts/index.ts";
import { limitStatements, type Sql } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import type { Page, Unreadable } from "../../datacore/datacore.ts";
import { confirm } from "../../datacore/outbox.ts";
import { storedAt } from "../../datacore/time-uuid.ts";
import { within } from "../../lib/time-limit.ts";
import { nextTryAt } from "../../lib/tries.ts";
import type { ConsumerOptions } from "./consumer.ts";
import { setAside } from "./dead-letters.ts";
import { type Refused, takeByHalves } from "./halves.ts";
import { batchesOf, weightOfAll } from "./page-weight.ts";
import { readFresh, remember } from "./position.ts";
import type { Pass } from "./reading.ts";
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
 * Applies a page, some facts at a time: their rows, the memory of them and the word to the courier that
 * they arrived are one transaction, so a crash repeats all of it or none. A fact that can not be
 * applied, or hangs, is a dead letter, and the others are applied.
 */
export function pageApplier({
  sql,
  projections,
  clock,
  log,
  check,
  onApplied,
  limitMs,
}: ConsumerOptions) {
  return async function applyPage(page: Page, origin: PageOrigin): Promise<number> {
    const ids = [...page.facts, ...page.unreadable].map(({ factId }) => factId);
    const fresh = ids.length > 0 ? await readFresh(sql, ids) : new Set<string>();
    if (fresh.size === 0) return 0;
    const facts = firstOfEach(page.facts, fresh);
    const unreadable = firstOfEach(page.unreadable, fresh);
    if (unreadable.length > 0) await applyTogether([], unreadable, origin);
    const refused: Refused[] = [];
    for (const batch of batchesOf(facts, MOST_WEIGHT))
      refused.push(...(await applyBatch(batch, origin)));
    unreadable.push(...refused);
    const now = clock.now().getTime();
    for (const { factId, eventType, reason } of unreadable)
      log.error({ ...origin, factId, eventType, reason }, "fact.set_aside");
    onApplied?.({
      ...origin,
      applied: facts.length - refused.length,
      setAside: unreadable.length,
      ages: [...fresh].map((factId) => (now - storedAt(factId).getTime()) / 1_000),
    });
    return fresh.size;
  };

  async function applyBatch(facts: Fact[], origin: PageOrigin): Promise<Refused[]> {
    try {
      await applyTogether(facts, [], origin);
      return [];
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      log.warn({ ...origin, facts: facts.length, reason: causeOf(error) }, "page.split");
      const take = (some: Fact[]) => applyTogether(some, [], origin);
      const { refused, stoppedBy } = await takeByHalves(facts, error, take);
      await applyTogether([], refused, origin);
      if (stoppedBy) throw stoppedBy;
      return refused;
    }
  }

  async function applyTogether(facts: Fact[], unreadable: Unreadable[], origin: PageOrigin) {
    await sql.begin(async (tx) => {
      // Whoever holds the lease's row, a replay that swaps, is waited for.
      await check(tx);
      const ms = limitMs ?? limitFor(facts);
      await limitStatements(tx, ms);
      await within(ms, () => applyIn(tx, facts, unreadable, origin));
    });
  }

  async function applyIn(
    tx: Sql,
    facts: Fact[],
    unreadable: (Unreadable | Refused)[],
    origin: PageOrigin,
  ) {
    const mine = await remember(tx, origin.flowType, idsOf([...facts, ...unreadable]));
    const applied = facts.filter(({ factId }) => mine.has(factId));
    const aside = unreadable.filter(({ factId }) => mine.has(factId));
    for (const projection of projections) await projection.apply(tx, applied);
    if (aside.length > 0) {
      const now = clock.now();
      const rows = aside.map((fact) => ({
        ...fact,
        ...origin,
        nextAttemptAt: nextAttemptOf(fact, now),
      }));
      await setAside(tx, rows, now);
    }
    await confirm(tx, keysOf(applied, aside), clock.now());
    if (applied.length > 0) await tellRowsChanged(tx);
  }
}

/** Of what nobody foresaw; what breaks its contract will do so at every try. */
export const nextAttemptOf = (fact: Unreadable | Refused, now: Date) =>
  ("mayPass" in fact && fact.mayPass && nextTryAt(1, now)) || null;

/** A page may hold one fact twice. */
function firstOfEach<T extends { factId: string }>(facts: T[], fresh: Set<string>): T[] {
  const seen = new Set<string>();
  return facts.filter(({ factId }) => {
    if (!fresh.has(factId) || seen.has(factId)) return false;
    seen.add(factId);
    return true;
  });
}

const idsOf = (facts: { factId: string }[]) => facts.map(({ factId }) => factId);

/** A key with NUL in it was never in the outbox: PostgreSQL would not even let us ask for it. */
const keysOf = (facts: Fact[], unreadable: Unreadable[]) =>
  [
    ...facts.map(({ payload }) => payload.idempotencyKey),
    ...unreadable.flatMap(({ idempotencyKey }) => idempotencyKey ?? []),
  ].filter((key) => !key.includes("\u0000"));
