import type { Pool, Sql } from "../../database/connect.ts";
import type { Page } from "../../datacore/datacore.ts";
import type { Clock } from "../../lib/clock.ts";
import { type FactOrigin, pageTransactions } from "../consumer/page-transactions.ts";
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

/** Keeps what a page says, and sets aside what the live reader would; the current rows come at the end. */
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
  const work = pageTransactions({
    sql: shadow,
    clock,
    check,
    limitMs: () => limitMs,
    again: isCopy ? "all" : undefined,
    async take(tx, { facts }) {
      for (const projection of projections)
        await projection.keep(tx, facts, { again: isCopy, memory });
      return { written: Promise.resolve() };
    },
    onCommitted: ({ facts, unapplied }) =>
      onKept({ facts: facts.length, setAside: unapplied.length }),
    // What was cached in a transaction that was rolled back is in no row.
    onFailed: () => memory.clear(),
  });

  return async function keepPage({ facts, unreadable }: Page, origin: FactOrigin) {
    if (facts.length + unreadable.length > 0) await work(facts, unreadable, origin);
  };
}
