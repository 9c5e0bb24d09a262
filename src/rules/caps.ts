import type { Category, TicketType, TicketTypeCount, UnderShop } from "../contracts/index.ts";
import type { TicketClass } from "./classify.ts";

export interface TypeForCapacity
  extends Pick<
    TicketType,
    "ticketTypeId" | "amount" | "active" | "categoryRef" | "ignoreForMaxAmounts" | "allocations"
  > {
  class: TicketClass;
  /** The event had it once and has it no more. */
  removed: boolean;
}

export interface ShopForCapacity extends Pick<UnderShop, "underShopId" | "inventoryStrategy"> {
  removed?: boolean | undefined;
}

export interface EventForCapacity {
  /** 0 and null both mean that Vivenu sets no cap. */
  maxAmount: number | null;
  categories: readonly Pick<Category, "ref" | "amount">[];
  /** With those that the event had once and has no more. */
  underShops: readonly ShopForCapacity[];
  ticketTypes: readonly TypeForCapacity[];
  /** What types are that only counts name, where the operator says it. */
  classes?: ReadonlyMap<string, TicketClass> | undefined;
}

export interface CountForCapacity
  extends Pick<TicketTypeCount, "ticketTypeId" | "sold" | "soldUnderShop" | "reserved"> {
  /** Null or absent where the count does not tell. */
  soldByUnderShop?: Readonly<Record<string, number>> | null | undefined;
  reservedByUnderShop?: Readonly<Record<string, number>> | null | undefined;
}

/** A type with what was sold of it. */
export interface CountedType extends TypeForCapacity {
  count: Omit<CountForCapacity, "ticketTypeId">;
  /** The parts of `count.sold` and `count.reserved` that are held against the type's own amount. */
  soldOfAmount: number;
  reservedOfAmount: number;
}

export interface Cap {
  amount: number;
  /** Never below 0, also where more was sold than the cap allows. */
  left: number;
}

/**
 * What becomes of a type that Vivenu leaves out of the maximum amounts when its category or its event is
 * full: it is `free` to be sold up to its own amount, or `capped` as the others are.
 */
export type ExemptTypes = "free" | "capped";

/** The caps over several types: the event's, and one for each category that sets an amount. */
export interface Caps {
  /** Whether they hold for a type. */
  bind(type: Pick<TypeForCapacity, "ignoreForMaxAmounts">): boolean;
  event: Cap;
  ofCategory(ref: string | null): Cap;
}

const noCap: Cap = { amount: Infinity, left: Infinity };

/** Whatever the class, every ticket that is sold or reserved takes a place under a cap but those that Vivenu exempts. */
export function capsOf(
  event: EventForCapacity,
  types: readonly CountedType[],
  exemptTypes: ExemptTypes,
): Caps {
  const capped = types.filter((type) => !type.ignoreForMaxAmounts);
  const cappedIn = (ref: string) => capped.filter((type) => type.categoryRef === ref);
  const categories = new Map<string | null, Cap>();
  for (const { ref, amount } of event.categories)
    if (amount !== null) categories.set(ref, capOver(amount, cappedIn(ref)));
  return {
    bind: (type) => !type.ignoreForMaxAmounts || exemptTypes === "capped",
    event: event.maxAmount ? capOver(event.maxAmount, capped) : noCap,
    ofCategory: (ref) => categories.get(ref) ?? noCap,
  };
}

const capOver = (amount: number, types: readonly CountedType[]): Cap => ({
  amount,
  left: Math.max(0, amount - sum(types, ({ count }) => count.sold + count.reserved)),
});

/** Three caps at once: the type's, its category's and the event's. */
export function availableOf(type: CountedType, caps: Caps): number {
  if (type.removed) return 0;
  const left = Math.max(0, type.amount - type.soldOfAmount - type.reservedOfAmount);
  if (!caps.bind(type)) return left;
  return Math.min(left, caps.ofCategory(type.categoryRef).left, caps.event.left);
}

/** The capacity of types together: no category and no event holds more than its cap. */
export const capacityTogether = (types: readonly TypeForCapacity[], caps: Caps): number =>
  together(types, caps, { placesOf: ({ amount }) => amount, most: ({ amount }) => amount });

/** Each type's own availability, so that an oversold one takes nothing from another, under the caps. */
export const availableTogether = (types: readonly CountedType[], caps: Caps): number =>
  together(types, caps, { placesOf: (type) => availableOf(type, caps), most: ({ left }) => left });

interface Places<Type> {
  placesOf: (type: Type) => number;
  most: (cap: Cap) => number;
}

function together<Type extends TypeForCapacity>(
  types: readonly Type[],
  caps: Caps,
  { placesOf, most }: Places<Type>,
) {
  let free = 0;
  const bound = new Map<string | null, number>();
  for (const type of types) {
    const places = placesOf(type);
    if (caps.bind(type)) bound.set(type.categoryRef, (bound.get(type.categoryRef) ?? 0) + places);
    else free += places;
  }
  const inCategories = sum([...bound], ([ref, places]) =>
    Math.min(most(caps.ofCategory(ref)), places),
  );
  return free + Math.min(most(caps.event), inCategories);
}

export const sum = <Item>(items: readonly Item[], amountOf: (item: Item) => number): number =>
  items.reduce((total, item) => total + amountOf(item), 0);
