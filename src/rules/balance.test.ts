import { describe, expect, test } from "bun:test";
import frankfurt from "../../test/fixtures/vivenu/frankfurt-2025.json";
import paris from "../../test/fixtures/vivenu/paris-2025.json";
import { fc } from "../../test/support/fast-check.ts";
import { runs } from "../../test/support/runs.ts";
import { balanceOf } from "./balance.ts";
import {
  type CountForCapacity,
  capacityOf,
  defaultPolicy,
  type EventForCapacity,
  type TypeForCapacity,
} from "./capacity.ts";

const type = (ticketTypeId: string, changed: Partial<TypeForCapacity> = {}): TypeForCapacity => ({
  ...{ ticketTypeId, class: "race", removed: false, amount: 100, active: true },
  ...{ categoryRef: null, ignoreForMaxAmounts: false, allocations: [] },
  ...changed,
});
const event = (
  ticketTypes: TypeForCapacity[],
  changed: Partial<EventForCapacity> = {},
): EventForCapacity => ({
  ...{ maxAmount: null, categories: [], underShops: [], ticketTypes },
  ...changed,
});
const count = (ticketTypeId: string, changed: Partial<CountForCapacity> = {}) => ({
  ...{ ticketTypeId, sold: 0, soldUnderShop: 0, reserved: 0 },
  ...changed,
});

/** The three, and what is available beside them. */
function told(of: EventForCapacity, counts: CountForCapacity[]) {
  const { reserved, heldForUnderShops, oversoldPlaces } = balanceOf(of, counts);
  const { totalCapacity, totalSold, totalAvailable } = capacityOf(of, counts).totals;
  return {
    numbers: [totalCapacity, totalSold, totalAvailable],
    ...{ reserved, held: heldForUnderShops, oversold: oversoldPlaces },
  };
}

describe("what makes an event's numbers add up", () => {
  // 13,310 = 12,572 + 1,309 - 571, and 571 is what 19 of 50 types sold beyond their amounts.
  test.each([
    { real: frankfurt, numbers: [9_429, 9_020, 493], oversold: 84 },
    { real: paris, numbers: [13_310, 12_572, 1_309], oversold: 571 },
  ])("$real.event: its oversold types", ({ real, numbers, oversold }) => {
    const types = real.ticketTypes.map(({ name, capacity }, n) =>
      type(`t${n}`, {
        amount: capacity,
        class: name.startsWith("SPECTATOR") || name.startsWith("Spectators") ? "spectator" : "race",
      }),
    );
    const counts = real.ticketTypes.map(({ sold }, n) => count(`t${n}`, { sold }));
    expect(told(event(types), counts)).toEqual({
      ...{ numbers: [...numbers], reserved: 0, held: 0, oversold },
    });
  });

  test("reserved tickets, and those beyond the amount", () => {
    const counts = [
      count("men", { sold: 40, reserved: 7 }),
      count("women", { sold: 96, reserved: 9 }),
    ];
    expect(told(event([type("men"), type("women")]), counts)).toEqual({
      ...{ numbers: [200, 136, 53], reserved: 16, held: 0, oversold: 5 },
    });
  });

  test("what an independent undershop sold of its own amount", () => {
    const allocations = [{ underShopId: "htc", amount: 20, active: true }];
    const underShops = [{ underShopId: "htc", inventoryStrategy: "independent" }];
    const sold = { sold: 18, soldUnderShop: 15, soldByUnderShop: { htc: 10, partner: 5 } };
    const uncapped = event([type("men", { allocations })], { underShops });
    expect(told(uncapped, [count("men", sold)])).toEqual({
      ...{ numbers: [100, 18, 92], reserved: 0, held: 0, oversold: 10 },
    });
    // Under the event's amount its sales take places as all do.
    expect(told({ ...uncapped, maxAmount: 100 }, [count("men", sold)])).toEqual({
      ...{ numbers: [100, 18, 82], reserved: 0, held: 0, oversold: 0 },
    });
  });

  test("what tickets outside the totals took of an amount that they share", () => {
    const types = [type("men"), type("women"), type("seats", { class: "spectator", amount: 500 })];
    const counts = [
      count("men", { sold: 30 }),
      count("women", { sold: 30 }),
      count("seats", { sold: 20, soldUnderShop: 15, soldByUnderShop: { partner: 15 } }),
    ];
    expect(told(event(types, { maxAmount: 150 }), counts)).toEqual({
      ...{ numbers: [150, 60, 70], reserved: 0, held: 20, oversold: 0 },
    });
    expect(told(event(types), counts)).toMatchObject({ numbers: [200, 60, 140], held: 0 });
  });

  test("what a removed type sold is in the capacity once, also where the event has an amount", () => {
    const types = [type("men"), type("old", { removed: true })];
    const counts = [count("men", { sold: 50 }), count("old", { sold: 30, reserved: 2 })];
    expect(told(event(types), counts)).toEqual({
      ...{ numbers: [130, 80, 50], reserved: 2, held: 0, oversold: 2 },
    });
    // A reserved ticket of it is one of the event's 100 all the same.
    expect(told(event(types, { maxAmount: 100 }), counts)).toEqual({
      ...{ numbers: [100, 80, 18], reserved: 2, held: 0, oversold: 0 },
    });
  });

  test("reserved tickets under an amount that is shared, and others' reserved ones", () => {
    const types = [type("men"), type("women"), type("seats", { class: "spectator", amount: 500 })];
    const counts = [
      count("men", { sold: 50, reserved: 10 }),
      count("women", { sold: 30 }),
      count("seats", { sold: 3, reserved: 4 }),
    ];
    expect(told(event(types, { maxAmount: 100 }), counts)).toEqual({
      ...{ numbers: [100, 80, 3], reserved: 10, held: 7, oversold: 0 },
    });
  });

  test("what an independent undershop reserved of its own amount", () => {
    const allocations = [{ underShopId: "htc", amount: 20, active: true }];
    const underShops = [{ underShopId: "htc", inventoryStrategy: "independent" }];
    const counts = [count("men", { sold: 90, reserved: 15, reservedByUnderShop: { htc: 12 } })];
    expect(told(event([type("men", { allocations })], { underShops }), counts)).toEqual({
      ...{ numbers: [100, 90, 7], reserved: 15, held: 0, oversold: 12 },
    });
  });
});

const few = fc.nat({ max: 12 });
const anyType = fc.record({
  class: fc.constantFrom("race", "race", "charity", "spectator", "secondary"),
  removed: fc.boolean(),
  amount: few,
  active: fc.boolean(),
  categoryRef: fc.constantFrom(null, "a", "b", "unknown"),
  ignoreForMaxAmounts: fc.boolean(),
  allocations: fc.subarray([
    { underShopId: "htc", amount: 5, active: true },
    { underShopId: "partner", amount: null, active: true },
    { underShopId: "off", amount: 5, active: false },
  ]),
  count: fc.record({
    ...{ direct: few, htc: few, partner: few, isTold: fc.boolean() },
    ...{ reserved: few, reservedByHtc: few },
  }),
});
const anyEvent = fc.record({
  ...{ maxAmount: fc.option(fc.nat({ max: 40 })), a: fc.option(few), b: fc.option(few) },
  strategies: fc.tuple(
    ...Array.from({ length: 2 }, () => fc.constantFrom("independent", "global")),
  ),
  types: fc.array(anyType, { maxLength: 6 }),
  charity: fc.boolean(),
  underShopSales: fc.constantFrom("direct" as const, "all" as const),
  exemptTypes: fc.constantFrom("free" as const, "capped" as const),
  isStrange: fc.boolean(),
});

test("of any event they add up, and none is below 0", () => {
  fc.assert(
    fc.property(anyEvent, ({ types, strategies, charity, isStrange, ...drawn }) => {
      const described = event(
        types.map(({ count: _, ...one }, n) => type(`t${n}`, one)),
        {
          maxAmount: drawn.maxAmount,
          categories: [
            { ref: "a", amount: drawn.a },
            { ref: "b", amount: drawn.b },
          ],
          underShops: ["htc", "partner"].map((underShopId, n) => ({
            ...{ underShopId, inventoryStrategy: strategies[n] ?? "independent" },
          })),
        },
      );
      const counts = types.map(({ count: { direct, htc, partner, isTold, ...of } }, n) => ({
        ...{ ticketTypeId: `t${n}`, sold: direct + htc + partner, soldUnderShop: htc + partner },
        reserved: of.reserved + of.reservedByHtc,
        ...(isTold && {
          ...{ soldByUnderShop: { htc, partner }, reservedByUnderShop: { htc: of.reservedByHtc } },
        }),
      }));
      if (isStrange) counts.push({ ticketTypeId: "ghost", sold: 3, soldUnderShop: 0, reserved: 1 });
      const policy = {
        ...{ underShopSales: drawn.underShopSales, exemptTypes: drawn.exemptTypes },
        countedClasses: charity ? defaultPolicy.countedClasses : (["race"] as const),
      };
      const { totals, ticketTypes } = capacityOf(described, counts, policy);
      const balance = balanceOf(described, counts, policy);
      const { reserved, heldForUnderShops, oversoldPlaces } = balance;
      expect(Math.min(...Object.values(balance))).toBeGreaterThanOrEqual(0);
      expect(
        (totals.totalSold ?? 0) +
          reserved +
          heldForUnderShops +
          (totals.totalAvailable ?? 0) -
          oversoldPlaces,
      ).toBe(totals.totalCapacity);
      const rows = ticketTypes.filter(({ counted }) => counted);
      expect(reserved).toBe(rows.reduce((sum, row) => sum + (row.reserved ?? 0), 0));
    }),
    { numRuns: runs(500) },
  );
});
