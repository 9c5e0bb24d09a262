import type { Pool } from "../../database/connect.ts";
import { eventsOf, itemsOf, ticketTypes } from "../tables/event-rows.ts";
import type { NamedEvent, NamedTicketType, TicketTypeIds } from "./wanted.ts";

/**
 * Of these ids those of events that are there, also where no row can be made of them; as of an instant those
 * that had been described by then.
 */
async function readNamedEvents(
  sql: Pool,
  eventIds: readonly string[],
  asOf?: Date,
): Promise<NamedEvent[]> {
  const events = asOf ? sql`(${eventsOf(sql, eventIds, asOf)})` : sql`event`;
  return sql<NamedEvent[]>`
    select event_id, account as region from ${events} as found
    where event_id = any(${[...eventIds]}::text[])
  `;
}

/** Of these ids those of ticket types that an event has or had, with its own. */
async function readNamedTicketTypes(
  sql: Pool,
  ticketTypeIds: readonly string[],
  asOf?: Date,
): Promise<NamedTicketType[]> {
  const named = sql`(
    select event_id, ticket_type_id from ticket_type
    where ticket_type_id = any(${[...ticketTypeIds]}::text[])
  )`;
  const found = asOf ? sql`(${itemsOf(sql, named, ticketTypes, asOf)})` : named;
  const types = await sql<TicketTypeIds[]>`select event_id, ticket_type_id from ${found} as found`;
  const eventIds = [...new Set(types.map(({ eventId }) => eventId))];
  const events = await readNamedEvents(sql, eventIds, asOf);
  const regions = new Map(events.map(({ eventId, region }) => [eventId, region]));
  return types.flatMap((type) => {
    const region = regions.get(type.eventId);
    return region === undefined ? [] : [{ ...type, region }];
  });
}

/** Both, over one database. */
export const namedIn = (sql: Pool) => ({
  events: (ids: readonly string[], asOf?: Date) => readNamedEvents(sql, ids, asOf),
  ticketTypes: (ids: readonly string[], asOf?: Date) => readNamedTicketTypes(sql, ids, asOf),
});
