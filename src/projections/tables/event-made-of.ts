import { knownZone } from "../../lib/zones.ts";
import type { Balance } from "../../rules/balance.ts";
import type { CapacityPolicy, EventCapacity } from "../../rules/capacity.ts";
import { classify } from "../../rules/classify.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { isParent } from "../../rules/parents.ts";
import { balanceOfEvent, capacityOfEvent, type DescribedEvent } from "./event-capacity.ts";
import type { EventInRows, SalesColumns, ShopColumns } from "./event-state.ts";

/** What an operator decides about rows. */
export interface RowPolicy {
  policy: CapacityPolicy;
  /** What the operator says ticket types are. */
  classes?: ClassOverrides;
}

/** What the rows of one event are made of: what is kept of it, and what follows from that. */
export interface EventMadeOf {
  kept: EventInRows;
  /** When it begins, as rows say it, and its zone; null where the zone data has none of this name. */
  eventDate: string;
  timezone: string | null;
  /** It holds other events. */
  isGroup: boolean;
  capacity: EventCapacity;
  /** Null until the event was counted once. */
  balance: Balance | null;
  /** Those that the event has. */
  shops: readonly ShopColumns[];
  /** By ticket type; nothing before the first complete count. */
  salesOf: ReadonlyMap<string, SalesColumns>;
  typeOf: ReadonlyMap<string, EventInRows["types"][number]>;
}

export function eventMadeOf(
  kept: EventInRows,
  { policy, classes: overrides }: RowPolicy,
): EventMadeOf {
  const { event, types, formerCategories, countedAt } = kept;
  const sales = countedAt === undefined ? [] : kept.sales;
  const described: DescribedEvent = {
    event,
    types,
    classes: classify(types, overrides, (id) => formerCategories.get(id) ?? event.categories),
    shops: kept.shops,
    counts: countedAt === undefined ? null : sales,
  };
  return {
    kept,
    eventDate: event.startAt.toISOString(),
    timezone: knownZone(event.timezone),
    isGroup: isParent(event),
    capacity: capacityOfEvent(described, policy),
    balance: balanceOfEvent(described, policy),
    shops: kept.shops.filter(({ underShopId }) => event.underShopIds.includes(underShopId)),
    salesOf: new Map(sales.map((type) => [type.ticketTypeId, type])),
    typeOf: new Map(types.map((type) => [type.ticketTypeId, type])),
  };
}
