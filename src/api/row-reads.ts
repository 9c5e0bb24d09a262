import { Failure } from "../lib/failure.ts";
import type {
  EventPlace,
  EventRow,
  EventsWanted,
  Page,
  TicketTypePlace,
  TicketTypeRow,
  Wanted,
} from "../projections/queries/row-types.ts";

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
}

/** The rows of one event: its own, and those of its ticket types in its own order. */
export type ReadRows = (of: { eventId: string }) => Promise<Rows>;

/** The lists over all events: no more is read than is answered. */
export interface ReadLists {
  events(wanted: EventsWanted): Promise<Page<EventRow, EventPlace>>;
  ticketTypes(wanted: Wanted<TicketTypePlace>): Promise<Page<TicketTypeRow, TicketTypePlace>>;
}

/** An id with a typing error has no rows either, and an empty list would pass for an answer. */
export function refuseUnknown(eventId: string, events: readonly EventRow[]) {
  if (!events.some((event) => event.eventId === eventId))
    throw new Failure("missing", "There is no such event.");
}
