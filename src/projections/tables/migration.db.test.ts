import { expect, test } from "bun:test";
import { emptyDatabase, freshDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyPages } from "../../../test/support/given.ts";
import { CHANGES_ONLY, keepAsBefore, migrateBefore } from "../../../test/support/older-program.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";

const HISTORY = [
  ...["named_set", "event_version", "event_head_version", "ticket_type_version"],
  ...["under_shop_version", "event_count", "ticket_type_count"],
];

const day = (n: number) => `2026-02-${String(n).padStart(2, "0")}T10:00:00.000Z`;

/** What a description or a count repeats, what it changes, and what was learned out of order. */
const facts: NewFact[] = [
  ...[1, 2, 3, 4, 5].map((n) =>
    eventUpdated({
      ...{ updatedAt: day(n), observedAt: day(n === 2 ? 9 : n), name: n < 4 ? "a" : "b" },
      ticketTypes: [
        ticketType({ amount: n < 3 ? 100 : 200 }),
        ticketType({ ticketTypeId: "women", name: "HYROX WOMEN | Saturday" }),
      ],
      underShops: [underShop({ active: n % 2 === 0 })],
    }),
  ),
  ...[1, 2, 3, 4].map((n) =>
    salesCounted({
      countedAt: day(10 + n),
      complete: n !== 3,
      ticketTypes: [
        typeCount({ sold: n < 4 ? 7 : 8 }),
        typeCount({ ticketTypeId: "women", sold: 5 }),
      ],
    }),
  ),
];

async function contents(sql: Pool) {
  const tables: Record<string, unknown> = {};
  for (const table of HISTORY) {
    const rows = await sql<{ row: unknown }[]>`
      select to_jsonb(t) as row from ${sql(table)} t order by 1
    `;
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

test("a database that kept a row for everything a fact named keeps those that a change made", async () => {
  await using old = await emptyDatabase();
  await migrateBefore(old.sql, CHANGES_ONLY);
  await keepAsBefore(old.sql, facts);
  await migrate(old.sql);
  await using fresh = await freshDatabase();
  await applyPages(fresh.sql, [facts.map((fact) => asRead(fact))]);
  expect(await contents(old.sql)).toEqual(await contents(fresh.sql));
});
