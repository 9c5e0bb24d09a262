import { beforeAll, describe, expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { testApi } from "../../../test/support/test-api.ts";
import type { EventUpdated } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { type Needed, tablesAsOf } from "../../projections/queries/as-of.ts";
import { readLaunches } from "../../projections/queries/launches.ts";
import { readEventPage, readTicketTypePage, tablesNow } from "../../projections/queries/lists.ts";
import { readEventPageAt, readTicketTypePageAt } from "../../projections/queries/lists-as-of.ts";
import { readRowsAt } from "../../projections/queries/rows-at.ts";
import { revisionReader } from "../../projections/queries/rows-revision.ts";
import { readEventRows } from "../../projections/queries/shown.ts";
import { readSummary } from "../../projections/queries/summary.ts";
import { defaultPolicy } from "../../rules/capacity.ts";

const now = new Date("2026-04-10T00:00:00Z");
const policy = { policy: defaultPolicy };
const { countedClasses } = defaultPolicy;
const at = (day: string) => `2026-${day}T10:00:00.000Z`;

let sql: Pool;

/** Paris is described and counted, sells, and is gone in the end; Rome comes later and launches later still. */
beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  const paris = { eventId: "paris", account: "FRANCE" };
  const said = (day: string, amount: number, name: string) =>
    eventUpdated({
      ...{ ...paris, name, updatedAt: at(day), observedAt: at(day), sellStart: at("02-10") },
      ticketTypes: [ticketType({ amount })],
    });
  const counted = (day: string, sold: number) =>
    salesCounted({ ...paris, countedAt: at(day), ticketTypes: [typeCount({ sold })] });
  await applyKept(sql, [
    said("02-01", 100, "HYROX Paris"),
    counted("02-11", 40),
    said("02-12", 150, "HYROX Paris II"),
    counted("02-13", 150),
    eventDeleted({ ...paris, observedAt: at("03-01") }),
    eventUpdated({
      ...{ eventId: "rome", account: "ITALY", name: "HYROX Roma", sellStart: at("04-20") },
      ...{ updatedAt: at("02-20"), observedAt: at("02-20") },
    }),
  ]);
});

/** The API over PostgreSQL, as the service builds it. */
function stage() {
  const rowsNow = () => ({ ...policy, now });
  const instantOf = tablesAsOf(sql, { ...policy, readRevision: revisionReader(sql) });
  const tablesOf = async (asOf: Date | undefined, need: Needed) =>
    asOf ? (await instantOf(asOf)).tables(need) : tablesNow(sql, rowsNow());
  const optionsAt = async (asOf: Date) => ({
    ...{ ...policy, now: asOf },
    instant: await instantOf(asOf),
  });
  return testApi({
    clock: { now: () => now, pause: async () => {} },
    regions: ["FRANCE", "ITALY", "NORWAY"],
    readRows: ({ eventId, asOf }) =>
      asOf
        ? readRowsAt(sql, { ...policy, at: asOf, eventId })
        : readEventRows(sql, eventId, rowsNow()),
    lists: {
      events: async (wanted) =>
        wanted.asOf
          ? readEventPageAt(sql, wanted, await optionsAt(wanted.asOf))
          : readEventPage(sql, wanted, rowsNow()),
      ticketTypes: async (wanted) =>
        wanted.asOf
          ? readTicketTypePageAt(sql, wanted, await optionsAt(wanted.asOf))
          : readTicketTypePage(sql, wanted, rowsNow()),
    },
    readLaunches: async (wanted) =>
      readLaunches(sql, wanted, await tablesOf(wanted.asOf, "ticket types"), { countedClasses }),
    readSummary: async ({ asOf, ...wanted }) =>
      readSummary(sql, wanted, await tablesOf(asOf, "events")),
  });
}

interface Row {
  eventId: string;
  eventName: string;
  status: string;
  totalCapacity: number | null;
  totalSold: number | null;
}

interface Listed {
  nextUpdatedSince?: string | null;
  removed?: unknown;
}

const told = ({ eventName, status, totalCapacity, totalSold }: Row) =>
  `${eventName} ${status} ${totalSold} of ${totalCapacity}`;

describe("as of", () => {
  const moments: [day: string, events: string[]][] = [
    ["01-31", []],
    ["02-02", ["HYROX Paris ANNOUNCED null of 100"]],
    ["02-11", ["HYROX Paris ON_SALE 40 of 100"]],
    ["02-12", ["HYROX Paris II ON_SALE 40 of 150"]],
    ["02-13", ["HYROX Paris II SOLD_OUT 150 of 150"]],
    ["02-20", ["HYROX Paris II SOLD_OUT 150 of 150", "HYROX Roma ANNOUNCED null of 100"]],
    ["03-01", ["HYROX Paris II CANCELLED 150 of 150", "HYROX Roma ANNOUNCED null of 100"]],
  ];

  test.each(moments)("2026-%s, a list has what Vivenu had: %j", async (day, expected) => {
    const { events } = await stage().read<{ events: Row[] }>(`/api/events?as_of=${at(day)}`);
    expect(events.map(told)).toEqual(expected);
  });

  test("one event, its ticket types and the list of all say the same", async () => {
    const { read, get } = stage();
    const query = `as_of=${at("02-12")}`;
    const one = await read<Row & { ticketTypes: object[] }>(`/api/events/paris?${query}`);
    expect(told(one)).toBe("HYROX Paris II ON_SALE 40 of 150");
    const ofEvent = await read<{ ticketTypes: object[] }>(
      `/api/events/paris/ticket-types?${query}`,
    );
    const ofAll = await read<{ ticketTypes: object[] }>(`/api/ticket-types?eventId=paris&${query}`);
    expect(ofEvent.ticketTypes).toEqual(one.ticketTypes);
    expect(ofAll.ticketTypes).toEqual(one.ticketTypes);
    expect((await get(`/api/events/rome?${query}`)).status).toBe(404);
  });

  test("filters, order and pages are those of that time", async () => {
    const { read } = stage();
    const query = `as_of=${at("02-20")}&limit=1&sort=-eventName`;
    const first = await read<{ events: Row[]; nextCursor: string }>(`/api/events?${query}`);
    const next = await read<{ events: Row[]; nextCursor: string | null }>(
      `/api/events?${query}&cursor=${first.nextCursor}`,
    );
    expect([first, next].flatMap(({ events }) => events.map(({ eventId }) => eventId))).toEqual([
      "rome",
      "paris",
    ]);
    expect(next.nextCursor).toBeNull();
    const sold = await read<{ events: Row[] }>(`/api/events?as_of=${at("02-20")}&status=sold_out`);
    expect(sold.events.map(({ eventId }) => eventId)).toEqual(["paris"]);
  });

  test("now is what it is without, but for what a client goes on from", async () => {
    const { read } = stage();
    for (const path of ["/api/events", "/api/ticket-types", "/api/launches", "/api/summary"]) {
      const { nextUpdatedSince: _, removed: __, ...current } = await read<Listed>(path);
      const { nextUpdatedSince, removed, ...then } = await read<Listed>(
        `${path}?as_of=${now.toISOString()}`,
      );
      expect([nextUpdatedSince ?? null, then]).toEqual([null, current]);
    }
  });

  test("launches are those of the two days before it", async () => {
    const { read } = stage();
    const launchesAt = async (day: string) => {
      const { launches } = await read<{ launches: Row[] }>(`/api/launches?as_of=${at(day)}`);
      return launches.map(({ eventId, status }) => `${eventId} ${status}`);
    };
    expect(await launchesAt("02-11")).toEqual(["paris ON_SALE"]);
    expect(await launchesAt("02-20")).toEqual(["rome ANNOUNCED"]);
  });

  test("an offset's plus is understood, encoded or not: browsers and spreadsheets leave it", async () => {
    const { get, read } = stage();
    // Where it goes on is a position in all that PostgreSQL has written, of other tests as well.
    const listed = (path: string) =>
      read<object>(path).then((page) => JSON.stringify({ ...page, nextUpdatedSince: undefined }));
    for (const path of ["/api/events?as_of=", "/api/events/paris?as_of=", "/api/changes?until="])
      expect(await listed(`${path}2026-02-12T11:00:00+01:00`)).toBe(
        await listed(`${path}2026-02-12T10:00:00Z`),
      );
    const since = "/api/events?updatedSince=2026-02-12T11:00:00";
    expect(await listed(`${since}+01:00`)).toBe(await listed(`${since}%2B01:00`));
    for (const wrong of ["2026-02-12+11:00:00+01:00", "2026-02-12T11:00:00++01:00"])
      expect((await get(`/api/events?as_of=${wrong}`)).status).toBe(400);
  });

  test("what is to come is refused, and so is what is no instant", async () => {
    const { get } = stage();
    for (const as_of of ["2026-04-10T00:00:00.001Z", "yesterday"]) {
      const answer = await get(`/api/events?as_of=${as_of}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ name: "as_of" }] });
    }
  });

  test("a fact that is learned late corrects what was asked before", async () => {
    const { read } = stage();
    const path = `/api/events?as_of=${at("01-31")}`;
    expect((await read<{ events: Row[] }>(path)).events).toEqual([]);
    await applyKept(sql, [
      eventUpdated({
        ...{ eventId: "oslo", name: "HYROX Oslo", updatedAt: at("01-20") },
        observedAt: at("04-09"),
      }),
    ]);
    const { events } = await read<{ events: Row[] }>(path);
    expect(events.map(({ eventId }) => eventId)).toEqual(["oslo"]);
    await sql`delete from event_shown where event_id = 'oslo'`;
    await sql`delete from event where event_id = 'oslo'`;
  });
});

test("more instants at one time than there is room for are answered, each with its own rows", async () => {
  const room = { ...policy, readRevision: revisionReader(sql), mostCharacters: 8_000 };
  const instantOf = tablesAsOf(sql, room);
  const names = await Promise.all(
    ["02-02", "02-11", "02-12", "02-13", "02-20", "03-01", "03-02", "03-03"].map(async (day) => {
      const then = new Date(at(day));
      const options = { ...policy, now: then, instant: await instantOf(then) };
      const { rows } = await readEventPageAt(sql, { limit: 1, regions: ["FRANCE"] }, options);
      return `${day} ${rows[0]?.eventName}`;
    }),
  );
  expect(names).toEqual([
    ...["02-02 HYROX Paris", "02-11 HYROX Paris", "02-12 HYROX Paris II"],
    ...["02-13 HYROX Paris II", "02-20 HYROX Paris II", "03-01 HYROX Paris II"],
    ...["03-02 HYROX Paris II", "03-03 HYROX Paris II"],
  ]);
});

describe("a summary", () => {
  test("is the sum of the list with the same filters, now and then", async () => {
    const { read } = stage();
    for (const query of ["", `as_of=${at("02-12")}`, "region=france", "status=announced"]) {
      const { events } = await read<{ events: Row[] }>(`/api/events?${query}`);
      const counted = events.filter(({ totalSold }) => totalSold !== null);
      const sum = (name: "totalSold" | "totalCapacity") =>
        counted.reduce((total, event) => total + (event[name] ?? 0), 0);
      expect(await read<object>(`/api/summary?${query}`)).toMatchObject({
        ...{ events: events.length, counted: counted.length },
        ...{ totalSold: sum("totalSold"), totalCapacity: sum("totalCapacity") },
      });
    }
  });

  test("says what is to come next, and how full all are together", async () => {
    const { read } = stage();
    expect(await read<object>(`/api/summary?as_of=${at("02-12")}`)).toMatchObject({
      ...{ byStatus: { ON_SALE: 1 }, percentSold: 26.67, countedAt: at("02-11") },
      nextLaunch: null,
      nextRace: { eventId: "paris", eventName: "HYROX Paris II", at: "2026-10-03T06:00:00.000Z" },
    });
    expect(await read<object>("/api/summary")).toMatchObject({
      nextLaunch: { eventId: "rome", at: at("04-20") },
    });
  });

  test("of what is to come next names no group, whose launch is its children's, and waits for no ticket type", async () => {
    const { read } = stage();
    const launching = (eventId: string, day: string, more: Partial<EventUpdated>) =>
      eventUpdated({
        ...{ eventId, name: eventId, account: "NORWAY", updatedAt: at("04-09") },
        ...{ observedAt: at("04-09"), sellStart: at(day), start: at("05-01"), ...more },
      });
    await applyKept(sql, [
      launching("group", "04-12", { eventType: "GROUP", childEventIds: ["child"] }),
      launching("child", "04-13", { ticketTypes: [] }),
    ]);
    const { launches } = await read<{ launches: Row[] }>("/api/launches");
    expect(launches[0]?.eventId).toBe("child");
    expect(await read<object>("/api/summary?region=norway")).toMatchObject({
      nextLaunch: { eventId: "child", at: at("04-13") },
      nextRace: { eventId: "child", at: at("05-01") },
    });
    await sql`delete from event_shown where account = 'NORWAY'`;
    await sql`delete from event where account = 'NORWAY'`;
  });

  test("by region names every account, also one without events, and adds up to all", async () => {
    const { read } = stage();
    const { regions } = await read<{ regions: { region: string; events: number }[] }>(
      "/api/regions",
    );
    expect(regions.map(({ region, events }) => [region, events])).toEqual([
      ["FRANCE", 1],
      ["ITALY", 1],
      ["NORWAY", 0],
    ]);
    const some = await read<{ regions: { region: string }[] }>("/api/regions?region=italy");
    expect(some.regions.map(({ region }) => region)).toEqual(["ITALY"]);
  });
});
