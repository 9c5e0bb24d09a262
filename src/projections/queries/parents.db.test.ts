import { describe, expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach, changesUnder, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { EventUpdated, NewFact } from "../../contracts/index.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { salesByDayReader } from "./sales-by-day.ts";

const counted = (eventId: string, sold: number) =>
  salesCounted({
    eventId,
    ticketTypes: [typeCount({ sold, newSales: { "2026-02-20T10": sold } })],
  });
const child = (eventId: string) => eventUpdated({ eventId, name: `HYROX Testville ${eventId}` });
const parent = (said: Partial<EventUpdated> = {}) =>
  eventUpdated({
    eventId: "parent",
    name: "HYROX Testville, both weekends",
    eventType: "GROUP",
    childEventIds: ["one", "two"],
    ticketTypes: [ticketType({ amount: 100_000 })],
    ...said,
  });
const children = [child("one"), child("two"), counted("one", 40), counted("two", 30)];

const NOW = new Date("2026-03-05T12:00:00Z");

async function after(...facts: NewFact[]) {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  const rows = await readAllRows(sql);
  const { countedClasses } = defaultPolicy;
  return {
    ...rows,
    parent: rows.events.find(({ eventId }) => eventId === "parent"),
    byDay: await salesByDayReader(sql)({ rows, countedClasses, days: 9, now: NOW }),
    changes: await changesUnder(sql),
  };
}

const sumOf = (numbers: (number | null)[]) =>
  numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0);

describe.each(["GROUP", "ROOT"])("an event of the kind %s", (eventType) => {
  test("is said to hold its children, and is not on sale by what is never counted of it", async () => {
    const found = await after(parent({ eventType }), ...children);
    expect(found.parent).toMatchObject({
      eventType,
      childEventIds: ["one", "two"],
      status: "GROUP",
      presale: false,
      limited: false,
      totalCapacity: null,
      totalSold: null,
      totalAvailable: null,
      availableToBuy: null,
      percentSold: null,
      oversold: null,
    });
    expect(found.events.map(({ status }) => status).toSorted()).toEqual([
      "GROUP",
      "ON_SALE",
      "ON_SALE",
    ]);
  });

  test("is in no sum over events, ticket types or days, also where it was counted once", async () => {
    for (const facts of [[], [counted("parent", 70)]]) {
      const found = await after(parent({ eventType }), ...children, ...facts);
      expect(sumOf(found.events.map(({ totalCapacity }) => totalCapacity))).toBe(200);
      expect(sumOf(found.events.map(({ totalSold }) => totalSold))).toBe(70);
      expect(sumOf(found.ticketTypes.map(({ capacity }) => capacity))).toBe(200);
      expect(sumOf(found.ticketTypes.map(({ sold }) => sold))).toBe(70);
      expect(sumOf(found.ticketTypes.map(({ available }) => available))).toBe(130);
      expect(sumOf(found.byDay.map(({ newSales }) => newSales))).toBe(70);
    }
  });

  test("sells out in its children and not in itself", async () => {
    const soldOut = await after(parent({ eventType }), counted("parent", 100_000));
    expect(soldOut.changes).toEqual([]);
    expect(soldOut.parent?.status).toBe("GROUP");
  });
});

test("a fact that was recorded before children were kept says what it is all the same", async () => {
  const { childEventIds: _, ...payload } = parent().payload;
  const found = await after({ eventType: "event.updated.0", payload });
  expect(found.parent).toMatchObject({ status: "GROUP", childEventIds: [], totalCapacity: null });
});

test("a date of a recurring event is an event like any other", async () => {
  const { parent: found } = await after(
    parent({ eventType: "RECURRENCE", ticketTypes: [ticketType()] }),
    counted("parent", 40),
  );
  expect(found).toMatchObject({ status: "ON_SALE", totalCapacity: 100, totalSold: 40 });
});

test("a kind that Vivenu does not document holds others when it names them", async () => {
  expect((await after(parent({ eventType: "SERIES" }))).parent?.status).toBe("GROUP");
  const { childEventIds: _, ...payload } = parent({ eventType: "SERIES" }).payload;
  const found = await after({ eventType: "event.updated.0", payload }, counted("parent", 40));
  expect(found.parent).toMatchObject({ status: "ON_SALE", totalSold: 40 });
});

test("an event that comes to hold others leaves the sums, which is told as critical", async () => {
  const found = await after(
    parent({ eventType: "SINGLE", updatedAt: "2026-01-05T00:00:00.000Z" }),
    counted("parent", 40),
    parent({ updatedAt: "2026-03-05T00:00:00.000Z", observedAt: "2026-03-05T00:00:00.000Z" }),
  );
  expect(found.parent).toMatchObject({ status: "GROUP", totalSold: null });
  expect(found.changes).toMatchObject([
    {
      field: "eventType",
      previousValue: { value: "SINGLE" },
      newValue: { value: "GROUP" },
      severity: "critical",
    },
  ]);
});

test("an event that held others and is gone is cancelled", async () => {
  const found = await after(parent(), eventDeleted({ eventId: "parent" }));
  expect(found.parent?.status).toBe("CANCELLED");
});
