import { expect, test } from "bun:test";
import { ticketType, underShop } from "../../../test/support/facts.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { capacityOfEvent } from "./event-capacity.ts";

const men = ticketType({
  allocations: [{ underShopId: "partners", amount: 50, active: true }],
});
const shop = underShop({ inventoryStrategy: "independent" });
const count = { ticketTypeId: "men", sold: 60, soldUnderShop: 40, reserved: 0 };

const availableWith = (underShopIds: string[], ticketTypeIds = ["men"]) =>
  capacityOfEvent(
    {
      event: { maxAmount: null, categories: [], ticketTypeIds, underShopIds },
      ...{ types: [men], classes: new Map([["men", "race" as const]]), shops: [shop] },
      counts: [{ ...count, soldByUnderShop: { partners: 40 } }],
    },
    defaultPolicy,
  ).totals.totalAvailable;

test("what an undershop sold of places of its own is held against nobody's, whether the event still has that shop or not", () => {
  expect(availableWith(["partners"])).toBe(80);
  expect(availableWith([])).toBe(80);
});

test("nothing is left of a ticket type that the event no longer has", () => {
  expect(availableWith(["partners"], [])).toBe(0);
});
