import { type Balance, balanceAgain } from "../../rules/balance.ts";
import {
  type CapacityPolicy,
  type CountForCapacity,
  type CountsById,
  capacityAgain,
  countsById,
  type EventCapacity,
  type EventForCapacity,
  nothingRemembered,
  type ShopForCapacity,
  type TypeForCapacity,
} from "../../rules/capacity.ts";
import type { TicketClass } from "../../rules/classify.ts";

export interface DescribedEvent {
  event: Pick<EventForCapacity, "maxAmount" | "categories"> & {
    ticketTypeIds: readonly string[];
    underShopIds: readonly string[];
  };
  /** All that the event ever had, with what they are. */
  types: readonly Omit<TypeForCapacity, "class" | "removed">[];
  classes: ReadonlyMap<string, TicketClass>;
  /** All that the event ever had. */
  shops: readonly Omit<ShopForCapacity, "removed">[];
  /** Null until the event was counted once. */
  counts: readonly CountForCapacity[] | null;
}

export interface EventNumbers {
  capacity: EventCapacity;
  /** What makes capacity, sold and available add up; null until the event was counted once. */
  balance: Balance | null;
}

export function numbersOfEvent(described: DescribedEvent, policy: CapacityPolicy): EventNumbers {
  const event = eventOf(described);
  const counts = described.counts && countsById(described.counts);
  const remembered = nothingRemembered();
  return {
    capacity: capacityAgain(event, counts, policy, remembered),
    balance: counts && balanceAgain(event, counts, policy, remembered),
  };
}

/**
 * Capacity of one event again and again, as it was when something sold out: as long as it is described by
 * the same object, only what is counted anew is worked out anew.
 */
export function capacityOverTime(policy: CapacityPolicy) {
  const remembered = nothingRemembered();
  let last: { described: Described; event: EventForCapacity } | undefined;
  return (described: Described, counts: CountsById | null): EventCapacity => {
    if (last?.described !== described) last = { described, event: eventOf(described) };
    return capacityAgain(last.event, counts, policy, remembered);
  };
}

type Described = Omit<DescribedEvent, "counts">;

function eventOf({ event, types, classes, shops }: Described): EventForCapacity {
  const present = new Set(event.ticketTypeIds);
  return {
    maxAmount: event.maxAmount,
    categories: event.categories,
    classes,
    underShops: shops.map(({ underShopId, inventoryStrategy }) => ({
      underShopId,
      inventoryStrategy,
      removed: !event.underShopIds.includes(underShopId),
    })),
    ticketTypes: types.map((type) => ({
      ...type,
      class: classes.get(type.ticketTypeId) ?? "other",
      removed: !present.has(type.ticketTypeId),
    })),
  };
}
