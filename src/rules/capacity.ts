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
export const capacityOf = (
  event: EventForCapacity,
  counts: readonly CountForCapacity[] | null,
  policy: CapacityPolicy = defaultPolicy,
): EventCapacity => capacityAgain(event, counts && countsById(counts), policy, nothingRemembered());

/** By ticket type. */
export type CountsById = ReadonlyMap<string, CountForCapacity>;

export function countsById(counts: readonly CountForCapacity[]): CountsById {
  const found = new Map<string, CountForCapacity>();
  for (const count of counts) found.set(count.ticketTypeId, count);
  return found;
}

/**
 * What was worked out before, for who asks of one event again and again under one policy: as long as the
 * event, a type and its count are the same objects, what follows from them is the same.
 */
export interface Remembered {
  named: WeakMap<EventForCapacity, ReadonlySet<string>>;
  types: WeakMap<TypeForCapacity, CountedType>;
  rows: WeakMap<CountedType, TypeCapacity>;
}

export const nothingRemembered = (): Remembered => ({
  named: new WeakMap(),
  types: new WeakMap(),
  rows: new WeakMap(),
});

/** The same as `capacityOf`; what is remembered is not worked out anew. */
export function capacityAgain(
  event: EventForCapacity,
  counts: CountsById | null,
  policy: CapacityPolicy,
  remembered: Remembered,
): EventCapacity {
  const types = countedTypes(event, counts ?? NO_COUNTS, policy, remembered);
  const caps = capsOf(event, types, policy.exemptTypes);
  const isCounted = (type: CountedType) => policy.countedClasses.includes(type.class);
  const rows = types.map((type) => {
    const available = availableOf(type, caps);
    const before = remembered.rows.get(type);
    if (before?.available === available) return before;
    const row = typeCapacity(type, available, isCounted(type));
    remembered.rows.set(type, row);
    return row;
  });
  const ofTotals = types.filter(isCounted);
  const totals = totalsOf(ofTotals, caps);
  const charity = totalsOf(
    types.filter((type) => type.class === "charity"),
    caps,
  );
  const onSale = ofTotals.filter((type) => type.active && !type.removed);
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

const NO_COUNTS: CountsById = new Map();

/** Two decimals; null where there is no capacity, or one is not known; above 100 where more was sold than there is. */
export const percentOf = (sold: number | null, capacity: number | null): number | null =>
  sold === null || !capacity ? null : Math.round((sold * 10_000) / capacity) / 100;

/** The event's types and those that only the count knows, each with its sales. */
export function countedTypes(
  event: EventForCapacity,
  counts: CountsById,
  { underShopSales }: CapacityPolicy,
  { named, types }: Remembered,
): CountedType[] {
  const independent = event.underShops.filter(
    ({ inventoryStrategy }) => inventoryStrategy === "independent",
  );
  const ids = named.get(event) ?? new Set(event.ticketTypes.map((type) => type.ticketTypeId));
  named.set(event, ids);
  const counted = event.ticketTypes.map(withCount);
  for (const id of counts.keys())
    if (!ids.has(id)) counted.push(withCount(neverDescribed(id, event.classes?.get(id))));
  return counted;

  function withCount(type: TypeForCapacity): CountedType {
    const count = counts.get(type.ticketTypeId) ?? noTickets;
    const before = types.get(type);
    if (before?.count === count) return before;
    const now = counting(type, count);
    types.set(type, now);
    return now;
  }

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

function typeCapacity(type: CountedType, available: number, counted: boolean): TypeCapacity {
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
    available,
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
