import { expect, test } from "bun:test";
import { Hono } from "hono";
import { testApi } from "../../../test/support/test-api.ts";
import { isFailure } from "../../lib/failure.ts";
import { sealCaller } from "../request/callers.ts";
import type { ApiEnv } from "../request/problem.ts";
import { type Ask, forwarded } from "./forward.ts";

/** What is under /api is asked for by `ask`; the rest, and what is no read, is answered here. */
function appAsking(ask: Ask) {
  const failures: unknown[] = [];
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("requestId", "number 7");
    c.set("caller", { name: "one", isAdmin: false });
    await next();
  });
  app.use("/api/*", forwarded(ask, "a secret"));
  app.all("*", (c) => c.text("answered here"));
  app.onError((error, c) => {
    failures.push(error);
    return c.text("", 503);
  });
  return { app, failures };
}

test("a read is handed over with its query and its number, and its answer comes as it is", async () => {
  const asked: [string, RequestInit][] = [];
  const { app } = appAsking(async (path, init) => {
    asked.push([path, init]);
    const headers = { etag: '"1"', connection: "close", "transfer-encoding": "chunked" };
    return new Response("the rows", { status: 206, headers });
  });
  for (const method of ["GET", "HEAD"]) {
    const answer = await app.request("/api/events?limit=2", {
      method,
      headers: {
        host: "api.example.com",
        connection: "keep-alive",
        "x-api-key": "key",
        "x-caller": "forged",
      },
    });
    expect(answer.status).toBe(206);
    expect([...answer.headers.keys()].filter((name) => name !== "content-type")).toEqual(["etag"]);
    if (method === "GET") expect(await answer.text()).toBe("the rows");
    const [path, { method: by, headers }] = asked.pop() ?? ["", {}];
    expect([path, by]).toEqual(["/api/events?limit=2", "GET"]);
    expect(Object.fromEntries(new Headers(headers))).toEqual({
      ...{ "x-caller": sealCaller({ name: "one", isAdmin: false }, "a secret") },
      ...{ "x-request-id": "number 7" },
    });
  }
});

test("what is no read is handed over to nobody", async () => {
  const { app } = appAsking(() => Promise.reject(new Error("nobody is to be asked")));
  const answer = await app.request("/api/events", { method: "POST" });
  expect(await answer.text()).toBe("answered here");
});

test("while the process that reads is not there, a caller is told to ask again", async () => {
  const { app, failures } = appAsking(() => Promise.reject(new Error("ECONNREFUSED")));
  expect((await app.request("/api/events")).status).toBe(503);
  expect(failures.map((error) => isFailure(error, "unavailable"))).toEqual([true]);
});

test("where reads have a process of their own, it works on what is under /api and on nothing else", async () => {
  const asked: string[] = [];
  const { app, get } = testApi({
    async ask(path) {
      asked.push(path);
      return new Response("from there", { headers: { "content-type": "text/plain" } });
    },
  });
  expect(await (await get("/api/events?limit=1")).text()).toBe("from there");
  expect((await get("/status")).status).toBe(200);
  expect((await get("/health")).status).toBe(200);
  // Nobody gets past this process without a key.
  expect((await app.request("/api/events")).status).toBe(401);
  expect(asked).toEqual(["/api/events?limit=1"]);
});
