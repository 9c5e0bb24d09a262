import { expect, test } from "bun:test";
import { Hono } from "hono";
import { eventRow, KEY, testApi } from "../../../test/support/test-api.ts";

test("every request is one line that names the route, and nothing a caller sent", async () => {
  const webhooks = new Hono().post("/webhooks/:region", (c) => c.body(null, 202));
  const { app, get, lines } = testApi({ events: [eventRow()], webhooks });
  await get("/api/events/e1?hush=hush-value");
  await get("/api/events/e1");
  await get("/hush-path");
  await app.request("/api/events", { headers: { authorization: "Bearer hush-key" } });
  await app.request("/webhooks/dach", { method: "POST" });
  await app.request("/health");
  await app.request("/ready");
  const answered = lines.map(({ event, level, method, route, status }) =>
    [event, level, method, route, status].join(" "),
  );
  expect(answered).toEqual([
    "request.answered info GET /api/events/:eventId 400",
    "request.answered info GET /api/events/:eventId 200",
    "request.answered info GET unmatched 404",
    "request.answered info GET /api/events 401",
    "request.answered info POST /webhooks/:region 202",
    "request.answered debug GET /health 200",
    "request.answered debug GET /ready 200",
  ]);
  for (const line of lines) {
    expect(line.ms).toBe(0);
    expect(line.requestId).toBeString();
    expect(JSON.stringify(line)).not.toMatch(new RegExp(`hush|${KEY}`));
  }
});

test("a caller's request id is used when it is one", async () => {
  const { get } = testApi();
  const kept = await get("/api/events", { "x-request-id": "abc-123" });
  expect(kept.headers.get("x-request-id")).toBe("abc-123");
  const replaced = await get("/api/events", { "x-request-id": "a b<script>" });
  expect(replaced.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test.each(["/health", "/api/events", "/api/events?limit=0", "/status", "/none", "/openapi.json"])(
  "%s is kept by no cache, guessed at by no browser and read by no other site",
  async (path) => {
    const { get } = testApi();
    const { headers } = await get(path, { origin: "https://example.com" });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  },
);
