import { describe, expect, test } from "bun:test";
import {
  asRead,
  eventUpdated,
  salesCounted,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import {
  applyEach,
  changesUnder,
  given,
  NOW,
  projections,
  readAllRows,
} from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { isFailure } from "../../lib/failure.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readRows } from "./rows.ts";
import { salesByDayReader } from "./sales-by-day.ts";
import { readUnreadableEvents } from "./unreadable-events.ts";

const OTHER = "68f000000000000000000002";
const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;
const described = (n: number, said: Parameters<typeof eventUpdated>[0] = {}) =>
  eventUpdated({ updatedAt: day(n), observedAt: day(n), ...said });
const counted = salesCounted({ ticketTypes: [typeCount({ sold: 7 })] });
const other = described(1, { eventId: OTHER, name: "HYROX Elsewhere" });

describe("a log that holds times which no event has", () => {
  test("leaves the event with that time empty and named, and all others as they are", async () => {
    const { sql } = await reusedDatabase();
    const odd = described(2, {
      sellStart: "0026-12-01T10:00:00.000Z",
      sellEnd: "9999-12-31T23:59:59.000Z",
      createdAt: "0001-01-01T00:00:00.000Z",
      underShops: [underShop({ sellStart: "0099-01-01T00:00:00.000Z" })],
    });
    await applyEach(sql, [described(1), odd, counted, other]);
    const { events } = await readAllRows(sql);
    expect(
      events.map(({ eventName, salesLaunchDate, salesEndDate, totalSold }) => [
        ...[eventName, salesLaunchDate, salesEndDate, totalSold],
      ]),
    ).toEqual([
      ["HYROX Testville", null, null, 7],
      ["HYROX Elsewhere", "2026-02-12T11:00:00.000Z", "2026-10-01T00:00:00.000Z", null],
    ]);
    expect([...(await readUnreadableEvents(sql))]).toEqual([
      {
        account: "DACH",
        eventId: "68f000000000000000000001",
        name: "HYROX Testville",
        unreadable: ["sellStart", "underShops.partners.sellStart"],
      },
    ]);
    const changes = await changesUnder(sql);
    expect(
      changes
        .filter(({ field }) => ["sellStart", "sellEnd"].includes(field))
        .map(({ field, previousValue, newValue }) => [field, previousValue.value, newValue.value]),
    ).toEqual([
      ["sellEnd", "2026-10-01T00:00:00.000Z", null],
      ["sellStart", "2026-02-12T11:00:00.000Z", null],
    ]);
  });

  test("is right again with the next description", async () => {
    const { sql } = await reusedDatabase();
    await applyEach(sql, [described(1, { sellStart: "0026-12-01T10:00:00.000Z" }), described(2)]);
    expect((await readAllRows(sql)).events[0]?.salesLaunchDate).toBe("2026-02-12T11:00:00.000Z");
    expect(await readUnreadableEvents(sql)).toHaveLength(0);
  });

  test.each(["start", "end"])(
    "has no row of one whose %s is none, which is that fact's fault",
    async (field) => {
      const { sql } = await reusedDatabase();
      const fact = asRead(described(2, { [field]: "0000-05-01T00:00:00.000Z" }));
      const applied = sql.begin(async (tx) => {
        for (const projection of projections) await projection.apply(tx, [fact]);
      });
      const error: unknown = await applied.catch((failure: unknown) => failure);
      expect(isFailure(error, "malformed")).toBe(true);
    },
  );
});

describe("a time of change that is ahead of when it was observed", () => {
  const ahead = described(2, { name: "by a wrong clock", updatedAt: "2031-01-01T00:00:00.000Z" });

  test("loses to what is observed later, in whatever order facts come", async () => {
    await given(described(1), ahead)
      .when(described(3, { name: "observed later" }))
      .thenEvent({ eventName: "observed later" });
  });

  test("is named for as long as nothing newer is known", async () => {
    const { sql } = await reusedDatabase();
    await applyEach(sql, [described(1), ahead]);
    expect([...(await readUnreadableEvents(sql))]).toMatchObject([{ unreadable: ["updatedAt"] }]);
    await applyEach(sql, [described(3)]);
    expect(await readUnreadableEvents(sql)).toHaveLength(0);
  });
});

test("of an event whose rows cannot be made it is told, and all others are there", async () => {
  const { sql } = await reusedDatabase();
  await applyEach(sql, [described(1), other]);
  // As no program of ours leaves it.
  await sql`update event set categories = '7' where event_id <> ${OTHER}`;
  const faults: string[] = [];
  const onFault = (eventId: string) => void faults.push(eventId);
  const { events, ticketTypes } = await readRows(sql, { now: NOW, policy: defaultPolicy, onFault });
  expect(events.map(({ eventId }) => eventId)).toEqual([OTHER]);
  expect(ticketTypes.map(({ eventId }) => eventId)).toEqual([OTHER]);
  expect(faults).toEqual(["68f000000000000000000001"]);
});

test("of an event whose days of sale cannot be made it is told, and all others have theirs", async () => {
  const { sql } = await reusedDatabase();
  const sold = [typeCount({ sold: 4, newSales: { "2026-02-27T23": 4 } })];
  const counts = [undefined, OTHER].map((eventId) =>
    salesCounted({ ...(eventId && { eventId }), ticketTypes: sold }),
  );
  await applyEach(sql, [described(1), other, ...counts]);
  const rows = await readAllRows(sql);
  // As no reader of ours hands it on.
  const events = rows.events.map((event) =>
    event.eventId === OTHER ? event : { ...event, eventDate: "never" },
  );
  const faults: string[] = [];
  const read = salesByDayReader(sql, (eventId) => void faults.push(eventId));
  const now = new Date("2026-03-05T12:00:00Z");
  const options = { countedClasses: ["race"], days: 90, now };
  const days = await read({ rows: { ...rows, events }, ...options });
  expect(
    days.filter(({ newSales }) => newSales > 0).map(({ eventId, newSales }) => [eventId, newSales]),
  ).toEqual([[OTHER, 4]]);
  expect(faults).toEqual(["68f000000000000000000001"]);
});
