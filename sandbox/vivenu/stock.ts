import type { ISql } from "postgres";
import { type EventDocument, type StoredEvent, TAKEN, type UnderShop } from "./documents.ts";

export interface Stock {
  /** Places that the public shop can still sell. */
  of(typeId: string): number;
  /** Places that a shop can still sell; a type that it does not list is sold there as in the public one. */
  inShop(shop: UnderShop, typeId: string): number;
  take(typeId: string, shop?: UnderShop): void;
}

interface Taken {
  typeId: string;
  shopId: string | null;
  count: number;
}

export async function readStock(sql: ISql, { id, region, document }: StoredEvent): Promise<Stock> {
  const taken = await sql<Taken[]>`
    select ticket_type_id as "typeId", under_shop_id as "shopId", count(*)::int as count
    from vivenu.ticket
    where region = ${region} and event_id = ${id} and status = any (${[...TAKEN]})
    group by ticket_type_id, under_shop_id
  `;
  return stockOf(document, [...taken]);
}

/**
 * A type's own amount, its category's and the event's bind at once. What an independent shop sells of an
 * amount of its own is apart from the type's, and a shop's own limits bind it besides.
 */
export function stockOf(document: EventDocument, taken: Taken[]): Stock {
  const { tickets, categories, underShops, maxAmount } = document;
  const typeOf = (typeId: string) => tickets.find(({ _id }) => _id === typeId);
  const sum = (matches: (one: Taken) => boolean) =>
    taken.reduce((total, one) => total + (matches(one) ? one.count : 0), 0);
  const limited = ({ typeId }: Taken) => !typeOf(typeId)?.ignoreForMaxAmounts;
  const categoryOf = (typeId: string) => {
    const ref = typeOf(typeId)?.categoryRef;
    return ref === undefined ? undefined : categories.find((one) => one.ref === ref);
  };

  function isApart({ typeId, shopId }: Taken) {
    const shop = underShops.find(({ _id }) => _id === shopId);
    return shop !== undefined && isIndependent(shop) && rowOf(shop, typeId) !== undefined;
  }

  function of(typeId: string) {
    const type = typeOf(typeId);
    if (!type?.active) return 0;
    const own = type.amount - sum((one) => one.typeId === typeId && !isApart(one));
    if (type.ignoreForMaxAmounts) return Math.max(0, own);
    const category = categoryOf(typeId);
    const inCategory =
      (category?.amount ?? Infinity) -
      sum((one) => limited(one) && category !== undefined && categoryOf(one.typeId) === category);
    const inEvent = (maxAmount > 0 ? maxAmount : Infinity) - sum(limited);
    return Math.max(0, Math.min(own, inCategory, inEvent));
  }

  function inShop(shop: UnderShop, typeId: string) {
    const row = rowOf(shop, typeId);
    if (row && !row.active) return 0;
    const ofShop = (matches: (one: Taken) => boolean = () => true) =>
      sum((one) => one.shopId === shop._id && matches(one));
    const category = categoryOf(typeId);
    const limit = shop.categories?.find(({ baseCategoryId }) => baseCategoryId === category?._id);
    const ofLimit = limit
      ? limit.amount - ofShop((one) => categoryOf(one.typeId) === category)
      : Infinity;
    const ofWhole = shop.maxAmount ? shop.maxAmount - ofShop() : Infinity;
    const ofRow = row ? row.amount - ofShop((one) => one.typeId === typeId) : Infinity;
    const ofEvent = row && isIndependent(shop) ? Infinity : of(typeId);
    return Math.max(0, Math.min(ofRow, ofEvent, ofLimit, ofWhole));
  }

  const take = (typeId: string, shop?: UnderShop) =>
    void taken.push({ typeId, shopId: shop?._id ?? null, count: 1 });

  return { of, inShop, take };
}

const isIndependent = ({ inventoryStrategy = "independent" }: UnderShop) =>
  inventoryStrategy === "independent";

const rowOf = ({ tickets }: UnderShop, typeId: string) =>
  tickets.find(({ baseTicket }) => baseTicket === typeId);
