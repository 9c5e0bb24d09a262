import { expect, test } from "bun:test";
import { anyFact, delivered, withRecordedAgain } from "../../../test/support/any-facts.ts";
import { asRead } from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { emptyRows, PROJECTED } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Fact } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { projectionsFor } from "../derived/projections.ts";
import { type HistoryMemory, historyMemory } from "../tables/history-memory.ts";
import type { Projection } from "../tables/projection.ts";

class Killed extends Error {}

/** Of which pages the transaction is lost before it is committed, and is begun anew: seldom, for it ends what is remembered. */
const lost = fc.constantFrom([false], [false], [true], [false, false, true]);

async function contents(sql: Pool) {
  const tables: Record<string, unknown> = {};
  for (const table of PROJECTED) {
    const rows = await sql<
      { row: unknown }[]
    >`select to_jsonb(t) as row from ${sql(table)} t order by 1`;
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

/** Each in a transaction, some of which are lost at first. */
async function inTransactions(
  sql: Pool,
  pages: Fact[][],
  {
    isLost,
    work,
    onLost,
  }: {
    isLost: readonly boolean[];
    work: (tx: Sql, page: Fact[]) => Promise<unknown>;
    onLost: () => void;
  },
) {
  for (const [n, page] of pages.entries()) {
    if (isLost[n % isLost.length])
      await sql
        .begin(async (tx) => {
          await work(tx, page);
          throw new Killed();
        })
        .catch((error) => {
          if (!(error instanceof Killed)) throw error;
          onLost();
        });
    await sql.begin((tx) => work(tx, page));
  }
}

/** As the live reader does. */
function applyLive(sql: Pool, pages: Fact[][], isLost: readonly boolean[]) {
  const live = projectionsFor({ policy: defaultPolicy });
  return inTransactions(sql, pages, {
    isLost,
    onLost: () => forgetAll(live),
    work: async (tx, page) => {
      for (const projection of live) await projection.apply(tx, page);
    },
  });
}

const forgetAll = (projections: readonly Projection[]) => {
  for (const projection of projections) projection.forget?.();
};

/** As a replay does: `again` over a copy. Flow types go side by side, each with a memory for all. */
async function keepAndRebuild(
  sql: Pool,
  pages: Fact[][],
  { isLost, again, memory }: { isLost: readonly boolean[]; again: boolean; memory: HistoryMemory },
) {
  const rebuilding = projectionsFor({ policy: defaultPolicy });
  await inTransactions(sql, pages, {
    isLost,
    onLost: () => memory.clear(),
    work: async (tx, page) => {
      for (const projection of rebuilding) await projection.keep(tx, page, { again, memory });
    },
  });
  await sql.begin(async (tx) => {
    for (const projection of rebuilding) await projection.rebuild(tx);
  });
}

test("rows that a replay keeps and makes are the live ones, whatever comes late or twice, is lost on the way, or is gone over again", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const history = fc
    .array(anyFact, { minLength: 1, maxLength: 14 })
    .chain(withRecordedAgain)
    .map((facts) => facts.map((fact) => asRead(fact)))
    .chain((facts) =>
      fc.record({
        livePages: delivered(facts),
        keptPages: delivered(facts),
        againPages: fc.subarray(facts).chain(delivered),
        ...{ lostLive: lost, lostKept: lost },
        events: fc.constantFrom(1, 300),
      }),
    );
  let written = 0;
  await fc.assert(
    fc.asyncProperty(
      history,
      async ({ livePages, keptPages, againPages, lostLive, lostKept, events }) => {
        await emptyRows(sql);
        await applyLive(sql, livePages, lostLive);
        const live = await contents(sql);
        // Over a copy of the live rows some facts are told anew.
        await keepAndRebuild(sql, againPages, {
          ...{ isLost: lostKept, again: true, memory: historyMemory({ events }) },
        });
        expect(await contents(sql)).toEqual(live);
        await emptyRows(sql);
        await keepAndRebuild(sql, keptPages, {
          ...{ isLost: lostKept, again: false, memory: historyMemory({ events }) },
        });
        expect(await contents(sql)).toEqual(live);
        written += Number((live.event as unknown[]).length);
      },
    ),
    { numRuns: 3 + runs(15), examples: [7, 9, 10].map((seed) => [fixed(history, seed)]) },
  );
  expect(written).toBeGreaterThan(4);
});
