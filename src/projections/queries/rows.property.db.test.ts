import { expect, test } from "bun:test";
import { anyFact, delivered, withRecordedAgain } from "../../../test/support/any-facts.ts";
import { asRead } from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows, PROJECTED, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Fact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";

async function contents(sql: Pool) {
  const tables: Record<string, unknown> = {};
  for (const table of PROJECTED) {
    const rows = await sql<
      { row: unknown }[]
    >`select to_jsonb(t) as row from ${sql(table)} t order by 1`;
    tables[table] = rows.map(({ row }) => row);
  }
  return { tables, rows: await readAllRows(sql) };
}

/** The datacore delivers at least once, late, and in no order across flow types: rows must not care. */
test("rows are the same however often, in whatever order and in whatever pages facts arrive", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const after = async (pages: Fact[][]) => {
    await emptyRows(sql);
    await sql.begin((tx) => applyPages(tx, pages));
    return contents(sql);
  };
  const history = fc
    .array(anyFact, { minLength: 1, maxLength: 10 })
    .chain(withRecordedAgain)
    .map((facts) => facts.map((fact) => asRead(fact)))
    .chain((facts) => fc.tuple(fc.constant(facts), delivered(facts)));
  let written = 0;
  await fc.assert(
    fc.asyncProperty(history, async ([facts, pages]) => {
      const once = await after(facts.map((fact) => [fact]));
      expect(await after(pages)).toEqual(once);
      written += once.rows.events.length;
    }),
    { numRuns: 3 + runs(20), examples: [7, 9, 10].map((seed) => [fixed(history, seed)]) },
  );
  expect(written).toBeGreaterThan(5);
});
