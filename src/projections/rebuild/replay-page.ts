import type { Fact } from "../../contracts/index.ts";
import { limitStatements, type Pool, type Sql } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import type { Page, Unreadable } from "../../datacore/datacore.ts";
import type { Clock } from "../../lib/clock.ts";
import { within } from "../../lib/time-limit.ts";
import { setAside } from "../consumer/dead-letters.ts";
import { type Refused, takeByHalves } from "../consumer/halves.ts";
import { nextAttemptOf } from "../consumer/page.ts";
import { remember } from "../consumer/position.ts";
import { historyMemory } from "../tables/history-memory.ts";
import type { Projection } from "../tables/projection.ts";

export interface PageKeeperOptions {
  shadow: Pool;
  projections: Projection[];
  clock: Clock;
  /** A replay from a bucket goes over a copy: there every fact is old, and is made again. */
  isCopy: boolean;
  /** Runs in every writing transaction. */
  check: (tx: Sql) => Promise<void>;
  onKept: (kept: { facts: number; setAside: number }) => void;
  /** For a page. */
  limitMs?: number;
}

/** Several pages are kept at one time, beside a service that works: they take their time. */
const LIMIT_MS = 12_000;

/** Keeps what a page says, and sets aside what the live reader would. */
export function pageKeeper({
  shadow,
  projections,
  clock,
  isCopy,
  check,
  onKept,
  limitMs = LIMIT_MS,
}: PageKeeperOptions) {
  // The shadow is this replay's alone, and one page at a time is kept of a flow type.
  const memory = historyMemory();
  return async function keepPage(page: Page, origin: { flowType: string; timeBucket: string }) {
    const { facts, unreadable } = page;
    if (facts.length + unreadable.length === 0) return;
    try {
      await keepTogether(facts, unreadable);
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      const bisected = await takeByHalves(facts, error, (some) => keepTogether(some, []));
      await keepTogether([], [...unreadable, ...bisected.refused]);
      if (bisected.stoppedBy) throw bisected.stoppedBy;
    }

    async function keepTogether(some: Fact[], aside: (Unreadable | Refused)[]) {
      const kept = shadow.begin(async (tx) => {
        await check(tx);
        return within(limitMs, () => keepIn(tx, some, aside));
      });
      // What was remembered in a transaction that was rolled back is in no row.
      kept.catch(() => memory.clear());
      onKept(await kept);
    }

    async function keepIn(tx: Sql, some: Fact[], aside: (Unreadable | Refused)[]) {
      await limitStatements(tx, limitMs);
      const ids = [...some, ...aside].map(({ factId }) => factId);
      const mine = await remember(tx, origin.flowType, [...new Set(ids)]);
      const isWanted = ({ factId }: { factId: string }) => isCopy || mine.has(factId);
      const wanted = some.filter(isWanted);
      if (isCopy) await forget(tx, wanted);
      for (const projection of projections)
        await projection.keep(tx, wanted, { again: isCopy, memory });
      const now = clock.now();
      const rows = aside
        .filter(isWanted)
        .map((fact) => ({ ...fact, ...origin, nextAttemptAt: nextAttemptOf(fact, now) }));
      if (rows.length > 0) await setAside(tx, rows, now);
      return { facts: wanted.length, setAside: rows.length };
    }
  };

  async function forget(tx: Sql, facts: Fact[]) {
    const ids = facts.map(({ factId }) => factId);
    await tx`delete from set_aside where fact_id = any(${ids}::uuid[])`;
  }
}
