import { expect, test } from "bun:test";
import { eventRow } from "../../../test/support/test-api.ts";
import type { ForecastPage } from "../../projections/queries/row-types.ts";
import { sellOutBook } from "./sell-outs.ts";

const page = (reason: "soldOut" | "notTestedYet"): ForecastPage => ({
  ...{ history: "stored", at: new Date(0), sold: 1, capacity: 2, timezone: null, trial: null },
  comparables: [],
  forecast: { known: false, reason, stretch: null, comparables: 0, wave: null },
});

const noFault = {
  onFault(eventId: string, error: unknown) {
    throw new Error(`${eventId}: ${error}`);
  },
};

test("a list waits for a few forecasts, has the others at its next look, and a new count's anew", async () => {
  const asked: string[] = [];
  let time = "2026-02-12T11:00:00Z";
  const read = sellOutBook({
    now: () => new Date(time),
    async readForecast(eventId) {
      asked.push(eventId);
      return page("soldOut");
    },
    ...noFault,
  });
  const rows = ["a", "b", "c", "d", "e", "f"].map((eventId) => eventRow({ eventId }));
  expect([...(await read(rows, undefined)).keys()]).toEqual(["a", "b", "c", "d"]);
  expect([...(await read(rows, undefined)).keys()].sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
  await read(rows, undefined);
  expect(asked.splice(0)).toEqual(["a", "b", "c", "d", "e", "f"]);
  const counted = rows.with(1, eventRow({ eventId: "b", countedAt: "2026-02-12T11:01:00.000Z" }));
  await read(counted, undefined);
  expect(asked.splice(0)).toEqual(["b"]);
  // Of another moment it is another one, and time alone makes it old.
  await read(rows.slice(0, 1), new Date("2026-01-01T00:00:00Z"));
  time = "2026-02-12T12:00:00Z";
  await read(rows.slice(0, 1), undefined);
  expect(asked).toEqual(["a", "a"]);
});

test("events that are counted again and again, or fail each time, keep no other from being forecast", async () => {
  let failing = "";
  const read = sellOutBook({
    now: () => new Date(0),
    async readForecast(eventId) {
      if (failing.includes(eventId)) throw new Error("it cannot be worked out");
      return page("soldOut");
    },
    onFault: () => {},
  });
  const countedAt = (minute: number) => `2026-02-12T11:0${minute}:00.000Z`;
  const rows = (ids: string, minute: number) => [
    ..."abcd".split("").map((eventId) => eventRow({ eventId, countedAt: countedAt(minute) })),
    ...ids.split("").map((eventId) => eventRow({ eventId })),
  ];
  await read(rows("ef", 0), undefined);
  expect([...(await read(rows("ef", 1), undefined)).keys()].sort().join("")).toBe("abcdef");
  failing = "abcd";
  await read(rows("efghijk", 2), undefined);
  await read(rows("efghijk", 3), undefined);
  const found = await read(rows("efghijk", 4), undefined);
  expect([..."ghijk"].filter((eventId) => !found.has(eventId))).toEqual([]);
});

test("what the backtest has not said yet is asked for again", async () => {
  let asked = 0;
  const read = sellOutBook({
    now: () => new Date(0),
    async readForecast() {
      asked += 1;
      return page("notTestedYet");
    },
    ...noFault,
  });
  await read([eventRow()], undefined);
  await read([eventRow()], undefined);
  expect(asked).toBe(2);
});

test("an event whose forecast cannot be worked out stands without one, and holds up no other", async () => {
  const faults: string[] = [];
  const read = sellOutBook({
    now: () => new Date(0),
    async readForecast(eventId) {
      if (eventId === "odd") throw new RangeError("Invalid Date");
      return page("soldOut");
    },
    onFault: (eventId) => void faults.push(eventId),
  });
  const rows = ["a", "odd", "b"].map((eventId) => eventRow({ eventId }));
  expect([...(await read(rows, undefined)).keys()]).toEqual(["a", "b"]);
  expect(faults).toEqual(["odd"]);
  const gone = sellOutBook({
    now: () => new Date(0),
    readForecast: () => Promise.reject(Object.assign(new Error(), { code: "CONNECTION_CLOSED" })),
    onFault: (eventId) => void faults.push(eventId),
  });
  await expect(gone(rows, undefined)).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
});
