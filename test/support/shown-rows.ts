import type { Sql } from "../../src/database/connect.ts";
import type { EventRow, TicketTypeRow } from "../../src/projections/queries/rows.ts";

/** Rows as they are kept for whoever reads them, with a status that no clock turns. */
export async function keepRows(
  sql: Sql,
  {
    events = [],
    ticketTypes = [],
  }: { events?: readonly EventRow[]; ticketTypes?: readonly TicketTypeRow[] },
) {
  const kept = events.map((row) => {
    const { eventId: event_id, region: account, status, presale, limited } = row;
    const standings = [{ from: null, status, presale, limited }];
    return {
      ...{ event_id, account, start_at: row.eventDate, turns_at: [], statuses: [status] },
      document: { row, toBuyWhenShut: 0, standings },
    };
  });
  await sql`
    insert into event_shown (event_id, account, start_at, turns_at, statuses, document)
    select event_id, account, start_at, turns_at, statuses, document
    from json_to_recordset(${JSON.stringify(kept)}::text::json) as new (
      event_id text, account text, start_at timestamptz, turns_at timestamptz[], statuses text[],
      document json
    )
  `;
  const types = ticketTypes.map((row, place) => {
    const { eventId: event_id, region: account, ticketTypeId: ticket_type_id } = row;
    return { event_id, account, ticket_type_id, place, document: { row, toBuyWhenShut: 0 } };
  });
  await sql`
    insert into ticket_type_shown (
      event_id, ticket_type_id, account, start_at, place, document, digest
    )
    select event_id, ticket_type_id, new.account, event.start_at, place, new.document, ''
    from json_to_recordset(${JSON.stringify(types)}::text::json) as new (
      event_id text, ticket_type_id text, account text, place integer, document json
    )
    join event_shown event using (event_id)
  `;
}

export const forgetEvent = (sql: Sql, eventId: string) =>
  sql`delete from event_shown where event_id = ${eventId}`;
