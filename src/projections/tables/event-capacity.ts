import { type Balance, balanceOf } from "../../rules/balance.ts";
import {
  type CapacityPolicy,
  type CountForCapacity,
  capacityOf,
  type EventCapacity,
  type EventForCapacity,
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

/** Of an event's rows at any moment: now, and as they were when something sold out. */
export const capacityOfEvent = (described: DescribedEvent, policy: CapacityPolicy): EventCapacity =>
  capacityOf(eventOf(described), described.counts, policy);

/** What makes capacity, sold and available add up; null until the event was counted once. */
export const balanceOfEvent = (described: DescribedEvent, policy: CapacityPolicy): Balance | null =>
  described.counts && balanceOf(eventOf(described), described.counts, policy);

function eventOf({ event, types, classes, shops }: DescribedEvent): EventForCapacity {
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
