import { type CategoriesOfType, type TicketTypeForClass, verdictOf } from "./classify.ts";
import { isParent } from "./parents.ts";

interface EventForDoubt {
  eventType: string;
  childEventIds: readonly string[];
  ticketTypeIds: readonly string[];
}

interface KnownOfTypes {
  /** All that the event ever had. */
  types: readonly TicketTypeForClass[];
  categoriesOf: CategoriesOfType;
  counts: readonly { ticketTypeId: string; sold: number }[];
}

/**
 * Whether the event has, or has sold tickets of, a ticket type of which nobody can tell what it is, whatever
 * the operator has said of it: of all other events nobody needs to look at a ticket type to know that there
 * is none.
 */
export function isInDoubt(
  event: EventForDoubt,
  { types, categoriesOf, counts }: KnownOfTypes,
): boolean {
  if (isParent(event)) return false;
  const sold = counts.flatMap(({ ticketTypeId, sold }) => (sold > 0 ? ticketTypeId : []));
  const wanted = new Set([...event.ticketTypeIds, ...sold]);
  const described = new Set(types.map(({ ticketTypeId }) => ticketTypeId));
  return (
    sold.some((id) => !described.has(id)) ||
    types.some(
      (type) =>
        wanted.has(type.ticketTypeId) &&
        verdictOf(type, { categories: categoriesOf(type.ticketTypeId) }).unclear !== null,
    )
  );
}
