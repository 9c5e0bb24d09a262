import { expect, test } from "bun:test";
import type { KnownForecast, Outlook, UnknownForecast } from "../../rules/forecast/forecast.ts";
import { sellOutDay } from "./sell-out-day.ts";

const known = (sellsOut: Outlook, expected: string | null): KnownForecast => ({
  ...{ known: true, method: "A", stretch: "7-13", comparables: 9, sellsOut },
  final: { expected: 100, low: 90, high: 100 },
  soldOutAt: { expected: expected === null ? null : Date.parse(expected), low: null, high: null },
});

test("people are told of the day of the event's calendar, of none where it hardly sells out, and of nothing where nobody can say", () => {
  const dayOf = (forecast: KnownForecast) => sellOutDay({ forecast, timezone: "Australia/Sydney" });
  expect(dayOf(known("likely", "2027-03-01T20:00:00Z"))).toBe("2027-03-02");
  expect(dayOf(known("hardly", null))).toBeNull();
  expect(dayOf(known("perhaps", null))).toBeUndefined();
  const unknown: UnknownForecast = {
    ...{ known: false, reason: "notTestedYet", stretch: null, comparables: 0, wave: null },
  };
  expect(sellOutDay({ forecast: unknown, timezone: null })).toBeUndefined();
});
