import type { Fact } from "../../contracts/index.ts";
import { LONGEST_WORK_MS, limitStatements, type Pool, type Sql } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import type { Unreadable } from "../../datacore/datacore.ts";
import type { Clock } from "../../lib/clock.ts";
import { inOrder } from "../../lib/in-order.ts";
import { within } from "../../lib/time-limit.ts";
import { nextTryAt } from "../../lib/tries.ts";
import { bisect, type Refused } from "./bisect.ts";
import { dedupe, takeOver } from "./checkpoint.ts";
import { forgetDeadLetters, keepDeadLetters } from "./dead-letters.ts";

export interface FactOrigin {
  flowType: string;
  timeBucket: string;
}

/** What was new of a transaction's facts. */
export interface Taken {
  facts: Fact[];
  unapplied: (Unreadable | Refused)[];
  /** Some of these were taken before, and are told anew. */
  isAgain: boolean;
}

/** Statements of which all are sent. */
export interface Sent {
  written: Promise<unknown>;
}

export interface PageTransactionsOptions {
  sql: Pool;
  clock: Clock;
  /** Runs first in every transaction. */
  check: (tx: Sql) => Promise<void>;
  /** For a transaction with these facts. */
  limitMs: (facts: readonly Fact[]) => number;
  /**
   * Makes rows of what was not known, in the transaction that dedupes it. What it sends last it need not wait
   * for: the commit comes behind it, and is a rollback where that fails.
   */
  take: (tx: Sql, taken: Taken) => Promise<Sent>;
  /** What is known is taken once more: all of it, or what an older program took. */
  again?: "all" | "older" | undefined;
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
  const { sql, clock, check, limitMs, take, again } = options;

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
      const takeSome = (some: Fact[], times?: number) => takeTogether(some, [], origin, times);
      const { refused, stoppedBy } = await bisect(facts, error, takeSome);
      await takeTogether([], [...unreadable, ...refused], origin);
      if (stoppedBy) throw stoppedBy;
      return refused;
    }
  };

  async function takeTogether(
    facts: Fact[],
    unapplied: Taken["unapplied"],
    origin: FactOrigin,
    times = 1,
  ) {
    try {
      const { taken, written } = await sql.begin(async (tx) => {
        const ids = [...new Set([...facts, ...unapplied].map(({ factId }) => factId))];
        // Whoever holds the lease's row, a replay that swaps, is waited for, and what comes behind it is
        // limited. All three are sent at once: none of them can come behind the rollback.
        const ms = Math.min(times * limitMs(facts), LONGEST_WORK_MS);
        const [, , fresh] = await inOrder([
          check(tx),
          limitStatements(tx, ms),
          dedupe(tx, origin.flowType, ids),
        ]);
        const older = again === undefined ? [] : await takeOver(tx, ids);
        const wanted = again === "all" ? new Set(ids) : new Set([...fresh, ...older]);
        const news = {
          facts: firstOfEach(facts, wanted),
          unapplied: firstOfEach(unapplied, wanted),
          isAgain: again === "all" || older.length > 0,
        };
        return within(ms, () => takeIn(tx, news, origin));
      });
      // Where it failed the commit behind it was a rollback.
      await written;
      options.onCommitted?.(taken);
    } catch (error) {
      options.onFailed?.(error);
      throw error;
    }
  }

  async function takeIn(tx: Sql, taken: Taken, { flowType, timeBucket }: FactOrigin) {
    if (taken.isAgain) await forgetDeadLetters(tx, taken.facts);
    const { written } = await take(tx, taken);
    // Whoever fails before it is waited for tells of that.
    written.catch(() => {});
    const now = clock.now();
    const dead = taken.unapplied.map((fact) => ({
      ...fact,
      flowType,
      timeBucket,
      nextAttemptAt: nextAttemptOf(fact, now),
    }));
    if (dead.length > 0) await keepDeadLetters(tx, dead, now);
    return { taken, written };
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
