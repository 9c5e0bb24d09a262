import { describe, expect, test } from "bun:test";
import {
  eventRow,
  KEY,
  lastPage,
  ringOf,
  type TestApi,
  testApi,
} from "../../../test/support/test-api.ts";
import { type ApiKey, openCaller, sealCaller } from "../request/callers.ts";

const basic = (password: string) => `Basic ${btoa(`me:${password}`)}`;
const digestOf = (key: string) => new Bun.CryptoHasher("sha256").update(key).digest();
const START = Date.parse("2026-02-12T11:00:20.000Z");

/** An API at whose door the time is the test's, and the keys may change. */
function door(
  limits: { perKey?: number; failedPerAddress?: number; trustedProxies?: number } = {},
  more: TestApi = {},
) {
  let now = START;
  let ring: ApiKey[] = [
    { name: "one", isAdmin: false, digest: digestOf(KEY) },
    { name: "two", isAdmin: false, digest: digestOf("another-key-of-two") },
    { name: "partner", isAdmin: false, accounts: ["DACH"], digest: digestOf("the partner's") },
    { name: "boss", isAdmin: true, digest: digestOf("the operator's") },
  ];
  const api = testApi({
    events: [eventRow()],
    keys: { read: async () => ring },
    clock: { now: () => new Date(now), pause: async () => {} },
    limits: { perKey: 1_000, failedPerAddress: 1_000, trustedProxies: 0, ...limits },
    downloads: {
      names: ["events.csv"],
      read: async () => ({ contentType: "text/csv", body: new TextEncoder().encode("a,b\r\n") }),
    },
    ...more,
  });
  return {
    ...api,
    pass: (seconds: number) => {
      now += seconds * 1_000;
    },
    setRing: (keys: ApiKey[]) => {
      ring = keys;
    },
    ask: (key: string, more: Record<string, string> = {}) =>
      api.app.request("/api/events", { headers: { "x-api-key": key, ...more } }),
  };
}

describe("HTTP Basic", () => {
  test("opens every GET with a key as the password, and nothing else", async () => {
    const { app } = door();
    const headers = { authorization: basic(KEY) };
    for (const path of ["/api/events", "/api/downloads/events.csv", "/status", "/docs"])
      for (const method of ["GET", "HEAD"])
        expect([path, (await app.request(path, { method, headers })).status]).toEqual([path, 200]);
    expect((await app.request("/api/events", { method: "POST", headers })).status).toBe(401);
    expect(
      (await app.request("/api/events", { headers: { authorization: basic("x") } })).status,
    ).toBe(401);
  });

  test.each([
    ["a browser that opens an address", { "sec-fetch-mode": "navigate" }, /^Basic /],
    ["a browser of before", { accept: "text/html,*/*;q=0.8" }, /^Basic /],
    ["a page that asks", { "sec-fetch-mode": "cors" }, /^Bearer [^,]*$/],
    ["a page that shows a picture", { "sec-fetch-mode": "no-cors" }, /^Bearer [^,]*$/],
    ["a program", {}, /^Bearer .*, Basic .*$/],
  ])("is asked for where a person can answer: %s", async (_, headers, challenge) => {
    const { app } = door();
    const answer = await app.request("/api/downloads/events.csv", { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(challenge);
  });
});

test("nothing that a browser asks with its key may be included in another site's page", async () => {
  const { app } = door();
  for (const path of ["/api/events", "/docs", "/health", "/api/nothing"]) {
    const answer = await app.request(path, { headers: { authorization: basic(KEY) } });
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  }
});

const noOperations = {
  read: () => Promise.reject(new Error("nobody may")),
  readAction: async () => undefined,
  ask: async () => undefined,
};

test("of operators' addresses one takes a body, and says so; each other says which methods it has", async () => {
  const stage = door({}, { operations: noOperations });
  const post = (path: string, headers: Record<string, string>) =>
    stage.app.request(path, {
      ...{ method: "POST", body: "{}" },
      headers: { "x-api-key": "the operator's", ...headers },
    });
  for (const path of ["/api/operations", "/api/operations/acts/1"]) {
    const answer = await post(path, {});
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  }
  for (const path of ["/api/operations/acts", "/api/operations/acts/"]) {
    expect((await post(path, { "content-type": "text/plain" })).status).toBe(415);
    const elsewhere = { "content-type": "application/json", "sec-fetch-site": "cross-site" };
    expect((await post(path, elsewhere)).status).toBe(403);
  }
});

describe("a link", () => {
  const path = "/api/downloads/events.csv";
  const make = async ({ get }: ReturnType<typeof door>, query: string) =>
    (await (await get(`/api/links?${query}`)).json()) as {
      path: string;
      url: string;
      expiresAt: string;
    };

  test("opens one address without a key until it expires", async () => {
    const stage = door();
    const link = await make(stage, `path=${path}&seconds=60`);
    expect(link.expiresAt).toBe("2026-02-12T11:01:20.000Z");
    expect(link.url).toBe(`http://localhost${link.path}`);
    const opened = await stage.app.request(link.path);
    expect([opened.status, await opened.text()]).toEqual([200, "a,b\r\n"]);
    expect((await stage.app.request(link.path, { method: "HEAD" })).status).toBe(200);
    stage.pass(59);
    expect((await stage.app.request(link.path)).status).toBe(200);
    stage.pass(1);
    const ended = await stage.app.request(link.path);
    expect([ended.status, await ended.text()]).toEqual([
      401,
      expect.stringContaining("The link in this address has expired"),
    ]);
    const without = await stage.app.request(path);
    expect([without.status, await without.text()]).toEqual([
      401,
      expect.not.stringContaining("link"),
    ]);
  });

  test("has its query with it", async () => {
    const stage = door();
    const asked = encodeURIComponent("/api/events?limit=1&region=DACH");
    const { path: opened } = await make(stage, `path=${asked}`);
    expect((await stage.app.request(opened)).status).toBe(200);
    for (const other of [
      opened.replace("limit=1", "limit=2"),
      opened.replace("&region=DACH", ""),
      opened.replace("&link=", "&limit=3&link="),
      `${opened}&limit=3`,
      opened.replace("/api/events", "/api/ticket-types"),
      opened.replace("link=one", "link=two"),
      opened.replace(/link=one\.\d/, "link=one.9"),
      `${opened.slice(0, -1)}${opened.endsWith("A") ? "B" : "A"}`,
      `${opened}&link=${opened.split("link=")[1]}`,
    ])
      expect([other, (await stage.app.request(other)).status]).toEqual([other, 401]);
    expect((await stage.app.request(opened, { method: "POST" })).status).toBe(401);
  });

  /** A list of five, two on a page: each page names the next one. */
  const listed = () => {
    const rows = Array.from({ length: 5 }, (_, n) => eventRow({ eventId: `e${n}` }));
    return door(
      {},
      {
        lists: {
          async events({ after, limit }) {
            const from = after ? Number(after.key) : 0;
            const next = from + limit < rows.length ? { key: from + limit, ids: ["x"] } : null;
            return { ...lastPage, rows: rows.slice(from, from + limit), next };
          },
          ticketTypes: async () => ({ ...lastPage, rows: [] }),
        },
      },
    );
  };
  const idsIn = async (answer: Response) =>
    ((await answer.json()) as { events: { eventId: string }[] }).events.map((row) => row.eventId);

  test("to a list opens all its pages, by `Link` and by `nextCursor`, and no other list", async () => {
    const stage = listed();
    const query = "region=DACH,FRANCE&q=what%3F+is~it?&sort=totalSold&limit=2";
    const { path: first } = await make(stage, `path=${encodeURIComponent(`/api/events?${query}`)}`);
    const seen: string[] = [];
    let at: string | undefined = first;
    while (at !== undefined) {
      const answer: Response = await stage.app.request(at);
      expect([at, answer.status]).toEqual([at, 200]);
      const [, next]: string[] =
        /^<([^>]+)>; rel="next"$/.exec(answer.headers.get("link") ?? "") ?? [];
      seen.push(...(await idsIn(answer)));
      at = next && new URL(next, new URL(at, "http://localhost")).href;
    }
    expect(seen).toEqual(["e0", "e1", "e2", "e3", "e4"]);

    const page = (await (await stage.app.request(first)).json()) as { nextCursor: string };
    const second = await stage.app.request(`${first}&cursor=${page.nextCursor}`);
    expect([second.status, await idsIn(second)]).toEqual([200, ["e2", "e3"]]);
    const ofSecond = await make(
      stage,
      `path=${encodeURIComponent(`/api/events?${query}&cursor=${page.nextCursor}`)}`,
    );
    expect((await stage.app.request(ofSecond.path)).status).toBe(200);

    for (const other of [
      first.replace("limit=2", "limit=3"),
      first.replace("sort=totalSold", "sort=-totalSold"),
      `${first}&cursor=${page.nextCursor}&limit=3`,
      first.replace("limit=2", `limit=2&fields=eventId&cursor=${page.nextCursor}`),
    ])
      expect([other, (await stage.app.request(other)).status]).toEqual([other, 401]);
    // A key says where the list goes on without anybody's link.
    expect((await stage.get(`/api/events?${query}`)).headers.get("link")).not.toContain("link=");
    stage.setRing([{ name: "one", isAdmin: false, digest: digestOf("its successor") }]);
    expect((await stage.app.request(`${first}&cursor=${page.nextCursor}`)).status).toBe(401);
  });

  test("opens as itself, whatever key a browser sends with it", async () => {
    const stage = door();
    const { path: opened } = await make(stage, `path=${path}`);
    for (const key of [KEY, "another-key-of-two", "a wrong one"]) {
      const headers = { authorization: basic(key) };
      expect((await stage.app.request(opened, { headers })).status).toBe(200);
    }
  });

  test("is refused when it is made, where whoever opened it would be", async () => {
    const stage = door({}, { operations: noOperations });
    const madeBy = (key: string, of: string) =>
      stage.get(`/api/links?path=${encodeURIComponent(of)}`, { "x-api-key": key });
    for (const [key, of, why] of [
      [KEY, "/api/operations", "This needs a key whose scope is admin."],
      [KEY, "/api/operations/acts/1", "This needs a key whose scope is admin."],
      [
        "the partner's",
        "/api/regions",
        "This key sees some events only, and this is of all of them.",
      ],
      [
        "the partner's",
        "/api/operations",
        "This key sees some events only, and this is of all of them.",
      ],
    ] as const) {
      const refused = await madeBy(key, of);
      const reason = `is refused to this key, and so to whoever opened a link. ${why}`;
      const errors = [{ name: "path", reason }];
      const detail = `Query parameter path: ${reason}`;
      expect([of, refused.status, await refused.json()]).toEqual([
        ...[of, 403],
        expect.objectContaining({ detail, errors }),
      ]);
    }
    expect((await madeBy("the operator's", "/api/operations")).status).toBe(200);
    expect((await madeBy(KEY, "/api/regions")).status).toBe(200);
    expect((await madeBy("the partner's", "/api/events")).status).toBe(200);
  });

  test("ends with its key, and needs one to be made", async () => {
    const stage = door();
    const { path: opened } = await make(stage, `path=${path}`);
    expect((await stage.app.request(`/api/links?path=${path}`)).status).toBe(401);
    stage.setRing([{ name: "one", isAdmin: false, digest: digestOf("its successor") }]);
    expect((await stage.app.request(opened)).status).toBe(401);
  });

  test.each([
    ["path=https://evil.example/api/events", "must be an address here"],
    ["path=//evil.example/api/events", "must be an address here"],
    ["path=/status", "must be an address here"],
    ["path=/api/links?path=/api/events", "must be an address here"],
    ["path=/api/%256Cinks%3Fpath=/api/events", "nothing is here"],
    ["path=/api/nothing", "nothing is here"],
    ["path=/api/events/%25", "nothing is here"],
    ["path=/api/events/../../status", "as browsers send it"],
    ["path=/api/events?limit=201", "refused there: limit must be a whole number from 1 to 200"],
    ["path=/api/events?regoin=DACH", "refused there: Not a parameter here: regoin."],
    [`path=${encodeURIComponent("/api/sales?by=day&by=hour")}`, "refused there: by must be one of"],
    [`path=${encodeURIComponent("/api/events?link=one.1.x")}`, "has a link already"],
    [`path=${path}&seconds=0`, "must be a whole number"],
    [`path=${path}&seconds=99999999`, "must be a whole number"],
    ["", "give it once"],
  ])("is made of an address here and for some time: %s", async (query, told) => {
    const { get } = door();
    const answer = await get(`/api/links?${query}`);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(told)]);
  });

  test("says https where a proxy ended it, and is in no log", async () => {
    const stage = door();
    const answer = await stage.get(`/api/links?path=${path}`, { "x-forwarded-proto": "https" });
    const { url, path: opened } = (await answer.json()) as { url: string; path: string };
    expect(url).toStartWith("https://localhost/api/");
    await stage.app.request(opened);
    expect(JSON.stringify(stage.lines)).not.toContain("link=");
  });
});

describe("a key that asks too often", () => {
  test("is told how much is left, and to wait, and holds up no other", async () => {
    const { ask, pass } = door({ perKey: 2 });
    const first = await ask(KEY);
    expect(first.headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
    expect(first.headers.get("ratelimit")).toBe('"key";r=1;t=40');
    expect((await ask(KEY)).status).toBe(200);
    const refused = await ask(KEY);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("40");
    expect(refused.headers.get("ratelimit")).toBe('"key";r=0;t=40');
    expect(await refused.json()).toMatchObject({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      status: 429,
    });
    expect((await ask("another-key-of-two")).status).toBe(200);
    pass(40);
    expect((await ask(KEY)).status).toBe(200);
  });

  test("that is wrong is counted by address, which shuts no right one out", async () => {
    const { ask, pass, app } = door({ failedPerAddress: 2 });
    for (const status of [401, 401, 429, 429]) expect((await ask("wrong")).status).toBe(status);
    expect((await ask(KEY)).status).toBe(200);
    // Who sends no key tries none.
    expect((await app.request("/api/events")).status).toBe(401);
    pass(60);
    expect((await ask("wrong")).status).toBe(401);
  });

  test("has the address that the trusted proxies saw, whatever it says itself", async () => {
    const { ask } = door({ failedPerAddress: 1, trustedProxies: 1 });
    const from = async (forwarded: string) =>
      (await ask("wrong", { "x-forwarded-for": forwarded })).status;
    expect(await from("10.0.0.1")).toBe(401);
    expect(await from("10.0.0.2")).toBe(401);
    expect(await from("1.2.3.4, 10.0.0.1")).toBe(429);
    expect(await from("10.0.0.1, 10.0.0.3")).toBe(401);
    const unproxied = door({ failedPerAddress: 1 });
    const headers = (n: number) => ({ "x-forwarded-for": `10.0.0.${n}` });
    expect((await unproxied.ask("wrong", headers(1))).status).toBe(401);
    expect((await unproxied.ask("wrong", headers(2))).status).toBe(429);
  });

  test("is counted where it connects from, over HTTP", async () => {
    const { app } = door({ failedPerAddress: 1 });
    await using server = Bun.serve({ port: 0, fetch: (request, own) => app.fetch(request, own) });
    const ask = () => fetch(new URL("/api/events", server.url), { headers: { "x-api-key": "no" } });
    expect([(await ask()).status, (await ask()).status]).toEqual([401, 429]);
  });
});

test("who asks is handed over sealed, and nobody else's word is taken", async () => {
  const caller = { name: "one", isAdmin: false, accounts: ["DACH"] };
  const sealed = sealCaller(caller, "secret");
  expect(openCaller(sealed, "secret")).toEqual(caller);
  for (const forged of ["", sealed.replace(/\..*/, "."), sealCaller(caller, "other"), `x${sealed}`])
    expect(openCaller(forged, "secret")).toBeUndefined();
  const inner = testApi({ isInner: true, handover: "secret", keys: ringOf(KEY) });
  expect((await inner.get("/api/events")).status).toBe(401);
  const headers = { "x-caller": sealed };
  expect((await inner.app.request("/api/events", { headers })).status).toBe(200);
});
