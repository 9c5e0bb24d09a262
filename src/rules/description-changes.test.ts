import { expect, test } from "bun:test";
import { dayAt } from "../lib/zones.ts";
import { changesBetween, type EventForChanges } from "./description-changes.ts";
import { launchSeverity } from "./severity.ts";

const men = {
  ticketTypeId: "men",
  name: "HYROX MEN",
  active: true,
  amount: 100,
  priceMinor: 11_900,
  categoryRef: null,
  autoAdded: false,
  ignoreForMaxAmounts: false,
  conditionalAvailability: false,
  hiddenInSelectionArea: false,
};
const women = { ...men, ticketTypeId: "women", name: "HYROX WOMEN" };
const htc = {
  underShopId: "htc",
  name: "HTC presale",
  sellStart: "2026-02-10T11:00:00Z",
  sellEnd: "2026-02-11T11:00:00Z",
};
const event = (changed: Partial<EventForChanges> = {}): EventForChanges => ({
  name: "HYROX Testville",
  eventType: "SINGLE",
  start: "2026-10-10T05:00:00Z",
  end: "2026-10-11T20:00:00Z",
  sellStart: "2026-02-12T11:00:00Z",
  sellEnd: "2026-10-04T21:59:00Z",
  visibleAfter: null,
  hideInListing: false,
  currency: "EUR",
  ticketTypes: [men, women],
  underShops: [htc],
  ...changed,
});
const between = (older: EventForChanges, newer: EventForChanges) =>
  changesBetween(older, newer, { countedClasses: ["race", "charity"] }, dayAt);
const changes = (changed: Partial<EventForChanges>) => between(event(), event(changed));

test("an event described the same way again has not changed", () => {
  expect(changes({})).toEqual([]);
  expect(changes({ ticketTypes: [women, men] })).toEqual([]);
});

test("the same instant written another way is no change", () => {
  expect(changes({ sellStart: "2026-02-12T12:00:00.000+01:00" })).toEqual([]);
  expect(changes({ underShops: [{ ...htc, sellStart: "2026-02-10T11:00:00.000Z" }] })).toEqual([]);
});

test("a launch moved later is critical, earlier is high, set or taken away is medium", () => {
  expect(changes({ sellStart: "2026-02-13T11:00:00Z" })).toEqual([
    {
      subject: "event",
      subjectId: null,
      subjectName: null,
      field: "sellStart",
      previousValue: "2026-02-12T11:00:00Z",
      newValue: "2026-02-13T11:00:00Z",
      severity: "critical",
    },
  ]);
  expect(changes({ sellStart: "2026-02-11T11:00:00Z" })).toMatchObject([{ severity: "high" }]);
  expect(changes({ sellStart: null })).toMatchObject([{ newValue: null, severity: "medium" }]);
  expect(launchSeverity(null, "2026-02-12T11:00:00Z")).toBe("medium");
});

test("a race that moves to a later day of its own calendar is critical, to an earlier one high", () => {
  const moved = (start: string, newStart: string, timezone: string | null) =>
    between(event({ start, timezone }), event({ start: newStart, timezone })).map(
      ({ field, severity }) => `${field} ${severity}`,
    );
  // 23:30 and 00:30 in Auckland, on one day of UTC.
  const [evening, night] = ["2027-01-15T10:30:00.000Z", "2027-01-15T11:30:00.000Z"];
  expect(moved(evening, night, "Pacific/Auckland")).toEqual(["start critical"]);
  expect(moved(night, evening, "Pacific/Auckland")).toEqual(["start high"]);
  expect(moved(evening, night, "Europe/Berlin")).toEqual(["start medium"]);
  // By the clock that the event has now, where that was corrected with it.
  const corrected = event({ start: night, timezone: "Pacific/Auckland" });
  expect(between(event({ start: evening, timezone: null }), corrected)).toMatchObject([
    { field: "start", severity: "critical" },
  ]);
});

test("every other date and setting of an event that moves is a medium change", () => {
  const found = changes({
    sellEnd: null,
    start: "2026-10-10T06:00:00Z",
    end: "2026-10-12T20:00:00Z",
    visibleAfter: "2026-02-01T00:00:00Z",
    hideInListing: true,
    name: "HYROX Testville 2026",
  });
  expect(found.map(({ field }) => field)).toEqual([
    "sellEnd",
    "start",
    "end",
    "visibleAfter",
    "hideInListing",
    "name",
  ]);
  expect(new Set(found.map(({ severity }) => severity))).toEqual(new Set(["medium"]));
});

test("a presale's window is tracked, also when its shop appears or vanishes", () => {
  const moved = changes({ underShops: [{ ...htc, sellEnd: "2026-02-11T12:00:00Z" }] });
  expect(moved).toMatchObject([
    { subject: "underShop", subjectId: "htc", subjectName: "HTC presale", field: "sellEnd" },
  ]);
  expect(changes({ underShops: [] })).toMatchObject([
    { field: "sellStart", newValue: null },
    { field: "sellEnd", newValue: null },
  ]);
  const windowless = { underShopId: "new", name: "Partner", sellStart: null, sellEnd: null };
  expect(changes({ underShops: [htc, windowless] })).toEqual([]);
  expect(changes({ underShops: [htc, { ...windowless, sellStart: htc.sellStart }] })).toMatchObject(
    [{ subjectId: "new", field: "sellStart", previousValue: null, severity: "medium" }],
  );
});

test("a shop that is switched off or on, and what it may sell at most, are tracked by its id", () => {
  const open = { ...htc, active: true, maxAmount: 200 };
  const to = (shop: EventForChanges["underShops"][number]) =>
    between(event({ underShops: [open] }), event({ underShops: [shop] }));
  expect(to({ ...open, active: false, maxAmount: 0 })).toMatchObject([
    { subject: "underShop", subjectId: "htc", field: "active", newValue: false },
    { field: "maxAmount", previousValue: 200, newValue: null, severity: "medium" },
  ]);
  expect(to(open)).toEqual([]);
});

test("a ticket type's amount, price and sale are tracked by its id", () => {
  const changed = { ...men, active: false, amount: 120, priceMinor: 12_900, name: "HYROX MEN 2" };
  expect(changes({ ticketTypes: [women, changed] })).toMatchObject([
    { subject: "ticketType", subjectId: "men", field: "active", newValue: false },
    { field: "amount", previousValue: 100, newValue: 120 },
    { field: "priceMinor", previousValue: 11_900, newValue: 12_900 },
    { field: "name", previousValue: "HYROX MEN", newValue: "HYROX MEN 2", severity: "medium" },
  ]);
});

test("how many places an event and its categories have at most is tracked, and 0 is no limit", () => {
  const race = { ref: "race", name: "Race", amount: 3_000 };
  const older = event({
    maxAmount: 0,
    categories: [race, { ...race, ref: "gone", name: "Extras" }],
  });
  const to = (changed: Partial<EventForChanges>) => between(older, { ...older, ...changed });
  expect(to({ maxAmount: null })).toEqual([]);
  expect(to({ maxAmount: 5_000, categories: [{ ...race, amount: null }] })).toEqual([
    {
      ...{ subject: "event", subjectId: null, subjectName: null, field: "maxAmount" },
      ...{ previousValue: null, newValue: 5_000, severity: "medium" },
    },
    {
      ...{ subject: "category", subjectId: "race", subjectName: "Race", field: "amount" },
      ...{ previousValue: 3_000, newValue: null, severity: "medium" },
    },
  ]);
  const anew = { ...race, ref: "race2", amount: 3_200 };
  expect(to({ categories: [anew] })).toMatchObject([
    { subjectId: "race2", previousValue: 3_000, newValue: 3_200 },
  ]);
  expect(to({ categories: [race, { ...anew, name: "Saturday" }] })).toEqual([]);
});

test("a price that becomes known is no change of price", () => {
  const unpriced = event({ ticketTypes: [{ ...men, priceMinor: null }, women] });
  expect(between(unpriced, event())).toEqual([]);
  expect(between(event(), unpriced)).toEqual([]);
});

test("ticket types come and go", () => {
  const charity = { ...men, ticketTypeId: "charity", name: "CHARITY | HYROX MEN" };
  expect(changes({ ticketTypes: [men, charity] })).toMatchObject([
    { subjectId: "charity", field: "added", previousValue: null, newValue: "CHARITY | HYROX MEN" },
    { subjectId: "women", field: "removed", previousValue: "HYROX WOMEN", newValue: null },
  ]);
});

test("a price that is said in another currency's minor units is the same price", () => {
  const usd = event({ currency: "USD", ticketTypes: [{ ...men, priceMinor: 15_000_000 }] });
  const krw = event({ currency: "KRW", ticketTypes: [{ ...men, priceMinor: 150_000 }] });
  expect(between(usd, krw)).toEqual([]);
  expect(between(krw, usd)).toEqual([]);
  const dearer = event({ currency: "KRW", ticketTypes: [{ ...men, priceMinor: 160_000 }] });
  expect(between(usd, dearer)).toMatchObject([
    { field: "priceMinor", previousValue: 150_000, newValue: 160_000 },
  ]);
});

test("a price that another currency's minor units round is the same price", () => {
  const priced = (currency: string, priceMinor: number) =>
    event({ currency, ticketTypes: [{ ...men, priceMinor }] });
  // 24.99 and 12.345, as a zero-decimal currency and two others have them; 12.495 is 12 of KRW and 12.50 of SGD.
  for (const [one, other] of [
    [priced("KRW", 25), priced("SGD", 2_499)],
    [priced("JPY", 12), priced("USD", 1_235)],
    [priced("KRW", 12), priced("SGD", 1_250)],
    [priced("USD", 1_235), priced("KWD", 12_345)],
  ] as const) {
    expect(between(one, other)).toEqual([]);
    expect(between(other, one)).toEqual([]);
  }
  expect(between(priced("KRW", 25), priced("SGD", 2_599))).toMatchObject([
    { field: "priceMinor", previousValue: 2_500, newValue: 2_599 },
  ]);
  expect(between(priced("USD", 1_235), priced("EUR", 1_236))).toMatchObject([
    { field: "priceMinor", previousValue: 1_235, newValue: 1_236 },
  ]);
});

test("a ticket type that is moved to another category is critical, and one put in or taken out is not", () => {
  const category = (ref: string) => ({ ref, name: ref, amount: null });
  const categories = ["Saturday", "Sunday"].map(category);
  const moved = (from: string | null, to: string | null) =>
    between(
      event({ categories, ticketTypes: [{ ...men, categoryRef: from }] }),
      event({ categories, ticketTypes: [{ ...men, categoryRef: to }] }),
    ).map(({ field, severity }) => [field, severity]);
  expect(moved("Saturday", "Sunday")).toEqual([["category", "critical"]]);
  expect(moved(null, "Sunday")).toEqual([["category", "medium"]]);
  expect(moved("Saturday", null)).toEqual([["category", "medium"]]);
});
