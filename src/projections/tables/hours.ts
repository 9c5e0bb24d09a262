import type { Sql } from "../../database/connect.ts";
import { type KeepOptions, recordset } from "./projection.ts";
import type { Count } from "./sales-projection.ts";

/** What was sold in an hour, as `sales_hour.kind` tells them apart. */
export const NEW_SALE = "new_sale";
export const REPLACEMENT = "replacement";
type HourKind = typeof NEW_SALE | typeof REPLACEMENT;

/** An hour's number is whole, so the newest count that names the hour wins. */
export async function keepHours(
  sql: Sql,
  complete: readonly Count[],
  { again = false }: KeepOptions,
): Promise<void> {
  if (again) {
    const keys = complete.map(({ idempotencyKey }) => idempotencyKey);
    const eventIds = complete.map(({ eventId }) => eventId);
    await sql`
      delete from sales_hour
      where event_id = any(${eventIds}::text[]) and fact_key = any(${keys}::text[])
    `;
  }
  const hours = complete.flatMap(hoursOf);
  if (hours.length === 0) return;
  await sql`
    insert into sales_hour (event_id, ticket_type_id, hour, kind, tickets, counted_at, fact_key)
    select distinct on (event_id, ticket_type_id, hour, kind)
      event_id, ticket_type_id, hour, kind, tickets, counted_at, fact_key
    from jsonb_to_recordset(${recordset(hours)}::text::jsonb) as new (
      event_id text, ticket_type_id text, hour timestamptz, kind text, tickets integer,
      counted_at timestamptz, fact_key text
    )
    order by event_id, ticket_type_id, hour, kind, counted_at desc, fact_key desc
    on conflict (event_id, ticket_type_id, hour, kind) do update set
      tickets    = excluded.tickets,
      counted_at = excluded.counted_at,
      fact_key   = excluded.fact_key
    where (sales_hour.counted_at, sales_hour.fact_key) < (excluded.counted_at, excluded.fact_key)
  `;
}

/** An hour that only one of the two lists names says nothing of the other's number. */
function hoursOf({ eventId, idempotencyKey, countedAt, ticketTypes }: Count) {
  const rows: object[] = [];
  for (const { ticketTypeId, newSales, replacements } of ticketTypes) {
    addAll(NEW_SALE, ticketTypeId, newSales);
    addAll(REPLACEMENT, ticketTypeId, replacements);
  }
  return rows;

  // Most ticket types of a count name no hour.
  function addAll(kind: HourKind, ticketTypeId: string, hours: Record<string, number>) {
    for (const hour in hours)
      rows.push({
        event_id: eventId,
        ticket_type_id: ticketTypeId,
        hour: `${hour}:00:00Z`,
        kind,
        tickets: hours[hour],
        counted_at: countedAt,
        fact_key: idempotencyKey,
      });
  }
}
