import type {
  EventDeleted,
  EventUpdated,
  NewFact,
  SalesCounted,
} from "../../src/contracts/index.ts";
import type { Pool } from "../../src/database/connect.ts";
import { readMigrations } from "../../src/database/migrate.ts";
import {
  headColumns,
  ticketTypeColumns,
  underShopColumns,
} from "../../src/projections/tables/description-tables.ts";
import {
  refreshEvents,
  refreshTicketTypes,
  refreshUnderShops,
} from "../../src/projections/tables/event-rows.ts";

/** From here on the history keeps a row only where something changed. */
export const CHANGES_ONLY = "0020_projections_changes.sql";

/** Brings a database to the schema of the program that came before this migration. */
export async function migrateBefore(sql: Pool, migration: string) {
  await sql`create table if not exists migration (
    name text primary key, applied_at timestamptz default now()
  )`;
  const applied = await sql<{ name: string }[]>`select name from migration`;
  const known = new Set(applied.map(({ name }) => name));
  for (const { name, statements } of await readMigrations()) {
    if (name >= migration || known.has(name)) continue;
    await sql.begin(async (tx) => {
      await tx.unsafe(statements);
      await tx`insert into migration (name) values (${name})`;
    });
  }
}

/** As it was kept before `CHANGES_ONLY`: a row for whatever a fact names. */
export async function keepAsBefore(sql: Pool, facts: readonly NewFact[]) {
  for (const { eventType, payload } of facts) {
    if (eventType === "event.updated.0") await keepDescription(sql, payload);
    if (eventType === "event.deleted.0") await keepDeletion(sql, payload);
    if (eventType === "sales.counted.0") await keepCount(sql, payload);
  }
}

const keepDeletion = (sql: Pool, { eventId, idempotencyKey, account, observedAt }: EventDeleted) =>
  sql`
    insert into event_deletion (event_id, fact_key, account, observed_at)
    values (${eventId}, ${idempotencyKey}, ${account}, ${observedAt})
  `;

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

const CURRENT = {
  event: headColumns,
  ticket_type: ticketTypeColumns,
  under_shop: underShopColumns,
};

/**
 * Makes the current rows by today's rules in the columns of an older schema: those that came since are there
 * for as long as that takes.
 */
export async function makeCurrentRows(sql: Pool) {
  const added: { table: string; column: string }[] = [];
  for (const [table, columns] of Object.entries(CURRENT)) {
    const found = await sql<{ name: string }[]>`
      select column_name as name from information_schema.columns
      where table_schema = 'public' and table_name = ${table}
    `;
    const there = new Set(found.map(({ name }) => name));
    for (const { name, type } of columns.filter((column) => !there.has(column.name))) {
      await sql`alter table ${sql(table)} add column ${sql(name)} ${sql.unsafe(type)}`;
      added.push({ table, column: name });
    }
  }
  await refreshEvents(sql, "all");
  await refreshTicketTypes(sql, "all");
  await refreshUnderShops(sql, "all");
  for (const { table, column } of added)
    await sql`alter table ${sql(table)} drop column ${sql(column)}`;
}
