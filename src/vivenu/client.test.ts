import { expect, test } from "bun:test";
import delivery from "../../test/fixtures/vivenu/event.updated.json";
import {
  type Answerer,
  countingBudget,
  fakeClock,
  recordingLog,
  scripted,
} from "../../test/fixtures/vivenu/scripted.ts";
import ticketsPage from "../../test/fixtures/vivenu/tickets.page.json";
import { Failure, isFailure } from "../lib/failure.ts";
import { type VivenuClientOptions, vivenuClient } from "./client.ts";

const KEY = `key_${"0123456789abcdef".repeat(2)}`;
const event = delivery.data.event;
const numbered = (number: number) => ({ ...event, _id: `event${number}` });

function clientOf(baseUrl: string, options: Partial<VivenuClientOptions> = {}) {
  const clock = fakeClock();
  const budget = countingBudget();
  const { logger, lines } = recordingLog();
  const client = vivenuClient({
    baseUrl,
    apiKey: KEY,
    region: "DACH",
    budget,
    clock,
    logger,
    random: () => 1,
    ...options,
  });
  return { client, clock, budget, lines };
}

const json =
  (body: unknown): Answerer =>
  () =>
    Response.json(body);
const status =
  (code: number, headers: Record<string, string> = {}): Answerer =>
  () =>
    new Response("{}", { status: code, headers });
const hanging: Answerer = () => new Promise(() => {});
const failureOf = async (promise: Promise<unknown>): Promise<Failure> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw new Error(`expected a failure, got ${error}`);
};

/** `/api/events` of an account that holds these. */
const eventList =
  (rows: () => unknown[], total?: () => number): Answerer =>
  (_, { searchParams }) => {
    const skip = Number(searchParams.get("skip"));
    const all = rows();
    return Response.json({
      rows: all.slice(skip, skip + Number(searchParams.get("top"))),
      total: total?.() ?? all.length,
    });
  };

test("all events of an account are read, page after page", async () => {
  const all = Array.from({ length: 61 }, (_, at) => numbered(at));
  await using server = scripted(eventList(() => all));
  const { client, budget } = clientOf(server.url);
  const list = await client.readEvents();
  expect(list).toMatchObject({ complete: true, reason: null, malformed: [], requests: 3 });
  expect(list.events.map(({ _id }) => _id)).toEqual(all.map(({ _id }) => _id));
  expect(server.urls.map(({ pathname, search }) => pathname + search)).toEqual([
    "/api/events?top=25&skip=0",
    // The last one of the page before is asked for once more: it is still there, and no page shifted.
    "/api/events?top=25&skip=24",
    "/api/events?top=25&skip=48",
  ]);
  expect({ requests: client.requests, taken: budget.taken }).toEqual({ requests: 3, taken: 3 });
});

test("a page of events that once was too much makes the pages after it small for a while only", async () => {
  const all = Array.from({ length: 115 }, (_, at) => numbered(at));
  const answer = eventList(() => all);
  await using server = scripted(() => new Response("", { status: 503 }), answer);
  const list = await clientOf(server.url).client.readEvents();
  expect(list).toMatchObject({ complete: true, requests: 7 });
  expect(list.events).toHaveLength(115);
  expect(server.urls.map(({ searchParams }) => searchParams.get("top"))).toEqual([
    "25",
    "12",
    "12",
    "24",
    "25",
    "25",
    "25",
  ]);
});

test("a full page is never taken for the last, whatever the total says", async () => {
  const all = Array.from({ length: 40 }, (_, at) => numbered(at));
  await using server = scripted(
    eventList(
      () => all,
      () => 25,
    ),
  );
  const list = await clientOf(server.url).client.readEvents();
  expect(list.events).toHaveLength(40);
  expect(list).toMatchObject({ complete: false, reason: "Vivenu says 25 events and lists 40" });
});

test("events are read again when one goes while they are read, so that none is passed over", async () => {
  let all = Array.from({ length: 30 }, (_, at) => numbered(at));
  const list = eventList(() => all);
  await using server = scripted((request, url) => {
    const answer = list(request, url);
    if (all.length === 30) all = all.slice(1);
    return answer;
  });
  const read = await clientOf(server.url).client.readEvents();
  expect(read.complete).toBe(true);
  expect(read.events.map(({ _id }) => _id)).toEqual(all.map(({ _id }) => _id));
});

test("events are read again when one goes and another comes, so that none is passed over", async () => {
  let all = Array.from({ length: 60 }, (_, at) => numbered(at));
  const list = eventList(() => all);
  await using server = scripted((request, url) => {
    const answer = list(request, url);
    // The total is what it was.
    if (all[0]?._id === "event0") all = [...all.slice(1), numbered(60)];
    return answer;
  });
  const read = await clientOf(server.url).client.readEvents();
  expect(read).toMatchObject({ complete: true, requests: 6 });
  expect(read.events.map(({ _id }) => _id)).toEqual(all.map(({ _id }) => _id));
});

test("events are all there where Vivenu itself keeps no order from page to page", async () => {
  const all = Array.from({ length: 60 }, (_, at) => numbered(at));
  const [last, first] = [all[24], all[25]];
  let pages = 0;
  await using server = scripted(
    eventList(() => {
      pages += 1;
      return pages === 2 && last && first ? all.with(24, first).with(25, last) : all;
    }),
  );
  const read = await clientOf(server.url).client.readEvents();
  expect(read).toMatchObject({ complete: true, requests: 3, reason: null });
  expect(read.events).toHaveLength(60);
});

test("an event without an id that ends a page is one that cannot be read, and not two", async () => {
  const all: object[] = Array.from({ length: 60 }, (_, at) => numbered(at));
  const { _id, ...nameless } = numbered(24);
  await using server = scripted(eventList(() => all.with(24, nameless)));
  const read = await clientOf(server.url).client.readEvents();
  expect(read.malformed).toHaveLength(1);
  expect(read).toMatchObject({ complete: true, requests: 3 });
});

test("an event that cannot be read and ends a page is one, though it is read twice", async () => {
  const all: object[] = Array.from({ length: 60 }, (_, at) => numbered(at));
  await using server = scripted(eventList(() => all.with(24, { ...numbered(24), start: "soon" })));
  const read = await clientOf(server.url).client.readEvents();
  expect(read.malformed.map(({ id }) => id)).toEqual(["event24"]);
  expect(read).toMatchObject({ complete: true, requests: 3 });
});

test("two events without ids are two that cannot be read", async () => {
  const { _id, ...nameless } = numbered(1);
  await using server = scripted(json({ rows: [numbered(0), nameless, nameless], total: 3 }));
  const read = await clientOf(server.url).client.readEvents();
  expect(read.malformed).toHaveLength(2);
  expect(read).toMatchObject({ complete: true, requests: 1 });
});

test("a page that is shorter than it was asked for ends no list that has more", async () => {
  const all = Array.from({ length: 30 }, (_, at) => numbered(at));
  await using server = scripted((_, { searchParams }) => {
    const skip = Number(searchParams.get("skip"));
    return Response.json({ rows: all.slice(skip, skip + 10), total: 30 });
  });
  const read = await clientOf(server.url).client.readEvents();
  expect(read).toMatchObject({ complete: true, reason: null });
  expect(read.events).toHaveLength(30);
});

test("events are all there in pages of one each", async () => {
  const all = Array.from({ length: 3 }, (_, at) => numbered(at));
  await using server = scripted(eventList(() => all));
  const read = await clientOf(server.url, { pageSize: 1 }).client.readEvents();
  expect(read).toMatchObject({ complete: true, reason: null });
  expect(read.events).toHaveLength(3);
});

test("where pages of events are too much for Vivenu, smaller ones are asked for, down to five", async () => {
  await using server = scripted(status(503));
  expect((await failureOf(clientOf(server.url).client.readEvents())).kind).toBe("unavailable");
  const asked = server.urls.map(({ searchParams }) => searchParams.get("top"));
  expect([...new Set(asked)]).toEqual(["25", "12", "6", "5"]);
});

test("a field of listed events that is not known is named in the log, once", async () => {
  const rows = [numbered(1), numbered(2)].map((one) => ({ ...one, raffle: "of whom" }));
  await using server = scripted(json({ rows, total: 2 }));
  const { client, lines } = clientOf(server.url);
  await client.readEvents();
  const named = lines.filter((line) => line.includes("vivenu.unknown_field"));
  expect(named.map((line) => JSON.parse(line).field)).toEqual(["event.raffle"]);
  expect(lines.join("\n")).not.toContain("of whom");
});

test("a list that never ends is left a thousand events after its total", async () => {
  await using server = scripted((_, { searchParams }) => {
    const skip = Number(searchParams.get("skip"));
    const rows = Array.from({ length: 25 }, (_, at) => numbered(skip + at));
    return Response.json({ rows, total: 33 });
  });
  const read = await clientOf(server.url).client.readEvents();
  expect(read.complete).toBe(false);
  // 25, and 24 more with each page after the first: 42 of those are a thousand above it, and not more.
  expect(read.events).toHaveLength(25 + 43 * 24);
});

test("events that come and go all the time are labelled incomplete", async () => {
  let first = 0;
  await using server = scripted(
    eventList(() => {
      first += 1;
      return Array.from({ length: 60 }, (_, at) => numbered(first + at));
    }),
  );
  const read = await clientOf(server.url).client.readEvents();
  expect(read).toMatchObject({ complete: false, reason: "Vivenu says 60 events and lists 62" });
});

test("events that never stand still are labelled incomplete", async () => {
  let total = 30;
  const all = Array.from({ length: 30 }, (_, at) => numbered(at));
  await using server = scripted(
    eventList(
      () => all,
      () => total++,
    ),
  );
  const read = await clientOf(server.url).client.readEvents();
  expect(read).toMatchObject({ complete: false, reason: expect.stringContaining("moved") });
});

test("a server that ignores paging does not keep us for ever", async () => {
  const rows = Array.from({ length: 25 }, (_, at) => numbered(at));
  await using server = scripted(json({ rows, total: 100 }));
  const read = await clientOf(server.url).client.readEvents();
  expect(read.complete).toBe(false);
  expect(server.urls).toHaveLength(6);

  await using nameless = scripted(json({ rows: [{}, {}], total: 9 }));
  expect((await clientOf(nameless.url, { pageSize: 2 }).client.readEvents()).complete).toBe(false);
});

test("an event that cannot be read is named beside the others", async () => {
  const rows = [numbered(1), { ...numbered(2), start: "soon" }, numbered(3)];
  await using server = scripted(json({ rows, total: 3 }));
  const read = await clientOf(server.url).client.readEvents();
  expect(read.complete).toBe(true);
  expect(read.events.map(({ _id }) => _id)).toEqual(["event1", "event3"]);
  expect(read.malformed).toEqual([
    { id: "event2", name: "HYROX Testville 2026", reason: "start: not a time" },
  ]);
});

test("only events changed since a moment are asked for", async () => {
  await using server = scripted(json({ rows: [], total: 0 }));
  await clientOf(server.url).client.readEvents({ updatedSince: new Date("2026-02-01T00:00:00Z") });
  expect(server.urls[0]?.search).toBe(
    "?top=25&skip=0&updatedAt%5B%24gte%5D=2026-02-01T00%3A00%3A00.000Z",
  );
});

test("one event is read, and is undefined where Vivenu has none", async () => {
  await using server = scripted(json(event), status(404));
  const { client } = clientOf(server.url);
  expect((await client.readEvent(event._id))?.name).toBe("HYROX Testville 2026");
  expect(await client.readEvent(event._id)).toBeUndefined();
  expect(server.urls).toHaveLength(2);
});

test("a ticket by itself says of which event it is and in which status, and nothing else", async () => {
  const ticket = { _id: "t1", eventId: "e1", status: "VALID" };
  await using server = scripted(
    json({ ...ticket, email: "somebody@example.com", secret: "s3cret" }),
    status(404),
    json({ ...ticket, _id: "t2" }),
  );
  const { client } = clientOf(server.url);
  expect(await client.readTicketStanding("t1")).toEqual(ticket);
  expect(await client.readTicketStanding("t1")).toBeUndefined();
  expect((await failureOf(client.readTicketStanding("t1"))).kind).toBe("malformed");
  expect(server.urls[0]?.pathname).toBe("/api/tickets/t1");
});

test("another event than the one asked for is not taken for it", async () => {
  await using server = scripted(json(event));
  const failure = await failureOf(clientOf(server.url).client.readEvent("another"));
  expect(failure.kind).toBe("malformed");
});

test("tickets are asked for by parameters that Vivenu knows", async () => {
  await using server = scripted(json(ticketsPage));
  const { client } = clientOf(server.url);
  const page = await client.readTicketsPage({
    eventId: event._id,
    createdFrom: new Date(0),
    createdUntil: new Date("2026-06-01T00:00:00Z"),
    updatedFrom: new Date("2026-05-01T00:00:00Z"),
    statuses: ["VALID", "DETAILSREQUIRED"],
    top: 1000,
  });
  expect(page).toMatchObject({ total: 9, top: 1000, requests: 1, malformed: [] });
  expect(page.tickets).toHaveLength(9);
  expect(Object.fromEntries(server.urls[0]?.searchParams ?? [])).toEqual({
    event: event._id,
    start: "1970-01-01T00:00:00.000Z",
    end: "2026-06-01T00:00:00.000Z",
    "updatedAt[$gte]": "2026-05-01T00:00:00.000Z",
    status: "VALID,DETAILSREQUIRED",
    top: "1000",
    skip: "0",
  });
  expect(await client.readTicketTotal({ eventId: event._id })).toBe(9);
  expect(server.urls[1]?.search).toBe(`?event=${event._id}&top=1&skip=0`);
  // @ts-expect-error Vivenu answers 400 to parameters that it does not have.
  const unknown = () => client.readTicketsPage({ ticketTypeId: "x", top: 1 });
  expect(unknown).toBeFunction();
});

test("the seller of a key is read", async () => {
  await using server = scripted(json({ _id: "seller1", currency: "SEK", name: "Somebody" }));
  expect(await clientOf(server.url).client.readSeller()).toEqual({
    _id: "seller1",
    currency: "SEK",
  });
  expect(server.urls[0]?.pathname).toBe("/api/sellers/me");
});

test("a server error is asked again three times, later each time", async () => {
  await using server = scripted(status(500), status(502), status(500), json(event));
  const { client, clock, budget } = clientOf(server.url);
  expect((await client.readEvent(event._id))?._id).toBe(event._id);
  expect(clock.pauses).toEqual([500, 1000, 2000]);
  expect({ requests: client.requests, taken: budget.taken }).toEqual({ requests: 4, taken: 4 });
});

test.each([304, 408, 425])("%d is no answer to what was asked, and asked again", async (code) => {
  await using server = scripted(status(code), json(event));
  const { client, clock } = clientOf(server.url);
  expect((await client.readEvent(event._id))?._id).toBe(event._id);
  expect(clock.pauses).toEqual([500]);
});

test("a server that stays broken is unavailable", async () => {
  await using server = scripted(status(500));
  const failure = await failureOf(clientOf(server.url).client.readSeller());
  expect(failure.kind).toBe("unavailable");
  expect(failure.context).toMatchObject({ account: "DACH", status: 500 });
  expect(server.urls).toHaveLength(4);
});

test("chance spreads the retries of many", async () => {
  await using server = scripted(status(500), json(event));
  const { client, clock } = clientOf(server.url, { random: () => 0 });
  await client.readEvent(event._id);
  expect(clock.pauses).toEqual([250]);
});

test("a server that cannot be reached is unavailable, after three more tries", async () => {
  const gone = scripted(json({}));
  await gone[Symbol.asyncDispose]();
  const { client } = clientOf(gone.url);
  expect((await failureOf(client.readSeller())).kind).toBe("unavailable");
  expect(client.requests).toBe(4);
});

test("a server that does not answer in time is asked again", async () => {
  await using server = scripted(hanging, json(event));
  // Long enough for the second answer, where the machine has other things to do.
  const { client } = clientOf(server.url, { timeoutMs: 400 });
  expect((await client.readEvent(event._id))?._id).toBe(event._id);
});

test("an answer that is cut off is asked for again and never taken for an empty one", async () => {
  const cut: Answerer = () => new Response('{"rows":[{"email":"athlete01@example.com"');
  await using server = scripted(cut);
  const { client, lines } = clientOf(server.url);
  const failure = await failureOf(client.readEvents());
  expect(failure.kind).toBe("unavailable");
  expect(server.urls).toHaveLength(4);
  expect(JSON.stringify([failure.message, failure.context, failure.cause, lines])).not.toContain(
    "athlete01",
  );
});

test("who is throttled waits as many seconds as Vivenu says", async () => {
  await using server = scripted(status(429, { "retry-after": "17" }), json(event));
  const { client, clock } = clientOf(server.url);
  await client.readEvent(event._id);
  expect(clock.pauses).toEqual([17_000]);
});

test("who is throttled waits until the date that Vivenu says", async () => {
  const later = "Mon, 01 Jun 2026 00:01:30 GMT";
  await using server = scripted(status(429, { "retry-after": later }), json(event));
  const { client, clock } = clientOf(server.url);
  await client.readEvent(event._id);
  expect(clock.pauses).toEqual([90_000]);
});

test.each(["0", "Mon, 01 Jun 2026 00:00:00 GMT", "Mon, 01 Jan 2018 00:00:00 GMT"])(
  "who is throttled until %s waits as without a word, and does not ask again at once",
  async (said) => {
    await using server = scripted(status(429, { "retry-after": said }));
    const { client, clock } = clientOf(server.url);
    expect((await failureOf(client.readSeller())).kind).toBe("unavailable");
    expect(clock.pauses).toEqual([500, 1000, 2000, 4000, 8000]);
  },
);

test("who is throttled without a word waits twice as long each time, and tries six times", async () => {
  await using server = scripted(status(429, { "retry-after": "later" }), status(429));
  const { client, clock } = clientOf(server.url);
  expect((await failureOf(client.readSeller())).kind).toBe("unavailable");
  expect(clock.pauses).toEqual([500, 1000, 2000, 4000, 8000]);
  expect(client.requests).toBe(6);
});

test.each([401, 403])("a refused key (%d) is reported at once, by its account", async (code) => {
  await using server = scripted(status(code));
  const { client, lines } = clientOf(server.url);
  const failure = await failureOf(client.readEvents());
  expect(failure.kind).toBe("refused");
  expect(failure.message).toContain("account DACH");
  expect(failure.message).toContain("valid seller API key");
  expect(server.urls).toHaveLength(1);
  expect(JSON.stringify([failure.message, failure.context, lines])).not.toContain(KEY);
});

test.each([400, 404, 405, 413, 422])("%d is not asked again", async (code) => {
  await using server = scripted(status(code));
  const failure = await failureOf(clientOf(server.url).client.readTicketTotal({ eventId: "e" }));
  expect(failure.kind).toBe(code === 404 ? "missing" : "refused");
  if (code === 400) expect(failure.message).toContain("bug");
  expect(server.urls).toHaveLength(1);
});

test("the key goes where it was meant to go, and follows no redirect", async () => {
  await using elsewhere = scripted(json(event));
  const asked: (string | null)[] = [];
  await using server = scripted((request) => {
    asked.push(request.headers.get("authorization"));
    return Response.redirect(elsewhere.url, 302);
  });
  expect((await failureOf(clientOf(server.url).client.readSeller())).kind).toBe("refused");
  expect(asked).toEqual([`Bearer ${KEY}`]);
  expect(elsewhere.urls).toEqual([]);
});

test("a key that cannot be sent is reported without its value", async () => {
  await using server = scripted(json(event));
  const { client, lines } = clientOf(server.url, { apiKey: `${KEY}\n` });
  const failure = await failureOf(client.readSeller());
  expect(failure.kind).toBe("refused");
  expect(JSON.stringify([failure.message, failure.context, failure.cause, lines])).not.toContain(
    KEY,
  );
});

test("where Vivenu is overloaded, smaller pages are asked for, down to the smallest", async () => {
  await using server = scripted((_, { searchParams }) =>
    Number(searchParams.get("top")) > 60
      ? new Response(null, { status: 503 })
      : Response.json(ticketsPage),
  );
  const { client } = clientOf(server.url);
  const page = await client.readTicketsPage({ top: 1000 }, { smallestTop: 10 });
  expect(page).toMatchObject({ top: 31, requests: 6 });

  await using broken = scripted(status(503));
  const { client: other } = clientOf(broken.url);
  const failure = await failureOf(other.readTicketsPage({ top: 50 }, { smallestTop: 10 }));
  expect(failure.kind).toBe("unavailable");
  expect(broken.urls.map(({ searchParams }) => searchParams.get("top"))).toEqual([
    "50",
    "25",
    "12",
    "10",
    "10",
    "10",
  ]);
});

test.each([
  [2, {}],
  [4, { inFlight: 4 }],
])("no more than %d requests are under way at once", async (limit, options) => {
  let most = 0;
  let under = 0;
  await using server = scripted(async () => {
    under += 1;
    most = Math.max(most, under);
    await Bun.sleep(5);
    under -= 1;
    return Response.json({ _id: "seller1", currency: "EUR" });
  });
  const { client } = clientOf(server.url, options);
  await Promise.all(Array.from({ length: 7 }, () => client.readSeller()));
  expect(most).toBe(limit);
});

test("a request that is called off ends at once and is no failure of Vivenu's", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  await using server = scripted(() => {
    arrive();
    return new Promise(() => {});
  });
  const stop = new AbortController();
  const { client } = clientOf(server.url);
  const reading = client.readSeller({ signal: stop.signal }).catch((error: unknown) => error);
  await arrived;
  stop.abort(new Error("shutting down"));
  const error = await reading;
  expect(error).toEqual(new Error("shutting down"));
  expect(isFailure(error)).toBe(false);
  expect(client.requests).toBe(1);
});

test("nothing is asked for when the budget cannot be had", async () => {
  await using server = scripted(json(event));
  const budget = { take: () => Promise.reject(new Error("no database")) };
  const { client } = clientOf(server.url, { budget });
  await expect(client.readSeller()).rejects.toThrow("no database");
  expect(client.requests).toBe(0);
  expect(server.urls).toEqual([]);
});

test("a log line names the account and the path, and holds no body", async () => {
  await using server = scripted(
    () => new Response("athlete01@example.com", { status: 500 }),
    json(event),
  );
  const { client, lines } = clientOf(server.url);
  await client.readEvent(event._id);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "warn",
    event: "vivenu.retried",
    account: "DACH",
    path: `/api/events/${event._id}`,
    status: 500,
    waitMs: 500,
  });
  expect(lines[0]).not.toContain("athlete01");
});
