import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  eventUpdated,
  pollFinished,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { emptyRows, projections } from "../../../test/support/given.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { SEED } from "../../../test/support/seed.ts";
import { until } from "../../../test/support/stage.ts";
import { type Heard, streamClient } from "../../../test/support/stream-client.ts";
import { eventRow, KEY, ringOf, testApi } from "../../../test/support/test-api.ts";
import { shownChange } from "../../api/changes/change-schema.ts";
import { PING_MS } from "../../api/changes/stream-body.ts";
import type { ApiKey } from "../../api/request/callers.ts";
import { flowTypes, type NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { consumer } from "../../projections/consumer/consumer.ts";
import { defaultPasses } from "../../projections/consumer/passes.ts";
import { KEPT_MESSAGES } from "../../projections/consumer/row-messages.ts";
import { readNewestChanges } from "../../projections/queries/change-list.ts";
import { replay } from "../../projections/rebuild/replay.ts";
import { rowFeedOf } from "./stream.ts";

const { logger } = recordingLog();
const pools: Pool[] = [];
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  const { sql } = database;
  await emptyRows(sql);
  await sql`truncate reader_position, applied_fact, set_aside, row_message`;
  await sql`update row_position set position = 0`;
  await sql`insert into row_message (position, kinds, accounts, event_ids) values (0, '{}', '{}', '{}')`;
});
afterAll(async () => {
  await Promise.all(pools.map((sql) => sql.end({ timeout: 1 })));
  await database[Symbol.asyncDispose]();
});

/** Those that are followed by name. */
const followed = [
  eventRow({ eventId: "berlin", region: "DACH" }),
  eventRow({ eventId: "paris", region: "FRANCE" }),
  eventRow({ eventId: "rome", region: "ITALY" }),
];

/** Time stands still until the test moves it. */
function stillClock() {
  let time = Date.parse("2026-03-01T10:00:00Z");
  const waiting = new Set<{ until: number; wake: () => void }>();
  const clock: Clock = {
    now: () => new Date(time),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const one = { until: time + ms, wake: resolve };
        waiting.add(one);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  return {
    clock,
    pass(ms: number) {
      time += ms;
      for (const one of waiting) if (one.until <= time) one.wake();
    },
  };
}

/** One replica's HTTP, with connections of its own. */
function replica({ clock = stillClock().clock, most = 50 } = {}) {
  const sql = database.connect();
  pools.push(sql);
  const stopping = new AbortController();
  const feed = rowFeedOf({ sql, clock, logger });
  const stream = { feed, most, signal: stopping.signal };
  const { app, lines } = testApi({ events: followed, stream, clock });
  return {
    lines,
    app,
    stop: () => stopping.abort(),
    follow: async (lastId = "", query = "") =>
      (
        await streamClient(
          (headers) =>
            app.request(`/api/stream${query}`, { headers: { "x-api-key": KEY, ...headers } }),
          lastId,
        )
      ).opened(),
  };
}

/** The log, and the process that makes rows of it. */
function log() {
  const datacore = memoryDatacore();
  const common = {
    ...{ datacore, sql: database.sql, projections, logger },
    ...{ settings: defaultPasses, clock: systemClock },
  };
  const steps = flowTypes.map((flowType) =>
    consumer({ ...common, flowType, check: async () => {}, isFollowed: true }),
  );
  return {
    async write(...facts: NewFact[]) {
      for (const fact of facts) datacore.file(fact, new Date());
      await Promise.all(steps.map((step) => step()));
    },
    replay: () =>
      replay({
        ...common,
        ...{ url: database.url, signal: new AbortController().signal, dryRun: false },
      }),
  };
}

const described = (eventId: string, day: number, price: number, account = "DACH") =>
  eventUpdated({
    eventId,
    account,
    ticketTypes: [ticketType({ priceMinor: price, amount: 100 })],
    updatedAt: `2026-02-${String(day).padStart(2, "0")}T10:00:00.000Z`,
    observedAt: `2026-02-${String(day).padStart(2, "0")}T10:00:01.000Z`,
  });

const counted = (eventId: string, minute: number, sold: number) =>
  salesCounted({
    eventId,
    countedAt: new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString(),
    ticketTypes: [typeCount({ sold })],
  });

const untilHeard = async (
  client: Awaited<ReturnType<typeof streamClient>>,
  isLast: (heard: Heard) => boolean,
) => {
  const all: Heard[] = [];
  for (;;) {
    const heard = await client.next();
    if (!heard) throw new Error("the stream is over");
    all.push(heard);
    if (isLast(heard)) return all;
  }
};

const isRows = ({ event }: Heard) => event === "rows";

test("what one replica's consumer writes is heard at every other", async () => {
  const clients = await Promise.all([replica(), replica()].map(({ follow }) => follow()));
  const { write } = log();
  await write(described("berlin", 1, 9_900));
  await write(described("berlin", 2, 10_900));
  for (const client of clients) {
    const heard = [...(await untilHeard(client, isRows)), ...(await untilHeard(client, isRows))];
    expect(heard.map(({ event, data }) => [event, data])).toMatchObject([
      ["rows", { position: 1, kinds: ["description"], eventIds: ["berlin"], regions: ["DACH"] }],
      [
        "change",
        {
          eventId: "berlin",
          ...{ field: "price", ticketTypeName: "HYROX MEN | Saturday", currency: "EUR" },
          ...{ was: { money: 99 }, is: { money: 109 } },
          previousValue: 99,
          newValue: 109,
          changedAt: "2026-02-02T10:00:01.000Z",
        },
      ],
      ["rows", { position: 2, kinds: ["description", "changes"] }],
    ]);
    await client.cut();
  }
});

test("a client that is cut off again and again, at any replica and over restarts, has every change once", async () => {
  const random = randomOf(SEED);
  const { write } = log();
  let replicas = [replica(), replica()];
  const first = await replicas[0]?.follow();
  let lastId = first?.lastId ?? "";
  await first?.cut();
  const heard: Heard[] = [];
  /** Where all was written that counts; what comes after it is there to be the end. */
  let allAt = Number.POSITIVE_INFINITY;

  const writing = (async () => {
    for (let n = 1; n <= 24; n += 1) {
      const facts = ["berlin", "paris"].flatMap((eventId) => [
        // Every third description comes late.
        described(eventId, n % 3 === 0 ? n - 2 : n + 1, 9_000 + 100 * n),
        counted(eventId, n, Math.min(100, n * 6)),
      ]);
      await write(...facts);
      if (n % 8 === 0) replicas = [replica(), replica()];
    }
    allAt = await positionNow();
    await write(described("the end", 1, 9_000));
  })();

  for (let isLast = false; !isLast; ) {
    const client = await replicas[random(2)]?.follow(lastId);
    if (!client) break;
    for (let n = 1 + random(4); n > 0 && !isLast; n -= 1) {
      const one = await client.next();
      if (one) heard.push(one);
      isLast = one?.event === "rows" && Number(one.id.split("-")[0]) > allAt;
    }
    lastId = client.lastId;
    await client.cut();
  }
  await writing;

  expect(heard.filter(({ event }) => event === "reset")).toEqual([]);
  const told = heard
    .filter(({ event }) => event === "change")
    .map(({ data }) => JSON.stringify(data));
  const { sql } = database;
  const now = (await readNewestChanges(sql, { limit: 10_000 }))
    .filter(({ eventId }) => eventId !== "the end")
    .map((row) => JSON.stringify(shownChange(row)));
  expect(now.length).toBeGreaterThan(40);
  expect(now.map((change) => [change, told.filter((one) => one === change).length])).toEqual(
    now.map((change) => [change, 1]),
  );
  const positions = heard.filter(isRows).map(({ id }) => Number(id.split("-")[0]));
  expect(positions).toEqual(Array.from({ length: positions.length }, (_, n) => n + 1));
});

test("a connection to PostgreSQL that was cut loses nothing", async () => {
  const client = await replica().follow();
  const { write } = log();
  const { sql } = database;
  const cut = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen %'
  `;
  expect(cut.length).toBeGreaterThan(0);
  await write(described("berlin", 1, 9_900));
  expect(await client.next()).toMatchObject({ event: "rows", data: { position: 1 } });
  await client.cut();
});

test("a replay that takes the place of all rows is said to", async () => {
  const { follow } = replica();
  const { write, replay: rebuild } = log();
  await write(described("berlin", 1, 9_900), described("berlin", 2, 10_900));
  const client = await follow();
  const { lastId } = client;
  await rebuild();
  await write(described("berlin", 3, 11_900));
  const back = await follow(lastId);
  for (const one of [client, back]) {
    const heard = await untilHeard(one, isRows);
    expect(heard.map(({ event, data }) => [event, data])).toMatchObject([
      ["reset", { reason: "rebuilt" }],
      ["change", { previousValue: 109, newValue: 119 }],
      ["rows", { kinds: ["description", "changes"] }],
    ]);
    await one.cut();
  }
});

describe("a place that cannot be gone on from is a reset", () => {
  test.each(["nonsense", "99-abcdef01", "0-ffffffff", "1.5", "-1-abc", "9".repeat(400)])(
    "%s",
    async (id) => {
      const { follow } = replica();
      const client = await follow(id);
      expect(await client.next()).toMatchObject({
        event: "reset",
        data: { position: 0, reason: "unknown" },
      });
      // And from there it goes on.
      await log().write(described("berlin", 1, 9_900));
      expect(await client.next()).toMatchObject({ event: "rows", data: { position: 1 } });
      await client.cut();
    },
  );

  test("one that is kept no more", async () => {
    const { follow } = replica();
    const client = await follow();
    await client.cut();
    const { sql } = database;
    await sql`
      insert into row_message (position, kinds, accounts, event_ids)
      select n, '{sales}', '{}', '{}' from generate_series(1, ${KEPT_MESSAGES}::int) n
    `;
    await sql`update row_position set position = ${KEPT_MESSAGES}`;
    await sql`delete from row_message where position < 50`;
    const back = await follow(client.lastId);
    expect(await back.next()).toMatchObject({ event: "reset", data: { reason: "unknown" } });
    await back.cut();
  });

  test("one that falls behind while it is open", async () => {
    const client = await replica().follow();
    const { sql } = database;
    await sql`
      insert into row_message (position, kinds, accounts, event_ids)
      select n, '{sales}', '{}', '{}' from generate_series(1000, 1100) n
    `;
    await sql`select pg_notify('rows', '')`;
    expect(await client.next()).toMatchObject({ event: "reset", data: { reason: "behind" } });
    await client.cut();
  });
});

test("only what is asked for is told, and polls by their region", async () => {
  const { follow } = replica();
  const ofFrance = await follow("", "?region=FRANCE");
  const ofParis = await follow("", "?eventId=paris,rome");
  const { write } = log();
  await write(described("berlin", 1, 9_900), pollFinished());
  await write(described("berlin", 2, 10_900), described("paris", 1, 9_900, "FRANCE"));
  await write(
    pollFinished({ account: "FRANCE", idempotencyKey: "poll.finished/FRANCE/1" }),
    described("berlin", 3, 11_900),
  );
  await write(described("paris", 2, 12_900, "FRANCE"));
  const newest = await positionNow();
  const isLast = ({ id }: Heard) => id.startsWith(`${newest}-`);
  const regions = ["FRANCE"];
  const change = { eventId: "paris", newValue: 129 };
  // The kinds are those of the transaction, whoever else was in it.
  const first = { kinds: ["description", "changes"], eventIds: ["paris"], regions };
  const last = { eventIds: ["paris"], regions };
  const dataOf = async (client: typeof ofFrance) =>
    (await untilHeard(client, isLast)).map(({ data }) => data);
  expect(await dataOf(ofFrance)).toMatchObject([
    first,
    { kinds: ["poll"], eventIds: [], regions },
    change,
    last,
  ]);
  expect(await dataOf(ofParis)).toMatchObject([first, change, last]);
  await ofFrance.cut();
  await ofParis.cut();
});

test("a key that is kept to some accounts or events hears of these alone", async () => {
  const sql = database.connect();
  pools.push(sql);
  const { clock } = stillClock();
  const feed = rowFeedOf({ sql, clock, logger });
  const signal = new AbortController().signal;
  const askAs = async (kept: Pick<ApiKey, "accounts" | "events">, query = "") => {
    const [key] = await ringOf(KEY).read();
    const keys = { read: async () => (key ? [{ ...key, isAdmin: false, ...kept }] : []) };
    const stream = { feed, most: 9, signal };
    const { app } = testApi({ events: followed, stream, clock, keys });
    return (headers: Record<string, string>) =>
      app.request(`/api/stream${query}`, { headers: { "x-api-key": KEY, ...headers } });
  };
  const followAs = async (...asked: Parameters<typeof askAs>) =>
    (await streamClient(await askAs(...asked))).opened();
  const clients = [
    await followAs({ accounts: ["FRANCE"] }),
    await followAs({ events: ["paris"] }),
    await followAs({ accounts: ["FRANCE"] }, "?region=FRANCE&eventId=paris"),
  ];
  // Of an account that it does not see a key hears what it hears of one that nobody has.
  for (const region of ["DACH", "MARS"])
    for (const [kept, reason] of [
      [{ accounts: ["FRANCE"] }, "must be one of FRANCE, or several"],
      [{ events: ["paris"] }, "is not for a key that is kept to some events"],
    ] as const) {
      const ask = await askAs(kept, `?region=${region}`);
      const answer = await ask({});
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        errors: [{ name: "region", reason: expect.stringContaining(reason) }],
      });
    }
  for (const kept of [{ accounts: ["FRANCE"] }, { events: ["paris"] }])
    for (const eventId of ["berlin", "nobody"]) {
      const answer = await (await askAs(kept, `?eventId=paris,${eventId}`))({});
      expect(await answer.json()).toMatchObject({
        ...{ status: 404, detail: `There is no such event: ${eventId}.` },
      });
    }
  const { write } = log();
  await write(described("berlin", 1, 9_900), pollFinished());
  await write(described("berlin", 2, 10_900));
  await write(described("paris", 1, 9_900, "FRANCE"));
  for (const client of clients) {
    expect(await client.next()).toMatchObject({
      event: "rows",
      data: { eventIds: ["paris"], regions: ["FRANCE"] },
    });
    await client.cut();
  }
});

test.each<[string, (key: ApiKey) => ApiKey[]]>([
  ["goes", () => []],
  ["is kept to some from then on", (key) => [{ ...key, accounts: ["FRANCE"] }]],
  ["is kept to others from then on", (key) => [{ ...key, events: ["paris"] }]],
])("a stream ends when its key %s", async (_, becomes) => {
  const sql = database.connect();
  pools.push(sql);
  const { clock, pass } = stillClock();
  const feed = rowFeedOf({ sql, clock, logger });
  let keys: readonly ApiKey[] = await ringOf(KEY).read();
  const { app, lines } = testApi({
    stream: { feed, most: 9, signal: new AbortController().signal },
    ...{ clock, keys: { read: async () => keys } },
  });
  const ask = (headers: Record<string, string>) =>
    app.request("/api/stream", { headers: { "x-api-key": KEY, ...headers } });
  const client = await (await streamClient(ask)).opened();
  const next = client.next();
  keys = keys.flatMap(becomes);
  const passed = Promise.withResolvers<string>();
  let pings = 0;
  const timer = setInterval(() => {
    pass(PING_MS);
    pings += 1;
    if (pings === 50) passed.resolve("it is open still");
  }, 20);
  expect(await Promise.race([next, passed.promise])).toBeUndefined();
  clearInterval(timer);
  expect(lines.find(({ event }) => event === "stream.ended")).toMatchObject({
    reason: "forbidden",
  });
});

test("a stream that a link opened ends with the link", async () => {
  const sql = database.connect();
  pools.push(sql);
  const { clock, pass } = stillClock();
  const feed = rowFeedOf({ sql, clock, logger });
  const stream = { feed, most: 9, signal: new AbortController().signal };
  const { app, get, lines } = testApi({ stream, clock });
  const made = (await (await get("/api/links?path=/api/stream&seconds=60")).json()) as {
    path: string;
  };
  const client = await (
    await streamClient((headers) => app.request(made.path, { headers }))
  ).opened();
  const next = client.next();
  let passed = 0;
  const isOpenAfter = Promise.withResolvers<string>();
  const timer = setInterval(() => {
    pass(PING_MS);
    passed += PING_MS;
    if (passed > 40 * PING_MS) isOpenAfter.resolve("it is open still");
  }, 20);
  expect(await Promise.race([next, isOpenAfter.promise])).toBeUndefined();
  clearInterval(timer);
  expect(lines.find(({ event }) => event === "stream.ended")).toMatchObject({
    reason: "forbidden",
  });
});

test("a stream on which nothing happens says where it is, below what takes it for dead", async () => {
  const { clock, pass } = stillClock();
  const { app } = replica({ clock });
  const response = await app.request("/api/stream?eventId=paris", {
    headers: { "x-api-key": KEY },
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const mark = /[0-9a-f]{8}/.source;
  expect((await reader?.read())?.value).toMatch(
    new RegExp(`^retry: 2000\n: ping\nid: 0-${mark}\n\n$`),
  );
  const reading = reader?.read();
  await log().write(described("berlin", 1, 9_900));
  // It takes until the message has come and was passed over.
  const timer = setInterval(() => pass(PING_MS), 20);
  expect((await reading)?.value).toMatch(new RegExp(`^: ping\nid: [01]-${mark}\n\n$`));
  expect((await reader?.read())?.value).toMatch(new RegExp(`^: ping\nid: 1-${mark}\n\n$`));
  clearInterval(timer);
  await reader?.cancel();
});

test("who follows one event is told where the stream is also while others become otherwise all the time", async () => {
  const { clock, pass } = stillClock();
  const { follow, app } = replica({ clock });
  const response = await app.request("/api/stream?eventId=paris", {
    headers: { "x-api-key": KEY },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await reader?.read();
  let heard = "";
  const reading = reader?.read().then(({ value }) => {
    heard = value ?? "";
  });
  const beside = await follow("", "?eventId=berlin");
  const { write } = log();
  // News more often than it may be silent: that they are passed over is nothing that a connection hears.
  for (let n = 1; n <= 3; n += 1) {
    await write(described("berlin", n, 9_900 + n));
    await untilHeard(beside, isRows);
    expect(heard).toBe("");
    pass(PING_MS / 2 - 1_000);
  }
  await until(async () => heard !== "", { withinMs: 5_000, what: "a ping" });
  await reading;
  expect(heard).toMatch(/^: ping\nid: 3-[0-9a-f]{8}\n\n$/);
  await beside.cut();
  await reader?.cancel();
});

test("a stop ends every stream, and no new one begins", async () => {
  const { follow, stop, lines } = replica();
  const clients = [await follow(), await follow()];
  stop();
  for (const client of clients) expect(await client.next()).toBeUndefined();
  expect((await follow()).response.status).toBe(503);
  const ended = lines.filter(({ event }) => event === "stream.ended");
  expect(ended.map(({ reason }) => reason)).toEqual(["stopping", "stopping"]);
  expect(JSON.stringify(lines)).not.toContain(KEY);
});

test("so many streams at one time, and a place is free again when one has left", async () => {
  const { follow } = replica({ most: 2 });
  const [one] = [await follow(), await follow()];
  const refused = (await follow()).response;
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  await one?.cut();
  expect((await follow()).response.status).toBe(200);
});

test("who does not read has nothing waiting in memory, and all of it when it reads again", async () => {
  const { follow } = replica();
  const client = await follow();
  const { sql } = database;
  const many = Array.from({ length: 20 }, (_, n) =>
    `an event with a long id ${n}`.padEnd(190, "x"),
  );
  await sql`
    insert into row_message (position, kinds, accounts, event_ids)
    select n, '{sales}', '{}', ${many}::text[] from generate_series(1, 600) n
  `;
  await sql`update row_position set position = 600`;
  await sql`select pg_notify('rows', '')`;
  const heard = await untilHeard(client, ({ id }) => id.startsWith("600-"));
  expect(heard.map(({ id }) => Number(id.split("-")[0]))).toEqual(
    Array.from({ length: 600 }, (_, n) => n + 1),
  );
  await client.cut();
});

test("HEAD says what GET would, and does not wait for its end", async () => {
  const { app } = replica();
  const answer = await app.request("/api/stream", {
    method: "HEAD",
    headers: { "x-api-key": KEY },
  });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  expect(await answer.text()).toBe("");
});

async function positionNow() {
  const [row] = await database.sql<{ position: number }[]>`
    select position::float8 as position from row_position
  `;
  return row?.position ?? 0;
}

/** The same numbers every time. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
