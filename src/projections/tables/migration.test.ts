import { expect, test } from "bun:test";
import { emptyDatabase, freshDatabase } from "../../../test/database.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/facts.ts";
import { applyPages } from "../../../test/given.ts";
import type { EventUpdated, NewFact, SalesCounted } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { migrate, readMigrations } from "../../database/migrate.ts";

const CHANGES_ONLY = "0020_projections_changes.sql";
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

/** As it was kept before: a row for whatever a fact names. */
async function keepAsBefore(sql: Pool, { eventType, payload }: NewFact) {
  if (eventType === "event.updated.0") await keepDescription(sql, payload);
  if (eventType === "sales.counted.0") await keepCount(sql, payload);
}

async function keepDescription(sql: Pool, said: EventUpdated) {
  const { eventId, idempotencyKey: key, updatedAt, observedAt, account, source } = said;
  const { ticketTypes, underShops, ...rest } = said;
  const { part: _part, ...whole } = rest;
  const head = Object.fromEntries(
    Object.entries(whole).filter(
      ([name]) =>
        !["idempotencyKey", "account", "source", "observedAt", "updatedAt"].includes(name),
    ),
  );
  const at = updatedAt ?? observedAt;
  await sql`
    insert into event_version
      (event_id, fact_key, version_at, observed_at, account, source, updated_at, head)
    values (${eventId}, ${key}, ${at}, ${observedAt}, ${account}, ${source}, ${updatedAt},
      ${JSON.stringify(head)}::text::jsonb)
  `;
  for (const type of ticketTypes)
    await sql`
      insert into ticket_type_version
        (event_id, ticket_type_id, fact_key, version_at, observed_at, content)
      values (${eventId}, ${type.ticketTypeId}, ${key}, ${at}, ${observedAt},
        ${JSON.stringify(type)}::text::jsonb)
    `;
  for (const shop of underShops)
    await sql`
      insert into under_shop_version
        (event_id, under_shop_id, fact_key, version_at, observed_at, content)
      values (${eventId}, ${shop.underShopId}, ${key}, ${at}, ${observedAt},
        ${JSON.stringify(shop)}::text::jsonb)
    `;
}

async function keepCount(sql: Pool, count: SalesCounted) {
  const { eventId, idempotencyKey: key, countedAt, complete, source } = count;
  await sql`
    insert into event_count (event_id, fact_key, counted_at, complete, tickets_read,
      expected_total, currencies, part_number, part_of, source)
    values (${eventId}, ${key}, ${countedAt}, ${complete}, ${count.ticketsRead},
      ${count.expectedTotal}, ${JSON.stringify(count.currencies)}::text::jsonb, 1, 1, ${source})
  `;
  for (const type of complete ? count.ticketTypes : [])
    await sql`
      insert into ticket_type_count (event_id, ticket_type_id, fact_key, counted_at, sold,
        sold_under_shop, complimentary, replaced, triggered, flex_add_ons, reserved, invalid, blank)
      values (${eventId}, ${type.ticketTypeId}, ${key}, ${countedAt}, ${type.sold}, 0, 0, 0, 0, 0, 0,
        0, 0)
    `;
}

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
  const migrations = await readMigrations();
  const before = migrations.filter(({ name }) => name < CHANGES_ONLY);
  await old.sql`create table migration (name text primary key, applied_at timestamptz default now())`;
  for (const { name, statements } of before) {
    await old.sql.unsafe(statements);
    await old.sql`insert into migration (name) values (${name})`;
  }
  for (const fact of facts) await keepAsBefore(old.sql, fact);
  await migrate(old.sql);
  await using fresh = await freshDatabase();
  await applyPages(fresh.sql, [facts.map((fact) => asRead(fact))]);
  expect(await contents(old.sql)).toEqual(await contents(fresh.sql));
});
