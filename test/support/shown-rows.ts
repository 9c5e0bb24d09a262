import type { Sql } from "../../src/database/connect.ts";
import { namesOf, typesOf } from "../../src/database/table-columns.ts";
import type { EventRow, TicketTypeRow } from "../../src/projections/queries/rows.ts";
import {
  eventKeysOf,
  typeKeysOf,
  typeKeysOfEvent,
} from "../../src/projections/tables/list-keys.ts";
import { shownEventColumns } from "../../src/projections/tables/shown-rows.ts";
import { shownTypeColumns } from "../../src/projections/tables/shown-types.ts";
import type { StatusName } from "../../src/rules/event-status.ts";

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
    // The cast: a row says no other status than there is.
    const standings = [{ from: null, status: status as StatusName, presale, limited }];
    const types = ticketTypes.filter((type) => type.eventId === row.eventId);
    const made = { row, toBuyWhenShut: 0 as const };
    return {
      ...{ event_id, account, start_at: row.eventDate, turns_at: [], statuses: [status] },
      document: { ...made, standings },
      ...eventKeysOf(made, { standings, deleted: status === "CANCELLED", types }),
    };
  });
  await sql`
    insert into event_shown (event_id, ${namesOf(sql, shownEventColumns)})
    select event_id, ${namesOf(sql, shownEventColumns)}
    from json_to_recordset(${JSON.stringify(kept)}::text::json) as new (
      event_id text, ${typesOf(sql, shownEventColumns)}
    )
  `;
  const types = ticketTypes.flatMap((row, place) => {
    const event = events.find(({ eventId }) => eventId === row.eventId);
    if (!event) return [];
    const made = { row, toBuyWhenShut: 0 as const };
    return {
      ...{ event_id: row.eventId, ticket_type_id: row.ticketTypeId, account: row.region, place },
      ...{ start_at: event.eventDate, document: made, digest: "" },
      ...typeKeysOf(typeKeysOfEvent(event, event.status === "CANCELLED"), made),
    };
  });
  await sql`
    insert into ticket_type_shown (event_id, ticket_type_id, ${namesOf(sql, shownTypeColumns)})
    select event_id, ticket_type_id, ${namesOf(sql, shownTypeColumns)}
    from json_to_recordset(${JSON.stringify(types)}::text::json) as new (
      event_id text, ticket_type_id text, ${typesOf(sql, shownTypeColumns)}
    )
  `;
}

export const forgetEvent = (sql: Sql, eventId: string) =>
  sql`delete from event_shown where event_id = ${eventId}`;
