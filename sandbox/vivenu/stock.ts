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

/** A type's own amount, its category's and the event's bind at once; what is sold by an independent shop is apart. */
export function stockOf(document: EventDocument, taken: Taken[]): Stock {
  const { tickets, categories, underShops, maxAmount } = document;
  const apart = new Set(
    underShops
      .filter(({ inventoryStrategy = "independent" }) => inventoryStrategy === "independent")
      .map(({ _id }) => _id),
  );
  const sum = (matches: (one: Taken) => boolean) =>
    taken.reduce((total, one) => total + (matches(one) ? one.count : 0), 0);
  const limited = (typeId: string) =>
    !tickets.find(({ _id }) => _id === typeId)?.ignoreForMaxAmounts;

  function of(typeId: string) {
    const type = tickets.find(({ _id }) => _id === typeId);
    if (!type?.active) return 0;
    const own = sum((one) => one.typeId === typeId && !apart.has(one.shopId ?? ""));
    if (type.ignoreForMaxAmounts) return Math.max(0, type.amount - own);
    const category = categories.find(({ ref }) => ref === type.categoryRef);
    const peers = new Set(
      tickets
        .filter((one) => one.categoryRef === type.categoryRef && !one.ignoreForMaxAmounts)
        .map(({ _id }) => _id),
    );
    const inCategory = (category?.amount ?? Infinity) - sum((one) => peers.has(one.typeId));
    const inEvent = (maxAmount > 0 ? maxAmount : Infinity) - sum((one) => limited(one.typeId));
    return Math.max(0, Math.min(type.amount - own, inCategory, inEvent));
  }

  function inShop(shop: UnderShop, typeId: string) {
    const row = shop.tickets.find(({ baseTicket }) => baseTicket === typeId);
    if (!row) return of(typeId);
    if (!row.active) return 0;
    const left = row.amount - sum((one) => one.typeId === typeId && one.shopId === shop._id);
    return Math.max(0, apart.has(shop._id) ? left : Math.min(left, of(typeId)));
  }

  const take = (typeId: string, shop?: UnderShop) =>
    void taken.push({ typeId, shopId: shop?._id ?? null, count: 1 });

  return { of, inShop, take };
}
