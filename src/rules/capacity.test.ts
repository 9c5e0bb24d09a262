import { describe, expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import {
  type CountForCapacity,
  capacityOf,
  defaultPolicy,
  type EventForCapacity,
  percentOf,
  type TypeForCapacity,
} from "./capacity.ts";

const type = (ticketTypeId: string, changed: Partial<TypeForCapacity> = {}): TypeForCapacity => ({
  ticketTypeId,
  class: "race",
  removed: false,
  amount: 100,
  active: true,
  categoryRef: null,
  ignoreForMaxAmounts: false,
  allocations: [],
  ...changed,
});
const event = (
  ticketTypes: TypeForCapacity[],
  changed: Partial<EventForCapacity> = {},
): EventForCapacity => ({
  maxAmount: null,
  categories: [],
  underShops: [],
  ticketTypes,
  ...changed,
});
const count = (
  ticketTypeId: string,
  sold: number,
  changed: Partial<CountForCapacity> = {},
): CountForCapacity => ({ ticketTypeId, sold, soldUnderShop: 0, reserved: 0, ...changed });

const rowOf = (found: ReturnType<typeof capacityOf>, ticketTypeId: string) =>
  found.ticketTypes.find((row) => row.ticketTypeId === ticketTypeId);

describe("totals", () => {
  test("hold race entries, charity included, and nothing else", () => {
    const types = [
      type("men"),
      type("charity", { class: "charity", amount: 10 }),
      type("spectator", { class: "spectator", amount: 5000 }),
      type("partner", { class: "secondary", amount: 10_000 }),
      type("corporate", { class: "corporate" }),
      type("youngstars", { class: "youngstar" }),
    ];
    const counts = types.map(({ ticketTypeId }) => count(ticketTypeId, 5));
    const found = capacityOf(event(types), counts);
    expect(found.totals).toEqual({
      totalCapacity: 110,
      totalSold: 10,
      totalAvailable: 100,
      percentSold: 9.09,
      oversold: 0,
      sumOfAmounts: 110,
    });
    expect(rowOf(found, "spectator")).toMatchObject({ capacity: 5000, sold: 5, available: 4995 });
    expect(found.ticketTypes.filter((row) => row.counted).map((row) => row.class)).toEqual([
      "race",
      "charity",
    ]);
  });

  test("hold other classes where the policy says so", () => {
    const types = [type("men"), type("charity", { class: "charity", amount: 10 })];
    const policy = { ...defaultPolicy, countedClasses: ["charity"] as const };
    const { totals } = capacityOf(event(types), [count("men", 7), count("charity", 4)], policy);
    expect(totals).toMatchObject({ totalCapacity: 10, totalSold: 4, totalAvailable: 6 });
  });

  test("an oversold type takes nothing from another", () => {
    const { ticketTypes, totals } = capacityOf(event([type("men"), type("women")]), [
      count("men", 187),
      count("women", 40),
    ]);
    expect(ticketTypes.map((row) => row.available)).toEqual([0, 60]);
    expect(ticketTypes.map((row) => row.oversold)).toEqual([87, 0]);
    expect(totals).toMatchObject({ totalSold: 227, totalAvailable: 60, percentSold: 113.5 });
    expect(totals.oversold).toBe(27);
  });
});

describe("caps", () => {
  const inRace = { categoryRef: "race" };

  test("a category's amount bounds capacity, each type's availability and their sum", () => {
    const found = capacityOf(
      event([type("men", inRace), type("women", inRace), type("adaptive", { amount: 10 })], {
        categories: [{ ref: "race", amount: 120 }],
      }),
      [count("men", 50), count("women", 40)],
    );
    expect(found.ticketTypes.map((row) => row.available)).toEqual([30, 30, 10]);
    expect(found.totals).toMatchObject({
      totalCapacity: 130,
      totalAvailable: 40,
      sumOfAmounts: 210,
    });
  });

  test("a category of 0 places has none, and one without an amount as many as its types", () => {
    const types = [type("men", inRace), type("women", { categoryRef: "other" })];
    const categories = [
      { ref: "race", amount: 0 },
      { ref: "other", amount: null },
    ];
    const found = capacityOf(event(types, { categories }), [count("men", 2), count("women", 10)]);
    expect(found.ticketTypes.map((row) => row.available)).toEqual([0, 90]);
    expect(found.totals).toMatchObject({ totalCapacity: 100, totalSold: 12, totalAvailable: 90 });
  });

  test("one category's overselling takes nothing from another category", () => {
    const found = capacityOf(
      event([type("men", inRace), type("women", { categoryRef: "other" })], {
        categories: [
          { ref: "race", amount: 50 },
          { ref: "other", amount: null },
        ],
      }),
      [count("men", 80), count("women", 10)],
    );
    expect(found.totals).toMatchObject({ totalCapacity: 150, totalAvailable: 90 });
  });

  test("the event's maximum bounds the whole, and 0 bounds nothing", () => {
    const types = [type("men"), type("women"), type("spectator", { class: "spectator" })];
    const counts = [count("men", 30), count("women", 30), count("spectator", 20)];
    const bounded = capacityOf(event(types, { maxAmount: 150 }), counts);
    expect(bounded.totals).toMatchObject({ totalCapacity: 150, totalAvailable: 70 });
    const unbounded = capacityOf(event(types, { maxAmount: 0 }), counts);
    expect(unbounded.totals).toMatchObject({ totalCapacity: 200, totalAvailable: 140 });
  });

  test("types outside the maximum amounts take no place under a cap", () => {
    const partner = type("partner", { class: "secondary", ignoreForMaxAmounts: true, ...inRace });
    const found = capacityOf(
      event([type("men", inRace), partner], {
        maxAmount: 100,
        categories: [{ ref: "race", amount: 100 }],
      }),
      [count("men", 40), count("partner", 40)],
    );
    expect(found.totals.totalAvailable).toBe(60);
  });

  test("a reserved place is neither sold nor available", () => {
    const found = capacityOf(event([type("men")]), [count("men", 40, { reserved: 7 })]);
    expect(found.totals).toMatchObject({ totalSold: 40, totalAvailable: 53 });
  });

  test("nor is it under a category's or the event's amount, whichever type it is of", () => {
    const types = [type("men", inRace), type("women", inRace)];
    const counts = [count("men", 60, { reserved: 10 }), count("women", 20, { reserved: 10 })];
    const categories = [{ ref: "race", amount: 100 }];
    const full = capacityOf(event(types, { categories }), counts);
    expect(full.totals).toMatchObject({ totalCapacity: 100, totalSold: 80, totalAvailable: 0 });
    expect(full.ticketTypes.map((row) => row.available)).toEqual([0, 0]);
    expect(capacityOf(event(types, { maxAmount: 110 }), counts).totals.totalAvailable).toBe(10);
  });

  describe("a type outside the maximum amounts", () => {
    const charity = type("charity", {
      ...{ class: "charity", amount: 10, ignoreForMaxAmounts: true, ...inRace },
    });
    const full = {
      ...{ maxAmount: 100, categories: [{ ref: "race", amount: 100 }] },
    };
    const counts = [count("men", 100), count("charity", 4)];

    test("has its own places beside a category and an event that are full", () => {
      const found = capacityOf(event([type("men", inRace), charity], full), counts);
      expect(found.ticketTypes.map((row) => row.available)).toEqual([0, 6]);
      expect(found.totals).toMatchObject({
        ...{ totalCapacity: 110, totalSold: 104, totalAvailable: 6, oversold: 0 },
      });
      expect(found.charity).toMatchObject({ totalCapacity: 10, totalAvailable: 6 });
    });

    test("is full with them where the operator says so", () => {
      const policy = { ...defaultPolicy, exemptTypes: "capped" as const };
      const found = capacityOf(event([type("men", inRace), charity], full), counts, policy);
      expect(found.ticketTypes.map((row) => row.available)).toEqual([0, 0]);
      expect(found.totals).toMatchObject({ totalCapacity: 100, totalAvailable: 0 });
    });
  });
});

describe("what can be bought", () => {
  const shared = (id: string, changed: Partial<TypeForCapacity> = {}) =>
    type(id, { categoryRef: "race", ...changed });
  const counts = [count("men", 40), count("women", 30)];

  test("is what the types that are switched on leave, each under its caps", () => {
    const types = [shared("men"), shared("women", { active: false })];
    expect(capacityOf(event(types), counts).availableToBuy).toBe(60);
    const categories = [{ ref: "race", amount: 120 }];
    expect(capacityOf(event(types, { categories }), counts).availableToBuy).toBe(50);
    expect(capacityOf(event(types, { maxAmount: 80 }), counts).availableToBuy).toBe(10);
  });

  test("is nothing where all that count are switched off or gone, also before the first count", () => {
    const types = [
      shared("men", { active: false }),
      shared("women", { removed: true }),
      type("seats", { class: "spectator" }),
    ];
    expect(capacityOf(event(types), counts)).toMatchObject({ availableToBuy: 0, typesOnSale: 0 });
    expect(capacityOf(event(types), null).availableToBuy).toBe(0);
    expect(capacityOf(event([shared("men"), ...types.slice(1)]), null).availableToBuy).toBeNull();
  });
});

describe("undershops", () => {
  const allocations = [
    { underShopId: "htc", amount: 50, active: true },
    { underShopId: "off", amount: 30, active: false },
  ];
  const withShop = (inventoryStrategy: string, active = true) =>
    event(
      [
        type("men", {
          allocations: allocations.map((a) => ({ ...a, active: a.active && active })),
        }),
      ],
      {
        underShops: [
          { underShopId: "htc", inventoryStrategy },
          { underShopId: "off", inventoryStrategy: "independent" },
        ],
      },
    );
  const counts = [count("men", 130, { soldUnderShop: 40 })];

  test("what an independent shop sells is not held against the type's own amount", () => {
    const { ticketTypes, totals } = capacityOf(withShop("independent"), counts);
    expect(ticketTypes[0]).toMatchObject({
      capacity: 100,
      allocatedUnderShop: 50,
      sold: 130,
      soldUnderShop: 40,
      available: 10,
      oversold: 0,
      percentSold: 90,
    });
    expect(totals).toMatchObject({ totalSold: 130, totalAvailable: 10, percentSold: 130 });
  });

  test("what it sells of a type that it has no amount of is, for it takes a place of the type's", () => {
    const types = [
      type("men", { allocations: [{ underShopId: "htc", amount: null, active: true }] }),
    ];
    const shop = { underShopId: "htc", inventoryStrategy: "independent" };
    const sharing = event(types, { underShops: [shop] });
    const sold = count("men", 70, { soldUnderShop: 40, reserved: 5 });
    const told = { ...sold, soldByUnderShop: { htc: 40 }, reservedByUnderShop: { htc: 5 } };
    for (const one of [sold, told])
      expect(capacityOf(sharing, [one]).totals).toMatchObject({
        totalSold: 70,
        totalAvailable: 25,
      });
  });

  test("what another shop sells is, as it is where no allocation is active", () => {
    for (const sharing of [
      withShop("subsidiary"),
      withShop("global"),
      withShop("independent", false),
    ])
      expect(capacityOf(sharing, counts).ticketTypes[0]).toMatchObject({
        sold: 130,
        available: 0,
        oversold: 30,
        percentSold: 130,
      });
  });

  test("of two shops each is held to its own strategy", () => {
    const both = event(
      [
        type("men", {
          allocations: [
            { underShopId: "htc", amount: 20, active: true },
            { underShopId: "partner", amount: 20, active: true },
          ],
        }),
      ],
      {
        underShops: [
          { underShopId: "htc", inventoryStrategy: "independent" },
          { underShopId: "partner", inventoryStrategy: "global" },
        ],
      },
    );
    const sold = count("men", 18, { soldUnderShop: 15 });
    const told = { ...sold, soldByUnderShop: { htc: 10, partner: 5 } };
    // 100 places, of which the partner's 5 and 3 sold directly are gone.
    expect(capacityOf(both, [told]).ticketTypes[0]).toMatchObject({ sold: 18, available: 92 });
    expect(capacityOf(both, [told]).totals).toMatchObject({ totalSold: 18, totalAvailable: 92 });
    // What a shop sells that the event or the ticket type does not name is held against the amount.
    const stranger = { ...sold, soldByUnderShop: { htc: 10, gone: 5 } };
    expect(capacityOf(both, [stranger]).totals.totalAvailable).toBe(92);
    const policy = { ...defaultPolicy, underShopSales: "all" as const };
    expect(capacityOf(both, [told], policy).totals.totalAvailable).toBe(82);
    // A count of before it was counted by shop cannot tell them apart.
    expect(capacityOf(both, [sold]).totals.totalAvailable).toBe(97);
  });

  test("what an independent shop sold stays its own when it is switched off behind its presale", () => {
    const told = counts.map((one) => ({ ...one, soldByUnderShop: { htc: 40 } }));
    const [presale, over] = [true, false].map((active) =>
      capacityOf(withShop("independent", active), told),
    );
    expect(presale?.totals).toMatchObject({ totalSold: 130, totalAvailable: 10 });
    expect(over?.totals).toEqual(presale?.totals);
    expect(over?.ticketTypes[0]).toMatchObject({ oversold: 0, percentSold: 90 });
  });

  test("and when it is removed, though nobody says any more what amounts it had", () => {
    const told = counts.map((one) => ({ ...one, soldByUnderShop: { htc: 40 } }));
    const gone = (inventoryStrategy: string) =>
      event([type("men")], {
        underShops: [{ underShopId: "htc", inventoryStrategy, removed: true }],
      });
    expect(capacityOf(gone("independent"), told).totals.totalAvailable).toBe(10);
    expect(capacityOf(gone("global"), told).totals.totalAvailable).toBe(0);
  });

  test("what an independent shop has reserved of its own amount takes no place of the type's", () => {
    const counts = [
      count("men", 60, {
        ...{ soldUnderShop: 10, soldByUnderShop: { htc: 10 } },
        ...{ reserved: 45, reservedByUnderShop: { htc: 40 } },
      }),
    ];
    // 100 places, of which 50 are sold and 5 reserved directly.
    const own = capacityOf(withShop("independent"), counts);
    expect(own.ticketTypes[0]).toMatchObject({ sold: 60, reserved: 45, available: 45 });
    expect(own.totals).toMatchObject({ totalSold: 60, totalAvailable: 45 });
    expect(capacityOf(withShop("independent", false), counts).totals).toEqual(own.totals);
    expect(capacityOf(withShop("global"), counts).totals.totalAvailable).toBe(0);
    const policy = { ...defaultPolicy, underShopSales: "all" as const };
    expect(capacityOf(withShop("independent"), counts, policy).totals.totalAvailable).toBe(0);
  });

  test("the policy can hold all sales against the amount", () => {
    const policy = { ...defaultPolicy, underShopSales: "all" as const };
    const { ticketTypes } = capacityOf(withShop("independent"), counts, policy);
    expect(ticketTypes[0]).toMatchObject({ available: 0, oversold: 30, percentSold: 130 });
  });
});

describe("what is gone or unknown", () => {
  test("a removed type keeps its sales, adds as much capacity and has nothing left", () => {
    const present = [type("men")];
    const removed = type("women", { removed: true, amount: 500 });
    const found = capacityOf(event([...present, removed]), [count("men", 50), count("women", 30)]);
    expect(rowOf(found, "women")).toMatchObject({
      capacity: 30,
      sold: 30,
      available: 0,
      oversold: 0,
    });
    expect(found.totals).toMatchObject({
      totalCapacity: 130,
      totalSold: 80,
      totalAvailable: 50,
      sumOfAmounts: 100,
    });
  });

  test("an event that was never counted has a capacity, and no sales that are said to be 0", () => {
    const found = capacityOf(event([type("men")]), null);
    expect(found.totals).toEqual({
      totalCapacity: 100,
      totalSold: null,
      totalAvailable: null,
      percentSold: null,
      oversold: null,
      sumOfAmounts: 100,
    });
    expect(found.ticketTypes[0]).toMatchObject({ capacity: 100, sold: null, available: null });
  });

  test("an event that was counted and has no tickets has sold 0", () => {
    const { totals } = capacityOf(event([type("men")]), []);
    expect(totals).toMatchObject({ totalSold: 0, totalAvailable: 100, percentSold: 0 });
  });

  test("a type that only the count knows is listed as other and stays out of the totals", () => {
    const found = capacityOf(event([type("men")]), [count("men", 1), count("ghost", 9)]);
    expect(rowOf(found, "ghost")).toMatchObject({ class: "other", sold: 9, counted: false });
    expect(found.totals).toMatchObject({ totalCapacity: 100, totalSold: 1 });
  });

  test("and is what the operator says it is", () => {
    const classes = new Map([["ghost", "race" as const]]);
    const found = capacityOf(event([type("men")], { classes }), [
      count("men", 1),
      count("ghost", 9),
    ]);
    expect(rowOf(found, "ghost")).toMatchObject({ class: "race", sold: 9, available: 0 });
    expect(found.totals).toMatchObject({ totalCapacity: 109, totalSold: 10, totalAvailable: 99 });
  });

  test("a percentage of nothing is not known", () => {
    expect(percentOf(0, 0)).toBeNull();
    expect(percentOf(5, 0)).toBeNull();
    expect(percentOf(1, 3)).toBe(33.33);
    expect(percentOf(240, 100)).toBe(240);
    expect(capacityOf(event([type("men", { amount: 0 })]), [count("men", 3)]).totals).toMatchObject(
      {
        totalCapacity: 0,
        percentSold: null,
        oversold: 3,
      },
    );
  });
});

describe("of any event", () => {
  const small = fc.nat({ max: 12 });
  const anyType = fc.record({
    class: fc.constantFrom("race", "charity", "spectator", "secondary"),
    removed: fc.boolean(),
    amount: small,
    categoryRef: fc.constantFrom(null, "a", "b", "unknown"),
    ignoreForMaxAmounts: fc.boolean(),
    independent: fc.boolean(),
    sold: small,
    soldUnderShop: small,
    reserved: small,
  });
  const anyEvent = fc.record({
    maxAmount: fc.option(small),
    a: fc.option(small),
    types: fc.array(anyType, { maxLength: 6 }),
  });
  type Drawn = typeof anyEvent extends fc.Arbitrary<infer Value> ? Value : never;

  const built = ({ maxAmount, a, types }: Drawn) => ({
    event: event(
      types.map(({ independent, ...drawn }, index) =>
        type(`t${index}`, {
          ...drawn,
          allocations: independent ? [{ underShopId: "htc", amount: 5, active: true }] : [],
        }),
      ),
      {
        maxAmount,
        categories: [
          { ref: "a", amount: a },
          { ref: "b", amount: null },
        ],
        underShops: [{ underShopId: "htc", inventoryStrategy: "independent" }],
      },
    ),
    counts: types.map(({ sold, soldUnderShop, reserved }, index) =>
      count(`t${index}`, sold, { soldUnderShop: Math.min(sold, soldUnderShop), reserved }),
    ),
  });

  test("nothing is available below 0, and the whole is no more than its types together", () => {
    fc.assert(
      fc.property(anyEvent, (drawn) => {
        const { event, counts } = built(drawn);
        const { ticketTypes, totals } = capacityOf(event, counts);
        const counted = ticketTypes.filter((row) => row.counted);
        const together = counted.reduce((sum, row) => sum + (row.available ?? 0), 0);
        expect(Math.min(0, ...ticketTypes.map((row) => row.available ?? 0))).toBe(0);
        expect(totals.totalAvailable).toBeGreaterThanOrEqual(0);
        expect(totals.totalAvailable).toBeLessThanOrEqual(together);
        expect(totals.totalSold).toBe(counted.reduce((sum, row) => sum + (row.sold ?? 0), 0));
      }),
    );
  });

  test("what is available is what can be sold, one ticket after the other, until every place is gone", () => {
    fc.assert(
      fc.property(anyEvent, (drawn) => {
        const { event, counts } = built(drawn);
        expect(capacityOf(event, counts).totals.totalAvailable).toBe(soldOneByOne(drawn));
      }),
    );
  });

  /** A type without an allocation of the shop's sells its own places through it as well. */
  function soldOneByOne({ maxAmount, a, types }: Drawn) {
    const taken = (those: Drawn["types"]) =>
      those.reduce((sum, one) => sum + one.sold + one.reserved, 0);
    const capped = types.filter((one) => !one.ignoreForMaxAmounts);
    let inAll = (maxAmount || Number.POSITIVE_INFINITY) - taken(capped);
    let inA =
      (a ?? Number.POSITIVE_INFINITY) - taken(capped.filter((one) => one.categoryRef === "a"));
    let all = 0;
    for (const { class: of, removed, independent, ...one } of types) {
      if (removed || (of !== "race" && of !== "charity")) continue;
      const apart = independent ? Math.min(one.sold, one.soldUnderShop) : 0;
      let places = one.amount - (one.sold - apart) - one.reserved;
      const isInA = one.categoryRef === "a";
      while (places > 0 && (one.ignoreForMaxAmounts || (inAll > 0 && (!isInA || inA > 0)))) {
        places -= 1;
        all += 1;
        if (one.ignoreForMaxAmounts) continue;
        inAll -= 1;
        if (isInA) inA -= 1;
      }
    }
    return all;
  }

  test("the order of types and counts changes nothing", () => {
    fc.assert(
      fc.property(anyEvent, (drawn) => {
        const { event, counts } = built(drawn);
        const turned = { ...event, ticketTypes: event.ticketTypes.toReversed() };
        const one = capacityOf(event, counts);
        const other = capacityOf(turned, counts.toReversed());
        expect(other.totals).toEqual(one.totals);
        expect(other.ticketTypes.toReversed()).toEqual(one.ticketTypes);
      }),
    );
  });

  test("overselling one type further leaves the others what they had, where no cap is shared", () => {
    fc.assert(
      fc.property(anyEvent, small, (drawn, more) => {
        const { event, counts } = built({ ...drawn, maxAmount: null, a: null });
        const [first, ...rest] = counts;
        fc.pre(first !== undefined);
        const before = capacityOf(event, [{ ...first, sold: 50 }, ...rest]);
        const after = capacityOf(event, [{ ...first, sold: 50 + more }, ...rest]);
        expect(after.totals.totalAvailable).toBe(before.totals.totalAvailable);
        expect(after.ticketTypes.slice(1)).toEqual(before.ticketTypes.slice(1));
      }),
    );
  });

  const withFirst = (of: EventForCapacity, changed: Partial<TypeForCapacity>) => {
    const [first, ...others] = of.ticketTypes;
    return { ...of, ticketTypes: first ? [{ ...first, ...changed }, ...others] : [] };
  };

  test("removing a type takes its unsold places only, and brings none", () => {
    fc.assert(
      fc.property(anyEvent, small, (drawn, unsold) => {
        const { event, counts } = built(drawn);
        const amount = (counts[0]?.sold ?? 0) + unsold;
        const before = capacityOf(withFirst(event, { removed: false, amount }), counts).totals;
        const after = capacityOf(withFirst(event, { removed: true, amount }), counts).totals;
        expect(after.totalSold).toBe(before.totalSold);
        expect(after.totalCapacity).toBeLessThanOrEqual(before.totalCapacity);
        expect(after.totalCapacity).toBeGreaterThanOrEqual(before.totalCapacity - unsold);
      }),
    );
  });

  test("a cap holds whatever is removed: no event has more places than its amount", () => {
    fc.assert(
      fc.property(anyEvent, (drawn) => {
        const { event, counts } = built(drawn);
        const policy = { ...defaultPolicy, exemptTypes: "capped" as const };
        const { totalCapacity } = capacityOf(event, counts, policy).totals;
        expect(totalCapacity).toBeLessThanOrEqual(event.maxAmount || Infinity);
      }),
    );
  });
});

test("the share of what is not known is not known, and neither is one of no places", () => {
  expect([percentOf(null, 100), percentOf(5, null), percentOf(5, 0)]).toEqual([null, null, null]);
  expect([percentOf(0, 100), percentOf(1, 3), percentOf(150, 100)]).toEqual([0, 33.33, 150]);
});
