import { type CategoryForClass, type TicketTypeForClass, verdictOf } from "./classify.ts";
import { isParent } from "./parents.ts";

interface EventForDoubt {
  eventType: string;
  childEventIds: readonly string[];
  categories: readonly CategoryForClass[];
  ticketTypeIds: readonly string[];
}

/**
 * Whether the event has a ticket type of which nobody can tell what it is, whatever the operator has said of
 * it: of all other events nobody needs to look at a ticket type to know that there is none.
 */
export function isInDoubt(event: EventForDoubt, types: readonly TicketTypeForClass[]): boolean {
  const { categories, ticketTypeIds } = event;
  if (isParent(event)) return false;
  const present = new Set(ticketTypeIds);
  return types.some(
    (type) => present.has(type.ticketTypeId) && verdictOf(type, { categories }).unclear !== null,
  );
}
