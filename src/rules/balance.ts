import {
  type CapacityPolicy,
  type CountsById,
  countedTypes,
  countsById,
  defaultPolicy,
  nothingRemembered,
  type Remembered,
} from "./capacity.ts";
import {
  availableTogether,
  type CountedType,
  type CountForCapacity,
  capsOf,
  type EventForCapacity,
  sum,
} from "./caps.ts";

/**
 * What makes an event's numbers add up: capacity = sold + reserved + heldForUnderShops + available
 * - oversoldPlaces. None is below 0.
 */
export interface Balance {
  /** Reserved tickets of the types that the totals hold. */
  reserved: number;
  /**
   * Places of the capacity that other tickets took: of types outside the totals that share a category's or
   * the event's amount with it, through undershops or not.
   */
  heldForUnderShops: number;
  /**
   * Tickets that were sold or reserved and took no place of the capacity: of a type beyond its amount,
   * or by an undershop that has an amount of its own.
   */
  oversoldPlaces: number;
}

export const balanceOf = (
  event: EventForCapacity,
  counts: readonly CountForCapacity[],
  policy: CapacityPolicy = defaultPolicy,
): Balance => balanceAgain(event, countsById(counts), policy, nothingRemembered());

/**
 * Fills the empty event step by step, and looks each time how many places it leaves: with what the
 * totals sold, then with all other tickets, then with what the totals have reserved. So each ticket is
 * told by what it took, and what took nothing is beyond the capacity.
 */
export function balanceAgain(
  event: EventForCapacity,
  counts: CountsById,
  policy: CapacityPolicy,
  remembered: Remembered,
): Balance {
  const isOwn = (type: CountedType) => policy.countedClasses.includes(type.class);
  // What a removed one sold filled as many places, and none is left of it.
  const types = countedTypes(event, counts, policy, remembered).map((type) =>
    isOwn(type) && type.removed ? { ...type, removed: false } : type,
  );
  const leaves = (filled: (type: CountedType) => CountedType) => {
    const filledTypes = types.map(filled);
    const caps = capsOf(event, filledTypes, policy.exemptTypes);
    return availableTogether(filledTypes.filter(isOwn), caps);
  };
  const empty = leaves(unsold);
  const sold = leaves((type) => (isOwn(type) ? unreserved(type) : unsold(type)));
  const others = leaves((type) => (isOwn(type) ? unreserved(type) : type));
  const available = leaves((type) => type);

  const own = types.filter(isOwn);
  const reserved = sum(own, ({ count }) => count.reserved);
  const beyond = {
    sold: sum(own, ({ count }) => count.sold) - (empty - sold),
    reserved: reserved - (others - available),
  };
  return {
    reserved,
    heldForUnderShops: sold - others,
    oversoldPlaces: beyond.sold + beyond.reserved,
  };
}

const unreserved = (type: CountedType): CountedType =>
  type.count.reserved === 0
    ? type
    : { ...type, count: { ...type.count, reserved: 0 }, reservedOfAmount: 0 };

const none = { sold: 0, soldUnderShop: 0, reserved: 0 };

const unsold = (type: CountedType): CountedType => ({
  ...type,
  count: none,
  soldOfAmount: 0,
  reservedOfAmount: 0,
});
