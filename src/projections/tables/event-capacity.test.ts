import { expect, test } from "bun:test";
import { ticketType, underShop } from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { capacityOverTime, numbersOfEvent } from "./event-capacity.ts";

const men = ticketType({
  allocations: [{ underShopId: "partners", amount: 50, active: true }],
});
const shop = underShop({ inventoryStrategy: "independent" });
const count = { ticketTypeId: "men", sold: 60, soldUnderShop: 40, reserved: 0 };

const availableWith = (underShopIds: string[], ticketTypeIds = ["men"]) =>
  numbersOfEvent(
    {
      event: { maxAmount: null, categories: [], ticketTypeIds, underShopIds },
      ...{ types: [men], classes: new Map([["men", "race" as const]]), shops: [shop] },
      counts: [{ ...count, soldByUnderShop: { partners: 40 } }],
    },
    defaultPolicy,
  ).capacity.totals.totalAvailable;

test("what an undershop sold of places of its own is held against nobody's, whether the event still has that shop or not", () => {
  expect(availableWith(["partners"])).toBe(80);
  expect(availableWith([])).toBe(80);
});

test("nothing is left of a ticket type that the event no longer has", () => {
  expect(availableWith(["partners"], [])).toBe(0);
});

test("what an event sold one count after the other adds up as it does from the last one alone", () => {
  const few = fc.nat({ max: 9 });
  const ids = ["men", "women", "never described"];
  const type = fc.record({ amount: few, active: fc.boolean(), ignoreForMaxAmounts: fc.boolean() });
  const described = fc.record({
    ...{ maxAmount: fc.option(few), amountOfCategory: fc.option(few), types: fc.tuple(type, type) },
    ...{ present: fc.subarray(ids), hasShop: fc.boolean(), apart: fc.option(few) },
  });
  const counted = fc.record({
    sold: few,
    through: few,
    reserved: few,
    id: fc.constantFrom(...ids),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(described, fc.array(counted)), { maxLength: 3 }), (past) => {
      const capacityAt = capacityOverTime(defaultPolicy);
      const counts = new Map<string, typeof count>();
      for (const [{ maxAmount, amountOfCategory, types, present, hasShop, apart }, sales] of past) {
        const event = {
          event: {
            ...{ maxAmount, categories: [{ ref: "a", amount: amountOfCategory }] },
            ...{ ticketTypeIds: present, underShopIds: hasShop ? [shop.underShopId] : [] },
          },
          types: types.map((one, index) => {
            const allocation = { underShopId: shop.underShopId, amount: apart, active: true };
            const ticketTypeId = ids[index] ?? "";
            return ticketType({
              ...one,
              ticketTypeId,
              categoryRef: "a",
              allocations: [allocation],
            });
          }),
          ...{ classes: new Map([["men", "race" as const]]), shops: [shop] },
        };
        expect(capacityAt(event, null)).toEqual(
          numbersOfEvent({ ...event, counts: null }, defaultPolicy).capacity,
        );
        for (const { sold, through, reserved, id } of sales) {
          const soldUnderShop = Math.min(through, sold);
          const bySeller = { soldByUnderShop: { [shop.underShopId]: soldUnderShop } };
          counts.set(id, { ticketTypeId: id, sold, soldUnderShop, reserved, ...bySeller });
          expect(capacityAt(event, counts)).toEqual(
            numbersOfEvent({ ...event, counts: [...counts.values()] }, defaultPolicy).capacity,
          );
        }
      }
    }),
  );
});
