import { describe, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import {
  eventRow,
  KEY,
  OTHER_KEY,
  ringOf,
  type TestApi,
  testApi,
} from "../../test/support/test-api.ts";
import { pages } from "./pages.ts";

const now = "2026-02-12T11:00:00.000Z";
const clockAt = (at: string) => ({ now: () => new Date(at), pause: async () => {} });
const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const KB = 1_024;
const HOSTILE = `<img src=x onerror=alert(1)>"'&\u202eevil`;

const house = async (options: TestApi = {}) =>
  testApi({ pages: await pages({ clock: options.clock ?? clockAt(now) }), ...options });

const send = (path: string, body: string, headers: Record<string, string> = {}) =>
  new Request(`https://monitor.example.com${path}`, {
    method: "POST",
    body,
    headers: {
      ...{ host: "monitor.example.com", origin: "https://monitor.example.com" },
      ...{ "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
      ...HTML,
      ...headers,
    },
  });

const signIn = async ({ app }: ReturnType<typeof testApi>, key = KEY, more = "") =>
  app.request(send("/sign-in", `key=${encodeURIComponent(key)}${more}`));

const cookieIn = (answer: Response) => (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

const at = (cookie: string) => ({ ...HTML, cookie, host: "monitor.example.com" });

describe("a page", () => {
  test("is HTML with a policy that lets in nothing inline and no other host", async () => {
    const { get } = await house({ events: [eventRow()] });
    const answer = await get("/", HTML);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    const html = await answer.text();
    expect(html).toStartWith('<!doctype html><html lang="en">');
    expect(html).not.toMatch(
      /<style|\sstyle=|<script(?! src="\/assets\/page\.[0-9a-f]{12}\.js" defer)|\son\w+=/,
    );
  });

  test("shows a hostile name as text", async () => {
    const { get } = await house({ events: [eventRow({ eventName: HOSTILE, location: HOSTILE })] });
    for (const path of ["/", `/?q=${encodeURIComponent(HOSTILE)}`]) {
      const html = await (await get(path, HTML)).text();
      expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
      expect(html).not.toContain("<img");
    }
  });

  test("loads styles that nobody has to ask for again, whoever asks", async () => {
    const { app, get } = await house({ events: [eventRow()] });
    const html = await (await get("/", HTML)).text();
    const [, path = ""] = /href="(\/assets\/page\.[0-9a-f]{12}\.css)"/.exec(html) ?? [];
    const plain = await app.request(path);
    expect(plain.status).toBe(200);
    expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(plain.headers.get("content-type")).toBe("text/css; charset=utf-8");
    const packed = await app.request(path, { headers: { "accept-encoding": "gzip" } });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(Bun.gunzipSync(await packed.arrayBuffer())).toEqual(new Uint8Array(await plain.bytes()));
    const smallest = await app.request(path, { headers: { "accept-encoding": "br" } });
    expect((await smallest.bytes()).byteLength).toBeLessThanOrEqual(6 * KB);
  });

  test("of another version, while one takes the other's place, has styles and a script, which nobody keeps", async () => {
    const { app } = await house();
    for (const [file, type] of [
      ["page.0123456789ab.css", "text/css; charset=utf-8"],
      ["page.0123456789ab.js", "text/javascript; charset=utf-8"],
      ["icon.0123456789ab.svg", "image/svg+xml"],
    ] as const) {
      const { status, headers } = await app.request(`/assets/${file}`);
      expect(status).toBe(200);
      expect(headers.get("content-type")).toBe(type);
      expect(headers.get("cache-control")).toBe("no-store");
    }
    for (const file of ["page.css", "page.0123456789ab.svg", "other.0123456789ab.js"])
      expect((await app.request(`/assets/${file}`)).status).not.toBe(200);
  });

  test("that is not there says so as a page where one is asked for, and as before where not", async () => {
    const { get } = await house();
    const page = await get("/nowhere", HTML);
    expect(page.status).toBe(404);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toContain("There is nothing here.");
    const plain = await get("/nowhere");
    expect(plain.status).toBe(404);
    expect(plain.headers.get("content-type")).toBe("application/problem+json");
    // Its API stays one, whoever asks.
    const api = await get("/api/nowhere", HTML);
    expect(api.headers.get("content-type")).toBe("application/problem+json");
  });

  test("is told to hold still for as long as its minute and its rows do, and to whom it was shown", async () => {
    let time = now;
    let revision = "one";
    const { app } = await house({
      clock: { now: () => new Date(time), pause: async () => {} },
      keys: {
        read: async () => [
          ...(await ringOf(KEY).read()),
          ...(await ringOf(OTHER_KEY).read()).map((key) => ({ ...key, name: "other" })),
        ],
      },
      keeping: { readRevision: async () => revision, salt: "" },
    });
    const ask = (more: Record<string, string> = {}) =>
      app.request("/", { headers: { ...HTML, "x-api-key": KEY, ...more } });
    const etag = (await ask()).headers.get("etag") ?? "";
    const again = (more: Record<string, string> = {}) => ask({ "if-none-match": etag, ...more });
    expect((await again()).status).toBe(304);
    // The foot says who is signed in, and times are by the reader's clock.
    expect((await again({ "x-api-key": OTHER_KEY })).status).toBe(200);
    expect((await again({ cookie: "tz=Europe/Oslo" })).status).toBe(200);
    revision = "two";
    expect((await again()).status).toBe(200);
    revision = "one";
    time = "2026-02-12T11:01:00.000Z";
    expect((await again()).status).toBe(200);
  });

  test("with a parameter that it does not know names it", async () => {
    const { get } = await house();
    const answer = await get("/?regoin=DACH", HTML);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("Not a parameter here: regoin.");
  });

  test("that cannot be read says so, with the number that finds it in the log", async () => {
    const { get } = await house({
      lists: {
        events: () => Promise.reject(Object.assign(new Error("gone"), { code: "ECONNREFUSED" })),
        ticketTypes: () => Promise.reject(new Error("not asked")),
      },
    });
    const answer = await get("/", { ...HTML, "x-request-id": "find-me-by-this" });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    const html = await answer.text();
    expect(html).toContain("The database does not answer.");
    expect(html).toContain("find-me-by-this");
  });

  test("of an earlier moment keeps it on every link, and a moment by the reader's clock becomes an instant", async () => {
    const { get } = await house({ events: [eventRow()] });
    const asked = "2026-02-11T17:00:00.000Z";
    const html = await (await get(`/?as_of=${asked}`, HTML)).text();
    expect(html).toContain("As it was on Wed 11 Feb 2026, 17:00");
    const links = [...html.matchAll(/<a [^>]*href="(\/[^"]*)"/g)].map(([, path]) => path ?? "");
    const without = links.filter((path) => !path.includes("as_of="));
    // A day on and back to now are now; and the API's document knows no moment.
    expect(without).toEqual(["/", "/", "/docs", "/"]);
    const local = await get("/?as_of=2026-02-11T18:00&region=DACH", {
      ...HTML,
      cookie: "tz=Europe%2FBerlin",
    });
    expect(local.status).toBe(302);
    expect(local.headers.get("location")).toBe(`/?as_of=${asked}&region=DACH`);
    const future = await get("/?as_of=2026-02-13T18:00", HTML);
    expect(future.headers.get("location")).toBe("/");
    const thisMoment = await get("/?as_of=2026-02-12T11:00", HTML);
    expect(thisMoment.headers.get("location")).toBe("/");
    const back = await get("/?day=-3&region=DACH", HTML);
    expect(back.headers.get("location")).toBe("/?region=DACH&as_of=2026-02-09T11:00:00.000Z");
    expect((await get("/?day=0&as_of=2026-02-09T11:00:00Z", HTML)).headers.get("location")).toBe(
      "/",
    );
    // The changes have days of their own.
    expect((await get("/changes?days=7&day=-1", HTML)).headers.get("location")).toBe(
      "/changes?days=7&as_of=2026-02-11T11:00:00.000Z",
    );
    // In the night before, clocks were put forward.
    const spring = await house({
      events: [eventRow()],
      clock: clockAt("2026-03-29T10:00:00.000Z"),
    });
    const berlin = { ...HTML, cookie: "tz=Europe%2FBerlin" };
    expect((await spring.get("/?day=-1", berlin)).headers.get("location")).toBe(
      "/?as_of=2026-03-28T11:00:00.000Z",
    );
    const noon = await spring.get("/?as_of=2026-03-28T11:00:00.000Z", berlin);
    const [, dayBack] = /href="([^"]*)">\s*‹ Day/.exec(await noon.text()) ?? [];
    expect(dayBack).toBe("/?as_of=2026-03-27T11:00:00.000Z");
    const after = await spring.get("/?as_of=2026-03-29T09:00:00.000Z", berlin);
    const [, over] = /href="([^"]*)">\s*‹ Day/.exec(await after.text()) ?? [];
    expect(over).toBe("/?as_of=2026-03-28T10:00:00.000Z");
    for (const odd of ["1", "-0.5", "-99999", "x"])
      expect([odd, (await get(`/?day=${odd}`, HTML)).status]).toEqual([odd, 400]);
    for (const odd of ["2026-02-13T18:00:00Z", "2025-02-30T18:00", "2025-13-01T18:00", "yesterday"])
      expect((await get(`/?as_of=${odd}`, HTML)).status).toBe(400);
  });
});

describe("signing in", () => {
  test("leads back to where somebody wanted to go, and lasts twelve hours", async () => {
    let time = now;
    const there = await house({
      clock: { now: () => new Date(time), pause: async () => {} },
      events: [eventRow()],
    });
    const asked = await there.app.request("/?region=DACH", { headers: HTML });
    expect(asked.status).toBe(303);
    expect(asked.headers.get("location")).toBe("/sign-in?to=%2F%3Fregion%3DDACH");
    const form = await there.app.request("/sign-in?to=%2F%3Fregion%3DDACH", { headers: HTML });
    expect(await form.text()).toContain('name="to" value="/?region=DACH"');
    const done = await signIn(there, KEY, "&to=%2F%3Fregion%3DDACH");
    expect(done.status).toBe(303);
    expect(done.headers.get("location")).toBe("/?region=DACH");
    const cookie = done.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^__Host-session=default\.\d+\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
    );
    const headers = at(cookieIn(done));
    expect((await there.app.request("/", { headers })).status).toBe(200);
    expect((await there.app.request("/api/events", { headers })).status).toBe(200);
    time = "2026-02-12T22:59:59.000Z";
    expect((await there.app.request("/", { headers })).status).toBe(200);
    time = "2026-02-12T23:00:00.000Z";
    expect((await there.app.request("/", { headers })).status).toBe(303);
  });

  test("ends when the key is removed, and a key of the same name does not open it again", async () => {
    const [before, after] = [ringOf(KEY), ringOf("another-key-of-that-name")];
    let ring = before;
    const there = await house({ keys: { read: () => ring.read() } });
    const headers = at(cookieIn(await signIn(there)));
    expect((await there.app.request("/api/events", { headers })).status).toBe(200);
    ring = after;
    expect((await there.app.request("/api/events", { headers })).status).toBe(401);
    expect((await there.app.request("/", { headers })).status).toBe(303);
  });

  test("with a wrong key says so; after five in a minute from one address nothing is tried", async () => {
    const there = await house();
    for (let tries = 0; tries < 5; tries += 1) {
      const wrong = await signIn(there, "wrong");
      expect(wrong.status).toBe(403);
      expect(await wrong.text()).toContain("This key is not known. It may have been rotated.");
    }
    const right = await signIn(there);
    expect(right.status).toBe(429);
    expect(right.headers.has("set-cookie")).toBe(false);
    expect(JSON.stringify(there.lines)).not.toContain('wrong"');
  });

  test.each([
    ["another site", { origin: "https://evil.example.com" }],
    ["nobody who says so", { origin: "null" }],
    ["a sister's site", { "sec-fetch-site": "same-site" }],
  ])("is not done by %s, nor is signing out", async (_, headers: Record<string, string>) => {
    const { app } = await house();
    for (const path of ["/sign-in", "/sign-out"]) {
      const answer = await app.request(send(path, `key=${KEY}`, headers));
      expect(answer.status).toBe(403);
      expect(answer.headers.has("set-cookie")).toBe(false);
    }
  });

  test.each([
    "//evil.example.com/",
    "https://evil.example.com/",
    "/\\evil.example.com",
    "/sign-out",
    "javascript:alert(1)",
  ])("leads to no other place than one here: %s", async (to) => {
    const done = await signIn(await house(), KEY, `&to=${encodeURIComponent(to)}`);
    expect(done.headers.get("location")).toBe("/");
  });

  test("by plain HTTP is for this machine alone, whose cookie needs no TLS", async () => {
    const there = await house();
    const plain = (host: string) =>
      there.app.request(
        new Request(`http://${host}/sign-in`, {
          method: "POST",
          body: `key=${KEY}`,
          headers: { ...HTML, host, origin: `http://${host}` },
        }),
      );
    const refused = await plain("monitor.example.com");
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("only taken over HTTPS");
    const local = await plain("localhost:18765");
    expect(local.headers.get("set-cookie")).toMatch(
      /^session=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieIn(local);
    const onLocal = { ...HTML, cookie, host: "localhost:18765" };
    expect((await there.app.request("/api/events", { headers: onLocal })).status).toBe(200);
    expect((await there.app.request("/api/events", { headers: at(cookie) })).status).toBe(401);
  });

  test("changes nothing under the API, whoever sends it, and a session that was tampered with is none", async () => {
    const there = await house();
    const cookie = cookieIn(await signIn(there));
    expect((await there.app.request(send("/api/operations/poll", "{}", { cookie }))).status).toBe(
      401,
    );
    const [name, expires, signature] = cookie.split(".");
    const digest = createHash("sha256").update(KEY).digest();
    const byDigestAlone = createHmac("sha256", digest).update(`${expires} default session`);
    for (const forged of [
      `${name}.${Number(expires) + 60}.${signature}`,
      `${name}.${expires}.${"A".repeat(43)}`,
      "__Host-session=default.9999999999.x",
      // Digests are in a file: whoever reads it can make no session.
      `${name}.${expires}.${byDigestAlone.digest("base64url")}`,
    ])
      expect((await there.app.request("/api/events", { headers: at(forged) })).status).toBe(401);
  });

  test("a link from another site finds the session that browsers leave out at first", async () => {
    const { app } = await house();
    const asked = await app.request("/?region=DACH", {
      headers: { ...HTML, "sec-fetch-site": "cross-site" },
    });
    expect(asked.status).toBe(200);
    expect(await asked.text()).toContain('http-equiv="refresh" content="0; url=/?region=DACH"');
    const again = await app.request("/?region=DACH", {
      headers: { ...HTML, "sec-fetch-site": "same-origin" },
    });
    expect(again.headers.get("location")).toBe("/sign-in?to=%2F%3Fregion%3DDACH");
    const elsewhere = await app.request("https://monitor.example.com//evil.example.com/", {
      headers: { ...HTML, "sec-fetch-site": "cross-site" },
    });
    expect(await elsewhere.text()).not.toContain("url=//");
  });

  test("is needed by nobody on a developer's own machine", async () => {
    const { app } = await house({ keys: undefined });
    const headers = { ...HTML, host: "localhost:18765" };
    expect((await app.request("/", { headers })).status).toBe(200);
    expect((await app.request("/sign-in", { headers })).headers.get("location")).toBe("/");
  });
});
