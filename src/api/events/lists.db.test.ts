import { describe, expect, test } from "bun:test";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { forgetEvent, keepRows } from "../../../test/support/shown-rows.ts";
import { eventRow, pace, testApi, ticketTypeRow } from "../../../test/support/test-api.ts";
import { readEventPage, readTicketTypePage } from "../../projections/queries/lists.ts";
import type { EventRow, TicketTypeRow } from "../../projections/queries/rows.ts";
import { readEventRows } from "../../projections/queries/shown.ts";
import { defaultPolicy } from "../../rules/capacity.ts";

/** Many of one date, so that pages end within a date. */
const season = Array.from({ length: 137 }, (_, index) =>
  eventRow({
    eventId: `e${(index * 53) % 137}`,
    region: index % 3 === 0 ? "FRANCE" : "DACH",
    status: index % 4 === 0 ? "SOLD_OUT" : "ON_SALE",
    eventDate: `2026-09-${String(10 + (index % 5))}T06:00:00.000Z`,
  }),
);

const types = season.flatMap(({ eventId, region }) =>
  ["a", "b", "c"].map((ticketTypeId) => ticketTypeRow({ eventId, region, ticketTypeId })),
);

interface EventPage {
  events: EventRow[];
  nextCursor: string | null;
}

interface TicketTypePage {
  ticketTypes: TicketTypeRow[];
  nextCursor: string | null;
}

/** The API over rows that PostgreSQL keeps. */
async function listed(rows: { events?: EventRow[]; ticketTypes?: TicketTypeRow[] }) {
  const { sql } = await reusedDatabase();
  await keepRows(sql, rows);
  const options = { now: new Date("2026-02-12T11:00:00Z"), policy: defaultPolicy };
  const over = testApi({
    readRows: ({ eventId }) => readEventRows(sql, eventId, options),
    lists: {
      events: (wanted) => readEventPage(sql, wanted, options),
      ticketTypes: (wanted) => readTicketTypePage(sql, wanted, options),
    },
  });
  return { ...over, sql };
}

/** Follows nextCursor to the end; an answer without one is an error and ends it too. */
async function readAll<Page extends { nextCursor: string | null }>(
  read: (path: string) => Promise<Page>,
  path: string,
  from: string | null = null,
) {
  const pages: Page[] = [];
  let cursor = from;
  do {
    const page = await read(cursor === null ? path : `${path}&cursor=${cursor}`);
    pages.push(page);
    cursor = page.nextCursor ?? null;
  } while (cursor !== null);
  return pages;
}

describe("GET /api/events", () => {
  test("names everything as the sheet does, in camel case", async () => {
    const { read } = await listed({ events: [eventRow()] });
    expect(await read("/api/events")).toEqual({
      events: [
        {
          eventId: "e1",
          region: "DACH",
          eventName: "HYROX Testhausen",
          eventType: "SINGLE",
          childEventIds: [],
          eventDate: "2026-09-12T06:00:00.000Z",
          eventEndDate: "2026-09-13T18:00:00.000Z",
          timezone: "Europe/Berlin",
          location: "Halle 1",
          salesLaunchDate: "2026-02-03T11:00:00.000Z",
          salesEndDate: null,
          status: "ON_SALE",
          presale: false,
          limited: false,
          currency: "EUR",
          totalCapacity: 1200,
          totalSold: 701,
          totalAvailable: 499,
          availableToBuy: 499,
          reserved: 0,
          heldForUnderShops: 0,
          oversoldPlaces: 0,
          charityCapacity: 60,
          charitySold: 12,
          charityAvailable: 48,
          percentSold: 58.42,
          oversold: 0,
          value: { paid: 7_706_000, list: 7_891_000, tickets: 698 },
          countedAt: "2026-02-12T11:00:00.000Z",
          countComplete: true,
          lastUpdated: "2026-02-12T11:00:00.000Z",
          pace: pace(),
        },
      ],
      nextCursor: null,
      nextUpdatedSince: expect.stringMatching(/^2026-02-12T11:00:00.000Z~/),
    });
  });

  test("answers 50 events unless told otherwise, by date and id", async () => {
    const { read } = await listed({ events: season });
    const { events, nextCursor } = await read<EventPage>("/api/events");
    expect(events).toHaveLength(50);
    expect(nextCursor).toMatch(/^[\w-]+$/);
    const keys = events.map(({ eventDate, eventId }) => `${eventDate} ${eventId}`);
    expect(keys).toEqual(keys.toSorted());
  });

  test.each([1, 7, 50, 136, 137, 200])("reads every event once in pages of %d", async (limit) => {
    const { read } = await listed({ events: season });
    const pages = await readAll<EventPage>(read, `/api/events?limit=${limit}`);
    const ids = pages.flatMap(({ events }) => events.map(({ eventId }) => eventId));
    expect(ids).toHaveLength(season.length);
    expect(new Set(ids)).toEqual(new Set(season.map(({ eventId }) => eventId)));
    expect(pages).toHaveLength(Math.ceil(season.length / limit));
  });

  test("repeats and leaves out nothing when events come and go between two pages", async () => {
    const { read, sql } = await listed({ events: season });
    const first = await read<EventPage>("/api/events?limit=60");
    await forgetEvent(sql, first.events[0]?.eventId ?? "");
    const early = eventRow({ eventId: "new", eventDate: "2020-01-01T00:00:00.000Z" });
    await keepRows(sql, { events: [early] });
    const rest = await readAll<EventPage>(read, "/api/events?limit=60", first.nextCursor);
    const ids = [first, ...rest].flatMap((page) => page.events.map(({ eventId }) => eventId));
    expect(ids.toSorted()).toEqual(season.map(({ eventId }) => eventId).toSorted());
  });

  test("sorts dates as instants", async () => {
    const { read } = await listed({
      events: [
        eventRow({ eventId: "later", eventDate: "2026-09-12T06:00:00.500Z" }),
        eventRow({ eventId: "sooner", eventDate: "2026-09-12T06:00:00Z" }),
      ],
    });
    const { events } = await read<EventPage>("/api/events");
    expect(events.map(({ eventId }) => eventId)).toEqual(["sooner", "later"]);
  });

  test("filters by region and status in whatever case, and pages within the filter", async () => {
    const { read } = await listed({ events: season });
    const wanted = season.filter(
      ({ region, status }) => region === "FRANCE" && status === "SOLD_OUT",
    );
    const pages = await readAll<EventPage>(
      read,
      "/api/events?region=france&status=sold_out&limit=5",
    );
    const events = pages.flatMap((page) => page.events);
    expect(events.map(({ eventId }) => eventId).toSorted()).toEqual(
      wanted.map(({ eventId }) => eventId).toSorted(),
    );
  });

  test("is an empty list when nothing fits a filter", async () => {
    const { read } = await listed({ events: [eventRow()] });
    expect(await read("/api/events?region=FRANCE")).toMatchObject({ events: [], nextCursor: null });
  });
});

describe("GET /api/events/{eventId}", () => {
  test("is one event of the list's shape, with its ticket types", async () => {
    const events = [eventRow(), eventRow({ eventId: "e2" })];
    const mine = [ticketTypeRow({ ticketTypeId: "z" }), ticketTypeRow({ ticketTypeId: "a" })];
    const { read } = await listed({
      events,
      ticketTypes: [...mine, ticketTypeRow({ eventId: "e2" })],
    });
    expect(await read("/api/events/e1")).toEqual({
      ...{ ...eventRow(), pace: pace(), ticketTypes: mine, underShops: [] },
    });
    expect(await read("/api/events/e1/ticket-types")).toEqual({ ticketTypes: mine });
  });

  test("reads no more than that event's rows", async () => {
    const asked: unknown[] = [];
    const { get } = testApi({
      readRows: async (of) => {
        asked.push(of);
        return { events: [eventRow()], ticketTypes: [] };
      },
    });
    await get("/api/events/e1");
    await get("/api/events/e1/ticket-types");
    expect(asked).toEqual([{ eventId: "e1" }, { eventId: "e1" }]);
  });

  test.each(["/api/events/e9", "/api/events/e9/ticket-types"])(
    "is 404 at %s where there is no such event",
    async (path) => {
      const { get } = await listed({ events: [eventRow()] });
      expect((await get(path)).status).toBe(404);
    },
  );

  test("answers an event without ticket types with an empty list", async () => {
    const { read } = await listed({ events: [eventRow()] });
    expect(await read("/api/events/e1/ticket-types")).toEqual({ ticketTypes: [] });
  });
});

describe("GET /api/ticket-types", () => {
  test("names everything as the sheet does, in camel case", async () => {
    const { read } = await listed({ events: [eventRow()], ticketTypes: [ticketTypeRow()] });
    const { ticketTypes, nextCursor } = await read<TicketTypePage>("/api/ticket-types");
    expect(nextCursor).toBeNull();
    expect(ticketTypes).toEqual([ticketTypeRow()]);
    const given =
      "eventId eventName region ticketTypeId ticketName price currency capacity sold available lastUpdated";
    expect(Object.keys(ticketTypes[0] ?? {})).toEqual(expect.arrayContaining(given.split(" ")));
  });

  test("answers 200 unless told otherwise, in the events' order", async () => {
    const { read } = await listed({ events: season, ticketTypes: types });
    const events = await read<EventPage>("/api/events?limit=200");
    const page = await read<TicketTypePage>("/api/ticket-types");
    expect(page.ticketTypes).toHaveLength(200);
    const order = events.events.flatMap(({ eventId }) => ["a", "b", "c"].map((id) => eventId + id));
    expect(page.ticketTypes.map((type) => type.eventId + type.ticketTypeId)).toEqual(
      order.slice(0, 200),
    );
  });

  test.each([10, 200, 1000])("reads every ticket type once in pages of %d", async (limit) => {
    const { read } = await listed({ events: season, ticketTypes: types });
    const pages = await readAll<TicketTypePage>(read, `/api/ticket-types?limit=${limit}`);
    const ids = pages.flatMap((page) =>
      page.ticketTypes.map((type) => type.eventId + type.ticketTypeId),
    );
    expect(ids).toHaveLength(types.length);
    expect(new Set(ids).size).toBe(types.length);
  });

  test("filters by region and event", async () => {
    const { get, read } = await listed({ events: season, ticketTypes: types });
    const french = await read<TicketTypePage>("/api/ticket-types?region=france&limit=1000");
    expect(french.ticketTypes).toHaveLength(
      types.filter(({ region }) => region === "FRANCE").length,
    );
    const one = await read<TicketTypePage>("/api/ticket-types?eventId=e7");
    expect(one.ticketTypes.map((type) => type.eventId)).toEqual(["e7", "e7", "e7"]);
    const unknown = await get("/api/ticket-types?eventId=none");
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ detail: "There is no such event: none." });
  });
});
