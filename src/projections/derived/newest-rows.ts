import type { TicketType, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { CountForCapacity } from "../../rules/capacity.ts";
import { type Column, columns } from "../tables/columns.ts";
import { ticketTypeColumns, underShopColumns } from "../tables/description-tables.ts";

/** What an event's things are now, as facts say it. */
export interface NewestRows {
  types: TicketType[];
  shops: UnderShop[];
  counts: CountForCapacity[];
}

const countColumns = columns({
  sold: "integer",
  sold_under_shop: "integer",
  sold_by_under_shop: "jsonb",
  reserved: "integer",
});

/**
 * The current rows of each event, in one look-up for all of them: hundreds of things that did not become
 * otherwise are read as one value, and not one by one from their histories.
 */
export async function readNewestRows(
  sql: Sql,
  eventIds: readonly string[],
): Promise<(eventId: string) => NewestRows> {
  if (eventIds.length === 0) return () => ({ types: [], shops: [], counts: [] });
  const rows = await sql<(NewestRows & { eventId: string })[]>`
    select event_id,
      ${documentsOf(sql, "ticket_type", "ticket_type_id", ticketTypeColumns)} as types,
      ${documentsOf(sql, "under_shop", "under_shop_id", underShopColumns)} as shops,
      ${documentsOf(sql, "ticket_type_sales", "ticket_type_id", countColumns)} as counts
    from unnest(${[...eventIds]}::text[]) as wanted (event_id)
  `;
  const byEvent = new Map(rows.map((row) => [row.eventId, row]));
  return (eventId) => byEvent.get(eventId) ?? { types: [], shops: [], counts: [] };
}

/** Each of an event's rows as a document under the fact's names. */
function documentsOf(sql: Sql, table: string, item: string, document: readonly Column[]) {
  const fields = [...columns({ [item]: "text" }), ...document].map(
    ({ name, type, field }) =>
      `'${field}', ${type === "timestamptz" ? instant(name) : `"${name}"`}`,
  );
  return sql`(
    select coalesce(json_agg(json_build_object(${sql.unsafe(fields.join(", "))})), '[]')
    from ${sql(table)} one where one.event_id = wanted.event_id
  )`;
}

/** As facts say instants. */
const instant = (name: string) =>
  `to_char("${name}" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
