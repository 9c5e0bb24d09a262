import type { ISql } from "postgres";
import type { TicketRow, TicketStatus } from "./documents.ts";

/** Columns by the names that `TicketRow` has; quoted, so no pool's transform can change them. */
export const ticketColumns = (sql: ISql) => sql`
  id, region, event_id as "eventId", ticket_type_id as "ticketTypeId",
  ticket_name as "ticketName", status, created_at as "createdAt", updated_at as "updatedAt",
  origin, under_shop_id as "underShopId", origin_ticket_id as "originTicketId",
  triggered_by as "triggeredBy", transaction_id as "transactionId",
  regular_price as "regularPrice", real_price as "realPrice", flex, holder, batch,
  batch_counter as "batchCounter"
`;

/** All rows in one statement, however many; an event's whole history at a time is fine. */
export async function insertTickets(sql: ISql, rows: readonly TicketRow[]) {
  if (rows.length === 0) return;
  // Dates and booleans as text: the driver would declare the array as one of them.
  const column = (key: keyof TicketRow) =>
    rows.map((row) => {
      const value = row[key];
      if (typeof value === "boolean") return String(value);
      return value instanceof Date ? value.toISOString() : value;
    });
  await sql`
    insert into vivenu.ticket (
      id, region, event_id, ticket_type_id, ticket_name, status, created_at, updated_at, origin,
      under_shop_id, origin_ticket_id, triggered_by, transaction_id, regular_price, real_price,
      flex, holder, batch, batch_counter
    )
    select * from unnest(
      ${column("id")}::text[], ${column("region")}::text[], ${column("eventId")}::text[],
      ${column("ticketTypeId")}::text[], ${column("ticketName")}::text[],
      ${column("status")}::text[], ${column("createdAt")}::timestamptz[],
      ${column("updatedAt")}::timestamptz[], ${column("origin")}::text[],
      ${column("underShopId")}::text[], ${column("originTicketId")}::text[],
      ${column("triggeredBy")}::text[], ${column("transactionId")}::text[],
      ${column("regularPrice")}::double precision[], ${column("realPrice")}::double precision[],
      ${column("flex")}::boolean[], ${column("holder")}::integer[], ${column("batch")}::text[],
      ${column("batchCounter")}::integer[]
    )
  `;
}

export async function readTicket(sql: ISql, id: string) {
  const [row] = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from vivenu.ticket where id = ${id}
  `;
  return row;
}

/** The ticket and the free ones that came with it. */
export const readWithPartners = (sql: ISql, id: string) => sql<TicketRow[]>`
  select ${ticketColumns(sql)} from vivenu.ticket where id = ${id} or triggered_by = ${id}
`;

export const readOrder = (sql: ISql, transactionId: string) => sql<TicketRow[]>`
  select ${ticketColumns(sql)} from vivenu.ticket where transaction_id = ${transactionId}
`;

export const setStatus = (
  sql: ISql,
  ids: readonly string[],
  { status, holder, at }: { status: TicketStatus; holder?: number; at: Date },
) => sql<TicketRow[]>`
  update vivenu.ticket
  set status = ${status}, holder = coalesce(${holder ?? null}, holder), updated_at = ${at}
  where id = any (${[...ids]})
  returning ${ticketColumns(sql)}
`;
