import { knownZone } from "../../lib/zones.ts";
import type { CapacityPolicy } from "../../rules/capacity.ts";
import { classify } from "../../rules/classify.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { isParent } from "../../rules/parents.ts";
import {
  type DescribedEvent,
  type EventNumbers,
  type NumbersMemory,
  numbersOfEvent,
} from "./event-capacity.ts";
import type { EventInRows, SalesColumns, ShopColumns } from "./event-state.ts";

/** What an operator decides about rows. */
export interface RowPolicy {
  policy: CapacityPolicy;
  /** What the operator says ticket types are. */
  classes?: ClassOverrides;
}

/** What the rows of one event are made of: what is kept of it, and what follows from that. */
export interface EventMadeOf extends EventNumbers {
  kept: EventInRows;
  /** When it begins, as rows say it, and its zone; null where the zone data has none of this name. */
  eventDate: string;
  timezone: string | null;
  /** It holds other events. */
  isGroup: boolean;
  /** Those that the event has. */
  shops: readonly ShopColumns[];
  /** By ticket type; nothing before the first complete count. */
  salesOf: ReadonlyMap<string, SalesColumns>;
  typeOf: ReadonlyMap<string, EventInRows["types"][number]>;
}

export function eventMadeOf(
  kept: EventInRows,
  { policy, classes: overrides }: RowPolicy,
  memory?: NumbersMemory,
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
    ...numbersOfEvent(described, policy, memory),
    shops: kept.shops.filter(({ underShopId }) => event.underShopIds.includes(underShopId)),
    salesOf: new Map(sales.map((type) => [type.ticketTypeId, type])),
    typeOf: new Map(types.map((type) => [type.ticketTypeId, type])),
  };
}
