import { describe, expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../test/support/facts.ts";
import { applyKept } from "../../test/support/given.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import { say } from "../../test/support/say.ts";
import { KEY, testApi } from "../../test/support/test-api.ts";
import type { Pool } from "../database/connect.ts";
import { withOrigin } from "../lib/http.ts";
import { readChanges } from "../projections/queries/change-list.ts";
import { readEventLevels } from "../projections/queries/event-levels.ts";
import { readForecast } from "../projections/queries/forecast.ts";
import { trialBook } from "../projections/queries/forecast-trials.ts";
import { readEventPage, readTicketTypePage } from "../projections/queries/lists.ts";
import { readPaces } from "../projections/queries/pace.ts";
import { paceBook } from "../projections/queries/pace-book.ts";
import { revisionReader } from "../projections/queries/rows-revision.ts";
import { readSalesCurve } from "../projections/queries/sales-curve.ts";
import { readSeasonSales } from "../projections/queries/season-sales.ts";
import { readEventRows } from "../projections/queries/shown.ts";
import { defaultPolicy } from "../rules/capacity.ts";
import { keptAnswers } from "./answer/kept-answers.ts";
import { type Keeping, keptRoutes } from "./kept.ts";

const LAUNCH = "2026-04-01T10:00:20.500Z";

/** The API over PostgreSQL's rows, at whatever time the test says; `asked` counts what PostgreSQL is asked. */
async function stage({ salt = "one program", answers }: Partial<Keeping> = {}) {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [
    eventUpdated({
      ...{ eventId: "berlin", sellStart: LAUNCH, sellEnd: "2026-08-01T10:00:00.000Z" },
      ticketTypes: [ticketType({ amount: 500 })],
    }),
    salesCounted({ eventId: "berlin", ticketTypes: [typeCount({ sold: 4 })] }),
  ]);
  let now = new Date("2026-04-01T10:00:00.000Z");
  let asked = 0;
  const counted: Pool = new Proxy(sql, {
    apply(target, of, given) {
      asked += 1;
      return Reflect.apply(target, of, given);
    },
  });
  const { countedClasses } = defaultPolicy;
  const book = paceBook(counted);
  const trials = trialBook({ onError: () => {} });
  const rowsNow = () => ({ policy: defaultPolicy, now });
  const readRows = ({ eventId }: { eventId: string }) => readEventRows(counted, eventId, rowsNow());
  const api = testApi({
    clock: { now: () => now, pause: async () => {} },
    readRows,
    lists: {
      events: (wanted) => readEventPage(counted, wanted, rowsNow()),
      ticketTypes: (wanted) => readTicketTypePage(counted, wanted, rowsNow()),
    },
    readChanges: (wanted) => readChanges(counted, wanted),
    async readSales(eventId, wanted) {
      const { events, ticketTypes } = await readRows({ eventId });
      const [event] = events;
      if (!event) return undefined;
      const rows = { event, ticketTypes };
      const options = { rows, countedClasses: defaultPolicy.countedClasses, ...wanted };
      return { timezone: event.timezone, sales: await readSalesCurve(counted, options) };
    },
    async readLevels(eventId, wanted) {
      const { events, ticketTypes } = await readRows({ eventId });
      const [event] = events;
      if (!event) return undefined;
      return readEventLevels(counted, wanted, { ...rowsNow(), rows: { event, ticketTypes } });
    },
    async readForecast(eventId, { asOf }) {
      const { events } = await readRows({ eventId });
      const [event] = events;
      const options = { ...rowsNow(), book, trials, countedClasses, history: "stored" as const };
      const readSteps = async () => [];
      const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
      return event && readForecast(event, asOf ?? minute, { ...options, readSteps });
    },
    readSeasonSales: (wanted) => readSeasonSales(counted, wanted, { ...rowsNow(), countedClasses }),
    readPaces: (events, { comparables }) =>
      readPaces(events, { ...rowsNow(), book, countedClasses, comparables }),
    keeping: { readRevision: revisionReader(counted), salt, ...(answers && { answers }) },
  });
  return {
    ...api,
    sql,
    setTime(time: string) {
      now = new Date(time);
    },
    async asks(work: () => Promise<unknown>) {
      const before = asked;
      await work();
      return asked - before;
    },
    async tagOf(path: string) {
      return (await api.get(path)).headers.get("etag") ?? "none";
    },
  };
}

const paths = [...keptRoutes.keys()].map((route) => route.replace(":eventId", "berlin"));

describe("an answer that still holds", () => {
  test.each(paths)("is 304 after one look-up and no row, HEAD as well: %s", async (path) => {
    const { get, app, asks } = await stage();
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    expect(answer.headers.get("vary")).toBe("Accept-Encoding, Accept");
    const etag = answer.headers.get("etag") ?? "none";
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    const strong = etag.replace("W/", "");
    for (const named of [etag, strong, `"another", ${etag}`, `W/"x",${strong}`]) {
      const headers = { "x-api-key": KEY, "if-none-match": named };
      for (const method of ["GET", "HEAD"]) {
        const queries = await asks(async () => {
          const unchanged = await app.request(path, { method, headers });
          expect([method, named, unchanged.status]).toEqual([method, named, 304]);
          expect(unchanged.headers.get("etag")).toBe(etag);
          expect(unchanged.headers.get("cache-control")).toBe("private, no-cache");
          expect(unchanged.headers.get("vary")).toBe("Accept-Encoding, Accept");
          expect(unchanged.headers.has("content-type")).toBe(false);
          expect(await unchanged.text()).toBe("");
        });
        expect(queries).toBe(1);
      }
    }
    const any = await get(path, { "if-none-match": "*" });
    expect([any.status, any.headers.get("etag")]).toEqual([304, etag]);
    for (const other of ['W/"another"', "", etag.slice(3, -1), strong.toLowerCase()])
      expect((await get(path, { "if-none-match": other })).status).toBe(200);
  });

  test("has the same tag compressed", async () => {
    const { get, tagOf } = await stage();
    const path = "/api/events";
    const squeezed = await get(path, { "accept-encoding": "gzip" });
    expect(squeezed.headers.get("etag")).toBe(await tagOf(path));
  });

  test("holds until rows are written, whoever wrote them, and a status turns", async () => {
    const { sql, get, tagOf, setTime } = await stage();
    const path = "/api/events/berlin?fields=eventId,status,totalSold";
    let tag = await tagOf(path);
    const isAnother = async () => {
      const answer = await get(path, { "if-none-match": tag });
      const body = answer.status === 200 ? JSON.parse(await answer.text()) : undefined;
      tag = answer.headers.get("etag") ?? "none";
      return body;
    };
    setTime("2026-04-01T10:00:20.499Z");
    expect(await isAnother()).toBeUndefined();
    setTime(LAUNCH);
    expect(await isAnother()).toMatchObject({ status: "ON_SALE" });
    setTime("2026-07-31T10:00:00.000Z");
    expect(await isAnother()).toBeUndefined();
    await applyKept(sql, [
      salesCounted({
        ...{ eventId: "berlin", countedAt: "2026-05-01T10:00:00.000Z" },
        ticketTypes: [typeCount({ sold: 5 })],
      }),
    ]);
    expect(await isAnother()).toMatchObject({ totalSold: 5 });
    setTime("2026-08-01T10:00:00.000Z");
    expect(await isAnother()).toMatchObject({ status: "SALES_CLOSED" });
  });

  test("holds to the end of the hour where it has a pace, whose windows end with whole hours", async () => {
    const { tagOf, setTime } = await stage();
    for (const path of [
      ...["/api/events/berlin", "/api/events?fields=eventId,pace"],
      "/api/events?fields=eventId&fields=pace",
    ]) {
      setTime("2026-04-01T12:00:00.000Z");
      const tag = await tagOf(path);
      setTime("2026-04-01T12:59:59.999Z");
      expect(await tagOf(path)).toBe(tag);
      setTime("2026-04-01T13:00:00.000Z");
      expect(await tagOf(path)).not.toBe(tag);
    }
  });

  test.each([...paths, "/api/events/berlin/levels?from=2026-04-02"])(
    "says what it said as long as its tag is the same: %s",
    async (path) => {
      const { get, setTime } = await stage();
      const said = new Map<string, string>();
      // Minutes, a day and a year on: what moves with time otherwise than statuses turn has to say so.
      for (const time of [
        ...["2026-04-01T10:00:00.000Z", "2026-04-01T10:00:20.000Z", "2026-04-01T10:01:00.000Z"],
        ...["2026-04-01T11:01:00.000Z", "2026-04-03T10:00:00.000Z", "2027-04-03T10:00:00.000Z"],
      ]) {
        setTime(time);
        const answer = await get(path);
        const tag = answer.headers.get("etag") ?? "none";
        // Up to where an answer knows the rows moves on without them; an older such place is as good.
        const body = (await answer.text()).replace(/"nextUpdatedSince":"[^"]*"/, "");
        expect(said.get(tag) ?? body).toBe(body);
        said.set(tag, body);
      }
      expect(said.size).toBeGreaterThan(1);
    },
  );

  test("is of its question, its form, its program and its settings", async () => {
    const { tagOf, get } = await stage();
    const tags = [
      await tagOf("/api/events"),
      await tagOf("/api/events?limit=2"),
      await tagOf("/api/ticket-types"),
      (await get("/api/events", { accept: "application/json" })).headers.get("etag"),
      await (await stage({ salt: "another program" })).tagOf("/api/events"),
    ];
    expect(new Set(tags).size).toBe(tags.length);
  });
});

describe("an answer that was made for somebody else", () => {
  const mostBytes = 1_000_000;

  test.each(paths)(
    "is given again after one look-up and no row, HEAD as well: %s",
    async (path) => {
      const { get, app, asks } = await stage({ answers: keptAnswers({ mostBytes }) });
      const made = await get(path);
      const body = await made.text();
      const queries = await asks(async () => {
        const again = await get(path);
        expect([again.status, await again.text()]).toEqual([200, body]);
        const of = (answer: Response) =>
          [...answer.headers].filter(([name]) => !/^(x-request-id|ratelimit)/.test(name)).sort();
        expect(of(again)).toEqual(of(made));
      });
      expect(queries).toBe(1);
      const head = await app.request(path, { method: "HEAD", headers: { "x-api-key": KEY } });
      expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(body)));
    },
  );

  test("is made anew when a row is written", async () => {
    const { sql, get } = await stage({ answers: keptAnswers({ mostBytes }) });
    const path = "/api/events/berlin?fields=totalSold";
    expect(await (await get(path)).json()).toMatchObject({ totalSold: 4 });
    await applyKept(sql, [
      salesCounted({
        ...{ eventId: "berlin", countedAt: "2026-05-01T10:00:00.000Z" },
        ticketTypes: [typeCount({ sold: 5 })],
      }),
    ]);
    expect(await (await get(path)).json()).toMatchObject({ totalSold: 5 });
  });

  test("comes in the coding that is asked for", async () => {
    const { get } = await stage({ answers: keptAnswers({ mostBytes }) });
    const codings = ["gzip", "identity", "gzip"].map(async (coding) => {
      const answer = await get("/api/events/berlin", { "accept-encoding": coding });
      return answer.headers.get("content-encoding");
    });
    expect(await Promise.all(codings)).toEqual(["gzip", null, "gzip"]);
  });

  test("is no fault, no file, and none that takes the place of many", async () => {
    const answers = keptAnswers({ mostBytes });
    const { get, asks } = await stage({ answers });
    for (const path of ["/api/events/nobody", "/api/ticket-types?format=csv"]) {
      await get(path);
      const queries = await asks(async () => get(path));
      expect([path, queries]).not.toEqual([path, 1]);
    }
    const large = new Response(JSON.stringify("x".repeat(600_000)), {
      headers: { "content-type": "application/json" },
    });
    expect((await (await answers.keep("large", large)).text()).length).toBeGreaterThan(600_000);
    expect(answers.find("large")).toBeUndefined();
  });
});

describe("what may not be kept", () => {
  test("are errors, and what is not made of rows alone", async () => {
    const { get } = await stage();
    for (const path of ["/api/events?limit=0", "/api/events/nobody", "/status", "/health"]) {
      const answer = await get(path, { "if-none-match": "*" });
      expect([path, answer.headers.get("cache-control")]).toEqual([path, "no-store"]);
      expect([path, answer.headers.has("etag")]).toEqual([path, false]);
      expect([path, answer.status]).not.toEqual([path, 304]);
    }
  });

  test("are answers while rows are still being made", async () => {
    const { sql, get } = await stage();
    await sql`update event_shown set document = null`;
    const answer = await get("/api/events");
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(answer.headers.has("etag")).toBe(false);
  });

  test("is named: every other route under /api is one that somebody chose not to have kept", async () => {
    const moving = ["/api/links"];
    const { app } = await stage();
    const routes = app.routes.filter(({ method, path }) => method === "GET" && /^\/api/.test(path));
    const others = [...new Set(routes.map(({ path }) => path))].filter((p) => !keptRoutes.has(p));
    expect(others.sort()).toEqual(moving);
  });
});

test("on the wire nothing says that what is unchanged were empty", async () => {
  const { app, tagOf } = await stage();
  const server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch: (request) => app.fetch(withOrigin(request)),
  });
  try {
    const tag = await tagOf("/api/events");
    for (const method of ["GET", "HEAD"]) {
      const said = await say(
        server.port ?? 0,
        `${method} /api/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${KEY}\r\nIf-None-Match: ${tag}\r\nConnection: close\r\n\r\n`,
      );
      expect(said).toStartWith("HTTP/1.1 304");
      expect(said.toLowerCase()).not.toContain("content-length: 0");
    }
  } finally {
    await server.stop(true);
  }
});
