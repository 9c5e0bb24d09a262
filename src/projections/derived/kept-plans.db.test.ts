import { expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import type { NewFact } from "../../contracts/index.ts";
import { connect, type Sql } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { projectionsFor } from "./projections.ts";

const FACTS = 40;
const at = (n: number) => new Date(Date.UTC(2026, 1, 1, 0, n)).toISOString();
const described = (n: number) =>
  eventUpdated({
    ...{ eventId: "berlin", updatedAt: at(n), observedAt: at(n) },
    ticketTypes: [ticketType({ amount: 1_000 + n })],
    underShops: [underShop({ maxAmount: 100 + n })],
  });
const counted = (n: number) => ({
  ...{ eventId: "berlin", countedAt: at(n), observedAt: at(n) },
  idempotencyKey: `a count of ${at(n)}`,
  ticketTypes: [typeCount({ sold: n })],
});

const kinds: Record<string, (n: number) => NewFact> = {
  descriptions: described,
  "whole counts": (n) => (n === 0 ? described(n) : salesCounted(counted(n))),
  "counts of what changed": (n) => {
    if (n === 0) return described(n);
    return n === 1 ? salesCounted(counted(n)) : salesChanged(counted(n));
  },
};

test.each(Object.entries(kinds))(
  "%s of an event are applied by statements that PostgreSQL does not plan anew for each",
  async (_, next) => {
    await using database = await freshDatabase();
    // One session, so that it is known which plans it keeps.
    const sql = connect(database.url, { max: 1 });
    try {
      const projections = projectionsFor({ policy: defaultPolicy });
      for (let n = 0; n < FACTS; n += 1)
        await sql.begin(async (tx) => {
          for (const { apply } of projections) await apply(tx, [asRead(next(n))]);
        });
      const often = (await readPlanned(sql)).filter(({ anew, kept }) => anew + kept > FACTS - 5);
      expect(often.length).toBeGreaterThan(8);
      expect(often.filter(({ anew, kept }) => anew > kept)).toEqual([]);
    } finally {
      await sql.end({ timeout: 5 });
    }
  },
);

/** PostgreSQL plans a statement anew five times at least, before it compares that with a plan that it would keep. */
const readPlanned = (sql: Sql) => sql<{ statement: string; anew: number; kept: number }[]>`
  select statement, custom_plans::int as anew, generic_plans::int as kept
  from pg_prepared_statements
`;
