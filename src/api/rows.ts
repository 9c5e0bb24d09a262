import { Failure } from "../lib/failure.ts";
import type { EventRow, TicketTypeRow } from "../projections/queries/rows.ts";

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
}

/** All rows, or those of one event. */
export type ReadRows = (of?: { eventId?: string }) => Promise<Rows>;

/** An id with a typing error has no rows either, and an empty list would pass for an answer. */
export function refuseUnknown(eventId: string, events: readonly EventRow[]) {
  if (!events.some((event) => event.eventId === eventId))
    throw new Failure("missing", "There is no such event.");
}
