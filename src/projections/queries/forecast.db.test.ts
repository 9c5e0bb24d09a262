import { beforeAll, expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readCapacitySteps } from "./capacity-steps.ts";
import { readForecast } from "./forecast.ts";
import { trialBook } from "./forecast-trials.ts";
import { paceBook } from "./pace-book.ts";
import { readEventRows } from "./shown.ts";

const DAY_MS = 86_400_000;
const policy = { policy: defaultPolicy, countedClasses: defaultPolicy.countedClasses };
const NOW = new Date("2026-06-20T10:00:00.000Z");
/** Of thirty past events each launched ten days after the one before, and sold for sixty. */
const PAST = 30;
const dayOf = (from: number, days: number) => new Date(from + days * DAY_MS).toISOString();

let sql: Pool;

/** A part on the first day, after it less and less: half of what is left goes in ten days. */
function hoursOf(launch: number, { total, first }: { total: number; first: number }, days: number) {
  const sold = (day: number) => total * (1 - (1 - first) * 0.5 ** (day / 10));
  return Object.fromEntries(
    Array.from({ length: days }, (_, day) => [
      dayOf(launch, day).slice(0, 13),
      Math.round(sold(day)) - (day === 0 ? 0 : Math.round(sold(day - 1))),
    ]),
  );
}

const event = (eventId: string, launch: number, amount = 1_000) =>
  eventUpdated({
    ...{ eventId, sellStart: dayOf(launch, 0), sellEnd: dayOf(launch, 60) },
    ...{ start: dayOf(launch, 62), end: dayOf(launch, 63) },
    ticketTypes: [ticketType({ ticketTypeId: `${eventId}-men`, amount })],
  });

function counted(eventId: string, at: string, hours: Record<string, number>) {
  const sold = Object.values(hours).reduce((sum, one) => sum + one, 0);
  const type = typeCount({ ticketTypeId: `${eventId}-men`, sold, newSales: hours });
  return salesCounted({ eventId, countedAt: at, ticketTypes: [type] });
}

const last = NOW.getTime() - 10 * DAY_MS;

beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  const past = Array.from({ length: PAST }, (_, n) => {
    const launch = last - 60 * DAY_MS - (PAST - n) * 10 * DAY_MS;
    // Neither their strength nor their size follows from the one before.
    const hours = hoursOf(
      launch,
      { total: 500 + ((n * 137) % 400), first: 0.4 + ((n * 7) % 24) / 100 },
      60,
    );
    const id = `past-${n}`;
    return [event(id, launch), counted(id, dayOf(launch, 63), hours)];
  });
  await applyKept(sql, [
    ...past.flat(),
    event("now", last),
    counted("now", NOW.toISOString(), hoursOf(last, { total: 700, first: 0.5 }, 10)),
    event("more", last),
    counted("more", dayOf(last, 3), hoursOf(last, { total: 700, first: 0.5 }, 3)),
    counted("more", NOW.toISOString(), hoursOf(last, { total: 700, first: 0.5 }, 10)),
    event("wave", last),
    counted("wave", dayOf(last, 3), hoursOf(last, { total: 700, first: 0.5 }, 3)),
    counted("wave", NOW.toISOString(), hoursOf(last, { total: 700, first: 0.5 }, 10)),
    withMore("wave"),
  ]);
});

/** A hundred and twenty places more, the day before. */
function withMore(eventId: string) {
  const fact = event(eventId, last, 1_120);
  return {
    ...fact,
    payload: {
      ...fact.payload,
      ...{ updatedAt: "2026-06-19T08:00:00.000Z", observedAt: "2026-06-19T08:00:05.000Z" },
      idempotencyKey: `event.updated/${eventId}/more`,
    },
  };
}

const now = { policy: defaultPolicy, now: NOW };
const trials = trialBook({ pause: async () => {}, onError: (error) => expect(error).toBeNull() });
let book: ReturnType<typeof paceBook>;

async function forecast(eventId: string, more: { comparables?: string[] } = {}) {
  book ??= paceBook(sql);
  const { events, ticketTypes } = await readEventRows(sql, eventId, now);
  const [row] = events;
  if (!row) throw new Error("there is no such event");
  return readForecast(row, NOW, {
    ...{ ...policy, ...now, book, trials, history: "stored", ...more },
    readSteps: (of) =>
      readCapacitySteps(sql, NOW, { ...now, rows: { event: row, ticketTypes }, event: of }),
  });
}

test("a forecast waits for nobody: until past events were tried it says that they are being tried", async () => {
  const first = await forecast("now");
  expect(first.forecast).toMatchObject({ known: false, reason: "notTestedYet" });
  // The backtest is through after this turn: its pauses take none of the clock's time here.
  await new Promise((resolve) => setImmediate(resolve));
  const { forecast: told, comparables, trial } = await forecast("now");
  if (!told.known) throw new Error(told.reason);
  // Its tickets in the end by the same way of the others: 700 less the half of a half in fifty days.
  expect(told.final.low).toBeLessThanOrEqual(694);
  expect(told.final.high).toBeGreaterThanOrEqual(680);
  expect(told.final.expected).toBeWithin(600, 760);
  expect(told).toMatchObject({ stretch: "7-13", comparables: comparables.length });
  expect(new Set(comparables.map((id) => id.slice(0, 5)))).toEqual(new Set(["past-"]));
  expect(trial?.events).toBeGreaterThanOrEqual(8);
});

test("of places that were added the last days nothing is known, with how many they were", async () => {
  expect((await forecast("wave")).forecast).toMatchObject({
    ...{ known: false, reason: "placesAdded" },
    wave: { from: 1_000, to: 1_120, at: Date.parse("2026-06-19T08:00:00.000Z") },
  });
});

test("places that are added are told of at the next look, however lately somebody looked", async () => {
  const reasonOf = async () => {
    const { forecast: told } = await forecast("more");
    return told.known ? null : told.reason;
  };
  expect(await reasonOf()).not.toBe("placesAdded");
  expect(await reasonOf()).not.toBe("placesAdded");
  await applyKept(sql, [withMore("more")]);
  expect(await reasonOf()).toBe("placesAdded");
});

test("an event that was called off, or of which no place is left, sells out at no day to come", async () => {
  const hours = hoursOf(last, { total: 700, first: 0.5 }, 10);
  const reserved = counted("full", NOW.toISOString(), hours);
  await applyKept(sql, [
    ...[event("off", last), counted("off", NOW.toISOString(), hours), event("full", last)],
    {
      ...reserved,
      payload: {
        ...reserved.payload,
        ticketTypes: reserved.payload.ticketTypes.map((type) => ({
          ...{ ...type, reserved: 1_000 - type.sold },
        })),
      },
    },
    eventDeleted({ eventId: "off", observedAt: NOW.toISOString() }),
  ]);
  expect((await forecast("off")).forecast).toMatchObject({ known: false, reason: "cancelled" });
  expect((await forecast("full")).forecast).toMatchObject({ known: false, reason: "soldOut" });
  // Who was tidied away behind its race was not called off.
  await applyKept(sql, [eventDeleted({ eventId: "past-1", observedAt: dayOf(NOW.getTime(), -1) })]);
  expect((await forecast("past-1")).forecast).toMatchObject({ reason: "saleIsOver" });
});

test("fewer than eight that somebody chooses say nothing", async () => {
  expect(await forecast("now", { comparables: ["past-1", "past-2", "nobody"] })).toMatchObject({
    forecast: { known: false, reason: "tooFewComparables" },
    comparables: ["past-2", "past-1"],
  });
});
