import {
  availableOf,
  availableTogether,
  type Caps,
  type CountedType,
  type CountForCapacity,
  capacityTogether,
  capsOf,
  type EventForCapacity,
  type ExemptTypes,
  type ShopForCapacity,
  sum,
  type TypeForCapacity,
} from "./caps.ts";
import type { TicketClass } from "./classify.ts";

export type {
  CountForCapacity,
  EventForCapacity,
  ShopForCapacity,
  TypeForCapacity,
} from "./caps.ts";

export interface CapacityPolicy {
  /** The classes that an event's totals are made of. Everything else is listed per type only. */
  countedClasses: readonly TicketClass[];
  /**
   * What a type's amount is held against where an `independent` undershop sells it too. Such a shop
   * has an amount of its own: `direct` leaves out what it sold or reserved, `all` leaves nothing out.
   */
  underShopSales: "direct" | "all";
  exemptTypes: ExemptTypes;
}

export const defaultPolicy: CapacityPolicy = {
  countedClasses: ["race", "charity"],
  underShopSales: "direct",
  exemptTypes: "free",
};

/** Null is what is not known because the event was never counted. */
export interface TypeCapacity {
  ticketTypeId: string;
  class: TicketClass;
  removed: boolean;
  /** Whether the event's totals hold it. */
  counted: boolean;
  capacity: number;
  /** Places that undershops may sell of it. */
  allocatedUnderShop: number;
  /** Through every shop. */
  sold: number | null;
  soldUnderShop: number | null;
  reserved: number | null;
  available: number | null;
  /** By how much the sales that are held against the amount exceed it. */
  oversold: number | null;
  /** Of the sales that are held against the amount. */
  percentSold: number | null;
}

export interface Totals {
  totalCapacity: number;
  totalSold: number | null;
  totalAvailable: number | null;
  percentSold: number | null;
  oversold: number | null;
  /** The counted types' amounts as Vivenu's own screens add them up: no caps, nothing removed. */
  sumOfAmounts: number;
}

export interface EventCapacity {
  ticketTypes: TypeCapacity[];
  totals: Totals;
  /** The same of the charity places alone. */
  charity: Totals;
  /**
   * Of what the totals say is available, what the types that are switched on leave; an event that
   * has none of these has nothing to buy, counted or not.
   */
  availableToBuy: number | null;
  /** How many of the counted types are switched on. */
  typesOnSale: number;
}

/** What an event can sell, has sold and can still sell: of each ticket type, and in all. */
export function capacityOf(
  event: EventForCapacity,
  counts: readonly CountForCapacity[] | null,
  policy: CapacityPolicy = defaultPolicy,
  remembered?: RememberedTypes,
): EventCapacity {
  const types = countedTypes(event, counts ?? [], policy, remembered);
  const caps = capsOf(event, types, policy.exemptTypes);
  const isCounted = (type: CountedType) => policy.countedClasses.includes(type.class);
  const rows = types.map((type) => typeCapacity(type, caps, isCounted(type)));
  const totals = totalsOf(types.filter(isCounted), caps);
  const charity = totalsOf(
    types.filter((type) => type.class === "charity"),
    caps,
  );
  const onSale = types.filter((type) => isCounted(type) && type.active && !type.removed);
  const typesOnSale = onSale.length;
  const availableToBuy = availableTogether(onSale, caps);
  if (counts !== null) return { ticketTypes: rows, totals, charity, availableToBuy, typesOnSale };
  return {
    ticketTypes: rows.map((row) => ({ ...row, ...neverCounted.type })),
    totals: { ...totals, ...neverCounted.event },
    charity: { ...charity, ...neverCounted.event },
    availableToBuy: typesOnSale === 0 ? 0 : null,
    typesOnSale,
  };
}

/** Two decimals; null where there is no capacity, or one is not known; above 100 where more was sold than there is. */
export const percentOf = (sold: number | null, capacity: number | null): number | null =>
  sold === null || !capacity ? null : Math.round((sold * 10_000) / capacity) / 100;

/**
 * For who asks of the same event and policy again: what a type was with a count it is with that count, as
 * long as both are the same objects.
 */
export type RememberedTypes = WeakMap<TypeForCapacity, CountedType>;

/** The event's types and those that only the count knows, each with its sales. */
export function countedTypes(
  event: EventForCapacity,
  counts: readonly CountForCapacity[],
  { underShopSales }: CapacityPolicy,
  remembered: RememberedTypes = new WeakMap(),
): CountedType[] {
  const countOf = new Map(counts.map((count) => [count.ticketTypeId, count]));
  const described = new Set(event.ticketTypes.map(({ ticketTypeId }) => ticketTypeId));
  const others = counts.filter(({ ticketTypeId }) => !described.has(ticketTypeId));
  const independent = event.underShops.filter(
    ({ inventoryStrategy }) => inventoryStrategy === "independent",
  );
  const undescribed = others.map(({ ticketTypeId: id }) =>
    neverDescribed(id, event.classes?.get(id)),
  );
  return [...event.ticketTypes, ...undescribed].map((type) => {
    const count = countOf.get(type.ticketTypeId) ?? noTickets;
    const known = remembered.get(type);
    if (known?.count === count) return known;
    const counted = counting(type, count);
    remembered.set(type, counted);
    return counted;
  });

  function counting(type: TypeForCapacity, count: CountedType["count"]): CountedType {
    const { sold, reserved } = count;
    if (type.removed)
      return { ...type, count, amount: sold, soldOfAmount: sold, reservedOfAmount: reserved };
    const apart = underShopSales === "direct" ? apartOf(type, count, independent) : NOTHING;
    return {
      ...type,
      count,
      soldOfAmount: sold - apart.sold,
      reservedOfAmount: reserved - apart.reserved,
    };
  }
}

const NOTHING = { sold: 0, reserved: 0 };

/**
 * What independent undershops sold and reserved of amounts of their own, also one that was switched off or
 * removed behind its presale: of one that is gone nobody says any more of which types it had an amount. Of a
 * type that it has no amount of it sells the type's own places.
 */
function apartOf(
  { allocations }: TypeForCapacity,
  { soldUnderShop, soldByUnderShop, reservedByUnderShop }: Omit<CountForCapacity, "ticketTypeId">,
  independent: readonly ShopForCapacity[],
) {
  if (independent.length === 0) return NOTHING;
  const hasAmount = ({ underShopId }: ShopForCapacity, isActive = false) =>
    allocations.some(
      (one) => one.underShopId === underShopId && one.amount !== null && (one.active || !isActive),
    );
  const apart = independent.filter((shop) => shop.removed || hasAmount(shop));
  const ids = new Set(apart.map(({ underShopId }) => underShopId));
  const through = (byShop: Readonly<Record<string, number>>) =>
    sum(Object.entries(byShop), ([id, tickets]) => (ids.has(id) ? tickets : 0));
  const reserved = through(reservedByUnderShop ?? {});
  if (soldByUnderShop) return { sold: through(soldByUnderShop), reserved };
  // Counts of before it was counted by shop: one that sells apart stands for all.
  const isApart = independent.some((shop) => !shop.removed && hasAmount(shop, true));
  return { sold: isApart ? soldUnderShop : 0, reserved };
}

function typeCapacity(type: CountedType, caps: Caps, counted: boolean): TypeCapacity {
  return {
    ticketTypeId: type.ticketTypeId,
    class: type.class,
    removed: type.removed,
    counted,
    capacity: type.amount,
    allocatedUnderShop: sum(type.allocations, ({ active, amount }) => (active ? (amount ?? 0) : 0)),
    sold: type.count.sold,
    soldUnderShop: type.count.soldUnderShop,
    reserved: type.count.reserved,
    available: availableOf(type, caps),
    oversold: Math.max(0, type.soldOfAmount - type.amount),
    percentSold: percentOf(type.soldOfAmount, type.amount),
  };
}

/** What removed types sold stays sold, and is as much of the capacity: under a cap it took a place before. */
function totalsOf(types: readonly CountedType[], caps: Caps): Totals {
  const present = types.filter((type) => !type.removed);
  const totalCapacity = capacityTogether(types, caps);
  const totalSold = sum(types, (type) => type.count.sold);
  return {
    totalCapacity,
    totalSold,
    totalAvailable: availableTogether(present, caps),
    percentSold: percentOf(totalSold, totalCapacity),
    oversold: Math.max(0, totalSold - totalCapacity),
    sumOfAmounts: sum(present, (type) => type.amount),
  };
}

/** Of a type that is counted but that no description of the event names, all we know is its id. */
const neverDescribed = (
  ticketTypeId: string,
  ticketClass: TicketClass = "other",
): TypeForCapacity => ({
  ticketTypeId,
  class: ticketClass,
  removed: true,
  amount: 0,
  active: false,
  categoryRef: null,
  ignoreForMaxAmounts: false,
  allocations: [],
});

const noTickets = { sold: 0, soldUnderShop: 0, reserved: 0 };

const neverCounted = {
  type: {
    sold: null,
    soldUnderShop: null,
    reserved: null,
    available: null,
    oversold: null,
    percentSold: null,
  },
  event: { totalSold: null, totalAvailable: null, percentSold: null, oversold: null },
};
