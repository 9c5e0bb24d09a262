import type { Fact } from "../contracts/index.ts";
import type { Pool, Sql } from "../database/connect.ts";
import { isDataFault } from "../database/fault.ts";
import type { Page, Unreadable } from "../datacore/datacore.ts";
import type { Clock } from "../lib/clock.ts";
import { takeByHalves } from "./halves.ts";
import { remember, setAside } from "./position.ts";
import type { Projection } from "./projection.ts";

export interface PageKeeperOptions {
  shadow: Pool;
  projections: Projection[];
  clock: Clock;
  /** A replay from a bucket goes over a copy: there every fact is old, and is made again. */
  isCopy: boolean;
  /** Runs in every writing transaction. */
  check: (tx: Sql) => Promise<void>;
  onKept: (kept: { facts: number; setAside: number }) => void;
}

/** Keeps what a page says, and sets aside what the live reader would. */
export function pageKeeper({
  shadow,
  projections,
  clock,
  isCopy,
  check,
  onKept,
}: PageKeeperOptions) {
  return async function keepPage(page: Page, origin: { flowType: string; timeBucket: string }) {
    const { facts, unreadable } = page;
    if (facts.length + unreadable.length === 0) return;
    try {
      await keepTogether(facts, unreadable);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      const refused = await takeByHalves(facts, (some) => keepTogether(some, []));
      await keepTogether([], [...unreadable, ...refused]);
    }

    async function keepTogether(some: Fact[], aside: Unreadable[]) {
      const kept = await shadow.begin(async (tx) => {
        await check(tx);
        const ids = [...some, ...aside].map(({ factId }) => factId);
        const mine = await remember(tx, origin.flowType, [...new Set(ids)]);
        const isWanted = ({ factId }: { factId: string }) => isCopy || mine.has(factId);
        const wanted = some.filter(isWanted);
        if (isCopy) await forget(tx, wanted);
        for (const projection of projections) await projection.keep(tx, wanted, { again: isCopy });
        const rows = aside.filter(isWanted).map((fact) => ({ ...fact, ...origin }));
        if (rows.length > 0) await setAside(tx, rows, clock.now());
        return { facts: wanted.length, setAside: rows.length };
      });
      onKept(kept);
    }
  };

  async function forget(tx: Sql, facts: Fact[]) {
    const ids = facts.map(({ factId }) => factId);
    await tx`delete from set_aside where fact_id = any(${ids}::uuid[])`;
  }
}
