import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import webhook from "../../../test/fixtures/vivenu/event.updated.json";
import frankfurt from "../../../test/fixtures/vivenu/frankfurt-2025.json";
import paris from "../../../test/fixtures/vivenu/paris-2025.json";
import page from "../../../test/fixtures/vivenu/tickets.page.json";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyPages, readAllRows } from "../../../test/support/given.ts";
import type { NewFact } from "../../contracts/index.ts";
import { describe as describeEvent } from "../../intake/events/describe.ts";
import { countFacts, eventFacts } from "../../intake/events/fact-parts.ts";
import { countTickets } from "../../rules/count.ts";
import { VivenuEvent } from "../../vivenu/wire.ts";
import type { Rows } from "./rows.ts";

const at = "2026-02-13T02:00:00.000Z";

const rowsOf = async ({ sql }: TestDatabase, facts: NewFact[]): Promise<Rows> => {
  await applyPages(sql, [facts.map((fact) => asRead(fact))]);
  return readAllRows(sql, new Date("2026-02-14T00:00:00Z"));
};

describe("the webhook's event and its tickets, as rows", () => {
  const event = VivenuEvent.parse(webhook.data.event);
  const subject = { account: "DACH", source: "poll" as const, observedAt: at };
  const { ticketTypes, currencies } = countTickets(
    page.rows.map((row) => ({
      ...{ ticketId: row._id, ticketTypeId: row.ticketTypeId, status: row.status },
      ...{ createdAt: row.createdAt, origin: row.origin, underShopId: row.underShopId },
      ...{ hasTrigger: row.triggeredBy.length > 0, hasTransaction: row.transactionId !== "" },
      ...{ realPrice: row.realPrice, currency: row.currency },
      addOnNames: row.addOns.map(({ name }) => name),
    })),
    event.tickets.map(({ _id }) => _id),
  );
  const facts = [
    ...eventFacts(
      { ...subject, key: "event" },
      event.updatedAt ?? null,
      describeEvent(event, "EUR"),
    ),
    ...countFacts(
      { ...subject, key: "count" },
      {
        ...{ eventId: event._id, countedAt: at, complete: true, currencies },
        ...{ ticketsRead: page.rows.length, expectedTotal: page.total },
        ticketTypes: ticketTypes.map(({ newSalesByHour, replacementsByHour, ...numbers }) => ({
          ...numbers,
          newSales: newSalesByHour,
          replacements: replacementsByHour,
        })),
      },
    ),
  ];
  let database: TestDatabase;
  let rows: Rows;
  beforeAll(async () => {
    database = await freshDatabase();
    rows = await rowsOf(database, facts);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const ending = (end: string) =>
    rows.ticketTypes.find(({ ticketTypeId }) => ticketTypeId.endsWith(end));
  const sum = (of: (row: Rows["ticketTypes"][number]) => number | null) =>
    rows.ticketTypes.reduce((total, row) => total + (of(row) ?? 0), 0);
  const ofClass = (name: string) => rows.ticketTypes.filter((row) => row.class === name);

  test("race types have 3,010 places, charity 95, and the totals hold both", () => {
    const capacity = (name: string) =>
      ofClass(name).reduce((total, row) => total + (row.capacity ?? 0), 0);
    expect([capacity("race"), capacity("charity")]).toEqual([3_010, 95]);
    expect(rows.events).toMatchObject([
      {
        totalCapacity: 3_105,
        totalSold: 5,
        // 5 are sold and 1 is reserved.
        totalAvailable: 3_099,
        percentSold: 0.16,
        countedAt: at,
      },
    ]);
    expect(ofClass("secondary").map(({ ticketTypeId }) => ticketTypeId.slice(-3))).toEqual([
      "104",
      "106",
    ]);
  });

  test("the undershop holds 150 places", () => {
    expect(sum(({ allocatedUnderShop }) => allocatedUnderShop)).toBe(150);
  });

  test("each ticket type has its sales", () => {
    expect(ending("101")).toMatchObject({ sold: 2, soldDirect: 1, soldUnderShop: 1, reserved: 1 });
    expect(ending("102")).toMatchObject({ sold: 1, replaced: 1, reserved: 0 });
    expect(ending("103")).toMatchObject({ sold: 1 });
    expect(ending("104")).toMatchObject({ sold: 1, complimentary: 0 });
    expect(ending("108")).toMatchObject({ sold: 1, complimentary: 1 });
    expect(ending("109")).toMatchObject({ sold: 1 });
  });

  test("tickets that are not sold, and add-ons, are counted beside", async () => {
    const [totals] = await database.sql`
      select
        sum(sold)::int as sold, sum(reserved)::int as reserved, sum(invalid)::int as invalid,
        sum(flex_add_ons)::int as flex
      from ticket_type_sales
    `;
    expect(totals).toEqual({ sold: 7, reserved: 1, invalid: 1, flex: 1 });
    const [read] = await database.sql`select tickets_read, expected_total from event_count`;
    expect(read).toEqual({ ticketsRead: 9, expectedTotal: 9 });
  });

  test("two race entries of the launch day are new sales", async () => {
    const races = ofClass("race").map(({ ticketTypeId }) => ticketTypeId);
    const [sales] = await database.sql`
      select sum(tickets)::int as tickets from sales_hour
      where kind = 'new_sale' and ticket_type_id = any(${races}::text[])
        and (hour at time zone 'UTC')::date = '2026-02-12'
    `;
    expect(sales).toEqual({ tickets: 2 });
  });
});

describe.each([
  {
    real: frankfurt,
    totals: { totalCapacity: 9_429, totalSold: 9_020, totalAvailable: 493, percentSold: 95.66 },
  },
  {
    real: paris,
    totals: { totalCapacity: 13_310, totalSold: 12_572, totalAvailable: 1_309, percentSold: 94.46 },
  },
])("$real.event, as rows", ({ real, totals }) => {
  test("has its totals, and each ticket type its capacity and sales", async () => {
    await using database = await freshDatabase();
    const ticketTypes = real.ticketTypes.map(({ name, capacity }, n) =>
      ticketType({ ticketTypeId: `t${n}`, name, amount: capacity }),
    );
    const counts = real.ticketTypes.map(({ sold }, n) =>
      typeCount({ ticketTypeId: `t${n}`, sold }),
    );
    const rows = await rowsOf(database, [
      eventUpdated({ name: real.event, ticketTypes }),
      salesCounted({ ticketTypes: counts }),
    ]);
    const [event] = rows.events;
    expect(event).toMatchObject(totals);
    const shown = rows.ticketTypes.map(({ ticketName: name, capacity, sold }) => ({
      name,
      capacity,
      sold,
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(shown.sort(byName)).toEqual(real.ticketTypes.toSorted(byName));
  });
});
