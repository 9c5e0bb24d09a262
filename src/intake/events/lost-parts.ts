import type { Description } from "../store/events-seen.ts";

/** Those of these parts, named as `unreadable` names them, of which a description has less than the one before. */
export const lostParts = (before: Description, after: Description, parts: readonly string[]) =>
  [...new Set(parts)].filter((part) => lossesIn[part]?.(before, after));

type IsLost = (before: Description, after: Description) => boolean;

/** Whether one of these things that were there is there no more. */
const goneBy =
  (idsOf: (description: Description, other: Description) => readonly string[]): IsLost =>
  (before, after) => {
    const left = new Set(idsOf(after, before));
    return idsOf(before, after).some((id) => !left.has(id));
  };

/** Of the types that both have; what comes and goes with a type is gone with it. */
const addedBySomeRule = goneBy((one, other) => {
  const ids = new Set(other.ticketTypeIds);
  return one.ticketTypes.flatMap((type) =>
    type.autoAdded && ids.has(type.ticketTypeId) ? type.ticketTypeId : [],
  );
});

const allocationsOf = (one: Description, other: Description, isLimit: boolean) => {
  const [types, shops] = [new Set(other.ticketTypeIds), new Set(other.underShopIds)];
  return one.ticketTypes
    .filter(({ ticketTypeId }) => types.has(ticketTypeId))
    .flatMap(({ ticketTypeId, allocations }) =>
      allocations.flatMap(({ underShopId, amount }) =>
        shops.has(underShopId) && (!isLimit || amount !== null)
          ? `${underShopId} ${ticketTypeId}`
          : [],
      ),
    );
};

const lossesIn: Readonly<Record<string, IsLost>> = {
  maxAmount: goneBy(({ maxAmount }) => (maxAmount === null ? [] : ["maxAmount"])),
  "categories[]": goneBy(({ categories }) => categories.map(({ ref }) => ref)),
  "categories[].amount": goneBy((one, other) => {
    const refs = new Set(other.categories.map(({ ref }) => ref));
    return one.categories.flatMap(({ ref, amount }) =>
      refs.has(ref) && amount !== null ? ref : [],
    );
  }),
  "groups[]": addedBySomeRule,
  "groups[].tickets[]": addedBySomeRule,
  "cartAutomationRules[]": addedBySomeRule,
  "cartAutomationRules[].thenTargets[]": addedBySomeRule,
  "underShops[]": goneBy(({ underShopIds }) => underShopIds),
  "underShops[].maxAmount": goneBy((one, other) => {
    const shops = new Set(other.underShopIds);
    return one.underShops.flatMap(({ underShopId, maxAmount }) =>
      shops.has(underShopId) && maxAmount !== null ? underShopId : [],
    );
  }),
  "underShops[].tickets[]": goneBy((one, other) => allocationsOf(one, other, false)),
  "underShops[].tickets[].amount": goneBy((one, other) => allocationsOf(one, other, true)),
  "underShops[].categories[]": goneBy((one, other) => {
    const shops = new Set(other.underShopIds);
    return one.underShops
      .filter(({ underShopId }) => shops.has(underShopId))
      .flatMap(({ underShopId, categoryAmounts = [] }) =>
        categoryAmounts.map(({ ref }) => `${underShopId} ${ref}`),
      );
  }),
  "underShops[].customerTags[]": goneBy((one, other) => {
    const shops = new Set(other.underShopIds);
    return one.underShops
      .filter(({ underShopId }) => shops.has(underShopId))
      .flatMap(({ underShopId, customerTags }) =>
        customerTags.map((tag) => `${underShopId} ${tag}`),
      );
  }),
  "childEvents[]": goneBy(({ childEventIds = [] }) => childEventIds),
};
