import { expect, test } from "bun:test";
import {
  EVENT_ID,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyEach, applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readEventRows } from "./shown.ts";
import { readUnderShops } from "./under-shops.ts";

const of = (underShopId: string, amount: number | null, active = true) => ({
  ...{ underShopId, amount, active },
});

const described = eventUpdated({
  ticketTypes: [
    ticketType({ ticketTypeId: "men", allocations: [of("club", 30), of("partner", null)] }),
    ticketType({ ticketTypeId: "women", allocations: [of("club", 20), of("club", 99, false)] }),
  ],
  underShops: [
    underShop({ underShopId: "club", name: "Club", maxAmount: null }),
    underShop({ underShopId: "partner", name: "Partner", maxAmount: null }),
    underShop({ underShopId: "presale", name: "Presale", maxAmount: 40 }),
  ],
});

const counted = (soldByUnderShop: Record<string, number> | undefined) =>
  salesCounted({
    ticketTypes: [
      typeCount({
        ticketTypeId: "men",
        ...{ sold: 60, soldUnderShop: 57, ...(soldByUnderShop && { soldByUnderShop }) },
      }),
      typeCount({ ticketTypeId: "women", sold: 8, soldUnderShop: 0, soldByUnderShop: {} }),
    ],
  });

const shown = async (...facts: Parameters<typeof applyEach>[1]) => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  return (await readUnderShops(sql)).map(({ underShopName, allocation, sold, left }) => [
    ...[underShopName, allocation, sold, left],
  ]);
};

test("an undershop has the places of its ticket types, but no more than its own amount", async () => {
  expect(await shown(described, counted({ club: 12, presale: 45 }))).toEqual([
    ["Club", 50, 12, 38],
    // Of a type without an amount it may sell up to the type's own.
    ["Partner", null, 0, null],
    ["Presale", 40, 45, 0],
  ]);
});

test("an event's rows say whether any shop sells it, as soon as they are kept", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [described, eventUpdated({ eventId: "none" })]);
  const now = new Date();
  const isSaid = async (eventId: string) =>
    (await readEventRows(sql, eventId, { now, policy: defaultPolicy })).hasUnderShops;
  expect(await isSaid(EVENT_ID)).toBe(true);
  expect(await isSaid("none")).toBe(false);
  await sql`update event_shown set document = null, digest = null`;
  expect(await isSaid("none")).toBeUndefined();
});

test("an own amount of 0 is none, as the event's is", async () => {
  const unlimited = eventUpdated({
    ticketTypes: [ticketType({ ticketTypeId: "men", allocations: [of("club", 30)] })],
    underShops: [
      underShop({ underShopId: "club", name: "Club", maxAmount: 0 }),
      underShop({ underShopId: "partner", name: "Partner", maxAmount: 0 }),
    ],
  });
  expect(await shown(unlimited, counted({ club: 12 }))).toEqual([
    ["Club", 30, 12, 18],
    ["Partner", null, 0, null],
  ]);
});

test("and of a category no more than its limit there, whatever its ticket types' amounts are", async () => {
  const limited = eventUpdated({
    categories: [
      { ref: "race", name: "Race", amount: 900 },
      { ref: "charity", name: "Charity", amount: 90 },
    ],
    ticketTypes: [
      ticketType({ ticketTypeId: "men", categoryRef: "race", allocations: [of("club", 30)] }),
      ticketType({
        ...{ ticketTypeId: "women", categoryRef: "race" },
        allocations: [of("club", 20), of("partner", null)],
      }),
      ticketType({ ticketTypeId: "cause", categoryRef: "charity", allocations: [of("club", 5)] }),
    ],
    underShops: [
      underShop({
        ...{ underShopId: "club", name: "Club", maxAmount: null },
        categoryAmounts: [{ ref: "race", amount: 35 }],
      }),
      underShop({
        ...{ underShopId: "partner", name: "Partner", maxAmount: null },
        categoryAmounts: [
          { ref: "charity", amount: 4 },
          { ref: "race", amount: 10 },
        ],
      }),
      underShop({
        ...{ underShopId: "presale", name: "Presale", maxAmount: 6 },
        categoryAmounts: [{ ref: "race", amount: 8 }],
      }),
    ],
  });
  expect(await shown(limited)).toEqual([
    // 35 of the 50 places of the races, and 5 for the cause.
    ["Club", 40, null, null],
    ["Partner", 14, null, null],
    ["Presale", 6, null, null],
  ]);
});

test("what an undershop has reserved is not left of it", async () => {
  const told = salesCounted({
    ticketTypes: [
      typeCount({
        ...{ ticketTypeId: "men", sold: 57, soldUnderShop: 57, reserved: 9 },
        ...{ soldByUnderShop: { club: 12, presale: 45 }, reservedByUnderShop: { club: 7 } },
      }),
      typeCount({ ticketTypeId: "women", sold: 0, reserved: 2, reservedByUnderShop: { club: 2 } }),
    ],
  });
  expect((await shown(described, told)).at(0)).toEqual(["Club", 50, 12, 29]);
});

test("of an event that was not counted, or not by shop, nobody knows what each sold", async () => {
  const unknown = [
    ["Club", 50, null, null],
    ["Partner", null, null, null],
    ["Presale", 40, null, null],
  ];
  expect(await shown(described)).toEqual(unknown);
  expect(await shown(described, counted(undefined))).toEqual(unknown);
});

test("a ticket type or an undershop that the event no longer has gives nothing", async () => {
  const later = { updatedAt: "2026-02-20T10:00:00.000Z", observedAt: "2026-02-20T10:00:00.000Z" };
  const left = eventUpdated({
    ...later,
    ticketTypes: [ticketType({ ticketTypeId: "men", allocations: [of("club", 30)] })],
    underShops: [underShop({ underShopId: "club", name: "Club" })],
  });
  expect(await shown(described, left)).toEqual([["Club", 30, null, null]]);
});

test("it says whose it is and when it sells", async () => {
  const { sql } = await reusedDatabase();
  const sellStart = "2026-03-01T09:00:00.000Z";
  await applyEach(sql, [eventUpdated({ underShops: [underShop({ sellStart, sellEnd: null })] })]);
  expect(await readUnderShops(sql)).toMatchObject([
    { eventId: EVENT_ID, salesStart: sellStart, salesEnd: null, active: true },
  ]);
});

test("of one event they are its own alone", async () => {
  const { sql } = await reusedDatabase();
  const other = eventUpdated({ ...described.payload, eventId: "other", name: "Other" });
  await applyEach(sql, [described, counted({ club: 12, presale: 45 }), other]);
  const all = await readUnderShops(sql);
  for (const eventId of [EVENT_ID, "other", "nobody"])
    expect(await readUnderShops(sql, { eventId })).toEqual(
      all.filter((shop) => shop.eventId === eventId),
    );
  expect(all.length).toBe(6);
});
