/** Vivenu's kinds of events that hold others: a group of events, and the root of a recurring one. */
const parentTypes = ["GROUP", "ROOT"];
/** Those that hold none, whatever else they say. */
const leafTypes = ["SINGLE", "RECURRENCE"];

/** As Vivenu calls them. */
export const eventTypes: readonly string[] = [...leafTypes, ...parentTypes];

/**
 * What a parent sells its children sell: it is not counted, has no numbers of its own and is in no sum.
 * A kind that Vivenu does not document yet is a parent when it names children.
 */
export const isParent = ({
  eventType,
  childEventIds = [],
}: {
  eventType: string;
  childEventIds?: readonly string[] | undefined;
}) =>
  parentTypes.includes(eventType) || (childEventIds.length > 0 && !leafTypes.includes(eventType));
