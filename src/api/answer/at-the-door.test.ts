import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { say } from "../../../test/support/say.ts";
import { eventRow, KEY, testApi } from "../../../test/support/test-api.ts";
import { withOrigin } from "../../lib/http.ts";
import { createLogger } from "../../lib/logger.ts";
import { serveMetrics } from "../../service/processes/metrics-server.ts";
import { boundedWork } from "./bounded-work.ts";

function served(options: Parameters<typeof testApi>[0] = {}) {
  const { app } = testApi(options);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => app.fetch(withOrigin(request)),
  });
  return {
    port: server.port ?? 0,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

describe("a request of HTTP/1.0 that names no host", () => {
  test("is answered by its path, as a load balancer's check needs it", async () => {
    await using server = served();
    const said = await say(server.port, "GET /health HTTP/1.0\r\n\r\n");
    expect(said).toStartWith("HTTP/1.1 200");
    expect(said).toContain('"status":"ok"');
  });

  test("needs a key for what needs one", async () => {
    await using server = served();
    expect(await say(server.port, "GET /api/events HTTP/1.0\r\n\r\n")).toStartWith("HTTP/1.1 401");
    const withKey = `GET /api/events HTTP/1.0\r\nX-API-Key: ${KEY}\r\n\r\n`;
    expect(await say(server.port, withKey)).toStartWith("HTTP/1.1 200");
  });

  test("is not taken for one to this machine where no key is configured", async () => {
    await using server = served({ keys: undefined });
    for (const path of ["/api/events", "//localhost/api/events", "http://localhost/api/events"])
      expect(await say(server.port, `GET ${path} HTTP/1.0\r\n\r\n`)).not.toStartWith(
        "HTTP/1.1 200",
      );
  });

  test("or one that is none has an answer, whatever its path is", async () => {
    await using server = served();
    for (const path of ["//", "//evil", "/\\evil", "/%", "/?", "/health%00"])
      expect(await say(server.port, `GET ${path} HTTP/1.0\r\n\r\n`)).toStartWith("HTTP/1.1 401");
    for (const host of ["a:99999", "a b", "", "a/docs?", "[", "\u00e9"])
      expect(
        await say(
          server.port,
          `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        ),
      ).toStartWith("HTTP/1.1 200");
  });

  test("is answered on the metrics' own port as well", async () => {
    const read = async () => ({ contentType: "text/plain", body: "up 1\n" });
    const server = serveMetrics(
      { port: 0, hostname: "127.0.0.1", logger: createLogger("silent") },
      read,
    );
    try {
      const port = server.port ?? 0;
      expect(await say(port, "GET /metrics HTTP/1.0\r\n\r\n")).toEndWith("up 1\n");
      expect(await say(port, "HEAD /metrics HTTP/1.0\r\n\r\n")).toContain("content-length: 5\r\n");
      expect(await say(port, "GET // HTTP/1.0\r\n\r\n")).toStartWith("HTTP/1.1 404");
      const misnamed = "GET /metrics HTTP/1.1\r\nHost: a:99999\r\nConnection: close\r\n\r\n";
      expect(await say(port, misnamed)).toEndWith("up 1\n");
    } finally {
      await server.stop(true);
    }
  });
});

test.each(["/health", "/api/events", "/api/events/e1", "/api/nothing", "/status", "/docs"])(
  "HEAD %s says what GET would, with its length",
  async (path) => {
    await using server = served({ events: [eventRow()] });
    const headers = `Host: localhost\r\nX-API-Key: ${KEY}\r\nConnection: close\r\n\r\n`;
    const [got, head] = await Promise.all(
      ["GET", "HEAD"].map((method) => say(server.port, `${method} ${path} HTTP/1.1\r\n${headers}`)),
    );
    const [status = "", ...fields] = (got ?? "").split("\r\n\r\n")[0]?.split("\r\n") ?? [];
    const length = fields.find((field) => /^content-length: [1-9]/i.test(field)) ?? "none";
    expect(head).toStartWith(status);
    expect(head?.toLowerCase()).toContain(`\r\n${length.toLowerCase()}\r\n`);
    expect(head).toEndWith("\r\n\r\n");
  },
);

test.each(["/api/events", "/status", "/openapi.json"])(
  "HEAD %s says how GET would be compressed",
  async (path) => {
    const { get, app } = testApi({ events: [eventRow()] });
    const asked = { "x-api-key": KEY, "accept-encoding": "gzip" };
    const [got, head] = [
      await get(path, asked),
      await app.request(path, { method: "HEAD", headers: asked }),
    ];
    expect(got.headers.get("content-encoding")).toBe("gzip");
    for (const name of ["content-encoding", "content-type", "vary"])
      expect([name, head.headers.get(name)]).toEqual([name, got.headers.get(name)]);
    const length = (await got.arrayBuffer()).byteLength;
    expect(head.headers.get("content-length")).toBe(String(length));
  },
);

describe("an id that nobody could have", () => {
  const long = "a".repeat(5_000);
  const hidden = (path: string) => path.replace(long, "<5,000 letters>");
  const paths = [
    "/api/events/%00",
    "/api/events/e1%00",
    "/api/events/%00/ticket-types",
    "/api/events/%00/sales",
    `/api/events/${long}`,
    `/api/events/${long}/sales`,
    "/api/downloads/%00",
    "/api/ticket-types?eventId=%00",
    "/api/changes?eventId=%00",
    `/api/changes?eventId=${long}`,
  ];
  test.each(paths.map((path) => [hidden(path), path]))("is not there: %s", async (_name, path) => {
    const unasked = () => {
      throw new Error("PostgreSQL was asked for it");
    };
    const { get } = testApi({ readRows: unasked, readChanges: unasked, readSales: unasked });
    expect((await get(path)).status).toBe(404);
  });

  // Half a surrogate pair and half a character, as bytes that are no UTF-8.
  test.each(["%ED%A0%80", "%E0%A4%A", "%zz", "%", "%F0%9F"])(
    "is not there, nor what %s means",
    async (id) => {
      const { get } = testApi({ events: [eventRow()] });
      for (const path of [`events/${id}`, `events/${id}/sales`, `changes?eventId=${id}`])
        expect([path, (await get(`/api/${path}`)).status]).toEqual([path, 404]);
    },
  );
});

describe("requests at work", () => {
  function working(bounds: { atWork: number; waiting: number }) {
    const pauses: { ms: number; end: () => void }[] = [];
    const clock = {
      now: () => new Date(),
      pause(ms: number, signal?: AbortSignal) {
        const { promise, resolve } = Promise.withResolvers<void>();
        signal?.addEventListener("abort", () => resolve());
        pauses.push({ ms, end: resolve });
        return promise;
      },
    };
    const begun: string[] = [];
    const waiting = new Map<string, () => void>();
    const app = new Hono();
    app.use(boundedWork(bounds, clock));
    app.get("/:name", async (c) => {
      const name = c.req.param("name");
      begun.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(name, resolve);
      await promise;
      if (name === "failing") throw new Error("it failed");
      return c.text(name);
    });
    app.onError((_error, c) => c.text("failed", 500));
    return { app, begun, pauses, end: (name: string) => waiting.get(name)?.() };
  }

  test("are so many at most; the next ones wait in turn, and more are told to come again", async () => {
    const { app, begun, end } = working({ atWork: 2, waiting: 2 });
    const asked = ["a", "b", "c", "d", "e"].map((name) => app.request(`/${name}`));
    const refused = await asked[4];
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get("retry-after")).toBe("2");
    expect(begun).toEqual(["a", "b"]);
    end("b");
    expect((await asked[1])?.status).toBe(200);
    await Bun.sleep(0);
    expect(begun).toEqual(["a", "b", "c"]);
    for (const name of ["a", "c"]) end(name);
    await Promise.all([asked[0], asked[2]]);
    await Bun.sleep(0);
    expect(begun).toEqual(["a", "b", "c", "d"]);
    end("d");
    expect((await asked[3])?.status).toBe(200);
  });

  test("give their place on when they fail", async () => {
    const { app, begun, end } = working({ atWork: 1, waiting: 5 });
    const [failing, next] = ["failing", "next"].map((name) => app.request(`/${name}`));
    await Bun.sleep(0);
    end("failing");
    expect((await failing)?.status).toBe(500);
    await Bun.sleep(0);
    expect(begun).toEqual(["failing", "next"]);
    end("next");
    expect((await next)?.status).toBe(200);
  });

  test("that waited longer than a connection is left open are told to come again, and take no turn", async () => {
    const { app, begun, pauses, end } = working({ atWork: 1, waiting: 5 });
    const [first, late, next] = ["first", "late", "next"].map((name) => app.request(`/${name}`));
    await Bun.sleep(0);
    expect(pauses.map(({ ms }) => ms < 30_000)).toEqual([true, true]);
    pauses[0]?.end();
    expect((await late)?.status).toBe(503);
    end("first");
    expect((await first)?.status).toBe(200);
    await Bun.sleep(0);
    expect(begun).toEqual(["first", "next"]);
    end("next");
    expect((await next)?.status).toBe(200);
  });

  test("of who has gone take no turn", async () => {
    const { app, begun, end } = working({ atWork: 1, waiting: 5 });
    const gone = new AbortController();
    const first = app.request("/first");
    const left = app.request("/left", { signal: gone.signal });
    const next = app.request("/next");
    await Bun.sleep(0);
    gone.abort();
    expect((await left).status).toBe(503);
    end("first");
    expect((await first).status).toBe(200);
    await Bun.sleep(0);
    expect(begun).toEqual(["first", "next"]);
    end("next");
    expect((await next).status).toBe(200);
  });

  test("hold up neither probes nor webhooks", async () => {
    const { promise } = Promise.withResolvers<never>();
    const { get } = testApi({ readRows: () => promise, bounds: { atWork: 1, waiting: 1 } });
    const reads = Array.from({ length: 5 }, () => get("/api/events"));
    await Bun.sleep(0);
    for (const path of ["/health", "/ready", "/status"]) expect((await get(path)).status).toBe(200);
    const refused = await Promise.race(reads.slice(2));
    expect(refused?.status).toBe(503);
  });
});
