import { expect, test } from "bun:test";
import { eventRow } from "../../../test/support/rows.ts";
import type { EventRow, ForecastPage, UnderShopRow } from "../../projections/queries/row-types.ts";
import type { Forecast, Outlook } from "../../rules/forecast/forecast.ts";
import { type OverviewOf, onSaleFirst, overviewRow } from "./overview-row.ts";

const eventOf = (more: Partial<EventRow> = {}): EventRow =>
  eventRow({
    eventDate: "2026-10-03T06:00:00Z",
    salesLaunchDate: "2026-02-12T11:00:00Z",
    totalCapacity: 300,
    totalSold: 100,
    totalAvailable: 200,
    percentSold: 33.33,
    value: null,
    countedAt: "2026-03-01T08:00:00Z",
    ...more,
  });

const forecastOf = (forecast: Forecast): ForecastPage => ({
  ...{ forecast, history: "stored", at: new Date(0), sold: 100, capacity: 300 },
  ...{ timezone: null, comparables: [], trial: null },
});

type SoldOutAt = Extract<Forecast, { known: true }>["soldOutAt"];

const knownAs = (soldOutAt: SoldOutAt, sellsOut: Outlook = "likely") =>
  forecastOf({
    sellsOut,
    ...{ known: true, method: "B", stretch: "14-29", comparables: 8, soldOutAt },
    final: { expected: 300, low: 250, high: 300 },
  });

const rowOf = (more: Partial<OverviewOf> = {}) =>
  overviewRow({
    ...{ event: eventOf(), pace: undefined, curve: undefined, forecast: undefined },
    ...{ underShops: [], changes: [], now: new Date("2026-03-01T12:00:00Z") },
    ...more,
  });

const JULY = Date.parse("2026-07-01T10:00:00Z");

test("an event that sells out has the day of it and those between which it is", () => {
  const forecast = knownAs({ expected: JULY, low: JULY - 1, high: null });
  expect(rowOf({ forecast }).sellsOut).toEqual({
    ...{ expected: "2026-07-01T10:00:00.000Z", low: "2026-07-01T09:59:59.999Z" },
    ...{ high: null, words: null },
  });
});

test.each<[string, Partial<EventRow>, ForecastPage | undefined]>([
  ["not by the race", {}, knownAs({ expected: null, low: null, high: null })],
  ["hardly by the race", {}, knownAs({ expected: null, low: JULY, high: null }, "hardly")],
  ["perhaps", {}, knownAs({ expected: null, low: JULY, high: null }, "perhaps")],
  ["sold out", { status: "SOLD_OUT" }, undefined],
  ["not on sale yet", { status: "ANNOUNCED" }, undefined],
  ["sale is over", { status: "ENDED" }, undefined],
  ["not counted yet", { totalSold: null }, undefined],
  ["cannot be worked out", {}, undefined],
  [
    "too few past events",
    {},
    forecastOf({
      ...{ known: false, reason: "tooFewComparables", stretch: "0", comparables: 2, wave: null },
    }),
  ],
])("where it has no such day it says %p", (words, event, forecast) => {
  const { sellsOut } = rowOf({ event: eventOf(event), forecast });
  expect([sellsOut.words, sellsOut.expected]).toEqual([words, null]);
});

test("the next launch is the public one or an undershop's that is switched on, what comes first", () => {
  const shop = (salesStart: string, active = true): UnderShopRow => ({
    ...{ eventId: "e1", eventName: "", region: "", timezone: null, eventDate: "" },
    ...{ underShopId: "s", underShopName: "", active, inventoryStrategy: "dependent" },
    ...{ allocation: null, sold: null, left: null, salesStart, salesEnd: null },
  });
  const event = eventOf({ salesLaunchDate: "2026-04-01T10:00:00Z" });
  const underShops = [
    shop("2026-02-01T10:00:00Z"),
    shop("2026-03-10T10:00:00Z", false),
    shop("2026-03-20T10:00:00Z"),
  ];
  expect(rowOf({ event, underShops }).nextLaunch).toBe("2026-03-20T10:00:00.000Z");
  expect(rowOf({ event }).nextLaunch).toBe("2026-04-01T10:00:00.000Z");
  expect(rowOf().nextLaunch).toBeNull();
  const cancelled = { ...event, status: "CANCELLED" };
  expect(rowOf({ event: cancelled, underShops }).nextLaunch).toBeNull();
});

test("what was paid is in the currency's major units, also where that has no cents", () => {
  const value = { paid: 1_234_500, list: 1_300_000, tickets: 90 };
  expect(rowOf({ event: eventOf({ value }) }).value).toBe(12_345);
  expect(rowOf({ event: eventOf({ value, currency: "JPY" }) }).value).toBe(1_234_500);
  expect(rowOf({ event: eventOf({ value, currency: null }) }).value).toBeNull();
});

test("what is on sale comes first, then what will be, and what is over last, each by its date", () => {
  const statuses = ["ENDED", "ANNOUNCED", "ON_SALE", "SALES_CLOSED", "PAUSED", "SOLD_OUT"];
  const events = statuses.map((status) => eventOf({ status }));
  expect(onSaleFirst(events).map(({ status }) => status)).toEqual([
    ...["ON_SALE", "PAUSED", "SOLD_OUT", "ANNOUNCED", "SALES_CLOSED", "ENDED"],
  ]);
});
