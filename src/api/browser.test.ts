import { describe, expect, test } from "bun:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { KEY, testApi, ticketTypeRow } from "../../test/support/test-api.ts";

const origin = "https://dashboard.example.com";
const preflight = {
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "GET",
    "access-control-request-headers": "x-api-key",
  },
};

describe("a page of another origin", () => {
  test("may not ask unless its origin is named", async () => {
    const { app, get } = testApi();
    expect((await app.request("/api/events", preflight)).status).toBe(401);
    expect((await get("/api/events", { origin })).headers.has("access-control-allow-origin")).toBe(
      false,
    );
    const named = testApi({ origins: ["https://other.example.com"] });
    for (const answer of [
      await named.app.request("/api/events", preflight),
      await named.get("/api/events", { origin }),
    ])
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  });

  test("that is named asks first without the key, and then with it", async () => {
    const { app, get } = testApi({ origins: [origin] });
    const may = await app.request("/api/events", preflight);
    expect(may.status).toBe(204);
    expect(may.headers.get("access-control-allow-origin")).toBe(origin);
    expect(may.headers.get("access-control-allow-headers")).toContain("x-api-key");
    expect(may.headers.get("access-control-allow-methods")).toBe("GET,HEAD");
    expect(may.headers.has("access-control-allow-credentials")).toBe(false);
    const answer = await get("/api/events", { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("vary")).toContain("Origin");
    // What a page may read of an answer: a file's name, whether it still holds, where it goes on, when to
    // ask again, and by which number to find it.
    const readable = answer.headers.get("access-control-expose-headers") ?? "";
    expect(readable.split(",").sort()).toEqual([
      "content-disposition",
      "etag",
      "link",
      "ratelimit",
      "ratelimit-policy",
      "retry-after",
      "x-request-id",
    ]);
  });

  test("takes from nobody what an address answers at all", async () => {
    const { app } = testApi({ origins: [origin] });
    const headers = { "x-api-key": KEY };
    const answer = await app.request("/api/events", { method: "OPTIONS", headers });
    expect([answer.status, answer.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });

  test("may ask in dev where it is served by this machine, at whatever port, and nowhere else", async () => {
    const { get } = testApi({ isLoopbackLetIn: true });
    const isLetIn = async (from: string) =>
      (await get("/api/events", { origin: from })).headers.get("access-control-allow-origin") ===
      from;
    for (const from of ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:8080"])
      expect([from, await isLetIn(from)]).toEqual([from, true]);
    for (const from of [origin, "http://localhost.example.com", "http://127.0.0.1.example.com:80"])
      expect([from, await isLetIn(from)]).toEqual([from, false]);
  });

  test("can read why it was refused", async () => {
    const failing = testApi({
      origins: [origin],
      readRows: async () => {
        throw Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
      },
    });
    const headers = { origin };
    for (const [answer, status] of [
      [await failing.app.request("/api/events", { headers }), 401],
      [await failing.get("/api/events?limit=0", headers), 400],
      [await failing.get("/api/events", headers), 503],
    ] as const) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
    }
  });
});

describe("a long answer", () => {
  const ticketTypes = Array.from({ length: 200 }, () => ticketTypeRow());

  test("is compressed as whoever asks would have it most", async () => {
    const { app, get } = testApi({ ticketTypes });
    const plain = await get("/api/ticket-types");
    expect(plain.headers.has("content-encoding")).toBe(false);
    expect(plain.headers.get("vary")).toContain("Accept-Encoding");
    const whole = await plain.text();
    for (const [asked, coding, unpack] of [
      ["gzip, deflate, br", "gzip", gunzipSync],
      ["gzip, deflate, br, zstd", "zstd", zstdDecompressSync],
      ["*", "zstd", zstdDecompressSync],
      ["zstd;q=0.5, gzip", "gzip", gunzipSync],
      ["zstd;q=0, *;q=0.1", "gzip", gunzipSync],
    ] as const) {
      const headers = { "x-api-key": KEY, "accept-encoding": asked };
      const answer = await app.request("/api/ticket-types", { headers });
      expect([asked, answer.headers.get("content-encoding")]).toEqual([asked, coding]);
      expect(answer.headers.get("vary")).toContain("Accept-Encoding");
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect(bytes.length).toBeLessThan(whole.length / 10);
      expect(unpack(bytes).toString()).toBe(whole);
    }
    for (const asked of ["br", "identity", "gzip;q=0, identity", ""]) {
      const headers = { "x-api-key": KEY, "accept-encoding": asked };
      const answer = await app.request("/api/ticket-types", { headers });
      expect([asked, answer.headers.get("content-encoding")]).toEqual([asked, null]);
      expect(await answer.text()).toBe(whole);
    }
  });

  test("that is a file is compressed as it comes, and a short one or a fault is not", async () => {
    const { app } = testApi({ ticketTypes });
    const headers = { "x-api-key": KEY, "accept-encoding": "gzip" };
    const codingOf = async (path: string) =>
      (await app.request(path, { headers })).headers.get("content-encoding");
    expect(await codingOf("/api/ticket-types?format=csv")).toBe("gzip");
    expect(await codingOf("/api/events")).toBeNull();
    expect(await codingOf("/api/ticket-types?sort=nothing")).toBeNull();
  });
});
