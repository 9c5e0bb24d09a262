import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { scripted } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { emptyRows } from "../../../test/support/given.ts";
import {
  dump,
  found,
  type HandClock,
  HOUR,
  handClock,
  hyrox,
  logger,
  MINUTE,
  never,
  playedVivenu,
  project,
  readCounts,
  readFacts,
  readPayloads,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { readRows } from "../../projections/queries/rows.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { accountOwner } from "../events/account-owner.ts";
import { eventFilter } from "../events/event-filter.ts";
import { readFailing } from "../store/event-failures.ts";
import { readLastPolls } from "../store/poll-state.ts";
import { readSellerIds } from "../store/sellers.ts";
import { type PollerOptions, type Progress, poller } from "./poller.ts";
import { dueAccounts } from "./schedule.ts";

type Played = Awaited<ReturnType<typeof playedVivenu>>;
interface Row {
  [field: string]: unknown;
  _id: string;
  name?: string;
}
interface ListBody {
  rows: Row[];
  total: number;
}

let database: TestDatabase;
let vivenu: Played;
let clock: HandClock;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** The season as it was made: for the tests that change nothing in it. */
beforeAll(async () => {
  vivenu = await playedVivenu(handClock());
});
afterAll(() => vivenu[Symbol.asyncDispose]());

beforeEach(async () => {
  clock = handClock();
  await emptyTables(
    database.sql,
    `
    seller, event_currency, event_seen, count_seen, count_hint, ticket_state, ticket_unread, running_count,
      account_reading, ticket_reading, ticket_reading_page, poll_state, outbox
  `,
  );
  await emptyRows(database.sql);
});

const polling = (options: Partial<PollerOptions> = {}) =>
  poller({
    ...{ sql: database.sql, filter: hyrox, pageSize: 1_000, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
    ...options,
  });

const poll = (client: VivenuClient, options: Partial<PollerOptions> = {}) =>
  polling(options).pollAccount(client, never);

const events = async () =>
  (await readPayloads(database.sql, "event.updated.0")).map(({ name }) => name);
const counted = async () => (await readCounts(database.sql)).map(({ eventId }) => eventId);
const eventNamed = async (name: string, played = vivenu) => (await played.event("DACH", name))._id;

/** The played Vivenu, some of whose answers the test changes. */
function between(meddle: (url: URL, body: ListBody & Row) => unknown) {
  return scripted(async (request, url) => {
    const answer = await fetch(`${vivenu.url}${url.pathname}${url.search}`, request);
    if (!answer.ok) return answer;
    const body = (await answer.json()) as ListBody & Row;
    const changed = meddle(url, body) ?? body;
    return changed instanceof Response ? changed : Response.json(changed);
  });
}

const changeEvent = (body: ListBody, name: string, changes: Record<string, unknown>) => ({
  ...body,
  rows: body.rows.map((row) => (row.name?.startsWith(name) ? { ...row, ...changes } : row)),
});

describe("a poll of an account", () => {
  test("reads its HYROX events and counts the tickets of each", async () => {
    const client = vivenu.client("DACH");
    const steps: Progress[] = [];
    const summary = await poll(client, { onProgress: (step) => void steps.push(step) });
    const names = await events();
    expect(names).toHaveLength(2);
    expect(names.every((name) => name.startsWith("HYROX"))).toBe(true);
    expect((await counted()).toSorted()).toEqual(
      [await eventNamed("HYROX Berlin"), await eventNamed("HYROX Hamburg")].sort(),
    );
    const tickets = await vivenu.allTickets("DACH", `event=${(await counted()).join(",")}`);
    expect(summary).toEqual({
      account: "DACH",
      startedAt: "2026-11-18T12:00:00.000Z",
      finishedAt: "2026-11-18T12:00:00.000Z",
      complete: true,
      eventsRead: 2,
      eventsCounted: 2,
      ticketsRead: tickets.length,
      requests: client.requests,
      failures: [],
    });
    expect(steps).toEqual([0, 1, 2].map((done) => ({ account: "DACH", done, of: 2 })));
    expect(await readSellerIds(database.sql)).toEqual(
      new Map([["DACH", "6500a1b2c3d4e5f601020304"]]),
    );
    expect(await readLastPolls(database.sql)).toEqual(
      new Map([["DACH", { startedAt: clock.now(), complete: true }]]),
    );
  });

  test.each([401, 403])(
    "says that its key may not read a ticket by itself where Vivenu answers %d for one, and is complete",
    async (status) => {
      await using shy = between((url) =>
        url.pathname.startsWith("/api/tickets/") ? new Response("", { status }) : undefined,
      );
      const summary = await poll(vivenu.client("DACH", { baseUrl: shy.url }));
      expect(summary).toMatchObject({ complete: true, eventsCounted: 2 });
      expect(summary.failures).toMatchObject([{ eventId: null, kind: "refused" }]);
      expect(summary.failures[0]?.reason).toContain("may not read one by itself");
    },
  );

  test.each([
    ["its key may not read one by itself", 403, 1],
    ["Vivenu does not answer for one", 500, 0],
  ])(
    "is whole though %s, and no key is to blame while the account has no ticket",
    async (_, status, reasons) => {
      let isSold = false;
      await using shy = scripted((request, { pathname, search }) => {
        // Whatever ticket it is, there or not.
        if (pathname.startsWith("/api/tickets/")) return new Response("", { status });
        if (pathname === "/api/tickets" && !isSold) return Response.json({ rows: [], total: 0 });
        return fetch(`${vivenu.url}${pathname}${search}`, request);
      });
      const client = vivenu.client("DACH", { baseUrl: shy.url });
      expect(await poll(client)).toMatchObject({ complete: true, failures: [] });
      isSold = true;
      clock.forward(HOUR);
      const { complete, ticketsRead, failures } = await poll(client);
      expect(ticketsRead).toBeGreaterThan(0);
      expect([complete, failures.length]).toEqual([true, reasons]);
    },
  );

  test("is a fact of its own, which says exactly what it did", async () => {
    const client = vivenu.client("FRANCE");
    const summary = await poll(client);
    const [fact, ...others] = await readPayloads(database.sql, "poll.finished.0");
    expect(others).toEqual([]);
    expect(fact).toEqual({
      ...summary,
      idempotencyKey: "poll.finished/FRANCE/2026-11-18T12:00:00.000Z",
      source: "poll",
      observedAt: "2026-11-18T12:00:00.000Z",
    });
  });

  test("counts as many as Vivenu says are sold, and knows the currency", async () => {
    await poll(vivenu.client("DACH"));
    await project(database.sql, await readFacts(database.sql));
    const { ticketTypes } = await readRows(database.sql, {
      now: clock.now(),
      policy: defaultPolicy,
    });
    const id = await eventNamed("HYROX Berlin");
    const { total } = await vivenu.get<{ total: number }>(
      "DACH",
      `/api/tickets?event=${id}&status=VALID,DETAILSREQUIRED&top=1&skip=0`,
    );
    const ofBerlin = ticketTypes.filter(({ eventId }) => eventId === id);
    expect(ofBerlin.reduce((sum, { sold }) => sum + (sold ?? 0), 0)).toBe(total);
    expect(total).toBeGreaterThan(0);
    expect(ofBerlin.every(({ currency, price }) => currency === "EUR" && price !== null)).toBe(
      true,
    );
  });

  test("records nothing but itself when nothing changed", async () => {
    const client = vivenu.client("DACH");
    await poll(client);
    const before = (await readFacts(database.sql)).length;
    clock.forward(MINUTE);
    const first = client.requests;
    const again = await poll(client);
    const facts = await readFacts(database.sql);
    expect(facts.slice(before).map(({ eventType }) => eventType)).toEqual(["poll.finished.0"]);
    expect(again.requests).toBe(client.requests - first);
  });

  test("leaves no trace of a ticket's holder, its secret or its barcode", async () => {
    await poll(vivenu.client("DACH"));
    const everything = await dump(database.sql);
    const tickets = await vivenu.allTickets("DACH", `event=${(await counted()).join(",")}`);
    const personal = ["name", "firstname", "lastname", "email", "secret", "barcode"];
    const traces = new Set(
      tickets.flatMap((ticket) => personal.map((field) => ticket[field])).filter(Boolean),
    );
    expect(traces.size).toBeGreaterThan(100);
    expect(found(everything, ["@", ...traces])).toEqual([]);
  });
});

test("sales, refunds and deletions show in the next poll", async () => {
  await using own = await playedVivenu(clock);
  const client = own.client("DACH");
  await poll(client);
  const id = await eventNamed("HYROX Berlin", own);
  const [type] = (await own.event("DACH", "HYROX Berlin")).tickets;
  const soldNow = async () => {
    await emptyRows(database.sql);
    await project(database.sql, await readFacts(database.sql));
    const { ticketTypes, events } = await readRows(database.sql, {
      now: clock.now(),
      policy: defaultPolicy,
    });
    const row = ticketTypes.find(({ ticketTypeId }) => ticketTypeId === type?._id);
    const event = events.find(({ eventId }) => eventId === id);
    return { sold: row?.sold, status: event?.status };
  };
  const before = (await soldNow()).sold ?? 0;

  const order = await own.act("POST", `/events/${id}/sales`, { ticketTypeId: type?._id, count: 3 });
  const { tickets } = (await order.json()) as { tickets: { id: string; ticketTypeId: string }[] };
  clock.forward(MINUTE);
  await poll(client);
  expect((await soldNow()).sold).toBe(before + 3);

  const ours = tickets.find(({ ticketTypeId }) => ticketTypeId === type?._id);
  await own.act("POST", `/tickets/${ours?.id}/refund`);
  clock.forward(MINUTE);
  await poll(client);
  expect((await soldNow()).sold).toBe(before + 2);

  await own.act("DELETE", `/events/${id}`);
  clock.forward(MINUTE);
  const summary = await poll(client);
  expect(summary).toMatchObject({ complete: true, eventsRead: 1, eventsCounted: 1 });
  expect((await soldNow()).status).toBe("CANCELLED");
  expect(await readPayloads(database.sql, "event.deleted.0")).toMatchObject([
    { account: "DACH", source: "poll", eventId: id, name: null },
  ]);
  clock.forward(MINUTE);
  await poll(client);
  expect(await readPayloads(database.sql, "event.deleted.0")).toHaveLength(1);
});

test("a poll of changes leaves the account due for its daily count", async () => {
  const client = vivenu.client("DACH");
  const isDue = async () =>
    dueAccounts("0 3 * * *", clock.now(), ["DACH"], await readLastPolls(database.sql)).length > 0;
  await poll(client);
  expect(await isDue()).toBe(false);
  clock.forward(24 * HOUR);
  expect(await isDue()).toBe(true);
  await polling().pollAccount(client, never, { mode: "changes" });
  expect(await isDue()).toBe(true);
  await poll(client);
  expect(await isDue()).toBe(false);
});

test("what was sold in the last moment is left for the next count", async () => {
  await using own = await playedVivenu(clock);
  const id = await eventNamed("HYROX Berlin", own);
  const [type] = (await own.event("DACH", "HYROX Berlin")).tickets;
  await poll(own.client("DACH"));
  await own.act("POST", `/events/${id}/sales`, { ticketTypeId: type?._id, count: 1 });
  clock.forward(SECOND);
  await poll(own.client("DACH"));
  expect(await counted()).toHaveLength(2);
  clock.forward(2 * SECOND);
  await poll(own.client("DACH"));
  expect(await counted()).toHaveLength(3);
  expect(await poll(own.client("DACH"))).toMatchObject({ complete: true });
});

describe("an event that the list lacks", () => {
  test("is read by itself, and is not gone while Vivenu still has it", async () => {
    await poll(vivenu.client("DACH"));
    await using shy = between((url, body) =>
      url.pathname === "/api/events"
        ? {
            rows: body.rows.filter(({ name }) => !name?.startsWith("HYROX Berlin")),
            total: body.total - 1,
          }
        : body,
    );
    clock.forward(MINUTE);
    const summary = await poll(vivenu.client("DACH", { baseUrl: shy.url }));
    expect(summary).toMatchObject({ complete: true, eventsRead: 2, eventsCounted: 2 });
    expect(await readPayloads(database.sql, "event.deleted.0")).toEqual([]);
  });

  test("is not gone when Vivenu does not answer for it", async () => {
    await poll(vivenu.client("DACH"));
    const berlin = await eventNamed("HYROX Berlin");
    await using shy = between((url, body) => {
      if (url.pathname === `/api/events/${berlin}`) return new Response("", { status: 500 });
      return url.pathname === "/api/events" ? { rows: [], total: 0 } : body;
    });
    clock.forward(MINUTE);
    const summary = await poll(vivenu.client("DACH", { baseUrl: shy.url }));
    expect(summary).toMatchObject({
      complete: false,
      eventsRead: 1,
      eventsCounted: 1,
      failures: [{ eventId: berlin, kind: "unavailable" }],
    });
    expect(await readPayloads(database.sql, "event.deleted.0")).toEqual([]);
  });
});

describe("what fails", () => {
  test("in one account's key is that account's failure, and the others are read", async () => {
    for (const status of [401, 403]) {
      await using closed = between(() => new Response("", { status }));
      const clients = [
        vivenu.client("DACH", { baseUrl: closed.url }),
        vivenu.client("FRANCE"),
        vivenu.client("AUSTRALIA", { apiKey: "key_4c1f0b7d92e65a38d0b7f4621c9e85a3b6d2170f" }),
      ];
      clock.forward(MINUTE);
      const [dach, france, australia] = await Promise.all(clients.map((client) => poll(client)));
      expect(dach).toMatchObject({ complete: false, eventsRead: 0, requests: 2 });
      expect(dach?.failures).toEqual([
        { eventId: null, kind: "key_refused", reason: expect.stringContaining(`(${status} for`) },
      ]);
      expect(france).toMatchObject({ complete: true, eventsCounted: 1 });
      expect(australia).toMatchObject({
        complete: false,
        failures: [{ eventId: null, kind: "key_refused" }],
      });
    }
    const keys = vivenu.accounts.map(({ apiKey }) => apiKey);
    expect(found(await dump(database.sql), [...keys, "key_0"])).toEqual([]);
  });

  test.each([401, 403])(
    "in one event that Vivenu refuses (%d) is that event's failure: the account's others are counted, and its key is not blamed",
    async (status) => {
      await poll(vivenu.client("DACH"));
      const berlin = await eventNamed("HYROX Berlin");
      const before = await counted();
      await using strict = between((url, body) => {
        if (url.pathname === `/api/events/${berlin}`) return new Response("", { status });
        if (url.pathname !== "/api/events") return body;
        return { rows: body.rows.filter(({ _id }) => _id !== berlin), total: body.total - 1 };
      });
      clock.forward(MINUTE);
      const summary = await poll(vivenu.client("DACH", { baseUrl: strict.url }));
      expect(summary).toMatchObject({
        ...{ complete: false, eventsRead: 1, eventsCounted: 1 },
        failures: [
          {
            ...{ eventId: berlin, kind: "refused" },
            reason: expect.stringContaining(`VIVENU_EXCLUDE_EVENTS=${berlin}`),
          },
        ],
      });
      expect(await readPayloads(database.sql, "event.deleted.0")).toEqual([]);
      expect(await counted()).toEqual(before);
      // It is named until it can be read or is left out, and asks for no other poll than the next day's.
      const failing = { work: "describe", at: clock.now() } as const;
      expect([...(await readFailing(database.sql, "DACH", failing)).keys()]).toEqual([berlin]);
      clock.forward(HOUR);
      const polls = await readLastPolls(database.sql);
      expect(dueAccounts("0 3 * * *", clock.now(), ["DACH"], polls)).toEqual([]);
    },
  );

  test("in the key half-way ends the account's poll, and what was read stays", async () => {
    let asked = 0;
    await using closing = between((url, body) => {
      if (url.pathname !== "/api/tickets") return body;
      asked += 1;
      return asked > 1 ? new Response("", { status: 401 }) : body;
    });
    const summary = await poll(vivenu.client("DACH", { baseUrl: closing.url }));
    expect(summary).toMatchObject({
      complete: false,
      eventsRead: 2,
      failures: [{ eventId: null, kind: "key_refused" }],
    });
    expect(await events()).toHaveLength(2);
    expect(asked).toBe(2);
  });

  test("in one event's tickets is that event's failure, and it has no count", async () => {
    const berlin = await eventNamed("HYROX Berlin");
    await using lying = between((url, body) =>
      url.searchParams.get("event") === berlin ? { ...body, total: body.total + 7 } : body,
    );
    const summary = await poll(vivenu.client("DACH", { baseUrl: lying.url }));
    expect(summary).toMatchObject({
      complete: false,
      eventsRead: 2,
      eventsCounted: 1,
      failures: [{ eventId: berlin, kind: "unavailable" }],
    });
    expect(await counted()).toEqual([await eventNamed("HYROX Hamburg")]);
  });

  test("in one event of the list is that event's failure", async () => {
    const berlin = await eventNamed("HYROX Berlin");
    await using broken = between((_url, body) =>
      body.rows ? changeEvent(body, "HYROX Berlin", { start: "soon" }) : body,
    );
    const summary = await poll(vivenu.client("DACH", { baseUrl: broken.url }));
    expect(summary).toMatchObject({
      complete: false,
      eventsCounted: 1,
      failures: [{ eventId: berlin, kind: "malformed" }],
    });
    expect(summary.failures[0]?.reason).toContain("start");
  });

  test("in an event that is kept out is nobody's failure", async () => {
    const berlin = await eventNamed("HYROX Berlin");
    await using broken = between((_url, body) =>
      body.rows ? changeEvent(body, "HYROX Berlin", { start: "soon" }) : body,
    );
    const filter = eventFilter({ name: "hyrox", include: [], exclude: [berlin] });
    const summary = await poll(vivenu.client("DACH", { baseUrl: broken.url }), { filter });
    expect(summary).toMatchObject({ complete: true, eventsRead: 1 });
  });

  test("in the list itself is said, and what it has is read", async () => {
    await using short = between((url, body) =>
      url.pathname === "/api/events" ? { ...body, total: body.total + 1 } : body,
    );
    const summary = await poll(vivenu.client("DACH", { baseUrl: short.url }));
    expect(summary).toMatchObject({
      complete: false,
      eventsCounted: 2,
      failures: [{ eventId: null, kind: "unavailable" }],
    });
    expect(summary.failures[0]?.reason).toContain("not read completely");
  });

  test("everywhere is one fact nevertheless", async () => {
    await using broken = between((url, body) => {
      if (url.pathname !== "/api/events") return body;
      const rows = Array.from({ length: 400 }, (_, i) => ({ _id: `broken-${i}`, name: "HYROX" }));
      return url.searchParams.get("skip") === "0"
        ? { rows, total: rows.length }
        : { rows: [], total: rows.length };
    });
    const summary = await poll(vivenu.client("DACH", { baseUrl: broken.url }));
    expect(summary.complete).toBe(false);
    expect(summary.failures).toHaveLength(50);
    expect(await readPayloads(database.sql, "poll.finished.0")).toHaveLength(1);
  });

  test("because the program stops is no failure and no poll", async () => {
    const stop = new AbortController();
    await using stopping = between((url, body) => {
      if (url.pathname === "/api/tickets") stop.abort();
      return body;
    });
    const client = vivenu.client("DACH", { baseUrl: stopping.url });
    await expect(polling().pollAccount(client, stop.signal)).rejects.toThrow();
    expect(await readPayloads(database.sql, "poll.finished.0")).toEqual([]);
    expect(await readLastPolls(database.sql)).toEqual(new Map());
  });

  test("because the program stops while Vivenu is asked for the owner is noted nowhere", async () => {
    const stop = new AbortController();
    const noted: unknown[] = [];
    const told = (_eventId: string | null, error: unknown) => void noted.push(error);
    await using stopping = between((url, body) => {
      if (url.pathname === "/api/sellers/me") stop.abort();
      return body;
    });
    const client = vivenu.client("DACH", { baseUrl: stopping.url });
    const { read } = accountOwner({ sql: database.sql, clock });
    const asked = read(client, stop.signal, { fail: told, note: told });
    await asked.catch(() => {});
    expect(noted).toEqual([]);
    await expect(asked).rejects.toThrow();
  });
});

test("an event that holds others is read and not counted, for its children are", async () => {
  for (const change of [
    { eventType: "ROOT" },
    { eventType: "GROUP", childEvents: ["68f0000000000000000000c1"] },
    { eventType: "SERIES", childEvents: ["68f0000000000000000000c1"] },
  ]) {
    await using grouped = between((_url, body) =>
      body.rows ? changeEvent(body, "HYROX Berlin", change) : body,
    );
    clock.forward(MINUTE);
    const client = vivenu.client("DACH", { baseUrl: grouped.url });
    expect(await poll(client)).toMatchObject({ complete: true, eventsRead: 2, eventsCounted: 1 });
    clock.forward(MINUTE);
    const changes = await polling().pollAccount(client, never, { mode: "changes" });
    expect(changes).toMatchObject({ complete: true, eventsCounted: 0 });
  }
  expect(await counted()).toEqual([await eventNamed("HYROX Hamburg")]);
});

test("single events are let in or kept out by their ids", async () => {
  const { rows } = await vivenu.events("DACH");
  const card = rows.find(({ name }) => !name.startsWith("HYROX"));
  const filter = eventFilter({
    name: "hyrox",
    include: [card?._id ?? ""],
    exclude: [await eventNamed("HYROX Berlin")],
  });
  await poll(vivenu.client("DACH"), { filter });
  expect((await events()).sort()).toEqual(
    rows
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("HYROX Berlin"))
      .sort(),
  );
});

describe("the account's owner", () => {
  test("is learned from the events where Vivenu does not say it by itself", async () => {
    await using silent = between((url, body) =>
      url.pathname === "/api/sellers/me" ? { currency: "EUR" } : body,
    );
    const summary = await poll(vivenu.client("DACH", { baseUrl: silent.url }));
    expect(summary.complete).toBe(true);
    expect(await readSellerIds(database.sql)).toEqual(
      new Map([["DACH", "6500a1b2c3d4e5f601020304"]]),
    );
    const [fact] = await readPayloads(database.sql, "event.updated.0");
    expect(fact?.currency).toBe("EUR");
  });

  test.each([
    [404, "missing"],
    [401, "refused"],
    [403, "refused"],
  ])(
    "can be unreadable for good (%d): the events are read nevertheless, and not again within the hour",
    async (status, kind) => {
      await using silent = between((url, body) =>
        url.pathname === "/api/sellers/me" ? new Response("", { status }) : body,
      );
      const summary = await poll(vivenu.client("DACH", { baseUrl: silent.url }));
      expect(summary).toMatchObject({
        complete: true,
        eventsCounted: 2,
        failures: [{ eventId: null, kind }],
      });
      clock.forward(HOUR);
      const polls = await readLastPolls(database.sql);
      expect(dueAccounts("0 3 * * *", clock.now(), ["DACH"], polls)).toEqual([]);
    },
  );

  test("that is known keeps its currency when Vivenu leaves it out", async () => {
    await poll(vivenu.client("DACH"));
    await using silent = between((url, body) =>
      url.pathname === "/api/sellers/me" ? { _id: body._id } : body,
    );
    clock.forward(MINUTE);
    await poll(vivenu.client("DACH", { baseUrl: silent.url }));
    expect(await events()).toHaveLength(2);
  });
});
