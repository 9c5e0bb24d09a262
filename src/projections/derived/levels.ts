import { isDeepStrictEqual } from "node:util";
import type { CountForCapacity, EventCapacity, TypeCapacity } from "../../rules/capacity.ts";
import { type CategoryForClass, classify } from "../../rules/classify.ts";
import { hasCome } from "../../rules/instant.ts";
import { isParent } from "../../rules/parents.ts";
import type { LevelNumbers } from "../../rules/sold-out.ts";
import { capacityOverTime } from "../tables/event-capacity.ts";
import type { RowPolicy } from "../tables/event-made-of.ts";
import type { Head, Known, Step } from "./event-past.ts";

/** What was left at one moment of an event, and of each ticket type that its totals hold. */
export interface Levels {
  event: LevelNumbers;
  ticketTypes: TypeCapacity[];
  /** What both are taken from: all ticket types, also those that no total holds. */
  capacity: EventCapacity;
}

/**
 * One event as it was said to be, step after step from what was known of it; what is left of it is
 * worked out as the rows work it out.
 */
export function eventLevels(known: Known, { policy, classes: overrides }: RowPolicy) {
  const types = new Map(known.types.map((type) => [type.ticketTypeId, type]));
  const shops = new Map(known.shops.map((shop) => [shop.underShopId, shop]));
  const counts = new Map(known.counts.map((count) => [count.ticketTypeId, count]));
  let { head, isCounted } = known;
  /** The event's when it last had the ticket type. */
  const categoriesOf = new Map<string, readonly CategoryForClass[]>(known.formerCategories);
  const noteCategories = ({ ticketTypeIds, categories }: Head) => {
    for (const id of ticketTypeIds) categoriesOf.set(id, categories);
  };
  if (head) noteCategories(head);
  const capacityAt = capacityOverTime(policy);
  let described: ReturnType<typeof describe> | undefined;

  return {
    /**
     * Steps have to come in their order. Undefined until the event was described, and where a step
     * says what is known: most counts of a long past say it of most ticket types.
     */
    after: (step: Step) => (take(step) ? at(step.at) : undefined),
    take,
    at,
    /** As it is described last. */
    head: () => head,
    /** Null where it is in no description. */
    plainNameOf: (ticketTypeId: string) => types.get(ticketTypeId)?.name ?? null,
    /** What people call a ticket type; two that are alike are told apart by their ids. */
    nameOf(ticketTypeId: string) {
      const name = types.get(ticketTypeId)?.name ?? ticketTypeId;
      const present = head?.ticketTypeIds ?? [];
      const isTwin = present.some((id) => id !== ticketTypeId && types.get(id)?.name === name);
      return isTwin ? `${name} (${ticketTypeId})` : name;
    },
  };

  /** Whether a step says anything otherwise; nothing is worked out. Steps have to come in their order. */
  function take(step: Step): boolean {
    const isNews =
      step.described.length > 0 || (step.isCounted && !isCounted) || step.counts.some(differs);
    if (!isNews) return false;
    for (const said of step.described) {
      for (const type of said.types) types.set(type.ticketTypeId, type);
      for (const shop of said.shops) shops.set(shop.underShopId, shop);
      head = said.heads.at(-1) ?? head;
      for (const one of said.heads) noteCategories(one);
      described = undefined;
    }
    for (const count of step.counts) counts.set(count.ticketTypeId, count);
    isCounted ||= step.isCounted;
    return true;
  }

  /**
   * What is known before any step, or after those that were taken; undefined where it was never described, and
   * of an event that holds others by now: what it sold says nothing of what is left.
   */
  function at(instant: Date): Levels | undefined {
    return head && !isParent(head) ? levelsAt(instant, head) : undefined;
  }

  function differs(count: CountForCapacity) {
    const { sold, soldUnderShop, soldByUnderShop, reserved, reservedByUnderShop } = count;
    const before = counts.get(count.ticketTypeId);
    return (
      before?.sold !== sold ||
      before.soldUnderShop !== soldUnderShop ||
      !isDeepStrictEqual(before.soldByUnderShop, soldByUnderShop) ||
      before.reserved !== reserved ||
      !isDeepStrictEqual(before.reservedByUnderShop, reservedByUnderShop)
    );
  }

  function describe(event: Head) {
    const all = [...types.values()];
    const classes = classify(all, overrides, (id) => categoriesOf.get(id) ?? []);
    return { event, types: all, classes, shops: [...shops.values()] };
  }

  function levelsAt(at: Date, event: Head): Levels {
    described ??= describe(event);
    const capacity = capacityAt(described, isCounted ? counts : null);
    const { totals, ticketTypes, availableToBuy, typesOnSale } = capacity;
    const { totalCapacity, totalAvailable, percentSold } = totals;
    const counted = ticketTypes.filter((type) => type.counted);
    const available = counted.length > 0 ? totalAvailable : null;
    return {
      capacity,
      event: {
        capacity: totalCapacity,
        available,
        percentSold,
        ...(isSaleOpen(event, at) && { availableToBuy, typesOnSale }),
      },
      // Nothing is left of a removed type, and it is not sold out.
      ticketTypes: counted.filter(({ removed }) => !removed),
    };
  }
}

/** What is switched off before the launch or after the sale is no news. */
const isSaleOpen = ({ sellStart, sellEnd }: Head, at: Date) =>
  hasCome(sellStart, at) && !hasCome(sellEnd, at);
