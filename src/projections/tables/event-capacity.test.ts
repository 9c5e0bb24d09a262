import { expect, test } from "bun:test";
import { ticketType, underShop } from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { sameObjects } from "../../../test/support/same-objects.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { capacityOverTime, numbersMemory, numbersOfEvent } from "./event-capacity.ts";

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
  const few = fc.constantFrom(2, 5, 9);
  const ids = ["men", "women", "never described"];
  const type = fc.record({ amount: few, active: fc.boolean(), ignoreForMaxAmounts: fc.boolean() });
  const described = fc.record({
    ...{ maxAmount: fc.option(few), amountOfCategory: fc.option(few), types: fc.tuple(type, type) },
    ...{ present: fc.subarray(ids), hasShop: fc.boolean(), isApart: fc.boolean() },
    ...{ apart: fc.option(few), isRace: fc.boolean() },
  });
  const counted = fc.record({
    sold: few,
    through: few,
    reserved: few,
    id: fc.constantFrom(...ids),
  });
  const step = fc.tuple(described, fc.array(counted, { maxLength: 4 }));
  const long = fixed(fc.array(step, { minLength: 300, maxLength: 300 }), 1);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 5 }), (past) => {
      const capacityAt = capacityOverTime(defaultPolicy);
      const memory = numbersMemory();
      const counts = new Map<string, typeof count>();
      const same = sameObjects();
      for (const [drawn, sales] of past) {
        const { underShopId } = shop;
        const allocations = [{ underShopId, amount: drawn.apart, active: true }];
        const event = {
          event: {
            maxAmount: drawn.maxAmount,
            categories: [{ ref: "a", amount: drawn.amountOfCategory }],
            ...{ ticketTypeIds: drawn.present, underShopIds: drawn.hasShop ? [underShopId] : [] },
          },
          types: drawn.types.map((one, index) =>
            same(
              ticketType({
                ...{ ...one, allocations, categoryRef: "a", ticketTypeId: ids[index] ?? "" },
              }),
            ),
          ),
          classes: new Map([["men", drawn.isRace ? ("race" as const) : ("charity" as const)]]),
          shops: [
            underShop({ inventoryStrategy: drawn.isApart ? "independent" : "sharedWithParent" }),
          ],
        };
        const holds = (now: typeof counts | null) => {
          const given = { ...event, counts: now && [...now.values()] };
          const anew = numbersOfEvent(given, defaultPolicy);
          expect(capacityAt(event, now)).toEqual(anew.capacity);
          expect(numbersOfEvent(given, defaultPolicy, memory)).toEqual(anew);
        };
        holds(counts.size === 0 ? null : counts);
        for (const { sold, through, reserved, id } of sales) {
          const soldUnderShop = Math.min(through, sold);
          const byShop = { soldByUnderShop: { [underShopId]: soldUnderShop } };
          counts.set(id, same({ ticketTypeId: id, sold, soldUnderShop, reserved, ...byShop }));
          holds(counts);
        }
      }
    }),
    { numRuns: 1 + 100, examples: [[long]] },
  );
});
