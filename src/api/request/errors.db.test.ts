import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { emptyDatabase } from "../../../test/support/database.ts";
import { eventRow, lastPage, status, testApi } from "../../../test/support/test-api.ts";
import { connect } from "../../database/connect.ts";
import { Failure, type FailureKind } from "../../lib/failure.ts";
import { Problem } from "./problem.ts";

const cursorOfEvents = Buffer.from(JSON.stringify(["event", 0, "e1"])).toString("base64url");

describe("a query that cannot be read is 400 and says what to do", () => {
  test.each([
    ["/api/events?limit=0", "limit: must be a whole number from 1 to 200"],
    ["/api/events?limit=201", "limit: must be a whole number from 1 to 200"],
    ["/api/events?limit=", "limit: must be a whole number from 1 to 200"],
    ["/api/events?limit=1.5", "limit: must be a whole number from 1 to 200"],
    ["/api/events?limit=many", "limit: must be a whole number from 1 to 200"],
    ["/api/events?limit=5&limit=6", "limit: give it once"],
    ["/api/events?region=MARS", "region: must be one of DACH, FRANCE"],
    ["/api/events?region=", "region: must be one of DACH, FRANCE"],
    [
      "/api/events?status=SELLING",
      "status: must be one of CANCELLED, ENDED, DRAFT, ANNOUNCED, ON_SALE, SOLD_OUT, SALES_CLOSED",
    ],
    [
      "/api/events?regoin=DACH",
      "Not a parameter here: regoin. Known: limit, cursor, region, status, class, eventType, q, from, to, percentSoldMin, percentSoldMax, inTotals, active, current, ids, as_of, sort, fields, updatedSince, comparables, vsUsualMin, vsUsualMax, format, delimiter, decimal.",
    ],
    ["/api/events?cursor=", "cursor: is not a nextCursor of this list; leave it out to begin anew"],
    ["/api/events?cursor=nonsense", "cursor: is not a nextCursor of this list"],
    ["/api/events?cursor=W10", "cursor: is not a nextCursor of this list"],
    [`/api/events?cursor=${cursorOfEvents}%3D`, "cursor: is not a nextCursor of this list"],
    [`/api/ticket-types?cursor=${cursorOfEvents}`, "cursor: is not a nextCursor of this list"],
    ["/api/ticket-types?limit=1001", "limit: must be a whole number from 1 to 1000"],
    ["/api/ticket-types?severity=high", "Not a parameter here: severity. Known: limit, cursor,"],
    ["/api/ticket-types?eventId=", "eventId: must not be empty"],
    [
      "/api/events/e1?limit=5",
      "Not a parameter here: limit. Known: class, inTotals, active, current, as_of, fields, comparables.",
    ],
    ["/api/events?region=DACH,MARS", "region: must be one of DACH, FRANCE, or several of them"],
    ["/api/events?status=ON_SALE,", "status: must be one of CANCELLED, ENDED,"],
    ["/api/events?class=races", "class: must be one of race, charity, spectator,"],
    ["/api/events?eventType=TRIPLE", "eventType: must be one of SINGLE, RECURRENCE, GROUP, ROOT"],
    ["/api/events?q=", "q: must have a letter or a digit in it"],
    ["/api/events?q=%C2%A1!", "q: must have a letter or a digit in it"],
    [`/api/events?q=${"a".repeat(201)}`, "q: must have 200 letters at most"],
    ["/api/events?from=2026-02-30", "from: must be a day like 2026-02-12"],
    ["/api/events?from=2026-02-12&to=2026-02-11", "to: must not be before from"],
    [
      "/api/events?percentSoldMin=-1",
      "percentSoldMin: must be a number of percent like 80 or 94.5",
    ],
    ["/api/events?percentSoldMax=NaN", "percentSoldMax: must be a number of percent"],
    ["/api/events?percentSoldMin=80&percentSoldMax=79.9", "percentSoldMax: must not be below"],
    ["/api/events?inTotals=1", "inTotals: must be true or false"],
    ["/api/events?active=", "active: must be true or false"],
    ["/api/events?current=yes", "current: must be true or false"],
    ["/api/events?ids=e1,,e2", "ids: must not be empty"],
    [`/api/events?ids=${"e,".repeat(200)}e`, "ids: must be 200 ids at most"],
    ["/api/events?sort=childEventIds", "sort: must be one of eventId, region, eventName,"],
    ["/api/events?sort=--totalSold", "sort: must be one of eventId,"],
    ["/api/events?sort=sold", "totalSold, totalAvailable, availableToBuy, reserved,"],
    [
      "/api/events?updatedSince=yesterday",
      "updatedSince: must be a nextUpdatedSince of this list,",
    ],
    ["/api/events?updatedSince=2026-02-30T00:00:00Z", "updatedSince: must be a nextUpdatedSince"],
    ["/api/events?updatedSince=2026-02-12T11:01:01Z", "updatedSince: must not be in the future"],
    ["/api/ticket-types?updatedSince=2030-01-01T00:00:00Z", "updatedSince: must not be in the"],
    [
      "/api/events?updatedSince=2026-02-12T11:00:00.000Z~1~99999999999999999999",
      "updatedSince: must be a nextUpdatedSince",
    ],
    [
      "/api/events?updatedSince=2026-02-12T11:00:00Z&as_of=2026-02-12T11:00:00Z",
      "updatedSince: says nothing of the past; leave out as_of or this",
    ],
    [
      "/api/events?updatedSince=2026-02-12T11:00:00.000Z~2~7",
      "updatedSince: is of another database than this one",
    ],
    [
      "/api/events?updatedSince=2026-02-12T11:00:00.000Z~1~701",
      "updatedSince: is of another database than this one",
    ],
    ["/api/events?fields=eventId,secret", "fields: must be one of eventId, region, eventName,"],
    [
      "/api/events/e1?fields=nothing",
      "lastUpdated, pace, ticketTypes, underShops, or several of them",
    ],
    ["/api/events/e1/ticket-types?limit=5", "Not a parameter here: limit."],
    ["/status?verbose=1", "Not a parameter here: verbose."],
  ])("%s", async (path, detail) => {
    const { get } = testApi({ events: [eventRow()] });
    const answer = await get(path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const body = Problem.parse(await answer.json());
    expect(body.detail).toContain(detail);
    const requestId = answer.headers.get("x-request-id") ?? "";
    expect(body).toEqual({
      type: "urn:vivenu-event-monitor:problem:parameters",
      title: "Bad Request",
      status: 400,
      detail: body.detail,
      instance: `urn:request:${requestId}`,
      requestId,
      errors: [{ name: expect.stringMatching(/^\w+$/), reason: expect.any(String) }],
    });
    const [{ name, reason } = { name: "", reason: "" }] = body.errors ?? [];
    expect(path).toContain(`${name}=`);
    expect(body.detail).toContain(reason.replace("is not a parameter here", `: ${name}.`));
  });

  test("all that is wrong is said at once", async () => {
    const { read } = testApi();
    expect((await read("/api/events?limit=0&region=MARS&foo=1")).detail).toBe(
      "Query parameter limit: must be a whole number from 1 to 200. " +
        "Query parameter region: must be one of DACH, FRANCE, or several of them with commas between them. " +
        "Not a parameter here: foo. Known: limit, cursor, region, status, class, eventType, q, from, to, " +
        "percentSoldMin, percentSoldMax, inTotals, active, current, ids, as_of, sort, fields, updatedSince, comparables, vsUsualMin, vsUsualMax, format, delimiter, decimal.",
    );
  });

  test("each parameter is named, with all that is wrong with it", async () => {
    const { read } = testApi();
    expect(await read("/api/events?limit=0&region=MARS&foo=1&bar=2")).toMatchObject({
      errors: [
        { name: "limit", reason: "must be a whole number from 1 to 200" },
        {
          name: "region",
          reason: "must be one of DACH, FRANCE, or several of them with commas between them",
        },
        { name: "foo", reason: "is not a parameter here" },
        { name: "bar", reason: "is not a parameter here" },
      ],
    });
  });

  test("a region where no account is configured", async () => {
    const { read } = testApi({ regions: [] });
    expect((await read("/api/events?region=DACH")).detail).toContain("no account is configured");
  });
});

describe("an address or a method that is not there", () => {
  test.each(["/", "/api", "/api/event", "/api/events/e1/tickets", "/metrics"])(
    "%s is 404",
    async (path) => {
      const { get } = testApi({ events: [eventRow()] });
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ title: "Not Found", status: 404 });
    },
  );

  test.each([
    ["POST", "/api/events"],
    ["DELETE", "/api/events/e1"],
    ["PUT", "/docs"],
    ["POST", "/health"],
  ])("%s %s is 405 and names the methods there are", async (method, path) => {
    const { app } = testApi();
    const answer = await app.request(path, { method, headers: { "x-api-key": "test-key-one" } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    expect(await answer.json()).toMatchObject({ title: "Method Not Allowed", status: 405 });
  });

  test.each([
    ["/api/ticket-types", "GET, HEAD, OPTIONS"],
    ["/api/events/e1/sales", "GET, HEAD, OPTIONS"],
    ["/health", "GET, HEAD, OPTIONS"],
    ["/webhooks/dach", "OPTIONS, POST"],
  ])("OPTIONS %s is 204 and names the methods there are: %s", async (path, allow) => {
    const webhooks = new Hono().post("/webhooks/:region", (c) => c.text(""));
    const { app } = testApi({ webhooks });
    const answer = await app.request(path, {
      method: "OPTIONS",
      headers: { "x-api-key": "test-key-one" },
    });
    expect([answer.status, answer.headers.get("allow")]).toEqual([204, allow]);
    expect(await answer.text()).toBe("");
  });

  test("a slash at the end is no other address", async () => {
    const { get } = testApi({ events: [eventRow()] });
    for (const path of ["/api/events", "/api/events/e1", "/status", "/openapi.json", "/health"]) {
      const [without, slashed] = [await get(path), await get(`${path}/`)];
      expect([path, slashed.status]).toEqual([path, 200]);
      expect(await slashed.text()).toBe(await without.text());
    }
    expect((await get("/api/events/?limit=0")).status).toBe(400);
    expect((await get("/api/nothing/")).status).toBe(404);
    // What the page names is beside /docs.
    const moved = await get("/docs/");
    expect(moved.status).toBe(308);
    expect(new URL(moved.headers.get("location") ?? "", "http://h/a/docs/").pathname).toBe(
      "/a/docs",
    );
  });
});

describe("a form that the caller takes", () => {
  test.each([
    ["/api/events", "application/json", 200],
    ["/api/events", "application/*;q=0.1", 200],
    ["/api/events", "text/html, */*;q=0.8", 200],
    ["/api/events", "Application/JSON; charset=utf-8", 200],
    ["/api/events", "nonsense", 200],
    ["/api/events", "", 200],
    ["/api/events", "image/png", 406],
    ["/api/events/e1", "text/*", 406],
    ["/api/events/e1", "application/json;q=0, */*", 406],
    ["/api/events", "*/*;q=0", 406],
    ["/api/events/e1", "text/html", 406],
    ["/docs", "application/json", 406],
    ["/docs", "text/html", 200],
    ["/docs/start.js", "text/html", 200],
    ["/metrics", "application/openmetrics-text;q=0.5, text/plain;version=0.0.4;q=0.3", 200],
    ["/metrics", "application/json", 406],
    ["/api/nothing", "image/png", 404],
  ])("is answered, or 406 where there is none: %s as %s", async (path, accept, status) => {
    const metrics = async () => ({ contentType: "text/plain", body: "" });
    const { get } = testApi({ events: [eventRow()], metrics });
    const answer = await get(path, { accept });
    expect(answer.status).toBe(status);
    if (status === 406) {
      const form = path === "/docs" ? "text/html" : path === "/metrics" ? "text/plain" : "json";
      expect(Problem.parse(await answer.json()).detail).toContain(form);
    }
  });
});

test("a list that goes on says where in a header too, with what was asked for", async () => {
  const lists = {
    events: async () => ({ ...lastPage, rows: [eventRow()], next: { key: 1, ids: ["e1"] } }),
    ticketTypes: async () => ({ ...lastPage, rows: [] }),
  };
  const { get } = testApi({ lists });
  const answer = await get("/api/events?region=DACH&limit=1");
  const { nextCursor } = (await answer.json()) as { nextCursor: string };
  expect(answer.headers.get("link")).toBe(
    `<?region=DACH&limit=1&cursor=${nextCursor}>; rel="next"`,
  );
  const second = await get(`/api/events?region=DACH&limit=1&cursor=${nextCursor}`);
  expect(second.headers.get("link")).toContain(`<?region=DACH&limit=1&cursor=`);
  expect((await get("/api/ticket-types")).headers.has("link")).toBe(false);
});

const failing = (error: unknown) =>
  testApi({
    readRows: () => Promise.reject(error),
    readStatus: () => Promise.reject(error),
    checkReady: () => Promise.reject(error),
  });

describe("what fails behind a route", () => {
  test.each<[FailureKind, number]>([
    ["missing", 404],
    ["malformed", 422],
    ["refused", 502],
    ["unavailable", 503],
  ])("is %s and answered %d", async (kind, expected) => {
    const { get } = failing(new Failure(kind, "what happened, with Bearer abc123"));
    for (const path of [
      "/api/events",
      "/api/events/e1",
      "/api/ticket-types",
      "/status",
      "/ready",
    ]) {
      const answer = await get(path);
      expect(answer.status).toBe(expected);
      expect(answer.headers.get("retry-after")).toBe(expected === 503 ? "5" : null);
      expect(await answer.json()).toMatchObject({ detail: "what happened, with [secret]" });
    }
  });

  test.each([
    "ECONNREFUSED",
    "CONNECTION_CLOSED",
    "CONNECTION_ENDED",
    "CONNECT_TIMEOUT",
    "CERT_HAS_EXPIRED",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "TLS_NOT_OFFERED",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
    "57P01",
    "08006",
    "53300",
    "28P01",
    "3D000",
  ])("is 503 when the database says %s", async (code) => {
    const { get } = failing(Object.assign(new Error("at 10.0.0.7"), { code }));
    const answer = await get("/api/events");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await answer.text()).not.toContain("10.0.0.7");
  });

  test.each([
    new Error("column secret_thing does not exist"),
    Object.assign(new Error("secret_thing"), { code: "42703" }),
    new TypeError("secret_thing is undefined"),
  ])("is 500 without its text otherwise, and the log has it: %s", async (error) => {
    const { get, lines } = failing(error);
    const answer = await get("/api/events");
    expect(answer.status).toBe(500);
    const body = Problem.parse(await answer.json());
    const requestId = answer.headers.get("x-request-id") ?? "";
    expect(body).toEqual({
      type: "about:blank",
      title: "Internal Server Error",
      status: 500,
      detail: "Something is wrong on our side. The log has more under this requestId.",
      instance: `urn:request:${requestId}`,
      requestId,
    });
    const failed = lines.find(({ event }) => event === "request.failed");
    expect(failed).toMatchObject({ level: "error", requestId: body.requestId });
    expect(JSON.stringify(failed)).toContain("secret_thing");
  });

  test("is 503 when PostgreSQL is really not there", async () => {
    const nowhere = connect("postgres://nobody@127.0.0.1:1/none", { max: 1 });
    const refused = testApi({ readRows: async () => void (await nowhere`select 1`) as never });
    expect((await refused.get("/api/events")).status).toBe(503);
    await nowhere.end({ timeout: 1 });

    await using database = await emptyDatabase();
    const { sql } = database;
    const cut = testApi({
      readRows: async () =>
        void (await sql`select pg_terminate_backend(pg_backend_pid())`) as never,
    });
    expect((await cut.get("/api/events")).status).toBe(503);
  });

  test("is the same for the webhooks", async () => {
    const webhooks = new Hono().post("/webhooks/:region", () => {
      throw new Failure("unavailable", "The delivery could not be kept.");
    });
    const { app } = testApi({ webhooks });
    const answer = await app.request("/webhooks/dach", { method: "POST" });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
});

describe("operation", () => {
  test("/health is 200 while the process runs, whatever the database does", async () => {
    const { app } = failing(Object.assign(new Error("gone"), { code: "ECONNREFUSED" }));
    const answer = await app.request("/health");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ok", version: "1.2.3" });
  });

  test("/ready is 503 until it is ready", async () => {
    const checkReady = () => Promise.reject(new Failure("unavailable", "PostgreSQL is full."));
    const waiting = await testApi({ checkReady }).app.request("/ready");
    expect(waiting.status).toBe(503);
    expect(await waiting.clone().json()).toMatchObject({ detail: "PostgreSQL is full." });
    expect(waiting.headers.get("content-type")).toBe("application/problem+json");
    const ready = await testApi().app.request("/ready");
    expect(await ready.json()).toEqual({ status: "ready", version: "1.2.3" });
  });

  test("not being ready is no warning in the log, and what breaks meanwhile is", async () => {
    const levelsOf = async (error: Error) => {
      const { app, lines } = failing(error);
      expect((await app.request("/ready")).status).toBeGreaterThanOrEqual(500);
      return lines.flatMap(({ event, level }) => (event === "request.failed" ? level : []));
    };
    expect(await levelsOf(new Failure("unavailable", "not yet"))).toEqual(["debug"]);
    expect(await levelsOf(new Failure("refused", "a wrong key"))).toEqual(["warn"]);
    expect(await levelsOf(new TypeError("x is undefined"))).toEqual(["error"]);
  });

  test("/status answers what it is given, degraded or not", async () => {
    const degraded = {
      ...status,
      status: "degraded" as const,
      problems: ["DACH does not answer."],
    };
    const { get } = testApi({ readStatus: async () => degraded });
    const answer = await get("/status");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(degraded);
  });

  test("/metrics answers in the format it is given", async () => {
    const contentType = "text/plain; version=0.0.4; charset=utf-8";
    const { get } = testApi({ metrics: async () => ({ contentType, body: "up 1\n" }) });
    const answer = await get("/metrics");
    expect(answer.headers.get("content-type")).toBe(contentType);
    expect(await answer.text()).toBe("up 1\n");
  });
});
