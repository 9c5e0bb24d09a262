import type { Fact } from "../contracts/index.ts";
import { isDataFault } from "../database/fault.ts";
import type { Page, Unreadable } from "../datacore/datacore.ts";
import { confirm } from "../datacore/outbox.ts";
import { storedAt } from "../datacore/time-uuid.ts";
import type { ConsumerOptions } from "./consumer.ts";
import { takeByHalves } from "./halves.ts";
import { readFresh, remember, setAside } from "./position.ts";
import type { Pass } from "./reading.ts";

/** Told on commit when rows may have changed. */
export const ROWS_CHANNEL = "rows";

export interface PageOrigin {
  pass: Pass;
  flowType: string;
  timeBucket: string;
}

/**
 * Applies a page: its rows, the memory of its facts and the word to the courier that they arrived are
 * one transaction, so a crash repeats all of a page or none of it.
 */
export function pageApplier({ sql, projections, clock, log, check, onApplied }: ConsumerOptions) {
  return async function applyPage(page: Page, origin: PageOrigin): Promise<number> {
    const ids = [...page.facts, ...page.unreadable].map(({ factId }) => factId);
    const fresh = ids.length > 0 ? await readFresh(sql, ids) : new Set<string>();
    if (fresh.size === 0) return 0;
    const facts = firstOfEach(page.facts, fresh);
    const unreadable = firstOfEach(page.unreadable, fresh);
    let refused: Unreadable[] = [];
    try {
      await applyTogether(facts, unreadable, origin);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      log.warn({ ...origin, facts: facts.length, error }, "page.split");
      refused = await takeByHalves(facts, (some) => applyTogether(some, [], origin));
      unreadable.push(...refused);
      await applyTogether([], unreadable, origin);
    }
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

  async function applyTogether(facts: Fact[], unreadable: Unreadable[], origin: PageOrigin) {
    await sql.begin(async (tx) => {
      await check(tx);
      const mine = await remember(tx, origin.flowType, idsOf([...facts, ...unreadable]));
      const applied = facts.filter(({ factId }) => mine.has(factId));
      const aside = unreadable.filter(({ factId }) => mine.has(factId));
      for (const projection of projections) await projection.apply(tx, applied);
      if (aside.length > 0) {
        const rows = aside.map((fact) => ({ ...fact, ...origin }));
        await setAside(tx, rows, clock.now());
      }
      await confirm(tx, keysOf(applied, aside), clock.now());
      if (applied.length > 0) await tx`select pg_notify(${ROWS_CHANNEL}, '')`;
    });
  }
}

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
