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
}

export interface CountForCapacity
  extends Pick<TicketTypeCount, "ticketTypeId" | "sold" | "soldUnderShop" | "reserved"> {
  /** Null or absent where the count does not tell. */
  soldByUnderShop?: Readonly<Record<string, number>> | null | undefined;
}

/** A type with what was sold of it. */
export interface CountedType extends TypeForCapacity {
  count: Omit<CountForCapacity, "ticketTypeId">;
  /** The part of `count.sold` that is held against the type's own amount. */
  soldOfAmount: number;
}

export interface Cap {
  amount: number;
  /** Never below 0, also where more was sold than the cap allows. */
  left: number;
}

/** The caps over several types: the event's, and one for each category that sets an amount. */
export interface Caps {
  event: Cap;
  ofCategory(ref: string | null): Cap;
}

const noCap: Cap = { amount: Infinity, left: Infinity };

/** Whatever the class, every ticket takes a place under a cap but those that Vivenu exempts. */
export function capsOf(event: EventForCapacity, types: readonly CountedType[]): Caps {
  const capped = types.filter((type) => !type.ignoreForMaxAmounts);
  const cappedIn = Map.groupBy(capped, (type) => type.categoryRef);
  const categories = new Map<string | null, Cap>();
  for (const { ref, amount } of event.categories)
    if (amount !== null) categories.set(ref, capOver(amount, cappedIn.get(ref) ?? []));
  return {
    event: event.maxAmount ? capOver(event.maxAmount, capped) : noCap,
    ofCategory: (ref) => categories.get(ref) ?? noCap,
  };
}

const capOver = (amount: number, types: readonly CountedType[]): Cap => ({
  amount,
  left: Math.max(0, amount - sum(types, (type) => type.count.sold)),
});

/** Three caps at once: the type's, its category's and the event's. */
export function availableOf(type: CountedType, caps: Caps): number {
  if (type.removed) return 0;
  const left = type.amount - type.soldOfAmount - type.count.reserved;
  return Math.max(0, Math.min(left, caps.ofCategory(type.categoryRef).left, caps.event.left));
}

/** The capacity of types together: no category and no event holds more than its cap. */
export const capacityTogether = (types: readonly TypeForCapacity[], caps: Caps): number =>
  Math.min(
    caps.event.amount,
    sumByCategory(types, (ref, inCategory) =>
      Math.min(
        caps.ofCategory(ref).amount,
        sum(inCategory, (type) => type.amount),
      ),
    ),
  );

/** Each type's own availability, so that an oversold one takes nothing from another, under the caps. */
export const availableTogether = (types: readonly CountedType[], caps: Caps): number =>
  Math.min(
    caps.event.left,
    sumByCategory(types, (ref, inCategory) =>
      Math.min(
        caps.ofCategory(ref).left,
        sum(inCategory, (type) => availableOf(type, caps)),
      ),
    ),
  );

export const sum = <Item>(items: readonly Item[], amountOf: (item: Item) => number): number =>
  items.reduce((total, item) => total + amountOf(item), 0);

const sumByCategory = <Type extends TypeForCapacity>(
  types: readonly Type[],
  amountOf: (ref: string | null, inCategory: readonly Type[]) => number,
) =>
  sum([...Map.groupBy(types, (type) => type.categoryRef)], ([ref, inCategory]) =>
    amountOf(ref, inCategory),
  );
