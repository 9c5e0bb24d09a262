import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  logger,
  MEN,
  MINUTE,
  never,
  pace,
  readCounts,
  readPayloads,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { incrementalLoop } from "../polling/incremental-loop.ts";
import { defaultIncrementalPace } from "../polling/launch.ts";
import { poller } from "../polling/poller.ts";
import { recounts } from "../polling/recount-loop.ts";
import { readAccountReading } from "../store/account-reading.ts";
import { requestRecounts } from "../store/recount-requests.ts";
import { eventFilter } from "./event-filter.ts";

const BERLIN = "68f0000000000000000000a1";
const HAMBURG = "68f0000000000000000000a2";
const GIFTS = "68f0000000000000000000a3";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await emptyTables(
    database.sql,
    `
    outbox, seller, event_currency, event_seen, count_seen, count_hint, ticket_state, ticket_unread,
      running_count, poll_state, account_reading, ticket_reading, ticket_reading_page
  `,
  );
});

function stage() {
  const { sql } = database;
  const clock = handClock();
  const model = modelVivenu({ now: clock.now });
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock, fetch: model.fetch },
  });
  const pollerOf = (exclude: string[] = []) =>
    poller({
      filter: eventFilter({ name: "hyrox", include: [], exclude }),
      ...{
        sql,
        pageSize: 100,
        cutoffMs: 2 * SECOND,
        clock,
        logger,
        incremental: defaultIncremental,
      },
    });
  const put = (_id: string, name: unknown, changes: Record<string, unknown> = {}) =>
    model.putEvent({ ...eventJson(), _id, name: name as string, underShops: [], ...changes });
  put(BERLIN, "HYROX Berlin");
  put(HAMBURG, "HYROX Hamburg");
  put(GIFTS, "Gift cards");
  const sold = async (eventId: string) =>
    (await readCounts(sql))
      .findLast((count) => count.eventId === eventId)
      ?.ticketTypes.reduce((sum, type) => sum + type.sold, 0);
  return {
    ...{ sql, clock, model, client, put, pollerOf, sold },
    poll(mode: "full" | "changes" = "changes", exclude: string[] = []) {
      clock.forward(HOUR);
      return pollerOf(exclude).pollAccount(client, never, { mode });
    },
    asked: (path: string) => model.urls.filter(({ pathname }) => pathname === path).length,
    names: async () =>
      (await readPayloads(sql, "event.updated.0")).map(({ eventId, name }) => `${eventId} ${name}`),
  };
}

test("an account is asked for its currency until it says one, and its prices are told then", async () => {
  const { sql, clock, model, pollerOf } = stage();
  const says: { currency?: string } = {};
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    async fetch(url) {
      if (new URL(url).pathname !== "/api/sellers/me") return model.fetch(url);
      return Response.json({ _id: "6500a1b2c3d4e5f601020304", ...says });
    },
  });
  const poll = (mode: "full" | "changes") => {
    clock.forward(HOUR);
    return pollerOf().pollAccount(client, never, { mode });
  };
  const currencies = async () =>
    new Set((await readPayloads(sql, "event.updated.0")).map(({ currency }) => currency));
  await poll("full");
  expect(await currencies()).toEqual(new Set([null]));
  const before = model.urls.length;
  await poll("changes");
  const lists = model.urls.slice(before).filter(({ pathname }) => pathname === "/api/events");
  // What changed, and how many there are; not all of them once more.
  expect(lists.map((url) => url.searchParams.has("updatedAt[$gte]"))).toEqual([true, false]);
  expect(lists.at(-1)?.searchParams.get("top")).toBe("1");
  says.currency = "EUR";
  await poll("changes");
  expect(await currencies()).toContain("EUR");
});

describe("an event of the list that cannot be read", () => {
  test("and is not ours by its name is nobody's failure", async () => {
    const { put, poll } = stage();
    put(GIFTS, "Gift cards", { start: "soon" });
    expect(await poll("full")).toMatchObject({ complete: true, failures: [] });
  });

  test("nor its name is said, makes nothing incomplete, and is not asked for again", async () => {
    const { put, poll, sql } = stage();
    put(GIFTS, null);
    expect(await poll("full")).toMatchObject({
      complete: true,
      eventsCounted: 2,
      failures: [{ eventId: GIFTS, kind: "malformed" }],
    });
    expect(await sql`select complete from poll_state`).toMatchObject([{ complete: true }]);
    expect(await poll()).toMatchObject({ complete: true, requests: 3 });
  });

  test("but is ours by its name fails alone, and is read when it changes", async () => {
    const { put, poll, names, sql } = stage();
    put(GIFTS, "HYROX Gifts", { start: "soon" });
    expect(await poll("full")).toMatchObject({
      complete: false,
      eventsCounted: 2,
      failures: [{ eventId: GIFTS, kind: "malformed" }],
    });
    // Another poll of everything would bring no more.
    expect(await sql`select complete from poll_state`).toMatchObject([{ complete: true }]);
    // What changed in a day is listed once an hour, and says that it is so still.
    expect(await poll()).toMatchObject({ failures: [{ eventId: GIFTS }], requests: 3 });
    put(GIFTS, "HYROX Gifts");
    expect(await poll()).toMatchObject({ complete: true });
    expect(await names()).toContain(`${GIFTS} HYROX Gifts`);
  });

  test("and was watched is asked for by itself, while the others are counted", async () => {
    const { clock, client, model, put, poll, pollerOf, names, sold, sql, asked } = stage();
    await poll("full");
    put(BERLIN, "HYROX Berlin", { start: "soon" });
    put(HAMBURG, "HYROX Hamburg II");
    model.put({ eventId: BERLIN, ticketTypeId: MEN });
    expect((await poll()).failures).toMatchObject([{ eventId: BERLIN, kind: "malformed" }]);
    expect(await names()).toContain(`${HAMBURG} HYROX Hamburg II`);
    expect(await sold(BERLIN)).toBe(1);
    expect((await readAccountReading(sql, "DACH")).eventsUntil).toEqual(clock.now());

    // Mended without a word of it in the list of changes.
    const event = model.events.get(BERLIN);
    if (event) model.events.set(BERLIN, { ...event, ...eventJson(), _id: BERLIN, name: "HYROX B" });
    const lists = asked("/api/events");
    const step = recounts({
      ...{ sql, clients: new Map([["DACH", client]]), poller: pollerOf(), pace, clock, logger },
      signal: never,
    });
    clock.forward(HOUR);
    await step();
    expect(await names()).toContain(`${BERLIN} HYROX B`);
    expect(asked(`/api/events/${BERLIN}`)).toBe(1);
    expect(asked("/api/events")).toBe(lists);
  });

  test("leads to no list of all events every minute of a launch", async () => {
    const { sql, clock, client, model, put, poll, pollerOf, asked } = stage();
    const sellStart = new Date(clock.now().getTime() + HOUR).toISOString();
    put(HAMBURG, "HYROX Hamburg", { sellStart });
    await poll("full");
    const { step, ended: settled } = incrementalLoop({
      ...{ sql, accounts: ["DACH"], clientOf: () => client, poller: pollerOf() },
      filter: eventFilter({ name: "hyrox", include: [], exclude: [] }),
      ...{ pace: defaultIncrementalPace, clock, logger, signal: never },
    });
    const before = asked("/api/events");
    for (let minute = 0; minute < 30; minute += 1) {
      clock.forward(MINUTE);
      if (minute === 3) put(BERLIN, "HYROX Berlin", { start: "soon" });
      model.put({ eventId: HAMBURG, ticketTypeId: MEN });
      await step();
      await settled();
    }
    expect(asked("/api/events") - before).toBeLessThanOrEqual(8);
  });
});

test("a list of events that is never complete is not asked for every minute of a launch", async () => {
  const { sql, clock, model, put, poll, pollerOf } = stage();
  const sellStart = new Date(clock.now().getTime() + HOUR).toISOString();
  put(HAMBURG, "HYROX Hamburg", { sellStart });
  await poll("full");
  const lists: string[] = [];
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    async fetch(url) {
      const answer = await model.fetch(url);
      if (new URL(url).pathname !== "/api/events") return answer;
      lists.push(url);
      const body = (await answer.json()) as { total: number };
      return Response.json({ ...body, total: body.total + 1 });
    },
  });
  const { step, ended: settled } = incrementalLoop({
    ...{ sql, accounts: ["DACH"], clientOf: () => client, poller: pollerOf() },
    filter: eventFilter({ name: "hyrox", include: [], exclude: [] }),
    ...{ pace: defaultIncrementalPace, clock, logger, signal: never },
  });
  const looks = new Set<number>();
  for (let minute = 0; minute < 30; minute += 1) {
    clock.forward(MINUTE);
    const before = lists.length;
    await step();
    await settled();
    if (lists.length > before) looks.add(minute);
  }
  expect(looks.size).toBeGreaterThan(0);
  expect(looks.size).toBeLessThanOrEqual(4);
});

/** PostgreSQL has no room for an event, which is no fault of that event. */
async function fullDisk(sql: TestDatabase["sql"], eventId: string) {
  await sql`
    create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'full' using errcode = 'disk_full'; end $$
  `;
  await sql.unsafe(`
    create trigger full_disk before insert or update on event_seen
    for each row when (new.event_id = '${eventId}') execute function refuse()
  `);
  return {
    async [Symbol.asyncDispose]() {
      await sql`drop function refuse cascade`;
    },
  };
}

test("a list of changes of which one event could not be recorded is read again from the same moment", async () => {
  const { sql, put, poll, names } = stage();
  await poll("full");
  await poll();
  const readFrom = async () => (await readAccountReading(sql, "DACH")).eventsUntil;
  const before = await readFrom();
  put(BERLIN, "HYROX Berlin, renamed");
  put(HAMBURG, "HYROX Hamburg, renamed");
  {
    await using _ = await fullDisk(sql, BERLIN);
    await poll();
    expect(await readFrom()).toEqual(before);
  }
  expect(await names()).toContain(`${HAMBURG} HYROX Hamburg, renamed`);
  expect(await names()).not.toContain(`${BERLIN} HYROX Berlin, renamed`);
  await poll();
  expect(await names()).toContain(`${BERLIN} HYROX Berlin, renamed`);
  expect(await readFrom()).not.toEqual(before);
});

test("an account whose owner Vivenu does not say is whose most of its events are, whichever comes first", async () => {
  const { sql, clock, model, put, pollerOf } = stage();
  put(BERLIN, "HYROX Berlin", { sellerId: "seller-sub" });
  put(HAMBURG, "HYROX Hamburg", { sellerId: "seller-own" });
  put(GIFTS, "Gift cards", { sellerId: "seller-own" });
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch: async (url) =>
      url.endsWith("/api/sellers/me") ? new Response("", { status: 403 }) : model.fetch(url),
  });
  expect(await pollerOf().pollAccount(client, never)).toMatchObject({ complete: true });
  expect(await sql`select seller_id from seller`).toMatchObject([{ sellerId: "seller-own" }]);
});

test("a change that a list of changes hides for hours is known an hour after it does so no more", async () => {
  const { clock, model, put, pollerOf, names } = stage();
  const lies = { until: clock.now() };
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch: async (url) =>
      clock.now() <= lies.until && new URL(url).searchParams.has("updatedAt[$gte]")
        ? Response.json({ rows: [], total: 0 })
        : model.fetch(url),
  });
  const look = (mode: "full" | "changes") => pollerOf().pollAccount(client, never, { mode });
  await look("full");
  put(BERLIN, "HYROX Berlin Spandau");
  lies.until = new Date(clock.now().getTime() + 5 * HOUR);
  for (let n = 0; n < 5 * 6; n += 1) {
    clock.forward(10 * MINUTE);
    await look("changes");
  }
  expect(await names()).not.toContain(`${BERLIN} HYROX Berlin Spandau`);
  for (let n = 0; n < 6; n += 1) {
    clock.forward(10 * MINUTE);
    await look("changes");
  }
  expect(await names()).toContain(`${BERLIN} HYROX Berlin Spandau`);
});

describe("an event that is excluded after it was seen", () => {
  test("is asked for and counted no more, whatever happens to it", async () => {
    const { sql, clock, client, model, pollerOf, poll } = stage();
    await poll("full");
    await poll();
    const facts = await readCounts(sql);
    model.put({ eventId: BERLIN, ticketTypeId: MEN });
    model.urls.length = 0;
    await poll("changes", [BERLIN]);
    await poll("full", [BERLIN]);
    await requestRecounts(sql, [{ account: "DACH", eventId: BERLIN, at: clock.now() }], { pace });
    clock.forward(HOUR);
    const step = recounts({
      ...{ sql, clients: new Map([["DACH", client]]), poller: pollerOf([BERLIN]), pace, clock },
      ...{ logger, signal: never },
    });
    await step();
    model.deleteEvent(BERLIN);
    await poll("full", [BERLIN]);
    const ofBerlin = model.urls.filter(({ href }) => href.includes(BERLIN));
    expect(ofBerlin).toEqual([]);
    const counts = (await readCounts(sql)).slice(facts.length);
    expect(counts.filter(({ eventId }) => eventId === BERLIN)).toEqual([]);
    expect(await readPayloads(sql, "event.deleted.0")).toEqual([]);
  });

  test("opens no launch", async () => {
    const { sql, clock, client, put, poll, pollerOf, model } = stage();
    const sellStart = new Date(clock.now().getTime() + 2 * HOUR).toISOString();
    put(BERLIN, "HYROX Berlin", { sellStart });
    await poll("full");
    const { step, ended: settled } = incrementalLoop({
      ...{ sql, accounts: ["DACH"], clientOf: () => client, poller: pollerOf([BERLIN]) },
      filter: eventFilter({ name: "hyrox", include: [], exclude: [BERLIN] }),
      ...{ pace: defaultIncrementalPace, clock, logger, signal: never },
    });
    clock.forward(HOUR);
    await step();
    await settled();
    const before = model.urls.length;
    for (let minute = 0; minute < 10; minute += 1) {
      clock.forward(MINUTE);
      await step();
      await settled();
    }
    expect(model.urls.length).toBe(before);
  });

  test("is counted from nothing when it is let in again", async () => {
    const { model, poll, sold } = stage();
    const refunded = model.put({ eventId: BERLIN, ticketTypeId: MEN });
    model.put({ eventId: BERLIN, ticketTypeId: MEN });
    await poll("full");
    expect(await sold(BERLIN)).toBe(2);
    model.change(refunded._id, { status: "INVALID" });
    await poll("changes", [BERLIN]);
    await poll("changes");
    expect(await sold(BERLIN)).toBe(1);
  });
});

test("an event of which Vivenu did not say that it is gone is asked for again", async () => {
  const { model, clock, pollerOf } = stage();
  let isSilent = true;
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch: (url) =>
      isSilent && url.includes(`/api/events/${HAMBURG}`)
        ? Promise.resolve(new Response("", { status: 400 }))
        : model.fetch(url),
  });
  const { pollAccount } = pollerOf();
  await pollAccount(client, never);
  model.deleteEvent(HAMBURG);
  clock.forward(HOUR);
  const { complete } = await pollAccount(client, never, { mode: "changes" });
  expect(complete).toBe(false);
  isSilent = false;
  clock.forward(MINUTE);
  await pollAccount(client, never, { mode: "changes" });
  const gone = await readPayloads(database.sql, "event.deleted.0");
  expect(gone.map(({ eventId }) => eventId)).toEqual([HAMBURG]);
});

test("a 404 for one event alone, as a gateway gives it, deletes nothing; one that the list lacks as well is gone", async () => {
  const { model, clock, pollerOf } = stage();
  let isMisrouted = false;
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch: (url) =>
      isMisrouted && url.includes(`/api/events/${HAMBURG}`)
        ? Promise.resolve(Response.json({ message: "no Route matched" }, { status: 404 }))
        : model.fetch(url),
  });
  const { pollAccount, pollEvent } = pollerOf();
  const gone = async () =>
    (await readPayloads(database.sql, "event.deleted.0")).map(({ eventId }) => eventId);
  await pollAccount(client, never);
  isMisrouted = true;
  await expect(pollEvent(client, HAMBURG, never)).rejects.toThrow(
    "answered 404 for this event alone",
  );
  clock.forward(HOUR);
  expect(await pollAccount(client, never, { mode: "changes" })).toMatchObject({ complete: true });
  expect(await gone()).toEqual([]);
  isMisrouted = false;
  model.deleteEvent(HAMBURG);
  // Another one came, so that their number says nothing.
  model.putEvent({ ...eventJson(), _id: "68f0000000000000000000a4", name: "HYROX Bremen" });
  await expect(pollEvent(client, HAMBURG, never)).rejects.toThrow(
    "answered 404 for this event alone",
  );
  expect(await gone()).toEqual([]);
  clock.forward(MINUTE);
  await pollAccount(client, never, { mode: "changes" });
  expect(await gone()).toEqual([HAMBURG]);
});

test("most of an account's events are gone only when the day after says the same, and are back as they were before", async () => {
  const { sql, clock, model, poll, sold } = stage();
  const HAMBURG_2 = "68f0000000000000000000a4";
  model.putEvent({ ...eventJson(), _id: HAMBURG_2, name: "HYROX Hamburg II" });
  model.put({ eventId: BERLIN, ticketTypeId: MEN });
  await poll("full");
  const all = new Map(model.events);
  const gone = async () =>
    (await readPayloads(sql, "event.deleted.0")).map(({ eventId }) => eventId).toSorted();
  for (const isBack of [true, false]) {
    model.events.clear();
    for (let n = 0; n < 3; n += 1) {
      expect(await poll(n === 1 ? "full" : "changes")).toMatchObject({ complete: false });
      expect(await gone()).toEqual([]);
    }
    if (!isBack) break;
    for (const [id, event] of all) model.events.set(id, event);
    expect(await poll("full")).toMatchObject({ complete: true });
    expect(await sold(BERLIN)).toBe(1);
  }
  clock.forward(21 * HOUR);
  expect(await poll("full")).toMatchObject({ complete: true });
  expect(await gone()).toEqual([BERLIN, HAMBURG, HAMBURG_2]);
});

test("a new event in the place of all others makes them gone no sooner, where the account's owner is the same", async () => {
  const { sql, model, poll, put } = stage();
  await poll("full");
  model.events.clear();
  put("68f0000000000000000000a4", "HYROX Bremen");
  expect(await poll("full")).toMatchObject({ complete: false });
  expect(await readPayloads(sql, "event.deleted.0")).toEqual([]);
});

test("an event that comes from another account does not hide that one went", async () => {
  const { model, poll, put } = stage();
  await poll("full");
  model.deleteEvent(HAMBURG);
  put("68f0000000000000000000a4", "HYROX Bremen", { createdAt: "2025-01-01T00:00:00.000Z" });
  await poll();
  const gone = await readPayloads(database.sql, "event.deleted.0");
  expect(gone.map(({ eventId }) => eventId)).toEqual([HAMBURG]);
});

test("an event that comes back is counted by what it has now", async () => {
  const { sql, model, put, poll, sold } = stage();
  const tickets = [1, 2, 3].map(() => model.put({ eventId: BERLIN, ticketTypeId: MEN }));
  await poll("full");
  const event = model.events.get(BERLIN);
  model.deleteEvent(BERLIN);
  await poll();
  // What a reading that was under way kept after it was gone.
  await sql`
    insert into running_count (account, event_id, based_at) values ('DACH', ${BERLIN}, now())
  `;
  await sql`
    insert into ticket_state (
      account, event_id, ticket_id, ticket_type_id, status, created_at, updated_at, has_trigger, flex
    ) values ('DACH', ${BERLIN}, 'stale', ${MEN}, 'VALID', now(), now(), false, false)
  `;
  model.change(tickets[0]?._id ?? "", { status: "INVALID" });
  put(BERLIN, String(event?.name));
  await poll();
  expect(await sold(BERLIN)).toBe(2);
});

test("what is sold between a reading that broke off and its end is counted", async () => {
  const { clock, model, client, poll, pollerOf, sold } = stage();
  for (let i = 0; i < 250; i += 1) model.put({ eventId: BERLIN, ticketTypeId: MEN });
  clock.forward(HOUR);
  const dying = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch: (url) =>
      url.includes("skip=100")
        ? Promise.resolve(new Response("", { status: 404 }))
        : model.fetch(url),
  });
  await pollerOf().pollAccount(dying, never);
  model.put({ eventId: BERLIN, ticketTypeId: MEN });
  clock.forward(3 * HOUR);
  await pollerOf().pollAccount(dying, never);
  await poll();
  expect(client.requests).toBeGreaterThan(0);
  expect(await sold(BERLIN)).toBe(251);
});
