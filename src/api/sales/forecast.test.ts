import { expect, test } from "bun:test";
import { eventRow, noForecast, testApi } from "../../../test/support/test-api.ts";
import type { ForecastPage } from "../../projections/queries/row-types.ts";
import type { ForecastWanted } from "./forecast.ts";

const berlin = eventRow({ eventId: "berlin" });

function stage(page: Partial<ForecastPage> = {}) {
  const asked: ForecastWanted[] = [];
  const api = testApi({
    events: [berlin, ...["hamburg", "vienna"].map((eventId) => eventRow({ eventId }))],
    async readForecast(eventId, wanted) {
      asked.push(wanted);
      return eventId === "berlin" ? { ...noForecast, ...page } : undefined;
    },
  });
  return { ...api, asked };
}

test("places that were added are said with how many and when, by the event's own clock", async () => {
  const { read } = stage({
    timezone: "Europe/Berlin",
    forecast: {
      ...{ known: false, reason: "placesAdded", stretch: "14-29", comparables: 9 },
      // Half past midnight in Berlin is still the day before in UTC.
      wave: { at: Date.parse("2026-11-10T23:30:00Z"), from: 1_000, to: 2_120 },
    },
  });
  expect(await read("/api/events/berlin/forecast")).toMatchObject({
    ...{ known: false, reason: "placesAdded", final: null, sellsOutAt: null, method: null },
    words: "Not known: 1,120 places were added on 11 November.",
  });
});

test("what is known has a range of each, and an instant that is after the sale is null", async () => {
  const { read } = stage({
    ...{ history: "played", sold: 700, capacity: 1_000, comparables: ["hamburg"] },
    forecast: {
      ...{ known: true, method: "B", stretch: "14-29", comparables: 9 },
      final: { expected: 1_000, low: 940, high: 1_000 },
      sellsOut: "likely",
      soldOutAt: {
        ...{ expected: Date.UTC(2026, 11, 20), low: Date.UTC(2026, 11, 6), high: null },
      },
    },
  });
  expect(await read("/api/events/berlin/forecast")).toMatchObject({
    ...{ known: true, reason: null, words: null, history: "played", method: "B" },
    ...{ sold: 700, capacity: 1_000, final: { expected: 1_000, low: 940, high: 1_000 } },
    sellsOut: "likely",
    sellsOutAt: {
      ...{ expected: "2026-12-20T00:00:00.000Z", low: "2026-12-06T00:00:00.000Z", high: null },
    },
    comparables: ["hamburg"],
  });
});

test("an event that is not there is 404, and what cannot be asked is 400 with why", async () => {
  const { get, asked } = stage();
  const path = "/api/events/berlin/forecast";
  expect((await get("/api/events/nobody/forecast")).status).toBe(404);
  for (const [query, why] of [
    ["?as_of=2999-01-01T00:00:00Z", "must not be in the future"],
    ["?days=7", "as_of, comparables"],
    ["?comparables=", "must not be empty"],
  ] as const) {
    const answer = await get(path + query);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(why);
  }
  expect((await get(`${path}?comparables=hamburg,vienna`)).status).toBe(200);
  expect(asked.at(-1)?.comparables).toEqual(["hamburg", "vienna"]);
});
