import { describe, expect, test } from "bun:test";
import {
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyEach, changesUnder, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { EventUpdated, NewFact, SalesCounted } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultSoldOutPolicy } from "../../rules/sold-out.ts";
import type { RowsOptions } from "../derived/projections.ts";

const men = ticketType({ amount: 100 });
const women = ticketType({ ticketTypeId: "women", name: "HYROX WOMEN", amount: 100 });
const spectator = ticketType({ ticketTypeId: "seats", name: "SPECTATOR | Saturday", amount: 10 });

const described = (day: number, said: Partial<EventUpdated> = {}) =>
  eventUpdated({
    updatedAt: `2026-03-0${day}T10:00:00.000Z`,
    observedAt: `2026-03-0${day}T10:00:01.000Z`,
    ticketTypes: [men],
    ...said,
  });

const counted = (day: number, sold: Record<string, number>, said: Partial<SalesCounted> = {}) =>
  salesCounted({
    countedAt: `2026-03-0${day}T12:00:00.000Z`,
    ticketTypes: Object.entries(sold).map(([ticketTypeId, tickets]) =>
      typeCount({ ticketTypeId, sold: tickets }),
    ),
    ...said,
  });

const after = async (facts: NewFact[], read = readAll) => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  return read(sql);
};

/** Descriptions apart. */
const soldOutUnder = async (sql: Pool, settings: RowsOptions) =>
  (await changesUnder(sql, settings)).filter(
    ({ changeType }) => !["event", "ticketType", "underShop"].includes(changeType),
  );

const readAll = (sql: Pool) => soldOutUnder(sql, { policy: defaultPolicy });

const told = async (facts: NewFact[], read = readAll) =>
  (await after(facts, read)).map(({ changedAt, changeType, field, previousValue, newValue }) =>
    [changedAt.slice(8, 10), changeType, field, previousValue.value, newValue.value].join(" "),
  );

/** What is told of the event and not of its ticket types. */
const toldOfEvent = async (facts: NewFact[]) =>
  (await told(facts)).filter((line) => !line.includes(" of "));

describe("an event is told, with what was left before and after,", () => {
  test("to be nearly sold out, sold out, and open again", async () => {
    const facts = [
      described(1),
      counted(2, { men: 70 }),
      counted(3, { men: 81 }),
      counted(4, { men: 96 }),
      counted(5, { men: 100 }),
      counted(6, { men: 99 }, { source: "backfill" }),
      counted(7, { men: 93 }),
    ];
    expect(await toldOfEvent(facts)).toEqual([
      "03 nearlySoldOut percentSold 70 81",
      "04 nearlySoldOut percentSold 81 96",
      "05 soldOut available 4 0",
      // One place of a hundred is 1 %.
      "06 reopened available 0 1",
    ]);
    const rows = await after(facts);
    const ofEvent = rows.filter(({ field }) => !field.includes(" of "));
    expect(ofEvent.map(({ severity, source }) => [severity, source])).toEqual([
      ["medium", "poll"],
      ["medium", "poll"],
      ["high", "poll"],
      ["high", "backfill"],
    ]);
    const ofTypes = rows.filter(({ field }) => field.includes(" of "));
    expect(ofTypes.map(({ severity }) => severity)).toEqual(Array(4).fill("medium"));
    expect(rows[0]).toMatchObject({ eventName: "HYROX Testville", region: "DACH" });
  });

  test("open again when its places grow, by when its description says so", async () => {
    const facts = [
      described(1),
      counted(2, { men: 100 }),
      described(3, { ticketTypes: [{ ...men, amount: 200 }], source: "webhook" }),
    ];
    expect(await toldOfEvent(facts)).toEqual([
      "02 soldOut available  0",
      "03 reopened available 0 100",
    ]);
    expect((await after(facts)).at(-1)).toMatchObject({
      changedAt: "2026-03-03T10:00:00.000Z",
      source: "webhook",
    });
  });

  test("sold out when the cap over all its ticket types is reached, and so is every one of these", async () => {
    const facts = [
      described(1, { ticketTypes: [men, women], maxAmount: 120 }),
      counted(2, { men: 40, women: 40 }),
      counted(3, { men: 60, women: 60 }),
    ];
    expect(await told(facts)).toEqual([
      "03 soldOut available 40 0",
      "03 soldOut available of HYROX MEN | Saturday 40 0",
      "03 soldOut available of HYROX WOMEN 40 0",
    ]);
  });

  test("nothing once it is over", async () => {
    const over = { end: "2026-03-04T00:00:00.000Z" };
    const facts = [described(1, over), counted(3, { men: 100 }), counted(5, { men: 50 })];
    expect(await toldOfEvent(facts)).toEqual(["03 soldOut available  0"]);
  });
});

describe("a ticket type", () => {
  test("is told of by its name where the event's totals hold it, and else not", async () => {
    const facts = [
      described(1, { ticketTypes: [men, women, spectator] }),
      counted(2, { men: 100, women: 10, seats: 10 }),
    ];
    expect(await told(facts)).toEqual(["02 soldOut available of HYROX MEN | Saturday  0"]);
  });

  test("that has a namesake is told apart by its id", async () => {
    const twin = { ...men, ticketTypeId: "men2" };
    const facts = [described(1, { ticketTypes: [men, twin] }), counted(2, { men2: 100 })];
    expect(await told(facts)).toEqual(["02 soldOut available of HYROX MEN | Saturday (men2)  0"]);
  });

  test("that is removed is not sold out", async () => {
    const facts = [
      described(1, { ticketTypes: [men, women] }),
      counted(2, { men: 10, women: 10 }),
      described(3, { ticketTypes: [women] }),
    ];
    expect(await told(facts)).toEqual([]);
  });

  test("that the operator says is none of the totals' is not told of", async () => {
    const facts = [described(1, { ticketTypes: [men, women] }), counted(2, { men: 100 })];
    const read = (sql: Pool) =>
      soldOutUnder(sql, { policy: defaultPolicy, classes: { men: "other" } });
    expect(await told(facts, read)).toEqual([]);
  });
});

describe("a count", () => {
  test("that is not complete, or of which a part is missing, tells nothing", async () => {
    const facts = [
      described(1),
      counted(2, { men: 100 }, { complete: false }),
      counted(3, { men: 100 }, { part: { number: 1, of: 2 } }),
    ];
    expect(await told(facts)).toEqual([]);
    expect(
      await toldOfEvent([...facts, counted(3, { women: 0 }, { part: { number: 2, of: 2 } })]),
    ).toEqual(["03 soldOut available  0"]);
  });

  test("that differs from the one before in what is reserved only is news", async () => {
    const reserving = (day: number, reserved: number) =>
      counted(day, {}, { ticketTypes: [typeCount({ sold: 90, reserved })] });
    const facts = [described(1), reserving(2, 0), reserving(3, 10), reserving(4, 0)];
    expect(await toldOfEvent(facts)).toEqual([
      "02 nearlySoldOut percentSold  90",
      "03 soldOut available 10 0",
      "04 reopened available 0 10",
    ]);
  });

  test("through an independent shop leaves the type's own places alone", async () => {
    const shop = underShop({ inventoryStrategy: "independent" });
    const allocations = [{ underShopId: shop.underShopId, amount: 50, active: true }];
    const facts = [
      described(1, { ticketTypes: [{ ...men, allocations }], underShops: [shop] }),
      salesCounted({
        countedAt: "2026-03-02T12:00:00.000Z",
        ticketTypes: [typeCount({ sold: 100, soldUnderShop: 30 })],
      }),
    ];
    expect((await toldOfEvent(facts)).map((line) => line.split(" ")[1])).toEqual(["nearlySoldOut"]);
  });
});

test("thresholds are the operator's", async () => {
  const facts = [
    described(1),
    counted(2, { men: 51 }),
    counted(3, { men: 100 }),
    counted(4, { men: 90 }),
  ];
  const soldOut = {
    ...defaultSoldOutPolicy,
    nearlyFromPercents: [50],
    reopenPlaces: 20,
    reopenPercent: 20,
  };
  const read = (sql: Pool) => soldOutUnder(sql, { policy: defaultPolicy, soldOut });
  expect((await told(facts, read)).filter((line) => !line.includes(" of "))).toEqual([
    "02 nearlySoldOut percentSold  51",
    "03 soldOut available 49 0",
  ]);
});

test("both stand among the other changes, by when they were", async () => {
  const facts = [
    described(1),
    counted(2, { men: 100 }),
    described(3, { name: "HYROX Renamed" }),
    counted(4, { men: 90 }),
  ];
  const read = (sql: Pool) => changesUnder(sql);
  const changes = (await after(facts, read)).filter(({ field }) => !field.includes(" of "));
  expect(changes.map(({ changeType, field, eventName }) => [changeType, field, eventName])).toEqual(
    [
      ["soldOut", "available", "HYROX Renamed"],
      ["event", "name", "HYROX Renamed"],
      ["reopened", "available", "HYROX Renamed"],
    ],
  );
});

test.each([
  ["switched off", { underShops: [underShop({ underShopId: "htc", active: false })] }, false],
  ["removed", {}, undefined],
] as const)(
  "a presale's own places are its own when its shop is %s, and nothing is sold out by that",
  async (_, shops, isActive) => {
    const inventoryStrategy = "independent";
    const withShop = (active: boolean | undefined) =>
      ticketType({
        amount: 100,
        allocations: active === undefined ? [] : [{ underShopId: "htc", amount: 50, active }],
      });
    const sold = typeCount({ sold: 120, soldUnderShop: 50, soldByUnderShop: { htc: 50 } });
    const facts = [
      described(1, {
        ticketTypes: [withShop(true)],
        underShops: [underShop({ underShopId: "htc", inventoryStrategy })],
      }),
      salesCounted({ countedAt: "2026-03-02T12:00:00.000Z", ticketTypes: [sold] }),
      described(3, {
        ticketTypes: [withShop(isActive)],
        underShops: ("underShops" in shops ? shops.underShops : []).map((shop) => ({
          ...{ ...shop, inventoryStrategy },
        })),
      }),
    ];
    const { sql } = await reusedDatabase();
    await applyEach(sql, facts);
    expect((await readAll(sql)).map(({ changeType }) => changeType)).not.toContain("soldOut");
    const { events } = await readAllRows(sql);
    expect(events).toMatchObject([{ totalSold: 120, totalAvailable: 30, status: "ON_SALE" }]);
  },
);
