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
  type Remembered,
  type ShopForCapacity,
  type TypeForCapacity,
} from "../../rules/capacity.ts";
import type { TicketClass } from "../../rules/classify.ts";

type DescribedType = Omit<TypeForCapacity, "class" | "removed">;

export interface DescribedEvent {
  event: Pick<EventForCapacity, "maxAmount" | "categories"> & {
    ticketTypeIds: readonly string[];
    underShopIds: readonly string[];
  };
  /** All that the event ever had, with what they are. */
  types: readonly DescribedType[];
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

/** What was worked out of one event, for who asks of it again under the same policy. */
export interface NumbersMemory extends Remembered {
  /** With the event's undershops, which say what of a type's sales are of its own places. */
  described: WeakMap<DescribedType, { shops: string; type: TypeForCapacity }>;
}

export const numbersMemory = (): NumbersMemory => ({
  ...nothingRemembered(),
  described: new WeakMap(),
});

/** With a memory, what is described and counted by the same objects as before has the same objects as its numbers. */
export function numbersOfEvent(
  described: DescribedEvent,
  policy: CapacityPolicy,
  memory = numbersMemory(),
): EventNumbers {
  const event = eventOf(described, memory);
  const counts = described.counts && countsById(described.counts);
  return {
    capacity: capacityAgain(event, counts, policy, memory),
    balance: counts && balanceAgain(event, counts, policy, memory),
  };
}

/**
 * Capacity of one event again and again, as it was when something sold out: as long as it is described by
 * the same object, only what is counted anew is worked out anew.
 */
export function capacityOverTime(policy: CapacityPolicy) {
  const memory = numbersMemory();
  let last: { described: Described; event: EventForCapacity } | undefined;
  return (described: Described, counts: CountsById | null): EventCapacity => {
    if (last?.described !== described) last = { described, event: eventOf(described, memory) };
    return capacityAgain(last.event, counts, policy, memory);
  };
}

type Described = Omit<DescribedEvent, "counts">;

function eventOf(
  { event, types, classes, shops }: Described,
  { described }: NumbersMemory,
): EventForCapacity {
  const present = new Set(event.ticketTypeIds);
  const underShops = shops.map(({ underShopId, inventoryStrategy }) => ({
    underShopId,
    inventoryStrategy,
    removed: !event.underShopIds.includes(underShopId),
  }));
  const inShops = JSON.stringify(underShops);
  return {
    maxAmount: event.maxAmount,
    categories: event.categories,
    classes,
    underShops,
    ticketTypes: types.map((type) => {
      const is = {
        class: classes.get(type.ticketTypeId) ?? "other",
        removed: !present.has(type.ticketTypeId),
      };
      const before = described.get(type);
      if (before?.shops === inShops && isAs(before.type, is)) return before.type;
      const now = { ...type, ...is };
      described.set(type, { shops: inShops, type: now });
      return now;
    }),
  };
}

const isAs = (type: TypeForCapacity, is: Pick<TypeForCapacity, "class" | "removed">) =>
  type.class === is.class && type.removed === is.removed;
