import type { ChangeRow, EventRow, TicketTypeRow } from "../projections/queries/row-types.ts";
import { statusNamesOfOpenSales } from "../rules/event-status.ts";

/** By the change's id: how many places came with a ticket type that was added. */
export type AddedPlaces = ReadonlyMap<string, number>;

export interface RowsOfTypes {
  events: readonly Pick<EventRow, "eventId" | "status">[];
  ticketTypes: readonly Pick<
    TicketTypeRow,
    "eventId" | "ticketTypeId" | "inTotals" | "removed" | "capacity"
  >[];
}

/** The changes that a ticket type was added by, each of an event and a ticket type of it. */
export const additionsIn = (changes: readonly ChangeRow[]) =>
  changes.flatMap((change) =>
    change.changeType === "ticketType" && change.fieldName === "added" && change.subjectId !== null
      ? [{ ...change, subjectId: change.subjectId }]
      : [],
  );

/**
 * Places that an event has more because of a ticket type that it did not have, as an extra race day brings
 * them: of types that its totals hold, while it is on sale. What is set up before the launch is no news, and
 * a type that takes the place of one of its name brings nothing.
 */
export function placesAddedBy(
  changes: readonly ChangeRow[],
  { events, ticketTypes }: RowsOfTypes,
): AddedPlaces {
  const statusOf = new Map(events.map(({ eventId, status }) => [eventId, status]));
  const isOpen = (eventId: string) =>
    statusNamesOfOpenSales.some((status) => status === statusOf.get(eventId));
  const isReplaced = (added: ChangeRow) =>
    changes.some(
      ({ eventId, fieldName, subjectName, changedAt }) =>
        fieldName === "removed" &&
        eventId === added.eventId &&
        subjectName === added.subjectName &&
        changedAt === added.changedAt,
    );
  return new Map(
    additionsIn(changes).flatMap((change): [string, number][] => {
      const type = ticketTypes.find(
        ({ eventId, ticketTypeId }) =>
          eventId === change.eventId && ticketTypeId === change.subjectId,
      );
      if (!type?.inTotals || type.removed || !type.capacity) return [];
      return isOpen(change.eventId) && !isReplaced(change) ? [[change.id, type.capacity]] : [];
    }),
  );
}
