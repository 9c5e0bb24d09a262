import { createHash } from "node:crypto";
import { eventUpdated } from "../../contracts/event.0.ts";
import { readableEnd, unreadableOf } from "../../lib/written-instant.ts";
import { toMinor } from "../../rules/money.ts";
import { isParent } from "../../rules/parents.ts";
import { countLeftOut, isUnsaid } from "../../vivenu/fields.ts";
import type { VivenuEvent } from "../../vivenu/wire.ts";
import type { Description } from "../store/events-seen.ts";

const MAX_TEXT = 300;
/** A fact repeats them in each of its parts, and its parts need room for the rest. */
const MAX_CHILDREN = 800;

/**
 * Vivenu's event, trimmed to what we use. Lists are sorted by id, so that the same event gives the same
 * description whichever door it came in by.
 */
export function describe(event: VivenuEvent, currency: string | null): Description {
  const unreadable = partsWhere(event, (list) => countLeftOut(list) > 0);
  const cap = (amount: number | null | undefined, field: string) => {
    if (!Number.isNaN(amount ?? null)) return amount ?? null;
    unreadable.push(field);
    return null;
  };
  const autoAdded = autoAddedTypes(event);
  const ticketTypes = event.tickets.map((type) => ({
    ticketTypeId: type._id,
    name: text(type.name),
    priceMinor: minorOf(type.price, currency),
    amount: type.amount,
    active: type.active,
    categoryRef: type.categoryRef ?? null,
    autoAdded: autoAdded.has(type._id),
    ignoreForMaxAmounts: type.ignoreForMaxAmounts,
    conditionalAvailability: type.conditionalAvailability,
    hiddenInSelectionArea: type.styleOptions.hiddenInSelectionArea,
    allocations: allocationsOf(event, type._id, cap),
  }));
  const readable = (time: string | null | undefined, field: string) =>
    readableEnd(time ?? null, () => unreadable.push(field));
  const underShops = event.underShops.map((shop) => ({
    underShopId: shop._id,
    name: text(shop.name),
    active: shop.active,
    sellStart: readable(shop.sellStart, `underShops.${shop._id}.sellStart`),
    sellEnd: readable(shop.sellEnd, `underShops.${shop._id}.sellEnd`),
    inventoryStrategy: shop.inventoryStrategy,
    maxAmount: cap(shop.maxAmount, "underShops[].maxAmount"),
    ...categoryAmountsOf(event, shop),
    customerTags: shop.customerTags.map(text).sort(),
  }));
  return {
    eventId: event._id,
    name: text(event.name),
    eventType: event.eventType,
    ...childrenOf(event),
    locationName: optionalText(event.locationName),
    locationCity: optionalText(event.locationCity),
    locationCountry: optionalText(event.locationCountry),
    timezone: event.timezone ?? null,
    createdAt: readable(event.createdAt, "createdAt"),
    start: event.start,
    end: event.end,
    sellStart: readable(event.sellStart, "sellStart"),
    sellEnd: readable(event.sellEnd, "sellEnd"),
    visibleAfter: readable(event.visibleAfter, "visibleAfter"),
    hideInListing: event.hideInListing,
    maxAmount: cap(event.maxAmount, "maxAmount"),
    currency,
    categories: byId(
      event.categories.map(({ ref, name, amount }) => ({
        ref,
        name: text(name),
        amount: cap(amount, "categories[].amount"),
      })),
      ({ ref }) => ref,
    ),
    ticketTypeIds: ticketTypes.map(({ ticketTypeId }) => ticketTypeId).sort(),
    underShopIds: underShops.map(({ underShopId }) => underShopId).sort(),
    ticketTypes: byId(ticketTypes, ({ ticketTypeId }) => ticketTypeId),
    underShops: byId(underShops, ({ underShopId }) => underShopId),
    ...unreadableOf(unreadable),
  };
}

/** The lists that are not there at all, as `underShops[].tickets[]`: nothing is known of what is in them. */
export const unsaidPartsOf = (event: VivenuEvent): string[] => partsWhere(event, isUnsaid);

/** The lists of which, or of one of which, something is so. */
function partsWhere(event: VivenuEvent, isSo: (list: readonly unknown[]) => boolean): string[] {
  const { categories, groups, cartAutomationRules, underShops, childEvents } = event;
  const lists: Record<string, readonly (readonly unknown[])[]> = {
    "categories[]": [categories],
    "groups[]": [groups],
    "groups[].tickets[]": groups.map(({ tickets }) => tickets),
    "cartAutomationRules[]": [cartAutomationRules],
    "cartAutomationRules[].thenTargets[]": cartAutomationRules.map((rule) => rule.thenTargets),
    "underShops[]": [underShops],
    "underShops[].tickets[]": underShops.map(({ tickets }) => tickets),
    "underShops[].categories[]": underShops.map((shop) => shop.categories),
    "underShops[].customerTags[]": underShops.map(({ customerTags }) => customerTags),
    "childEvents[]": [childEvents],
  };
  return Object.entries(lists).flatMap(([name, all]) => (all.some(isSo) ? name : []));
}

/** It holds others, which are counted by themselves. */
export const isParentEvent = ({ eventType, childEvents }: VivenuEvent) =>
  isParent({ eventType, childEventIds: childEvents });

/** Left out where there are none, so that an event says what it said before children were kept. */
function childrenOf({ _id, childEvents }: VivenuEvent): Pick<Description, "childEventIds"> {
  const others = new Set(childEvents.filter((id) => id !== _id));
  const childEventIds = [...others].sort().slice(0, MAX_CHILDREN);
  return childEventIds.length > 0 ? { childEventIds } : {};
}

/** Tells two descriptions apart: the same content has the same digest. */
export const digestOf = (description: Description) =>
  createHash("sha256").update(JSON.stringify(description)).digest("hex").slice(0, 20);

/**
 * The types that a cart automation rule adds: a doubles partner, the other members of a relay team. What it
 * offers for choice is such a place as well, but where anybody may buy it for itself.
 */
function autoAddedTypes({ cartAutomationRules, groups, tickets }: VivenuEvent): Set<string> {
  const typesOf = (isWanted: (rule: Rule) => boolean) => {
    const targets = new Set(
      cartAutomationRules
        .filter(isWanted)
        .flatMap((rule) => rule.thenTargets.map(({ thenTargetGroup }) => thenTargetGroup)),
    );
    return groups.filter(({ _id }) => targets.has(_id)).flatMap((group) => group.tickets);
  };
  const isChoice = ({ thenType }: Rule) => thenType === "chooseFrom";
  const isOpen = new Set(tickets.filter(isSoldOpenly).map(({ _id }) => _id));
  return new Set([
    ...typesOf((rule) => !isChoice(rule)),
    ...typesOf(isChoice).filter((id) => !isOpen.has(id)),
  ]);
}

type Rule = VivenuEvent["cartAutomationRules"][number];

const isSoldOpenly = (type: VivenuEvent["tickets"][number]) =>
  type.price > 0 && !type.conditionalAvailability && !type.styleOptions.hiddenInSelectionArea;

const allocationsOf = (
  { underShops }: VivenuEvent,
  ticketTypeId: string,
  cap: (amount: number | null | undefined, field: string) => number | null,
) =>
  byId(
    underShops.flatMap((shop) =>
      shop.tickets
        .filter(({ baseTicket }) => baseTicket === ticketTypeId)
        .map(({ amount, active }) => ({
          underShopId: shop._id,
          amount: cap(amount, "underShops[].tickets[].amount"),
          active: active && shop.active,
        })),
    ),
    ({ underShopId }) => underShopId,
  );

/** Left out where there are none, so that an event says what it said before these were kept. */
function categoryAmountsOf(
  { categories }: VivenuEvent,
  shop: VivenuEvent["underShops"][number],
): Pick<Description["underShops"][number], "categoryAmounts"> {
  const amounts = shop.categories.flatMap(({ baseCategoryId, amount }) => {
    const ref = categories.find(({ _id }) => _id === baseCategoryId)?.ref;
    return ref === undefined ? [] : { ref, amount };
  });
  return amounts.length > 0 ? { categoryAmounts: byId(amounts, ({ ref }) => ref) } : {};
}

/** Those of one id are sorted by what they say, so that no order of Vivenu's shows. */
const byId = <Item>(items: Item[], idOf: (item: Item) => string) =>
  items
    .map((item) => ({ item, order: `${idOf(item)} ${JSON.stringify(item)}` }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ item }) => item);

/** In the contract's order: PostgreSQL gives keys back in one of its own, and a digest tells orders apart. */
const InOrder = eventUpdated.payload.omit({
  idempotencyKey: true,
  account: true,
  source: true,
  observedAt: true,
  part: true,
  updatedAt: true,
});

/** The same event in another currency; `prices` are in major units, by ticket type. */
export function inCurrency(
  description: Description,
  prices: Readonly<Record<string, number>>,
  currency: string | null,
): Description {
  const ticketTypes = description.ticketTypes.map((type) => {
    const price = prices[type.ticketTypeId];
    return { ...type, priceMinor: price === undefined ? null : minorOf(price, currency) };
  });
  return InOrder.parse({ ...description, currency, ticketTypes });
}

/** A price that no integer can hold is none; without a currency only nothing is known to be nothing. */
function minorOf(price: number, currency: string | null) {
  if (currency === null) return price === 0 ? 0 : null;
  const minor = toMinor(price, currency);
  return Number.isSafeInteger(minor) ? minor : null;
}

/**
 * PostgreSQL has no place for NUL, nor for the half of a character that a cut can leave, and a fact
 * none for a novel.
 */
const text = (value: string) =>
  value.replaceAll("\u0000", "").slice(0, MAX_TEXT).replace(LEADING_HALF, "").toWellFormed();
const LEADING_HALF = /[\ud800-\udbff]$/;
const optionalText = (value: string | null | undefined) => (value ? text(value) : null);
