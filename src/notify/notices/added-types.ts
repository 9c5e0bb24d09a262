import type { AddedPlaces, ChangeRow, TicketTypeIds } from "../../projections/queries/row-types.ts";
import { statusNamesOfOpenSales } from "../../rules/event-status.ts";

/** By the change's id: how many places came with a ticket type that was added. */
export type PlacesByChange = ReadonlyMap<string, number>;

/** The ticket types that were added; one that takes the place of one of its name brings nothing. */
export const addedIn = (changes: readonly ChangeRow[]): (TicketTypeIds & { changeId: string })[] =>
  changes.flatMap((change) => {
    const { id: changeId, changeType, fieldName, eventId, subjectId } = change;
    const isAdded = changeType === "ticketType" && fieldName === "added" && subjectId !== null;
    return isAdded && !isReplaced(change, changes)
      ? [{ changeId, eventId, ticketTypeId: subjectId }]
      : [];
  });

const isReplaced = (added: ChangeRow, changes: readonly ChangeRow[]) =>
  changes.some(
    ({ eventId, fieldName, subjectName, changedAt }) =>
      fieldName === "removed" &&
      eventId === added.eventId &&
      subjectName === added.subjectName &&
      changedAt === added.changedAt,
  );

/** As an extra race day brings them to an event on sale; what is set up before the launch is no news. */
export const placesBy = (
  added: ReturnType<typeof addedIn>,
  found: readonly AddedPlaces[],
): PlacesByChange =>
  new Map(
    added.flatMap(({ changeId, eventId, ticketTypeId }): [string, number][] => {
      const one = found.find(
        (places) => places.eventId === eventId && places.ticketTypeId === ticketTypeId,
      );
      const isNews = one && one.places > 0 && statusNamesOfOpenSales.includes(one.status);
      return isNews ? [[changeId, one.places]] : [];
    }),
  );
