import { expect, test } from "bun:test";
import type { EventDocument, UnderShop } from "./documents.ts";
import { stockOf } from "./stock.ts";

const type = (_id: string, more: object = {}) => ({
  ...{ _id, name: _id, price: 99, amount: 100, active: true, categoryRef: "race" },
  ...more,
});
const row = (baseTicket: string, amount: number, active = true) => ({
  ...{ _id: `row ${baseTicket}`, baseTicket, name: baseTicket, price: 99, amount, active },
});
const shop = (more: Partial<UnderShop> = {}): UnderShop => ({
  ...{ _id: "club", name: "Club", active: true, tickets: [row("men", 20)] },
  ...more,
});
const event = (more: Partial<EventDocument> = {}): EventDocument => ({
  ...{ _id: "event", sellerId: "seller", name: "HYROX Testville", maxAmount: 0 },
  ...{ start: "2026-10-10T05:00:00.000Z", end: "2026-10-11T20:00:00.000Z", maxAmountPerOrder: 8 },
  ...{ createdAt: "2026-01-12T09:26:13.000Z", updatedAt: "2026-02-03T14:05:41.512Z" },
  categories: [{ _id: "c1", name: "Race", ref: "race" }],
  tickets: [type("men"), type("women")],
  underShops: [shop()],
  ...more,
});
const taken = (typeId: string, count: number, shopId: string | null = null) => ({
  ...{ typeId, count, shopId },
});

test("what an independent shop sells of its own row is apart, and what it sells without one is the public's", () => {
  const club = shop();
  const { of, inShop } = stockOf(event(), [taken("men", 12, "club"), taken("women", 30, "club")]);
  expect([of("men"), of("women")]).toEqual([100, 70]);
  expect([inShop(club, "men"), inShop(club, "women")]).toEqual([8, 70]);
});

test("a shop that shares is bound by both, and a row that is switched off sells nothing", () => {
  const club = shop({
    inventoryStrategy: "global",
    tickets: [row("men", 20), row("women", 9, false)],
  });
  const { inShop } = stockOf(event({ underShops: [club] }), [
    taken("men", 85),
    taken("men", 6, "club"),
  ]);
  expect([inShop(club, "men"), inShop(club, "women")]).toEqual([9, 0]);
});

test("a shop's own amount and its limit for a category bind all that it sells", () => {
  const club = shop({ tickets: [row("men", 20), row("women", 20)], maxAmount: 30 });
  const sold = [taken("men", 12, "club"), taken("women", 10, "club")];
  const whole = stockOf(event({ underShops: [club] }), [...sold]);
  expect([whole.inShop(club, "men"), whole.inShop(club, "women")]).toEqual([8, 8]);
  const limited = { ...club, categories: [{ _id: "l1", baseCategoryId: "c1", amount: 25 }] };
  const inCategory = stockOf(event({ underShops: [limited] }), [...sold]);
  expect([inCategory.inShop(limited, "men"), inCategory.inShop(limited, "women")]).toEqual([3, 3]);
});

test("a type outside the maximum amounts takes no place of them and is bound by none", () => {
  const tickets = [type("men"), type("photo", { ignoreForMaxAmounts: true })];
  const { of } = stockOf(event({ tickets, maxAmount: 60 }), [taken("men", 60), taken("photo", 3)]);
  expect([of("men"), of("photo")]).toEqual([0, 97]);
});
