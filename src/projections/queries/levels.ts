import { isDeepStrictEqual } from "node:util";
import type { TicketType, UnderShop } from "../../contracts/index.ts";
import type { CapacityPolicy, CountForCapacity } from "../../rules/capacity.ts";
import { type CategoryForClass, classify } from "../../rules/classify.ts";
import { hasCome } from "../../rules/instant.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { isParent } from "../../rules/parents.ts";
import type { Level } from "../../rules/sold-out.ts";
import { capacityOfEvent } from "../tables/event-capacity.ts";
import type { Step } from "./event-past.ts";

export interface LevelsOptions {
  policy: CapacityPolicy;
  classes?: ClassOverrides;
}

/** What was left at one moment of an event, and of each ticket type that its totals hold. */
export interface Levels {
  event: Level;
  ticketTypes: (Level & { ticketTypeId: string })[];
}

/**
 * One event as it was said to be, moment after moment; what is left of it is worked out as the rows
 * work it out.
 */
export function eventLevels({ policy, classes: overrides }: LevelsOptions) {
  const types = new Map<string, TicketType>();
  const shops = new Map<string, UnderShop>();
  const counts = new Map<string, CountForCapacity>();
  /** The event's when it last had the ticket type. */
  const categoriesOf = new Map<string, readonly CategoryForClass[]>();
  let classes = classify([], overrides);
  let head: Step["heads"][number] | undefined;
  let isCounted = false;

  return {
    /**
     * Steps have to come in their order. Undefined until the event was described, and where a step
     * says what is known: most counts of a long past say it of most ticket types.
     */
    after(step: Step): Levels | undefined {
      const isNews =
        isDescribed(step) || (step.isCounted && !isCounted) || step.counts.some(differs);
      if (!isNews) return undefined;
      for (const type of step.types) types.set(type.ticketTypeId, type);
      for (const shop of step.shops) shops.set(shop.underShopId, shop);
      for (const count of step.counts) counts.set(count.ticketTypeId, count);
      head = step.heads.at(-1) ?? head;
      for (const { ticketTypeIds, categories } of step.heads)
        for (const id of ticketTypeIds) categoriesOf.set(id, categories);
      if (step.types.length > 0 || step.heads.length > 0)
        classes = classify([...types.values()], overrides, (id) => categoriesOf.get(id) ?? []);
      isCounted ||= step.isCounted;
      // What an event sold that holds others by now says nothing of what is left.
      return head && !isParent(head) ? levelsAt(step.at, head) : undefined;
    },
    /** As it is described last. */
    head: () => head,
    /** What people call a ticket type; two that are alike are told apart by their ids. */
    nameOf(ticketTypeId: string) {
      const name = types.get(ticketTypeId)?.name ?? ticketTypeId;
      const present = head?.ticketTypeIds ?? [];
      const isTwin = present.some((id) => id !== ticketTypeId && types.get(id)?.name === name);
      return isTwin ? `${name} (${ticketTypeId})` : name;
    },
  };

  function differs(count: CountForCapacity) {
    const { sold, soldUnderShop, soldByUnderShop, reserved } = count;
    const before = counts.get(count.ticketTypeId);
    return (
      before?.sold !== sold ||
      before.soldUnderShop !== soldUnderShop ||
      !isDeepStrictEqual(before.soldByUnderShop, soldByUnderShop) ||
      before.reserved !== reserved
    );
  }

  function levelsAt(at: Date, event: NonNullable<typeof head>): Levels {
    const { totals, ticketTypes, ...toBuy } = capacityOfEvent(
      {
        event,
        types: [...types.values()],
        classes,
        shops: [...shops.values()],
        counts: isCounted ? [...counts.values()] : null,
      },
      policy,
    );
    const { totalCapacity, totalAvailable, percentSold } = totals;
    const counted = ticketTypes.filter((type) => type.counted);
    const available = counted.length > 0 ? totalAvailable : null;
    return {
      event: {
        ...{ at, capacity: totalCapacity, available, percentSold },
        ...(isSaleOpen(event, at) && toBuy),
      },
      // Nothing is left of a removed type, and it is not sold out.
      ticketTypes: counted
        .filter(({ removed }) => !removed)
        .map((type) => ({
          at,
          ticketTypeId: type.ticketTypeId,
          capacity: type.capacity,
          available: type.available,
          percentSold: type.percentSold,
        })),
    };
  }
}

/** What is switched off before the launch or after the sale is no news. */
const isSaleOpen = ({ sellStart, sellEnd }: Step["heads"][number], at: Date) =>
  hasCome(sellStart, at) && !hasCome(sellEnd, at);

const isDescribed = ({ heads, types, shops }: Step) =>
  heads.length + types.length + shops.length > 0;
