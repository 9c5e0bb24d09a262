import type { EventRow, TicketTypeRow } from "../projections/rows.ts";

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
}

/** All rows, or those of one event. */
export type ReadRows = (of?: { eventId?: string }) => Promise<Rows>;
