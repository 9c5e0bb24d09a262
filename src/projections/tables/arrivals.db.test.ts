import { expect, test } from "bun:test";
import { asRead, eventUpdated, salesCounted, typeCount } from "../../../test/support/facts.ts";
import { projections } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { arrivalsOf } from "./arrivals.ts";
import { countFacts } from "./count-tables.ts";
import { descriptionFacts } from "./description-tables.ts";
import { orderOf } from "./history-tables.ts";

const FACTS = 600;
const at = (n: number) => new Date(Date.UTC(2026, 1, 1, 0, n));
const eventId = "berlin";

const kinds = {
  descriptions: {
    facts: descriptionFacts,
    next: (n: number): NewFact =>
      eventUpdated({ eventId, updatedAt: at(n).toISOString(), observedAt: at(n).toISOString() }),
    orderAt: (n: number) => orderOf(at(n), at(n), "new"),
  },
  counts: {
    facts: countFacts,
    next: (n: number): NewFact =>
      salesCounted({
        ...{ eventId, countedAt: at(n).toISOString(), observedAt: at(n).toISOString() },
        ...{ idempotencyKey: `count ${n}`, ticketTypes: [typeCount({ sold: n })] },
      }),
    orderAt: (n: number) => orderOf(at(n), "new"),
  },
};

test.each(Object.entries(kinds))(
  "whether a fact came before is looked up among %s without reading through them",
  async (_, { facts, next, orderAt }) => {
    const { sql } = await reusedDatabase();
    await sql.begin(async (tx) => {
      const page = Array.from({ length: FACTS }, (_, n) => asRead(next(n)));
      for (const projection of projections) await projection.keep(tx, page, {});
    });
    await sql.begin(async (tx) => {
      const before = await readThrough(tx, facts.table);
      const item = { eventId, key: "new", source: "poll", order: orderAt(FACTS) };
      expect(await arrivalsOf(tx, facts, [item])).toMatchObject([{ eventId, isLate: false }]);
      expect((await readThrough(tx, facts.table)) - before).toBe(0);
    });
  },
);

/** Rows that this transaction found by reading a table from its beginning. */
async function readThrough(sql: Sql, table: string) {
  const [found] = await sql<{ rows: number }[]>`
    select seq_tup_read::int as rows from pg_stat_xact_user_tables where relname = ${table}
  `;
  return found?.rows ?? 0;
}
