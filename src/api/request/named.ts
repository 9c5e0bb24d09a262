import type { NamedEvent, NamedTicketType } from "../../projections/queries/row-types.ts";
import { MissingNames } from "./problem.ts";

/** Which of these ids are there, as of an instant or now, of what the caller sees. */
export interface ReadNamed {
  events(ids: readonly string[], asOf: Date | undefined): Promise<NamedEvent[]>;
  ticketTypes(ids: readonly string[], asOf: Date | undefined): Promise<NamedTicketType[]>;
}

interface Asked {
  eventId?: readonly string[] | undefined;
  comparables?: readonly string[] | undefined;
  ticketTypeId?: readonly string[] | undefined;
}

/**
 * Refuses what names an event or a ticket type that is not there, each by its id: an id with a typing error has
 * no rows, and an empty list, or one that lacks some, would pass for an answer.
 */
export async function refuseUnknown(
  named: ReadNamed,
  { eventId = [], comparables = [], ticketTypeId = [] }: Asked,
  { asOf }: { asOf: Date | undefined } = { asOf: undefined },
): Promise<void> {
  const eventIds = [...new Set([...eventId, ...comparables])];
  const [events, ticketTypes] = await Promise.all([
    eventIds.length > 0 ? named.events(eventIds, asOf) : [],
    ticketTypeId.length > 0 ? named.ticketTypes(ticketTypeId, asOf) : [],
  ]);
  const eventsThere = new Set(events.map((event) => event.eventId));
  const typesThere = new Set(ticketTypes.map((type) => type.ticketTypeId));
  const faults = [
    ...faultOf("eventId", "event", { ids: eventId, there: eventsThere, asOf }),
    ...faultOf("comparables", "event", { ids: comparables, there: eventsThere, asOf }),
    ...faultOf("ticketTypeId", "ticket type", { ids: ticketTypeId, there: typesThere, asOf }),
  ];
  if (faults.length > 0) throw new MissingNames(faults);
}

/** Of the event that an address names. */
export const noSuchEvent = (eventId: string, { asOf }: { asOf?: Date | undefined }) =>
  new MissingNames(faultOf("eventId", "event", { ids: [eventId], there: new Set(), asOf }));

interface Named {
  ids: readonly string[];
  there: ReadonlySet<string>;
  asOf: Date | undefined;
}

function faultOf(name: string, what: string, { ids, there, asOf }: Named) {
  const unknown = ids.filter((id) => !there.has(id));
  if (unknown.length === 0) return [];
  const then = asOf ? `was no such ${what} at ${asOf.toISOString()}` : `is no such ${what}`;
  const named = unknown.map((id) => id.slice(0, 100)).join(", ");
  return [{ name, reason: `there ${then}: ${named}` }];
}
