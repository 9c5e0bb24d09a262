import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { Hono } from "hono";
import { KEY, OTHER_KEY, ringOf, testApi } from "../../../test/support/test-api.ts";
import { systemClock } from "../../lib/clock.ts";
import type { ApiKey } from "../request/callers.ts";
import type { ApiEnv } from "../request/problem.ts";
import { requireKey } from "./auth.ts";

const closed = [
  "/status",
  "/api/events",
  "/api/events/e1",
  "/api/events/e1/ticket-types",
  "/api/ticket-types",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/docs/start.js",
  "/nothing-here",
  "/",
];

const basic = (password: string) =>
  `Basic ${Buffer.from(`anybody:${password}`).toString("base64")}`;

const metrics = async () => ({ contentType: "text/plain", body: "" });

describe("the key", () => {
  test.each(closed)("is needed for %s", async (path) => {
    const { app } = testApi({ metrics });
    const answer = await app.request(path);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("www-authenticate")).toStartWith(
      /docs|openapi/.test(path) ? "Basic " : "Bearer ",
    );
    expect(await answer.json()).toMatchObject({ title: "Unauthorized", status: 401 });
  });

  test.each([
    { authorization: `Bearer ${KEY}` },
    { authorization: `bearer ${OTHER_KEY}` },
    { "x-api-key": KEY },
    { "x-api-key": OTHER_KEY },
    { "x-api-key": KEY, authorization: basic("of another site") },
    { authorization: `Bearer ${KEY}`, "x-api-key": "wrong" },
    { authorization: basic(KEY) },
  ])("opens as %o", async (headers: Record<string, string>) => {
    const { app } = testApi();
    expect((await app.request("/api/events", { headers })).status).toBe(200);
  });

  test.each([
    { authorization: "Bearer wrong" },
    { authorization: "Bearer " },
    { authorization: `Bearer ${KEY} ${KEY}` },
    { authorization: KEY },
    { authorization: `Token ${KEY}` },
    { authorization: basic(`${KEY}x`) },
    { "x-api-key": `${KEY}x` },
    { "x-api-key": KEY.slice(0, -1) },
    { "x-api-key": "" },
  ])("is refused as %o, in the same words", async (headers: Record<string, string>) => {
    const { app } = testApi();
    const answer = await app.request("/api/events", { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      detail:
        "Send an API key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`; to a GET also as the password of HTTP Basic.",
    });
  });

  test("is a browser's password at the documentation, with any user name", async () => {
    const { app } = testApi();
    for (const path of ["/docs", "/openapi.json", "/docs/start.js"]) {
      const opened = await app.request(path, { headers: { authorization: basic(KEY) } });
      expect(opened.status).toBe(200);
      const refused = await app.request(path, { headers: { authorization: basic("wrong") } });
      expect(refused.status).toBe(401);
    }
    const colon = testApi({ keys: ringOf("with:colon") }).app;
    const headers = { authorization: basic("with:colon") };
    expect((await colon.request("/docs", { headers })).status).toBe(200);
  });

  test("is not in the query", async () => {
    const { app } = testApi();
    expect((await app.request(`/api/events?key=${KEY}`)).status).toBe(401);
  });

  test("opens nothing when the list of keys is empty", async () => {
    const { app } = testApi({ keys: ringOf() });
    expect((await app.request("/api/events")).status).toBe(401);
    const headers = { "x-api-key": "" };
    expect((await app.request("/api/events", { headers })).status).toBe(401);
  });

  test("is needed for neither the probes nor the webhooks", async () => {
    const webhooks = new Hono().post("/webhooks/:region", (c) =>
      c.json({ region: c.req.param("region") }),
    );
    const { app } = testApi({ webhooks });
    expect((await app.request("/health")).status).toBe(200);
    expect((await app.request("/ready")).status).toBe(200);
    const delivered = await app.request("/webhooks/dach", { method: "POST" });
    expect(await delivered.json()).toEqual({ region: "dach" });
    expect((await app.request("/webhooks/dach")).status).toBe(405);
    expect((await app.request("/webhooks/dach/more", { method: "POST" })).status).toBe(401);
  });
});

describe("without any key configured", () => {
  test.each(["localhost", "localhost:3000", "127.0.0.1:80", "[::1]:3000", "LOCALHOST"])(
    "%s is answered",
    async (host) => {
      const { app } = testApi({ keys: undefined });
      expect((await app.request("/api/events", { headers: { host } })).status).toBe(200);
    },
  );

  test.each(["example.com", "localhost.example.com", "10.0.0.1:3000", "127.0.0.1.example.com"])(
    "%s is not",
    async (host) => {
      const { app } = testApi({ keys: undefined });
      const answer = await app.request("/api/events", { headers: { host } });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect((await app.request("/health", { headers: { host } })).status).toBe(200);
    },
  );
});

test("what goes on for hours ends when its key sees something else, and not when that is listed in another order", async () => {
  const digest = createHash("sha256").update(KEY).digest();
  let seen: { accounts?: string[]; events?: string[] } = {};
  let asked: Promise<readonly ApiKey[]> | undefined;
  const read = () => {
    asked = Promise.resolve([{ name: "ours", isAdmin: false, digest, ...seen }]);
    return asked;
  };
  const app = new Hono<ApiEnv>();
  app.use(
    requireKey({
      keys: { read },
      limits: { perKey: 100, failedPerAddress: 100, trustedProxies: 0 },
      clock: systemClock,
      sealSecret: "the service's own",
    }),
  );
  let goesOn: (() => boolean) | undefined;
  app.get("/", (c) => {
    goesOn = c.get("mayStillRead");
    return c.body(null, 204);
  });
  async function goesOnWith(later: typeof seen) {
    await app.request("/", { headers: { "x-api-key": KEY } });
    const before = seen;
    seen = later;
    // It asks for the keys of now, and hears of them the next time.
    expect(goesOn?.()).toBe(true);
    await asked;
    seen = before;
    return goesOn?.();
  }

  seen = { accounts: ["DACH", "FRANCE"], events: ["one", "two"] };
  expect(await goesOnWith({ accounts: ["FRANCE", "DACH"], events: ["two", "one"] })).toBe(true);
  expect(await goesOnWith({ accounts: ["FRANCE"], events: ["one", "two"] })).toBe(false);
  expect(await goesOnWith({ accounts: ["DACH", "FRANCE"], events: ["one"] })).toBe(false);
  expect(await goesOnWith({ accounts: ["one", "two"], events: ["DACH", "FRANCE"] })).toBe(false);
});
