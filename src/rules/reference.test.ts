import { describe, expect, test } from "bun:test";
import webhook from "../../test/fixtures/vivenu/event.updated.json";
import frankfurt from "../../test/fixtures/vivenu/frankfurt-2025.json";
import paris from "../../test/fixtures/vivenu/paris-2025.json";
import page from "../../test/fixtures/vivenu/tickets.page.json";
import { capacityOf, defaultPolicy, type EventForCapacity } from "./capacity.ts";
import { classify, classOfName, type TicketClass } from "./classify.ts";
import { type CountableTicket, countTickets } from "./count.ts";
import { toMinor } from "./money.ts";

describe("a webhook's event and its tickets", () => {
  const { event } = webhook.data;
  const groups = new Set(
    event.cartAutomationRules.flatMap(({ thenTargets }) =>
      thenTargets.map(({ thenTargetGroup }) => thenTargetGroup),
    ),
  );
  const autoAdded = new Set(
    event.groups.filter(({ _id }) => groups.has(_id)).flatMap(({ tickets }) => tickets),
  );
  const types = event.tickets.map((type) => ({
    ticketTypeId: type._id,
    name: type.name,
    priceMinor: toMinor(type.price, "EUR"),
    amount: type.amount,
    active: type.active,
    categoryRef: type.categoryRef,
    autoAdded: autoAdded.has(type._id),
    ignoreForMaxAmounts: type.ignoreForMaxAmounts,
    conditionalAvailability: type.conditionalAvailability,
    hiddenInSelectionArea: type.styleOptions.hiddenInSelectionArea ?? false,
    allocations: event.underShops.flatMap((shop) =>
      shop.tickets
        .filter(({ baseTicket }) => baseTicket === type._id)
        .map(({ amount, active }) => ({ underShopId: shop._id, amount, active })),
    ),
  }));
  const classes = classify(types);
  const described: EventForCapacity = {
    maxAmount: event.maxAmount,
    categories: event.categories,
    underShops: event.underShops.map(({ _id, inventoryStrategy }) => ({
      underShopId: _id,
      inventoryStrategy,
    })),
    ticketTypes: types.map((type) => ({
      ...type,
      class: classes.get(type.ticketTypeId) ?? "other",
      removed: false,
    })),
  };
  const tickets = page.rows.map(
    (row): CountableTicket => ({
      ticketId: row._id,
      ticketTypeId: row.ticketTypeId,
      status: row.status,
      createdAt: row.createdAt,
      origin: row.origin,
      underShopId: row.underShopId,
      hasTrigger: row.triggeredBy.length > 0,
      hasTransaction: row.transactionId !== "",
      realPrice: row.realPrice,
      currency: row.currency,
      addOnNames: row.addOns.map(({ name }) => name),
    }),
  );
  const { ticketTypes: counts, currencies } = countTickets(
    tickets,
    types.map(({ ticketTypeId }) => ticketTypeId),
  );
  const ending = (end: string) => counts.find(({ ticketTypeId }) => ticketTypeId.endsWith(end));
  const idsOf = (wanted: TicketClass) =>
    [...classes].filter(([, found]) => found === wanted).map(([id]) => id.slice(-3));
  const totalsOf = (...countedClasses: TicketClass[]) =>
    capacityOf(described, counts, { ...defaultPolicy, countedClasses }).totals;

  test("types are classed by structure and name", () => {
    expect(idsOf("race")).toEqual(["101", "102", "103", "105", "107"]);
    expect(idsOf("secondary")).toEqual(["104", "106"]);
    expect(idsOf("charity")).toEqual(["108"]);
    expect(idsOf("spectator")).toEqual(["109"]);
    expect(idsOf("addon")).toEqual(["10a"]);
  });

  test("capacity is 3,010 race places and 95 of charity, 3,105 in all", () => {
    expect(totalsOf("race").totalCapacity).toBe(3010);
    expect(totalsOf("charity").totalCapacity).toBe(95);
    expect(capacityOf(described, counts).totals).toEqual({
      totalCapacity: 3105,
      totalSold: 5,
      // Of the races' 3,010 four are sold, one of them through the HTC shop, and one is reserved; of charity's 95 one is sold.
      totalAvailable: 3099,
      percentSold: 0.16,
      oversold: 0,
      sumOfAmounts: 3105,
    });
  });

  test("the HTC shop holds 150 places: its inactive row does not count", () => {
    const { ticketTypes } = capacityOf(described, counts);
    expect(ticketTypes.reduce((sum, row) => sum + row.allocatedUnderShop, 0)).toBe(150);
  });

  test("9 tickets are counted by type and status", () => {
    expect(tickets).toHaveLength(page.total);
    expect(currencies).toEqual(["EUR"]);
    expect(ending("101")).toMatchObject({ sold: 2, soldUnderShop: 1, reserved: 1 });
    expect(ending("102")).toMatchObject({ sold: 1, replaced: 1, invalid: 1, newSalesByHour: {} });
    expect(ending("103")).toMatchObject({ sold: 1, flexAddOns: 1 });
    expect(ending("104")).toMatchObject({ sold: 1, triggered: 1, complimentary: 0 });
    expect(ending("108")).toMatchObject({ sold: 1, complimentary: 1 });
    expect(ending("109")).toMatchObject({ sold: 1, complimentary: 0 });
    expect(counts.reduce((sum, count) => sum + count.flexAddOns, 0)).toBe(1);
  });

  test("the launch day has 2 new race sales that still stand", () => {
    const race = counts.filter(({ ticketTypeId }) => classes.get(ticketTypeId) === "race");
    const hours = race.flatMap(({ newSalesByHour }) => Object.entries(newSalesByHour));
    expect(hours.filter(([hour]) => hour.startsWith("2026-02-12"))).toEqual([
      ["2026-02-12T11", 1],
      ["2026-02-12T11", 1],
    ]);
  });
});

describe.each([
  { name: "Frankfurt", real: frankfurt, totalAvailable: 493, charity: [525, 386] },
  { name: "Paris", real: paris, totalAvailable: 1309, charity: [570, 331] },
])("$name 2025", ({ real, totalAvailable, charity }) => {
  const ids = real.ticketTypes.map((_, index) => `t${index}`);
  const event: EventForCapacity = {
    maxAmount: null,
    categories: [],
    underShops: [],
    ticketTypes: real.ticketTypes.map(({ name, capacity }, index) => ({
      ticketTypeId: `t${index}`,
      class: classOfName(name),
      removed: false,
      amount: capacity,
      active: true,
      categoryRef: null,
      ignoreForMaxAmounts: false,
      allocations: [],
    })),
  };
  const counts = real.ticketTypes.map(({ sold }, index) => ({
    ticketTypeId: `t${index}`,
    sold,
    soldUnderShop: 0,
    reserved: 0,
  }));

  test("has the race capacity, sales and percentage of the real event", () => {
    expect(capacityOf(event, counts).totals).toMatchObject({
      totalCapacity: real.check.raceCapacity,
      totalSold: real.check.raceSold,
      percentSold: real.check.racePercentSold,
      totalAvailable,
    });
  });

  test("has its charity places counted apart as well", () => {
    const policy = { ...defaultPolicy, countedClasses: ["charity"] as const };
    const { totalCapacity, totalSold } = capacityOf(event, counts, policy).totals;
    expect([totalCapacity, totalSold]).toEqual([...charity]);
  });

  test("lists every type, also the spectators' that its totals leave out", () => {
    const { ticketTypes } = capacityOf(event, counts);
    const sold = ticketTypes.reduce((sum, row) => sum + (row.sold ?? 0), 0);
    expect(ticketTypes.map(({ ticketTypeId }) => ticketTypeId)).toEqual(ids);
    expect(sold).toBe(real.check.primarySold);
  });
});
