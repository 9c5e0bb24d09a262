import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { breaches, type Page, playSmall, stoppedClock, type TicketAnswer } from "./testing.ts";

let database: TestDatabase;
let vivenu: Awaited<ReturnType<typeof playSmall>>;
let eventId: string;

beforeAll(async () => {
  database = await playedDatabase();
  vivenu = await playSmall(database.sql);
  // An event with tickets enough for several pages.
  const [event] = await database.sql<{ id: string }[]>`
    select event_id as id from vivenu.ticket where region = 'DACH'
    group by event_id order by count(*) desc limit 1
  `;
  eventId = event?.id ?? "";
});
afterEach(() => vivenu.faults.clear());
afterAll(async () => {
  await vivenu.stop();
  await database[Symbol.asyncDispose]();
});

const EVENTS = "/api/events?top=100&skip=0";
const TICKETS = "/api/tickets?top=100";
const statusOf = async (path: string, region = "DACH") => (await vivenu.ask(region, path)).status;
const tickets = (query = "top=1000") =>
  vivenu.get<Page<TicketAnswer>>("DACH", `/api/tickets?event=${eventId}&${query}`);
const idsOf = (rows: { _id: string }[]) => rows.map(({ _id }) => _id);
const outcome = (answer: Promise<Response>) =>
  answer.then(
    ({ status }) => status,
    ({ code, name }) => (code === "ECONNRESET" ? "reset" : name),
  );

test("a throttled request may say when to come again, in seconds or as a date", async () => {
  const retryAfter = async () => {
    const answer = await vivenu.ask("DACH", TICKETS);
    expect(answer.status).toBe(429);
    expect(breaches("HttpError", await answer.json())).toEqual([]);
    return answer.headers.get("retry-after");
  };
  vivenu.faults.set({ throttle: {} });
  expect(await retryAfter()).toBeNull();
  vivenu.faults.set({ throttle: { retryAfterS: 7 } });
  expect(await retryAfter()).toBe("7");
  vivenu.faults.set({ throttle: { retryAfterS: 7, retryAfterAs: "date" } });
  const askedAt = Date.now();
  const until = Date.parse((await retryAfter()) ?? "");
  // A date has whole seconds; the answer came at some moment from then to now.
  expect(until - askedAt).toBeGreaterThanOrEqual(6_000);
  expect(until - Date.now()).toBeLessThanOrEqual(8_000);
});

test("a fault can be limited to one kind of call and to one account", async () => {
  const seen = async () => [
    await statusOf(EVENTS),
    await statusOf(TICKETS),
    await statusOf("/api/sellers/me"),
    await statusOf(TICKETS, "AUSTRALIA"),
  ];
  expect(await seen()).toEqual([200, 200, 200, 200]);
  vivenu.faults.set({ throttle: { on: "tickets" } });
  expect(await seen()).toEqual([200, 429, 200, 429]);
  vivenu.faults.set({ refused: { account: "DACH" } });
  expect(await seen()).toEqual([401, 401, 401, 200]);
  vivenu.faults.set({ refused: { account: "AUSTRALIA", status: 403 } });
  expect(await seen()).toEqual([200, 200, 200, 403]);
  expect((await fetch(`${vivenu.url}/sandbox/events`)).status).toBe(200);
});

test("large pages are unavailable where small ones are not", async () => {
  vivenu.faults.set({ unavailable: { topAbove: 50 } });
  expect([await statusOf("/api/tickets?top=51"), await statusOf("/api/tickets?top=50")]).toEqual([
    503, 200,
  ]);
});

test("a request hangs for a while, until its caller gives up, or is cut off", async () => {
  vivenu.faults.set({ hang: { holdMs: 10 } });
  expect(await outcome(vivenu.ask("DACH", TICKETS))).toBe("reset");
  vivenu.faults.set({ hang: {} });
  const signal = AbortSignal.timeout(20);
  expect(await outcome(vivenu.ask("DACH", TICKETS, { signal }))).toBe("TimeoutError");
  vivenu.faults.set({ reset: {} });
  expect(await outcome(vivenu.ask("DACH", TICKETS))).toBe("reset");
});

test("a truncated answer says 200 and is no JSON, cut at the same place for a seed", async () => {
  const whole = await (await vivenu.ask("DACH", TICKETS)).text();
  const cut = async (seed: number) => {
    vivenu.faults.set({ seed, truncatedJson: {} });
    const answer = await vivenu.ask("DACH", TICKETS);
    expect(answer.status).toBe(200);
    return answer.text();
  };
  const text = await cut(2);
  expect(whole.startsWith(text)).toBe(true);
  expect(() => JSON.parse(text)).toThrow();
  expect(await cut(2)).toBe(text);
  expect(await cut(3)).not.toBe(text);
});

test("an unsorted list holds the same rows, in an order of its own or a new one each time", async () => {
  const sorted = idsOf((await tickets()).rows);
  const events = idsOf((await vivenu.events("DACH")).rows);
  vivenu.faults.set({ unsorted: {} });
  const unsorted = idsOf((await tickets()).rows);
  expect(unsorted).not.toEqual(sorted);
  expect(unsorted.toSorted()).toEqual(sorted.toSorted());
  const paged = [await tickets("top=10&skip=0"), await tickets("top=10&skip=10")];
  expect(paged.flatMap(({ rows }) => idsOf(rows))).toEqual(unsorted.slice(0, 20));
  const orders = new Set([String(events)]);
  for (let seed = 0; seed < 5; seed += 1) {
    vivenu.faults.set({ seed, unsorted: {} });
    orders.add(String(idsOf((await vivenu.events("DACH")).rows)));
  }
  expect(orders.size).toBeGreaterThan(1);
  vivenu.faults.set({ unsorted: { stable: false } });
  expect(idsOf((await tickets()).rows)).not.toEqual(idsOf((await tickets()).rows));
  vivenu.faults.clear();
  expect(idsOf((await tickets()).rows)).toEqual(sorted);
});

test("a ticket is listed some time after it was made, each after a time of its own", async () => {
  const clock = stoppedClock();
  await using database = await playedDatabase();
  await using played = await playSmall(database.sql, { now: clock.now });
  const listed = () => played.get<Page<TicketAnswer>>("DACH", "/api/tickets?top=1000");
  const before = await listed();
  const event = await played.event("DACH", "HYROX Berlin");
  const ticketTypeId = event.tickets[0]?._id;
  await played.act("POST", `/events/${event._id}/sales`, { ticketTypeId, count: 40 });
  const { total } = await listed();
  const sold = total - before.total;
  played.faults.set({ lateTickets: { account: "DACH", minMs: 1_000, maxMs: 3_000 } });
  const seen: number[] = [];
  for (let ms = 0; ms <= 4_000; ms += 1_000) {
    const page = await listed();
    expect(page.rows).toHaveLength(Math.min(page.total, 1_000));
    seen.push(page.total - before.total);
    clock.forward(1_000);
  }
  const [atOnce, after1, after2 = 0, after3] = seen;
  expect([atOnce, after3]).toEqual([0, sold]);
  expect(after1).toBeLessThan(after2);
  expect(after2).toBeLessThan(sold);
});

test("a list of what changed since is short, and its total says the same; other lists are whole", async () => {
  const since = `top=1000&updatedAt[$gte]=2000-01-01T00:00:00.000Z`;
  const { total } = await tickets(since);
  expect(total).toBeGreaterThan(3);
  vivenu.faults.set({ missingChanges: { on: "tickets" } });
  expect(await tickets(since)).toEqual({ rows: [], total: 0 });
  expect((await tickets()).total).toBe(total);
  vivenu.faults.set({ missingChanges: { atMost: 3 } });
  const short = await tickets(since);
  expect([short.rows.length, short.total]).toEqual([3, 3]);
  expect((await tickets(`${since}&skip=2`)).rows).toHaveLength(1);
});

test("a total is wrong by what is said, or by a little", async () => {
  const { total } = await tickets("top=1");
  vivenu.faults.set({ wrongTotals: { on: "tickets", by: 5 } });
  expect((await tickets("top=1")).total).toBe(total + 5);
  vivenu.faults.set({ wrongTotals: {} });
  for (let n = 0; n < 5; n += 1) {
    const off = Math.abs((await tickets("top=1")).total - total);
    expect([1, 2, 3]).toContain(off);
  }
  vivenu.faults.set({ wrongTotals: { by: -100_000 } });
  expect((await tickets("top=1")).total).toBeGreaterThan(total);
});

test("tickets are sold and refunded between two pages", async () => {
  const before = await tickets();
  vivenu.faults.set({ changingTickets: { sales: 2, refunds: 1, next: 1 } });
  const first = await tickets("top=20&skip=0");
  const second = await tickets("top=20&skip=20");
  expect(second.total).toBeGreaterThanOrEqual(before.total + 2);
  const pushedDown = idsOf(first.rows).filter((id) => idsOf(second.rows).includes(id));
  expect(pushedDown.length).toBeGreaterThanOrEqual(2);
  const valid = (page: Page<TicketAnswer>) =>
    new Set(idsOf(page.rows.filter(({ status }) => status === "VALID")));
  const after = valid(await tickets());
  expect([...valid(before)].filter((id) => !after.has(id))).toHaveLength(1);
});

test("events are copied between two pages", async () => {
  const before = await vivenu.events("DACH");
  vivenu.faults.set({ changingEvents: { copies: 2, next: 1 } });
  expect((await vivenu.events("DACH")).total).toBe(before.total);
  expect((await vivenu.events("DACH")).total).toBe(before.total + 2);
});

test("the switchboard is set, read and cleared over HTTP", async () => {
  const put = (body: unknown) =>
    fetch(`${vivenu.url}/sandbox/faults`, { method: "PUT", body: JSON.stringify(body) });
  const wrong = await put({ throttle: { account: "MOON" } });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    message: expect.stringContaining("throttle.0.account: "),
  });
  expect((await put({ throttle: { next: 1 } })).status).toBe(200);
  expect([await statusOf(TICKETS), await statusOf(TICKETS)]).toEqual([429, 200]);
  const state = await (await fetch(`${vivenu.url}/sandbox/faults`)).json();
  expect(state).toMatchObject({ injected: { throttle: 1 } });
  const off = await fetch(`${vivenu.url}/sandbox/faults`, { method: "DELETE" });
  expect(await off.json()).toEqual({ settings: {}, injected: { throttle: 1 } });
});
