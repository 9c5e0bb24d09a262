import type { Fact } from "../../contracts/index.ts";
import { limitStatements, type Pool, type Sql } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import type { Unreadable } from "../../datacore/datacore.ts";
import type { Clock } from "../../lib/clock.ts";
import { within } from "../../lib/time-limit.ts";
import { nextTryAt } from "../../lib/tries.ts";
import { bisect, type Refused } from "./bisect.ts";
import { dedupe } from "./checkpoint.ts";
import { keepDeadLetters } from "./dead-letters.ts";

export interface FactOrigin {
  flowType: string;
  timeBucket: string;
}

/** What was new of a transaction's facts. */
export interface Taken {
  facts: Fact[];
  unapplied: (Unreadable | Refused)[];
}

export interface PageTransactionsOptions {
  sql: Pool;
  clock: Clock;
  /** Runs first in every transaction. */
  check: (tx: Sql) => Promise<void>;
  /** For a transaction with these facts. */
  limitMs: (facts: readonly Fact[]) => number;
  /** Makes rows of what was not known, in the transaction that dedupes it. */
  take: (tx: Sql, taken: Taken) => Promise<void>;
  /** What is known is taken once more. */
  again?: boolean;
  onCommitted?: (taken: Taken) => void;
  onFailed?: (error: unknown) => void;
  /** Told when facts are bisected, and why. */
  onSplit?: (facts: readonly Fact[], error: unknown) => void;
}

/**
 * How facts of a page are worked on, by the live reader and by a replay alike: the deduplication, their
 * rows and the dead letters among them are one transaction, so that a crash repeats all of it or
 * none, and none twice. What fails is bisected: who cannot be taken is a dead letter, and the
 * others are taken.
 */
export function pageTransactions(options: PageTransactionsOptions) {
  const { sql, clock, check, limitMs, take, again = false } = options;

  /** Returns the facts that could not be taken. */
  return async function work(
    facts: Fact[],
    unreadable: Unreadable[],
    origin: FactOrigin,
  ): Promise<Refused[]> {
    try {
      await takeTogether(facts, unreadable, origin);
      return [];
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      options.onSplit?.(facts, error);
      const takeSome = (some: Fact[]) => takeTogether(some, [], origin);
      const { refused, stoppedBy } = await bisect(facts, error, takeSome);
      await takeTogether([], [...unreadable, ...refused], origin);
      if (stoppedBy) throw stoppedBy;
      return refused;
    }
  };

  async function takeTogether(facts: Fact[], unapplied: Taken["unapplied"], origin: FactOrigin) {
    try {
      const taken = await sql.begin(async (tx) => {
        // Whoever holds the lease's row, a replay that swaps, is waited for.
        const ms = limitMs(facts);
        await Promise.all([check(tx), limitStatements(tx, ms)]);
        return within(ms, () => takeIn(tx, { facts, unapplied }, origin));
      });
      options.onCommitted?.(taken);
    } catch (error) {
      options.onFailed?.(error);
      throw error;
    }
  }

  async function takeIn(
    tx: Sql,
    { facts, unapplied }: Taken,
    { flowType, timeBucket }: FactOrigin,
  ) {
    const ids = [...facts, ...unapplied].map(({ factId }) => factId);
    const fresh = await dedupe(tx, flowType, [...new Set(ids)]);
    const wanted = again ? new Set(ids) : fresh;
    const taken = { facts: firstOfEach(facts, wanted), unapplied: firstOfEach(unapplied, wanted) };
    await take(tx, taken);
    const now = clock.now();
    const dead = taken.unapplied.map((fact) => ({
      ...fact,
      flowType,
      timeBucket,
      nextAttemptAt: nextAttemptOf(fact, now),
    }));
    if (dead.length > 0) await keepDeadLetters(tx, dead, now);
    return taken;
  }
}

/** Of what nobody foresaw; what breaks its contract will do so at every try. */
const nextAttemptOf = (fact: Unreadable | Refused, now: Date) =>
  ("mayPass" in fact && fact.mayPass && nextTryAt(1, now)) || null;

/** A page may hold one fact twice. */
export function firstOfEach<T extends { factId: string }>(
  facts: readonly T[],
  wanted: ReadonlySet<string>,
): T[] {
  const seen = new Set<string>();
  return facts.filter(({ factId }) => {
    if (!wanted.has(factId) || seen.has(factId)) return false;
    seen.add(factId);
    return true;
  });
}
