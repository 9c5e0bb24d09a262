import type { AddedPlaces, ChangeRow, PlacesSource } from "../../projections/queries/row-types.ts";
import { statusNamesOfOpenSales } from "../../rules/event-status.ts";

/** By the change's id: how many places came with it. */
export type PlacesByChange = ReadonlyMap<string, number>;

/**
 * The ticket types that were added, and the caps over several that were raised. One that takes the place of one
 * of its name brings nothing.
 */
export const addedIn = (changes: readonly ChangeRow[]): PlacesSource[] =>
  changes.flatMap((change): PlacesSource[] => {
    const { id: changeId, changeType, fieldName, eventId, subjectId, previousValue } = change;
    const before = typeof previousValue.value === "number" ? previousValue.value : null;
    if (changeType === "event" && fieldName === "maxAmount")
      return isRaised(change) ? [{ changeId, eventId, maxAmountBefore: before }] : [];
    if (subjectId === null) return [];
    if (changeType === "category")
      return isRaised(change)
        ? [{ changeId, eventId, categoryRef: subjectId, amountBefore: before }]
        : [];
    const isAdded = changeType === "ticketType" && fieldName === "added";
    return isAdded && !isReplaced(change, changes)
      ? [{ changeId, eventId, ticketTypeId: subjectId }]
      : [];
  });

/** Null is no cap. */
const isRaised = ({ previousValue: { value: was }, newValue: { value: is } }: ChangeRow) =>
  was !== null && (is === null || Number(is) > Number(was));

const isReplaced = (added: ChangeRow, changes: readonly ChangeRow[]) =>
  changes.some(
    ({ eventId, fieldName, subjectName, changedAt }) =>
      fieldName === "removed" &&
      eventId === added.eventId &&
      subjectName === added.subjectName &&
      changedAt === added.changedAt,
  );

/** As an extra race day brings them to an event on sale; what is set up before the launch is no news. */
export const placesBy = (found: readonly AddedPlaces[]): PlacesByChange =>
  new Map(
    found
      .filter(({ places, status }) => places > 0 && statusNamesOfOpenSales.includes(status))
      .map(({ changeId, places }) => [changeId, places]),
  );
