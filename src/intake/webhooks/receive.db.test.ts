import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { setImmediate } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import fixture from "../../../test/fixtures/vivenu/event.updated.json";
import signed from "../../../test/fixtures/vivenu/signature.json";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  DAY,
  deliveryOf,
  dump,
  EVENT_ID,
  eventJson,
  eventOf,
  found,
  handClock,
  hyrox,
  logger,
  NOON,
  pace,
  readPayloads,
  receiver,
  SECOND,
  SELLER_ID,
} from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { until } from "../../../test/support/stage.ts";
import { connect, limitFor, type Sql } from "../../database/connect.ts";
import { createLogger } from "../../lib/logger.ts";
import { sign } from "../../vivenu/signature.ts";
import { recordEvent } from "../events/record-event.ts";
import { INBOX_CHANNEL, readInboxState, readLastWebhooks } from "../store/inbox.ts";
import { saveSeller } from "../store/sellers.ts";
import { translator } from "./translate.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await emptyTables(database.sql, "inbox, webhook_seen, seller, event_seen, count_hint, outbox");
});

const updated = () => deliveryOf("event.updated", { event: eventJson() });
const account = (region: string, keys: string[], sellerId?: string) => ({ region, keys, sellerId });
const inboxRows = () =>
  database.sql<{ account: string | null; type: string; body: Uint8Array }[]>`
    select account, type, body from inbox order by delivery_id
  `;

/** What others wait for their turn meanwhile. */
function turns() {
  let [last, longestMs, isOver] = [performance.now(), 0, false];
  const taking = (async () => {
    while (!isOver) {
      await setImmediate();
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
    }
  })();
  return {
    async longestMs() {
      isOver = true;
      await taking;
      return longestMs;
    },
  };
}

describe("a signature", () => {
  test("of Vivenu's own making is taken", async () => {
    const { post } = receiver({
      sql: database.sql,
      mode: "dev",
      accounts: [account("DACH", [signed.key])],
    });
    const answer = await post("/webhooks/vivenu/DACH", signed.body, signed.signature);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ accepted: true });
    const [row] = await inboxRows();
    expect(gunzipSync(row?.body ?? "").toString()).toBe(signed.body);
  });

  const hex = sign(Buffer.from(signed.body), signed.key);
  test.each([
    ["wrong", "0".repeat(64)],
    ["missing", undefined],
    ["empty", ""],
    ["in upper case", hex.toUpperCase()],
    ["in base64", Buffer.from(hex, "hex").toString("base64")],
    ["with a prefix", `sha256=${hex}`],
    ["cut off", hex.slice(0, 63)],
    ["of other bytes", sign(Buffer.from(`${signed.body} `), signed.key)],
  ])("that is %s gets 401 and leaves no trace", async (_what, signature) => {
    const lines: string[] = [];
    const { post, outcomes } = receiver({
      sql: database.sql,
      mode: "dev",
      accounts: [account("DACH", [signed.key], SELLER_ID)],
      logger: createLogger("trace", { write: (line) => void lines.push(line) }),
    });
    const before = await dump(database.sql);
    for (const path of ["/webhooks/vivenu/DACH", "/webhook/event-updated"])
      expect((await post(path, signed.body, signature)).status).toBe(401);
    expect(await dump(database.sql)).toBe(before);
    expect(outcomes.map(([outcome]) => outcome)).toEqual(["unsigned", "unsigned"]);
    expect(lines).toEqual([]);
  });

  test("is looked at before anything is parsed", async () => {
    const { post } = receiver({ sql: database.sql });
    const notJson = "{".repeat(1_000);
    expect((await post("/webhooks/vivenu/DACH", notJson, "0".repeat(64))).status).toBe(401);
    const fits = sign(Buffer.from(notJson), "dach-key");
    expect((await post("/webhooks/vivenu/DACH", notJson, fits)).status).toBe(400);
  });

  test("of the old and of the new key is taken while the key is rotated", async () => {
    const { send } = receiver({
      sql: database.sql,
      accounts: [account("DACH", ["new-key", "old-key"], SELLER_ID)],
    });
    expect(await send(updated(), { key: "new-key" })).toBe(200);
    expect(await send(updated(), { key: "old-key" })).toBe(200);
    expect(await send(updated(), { key: "older-key" })).toBe(401);
  });
});

describe("whose a delivery is", () => {
  const accounts = [
    account("DACH", ["dach-key"], "seller-d"),
    account("FRANCE", ["france-key"], "seller-f"),
    account("ITALY", ["shared-key"], "seller-i"),
    account("USA", ["shared-key"], "seller-u"),
    account("NORWAY", ["norway-key"]),
    account("CANADA", []),
  ];
  const from = (sellerId: string | undefined) =>
    deliveryOf("event.updated", { event: eventJson() }, { sellerId });
  const start = () => receiver({ sql: database.sql, accounts });
  const owner = async () => (await inboxRows()).map((row) => row.account);

  test("is told by the region in the path, in upper or lower case", async () => {
    const { send, outcomes } = start();
    expect(
      await send(from("seller-f"), { path: "/webhooks/vivenu/france", key: "france-key" }),
    ).toBe(200);
    expect(await owner()).toEqual(["FRANCE"]);
    expect(outcomes).toEqual([["accepted", "FRANCE"]]);
    expect([...(await readLastWebhooks(database.sql))]).toEqual([
      { account: "FRANCE", receivedAt: NOON },
    ]);
  });

  test("is told by the key where the path does not say", async () => {
    const { send } = start();
    const path = "/webhook/event-updated";
    expect(await send(from("seller-f"), { path, key: "france-key" })).toBe(200);
    expect(await send(from(undefined), { path, key: "dach-key" })).toBe(200);
    expect(await owner()).toEqual(["FRANCE", "DACH"]);
  });

  test("is told by the seller where accounts share a key", async () => {
    const { send } = start();
    const path = "/webhook/event-updated";
    expect(await send(from("seller-u"), { path, key: "shared-key" })).toBe(200);
    expect(await send(from("seller-i"), { path, key: "shared-key" })).toBe(200);
    expect(await send(from(undefined), { path, key: "shared-key" })).toBe(200);
    expect(await owner()).toEqual(["USA", "ITALY", null]);
  });

  test("cannot be another account's than the key's", async () => {
    const { send, outcomes } = start();
    const path = "/webhooks/vivenu/FRANCE";
    expect(await send(from("seller-f"), { path, key: "nobody's-key" })).toBe(401);
    // A key in the wrong listener can be mended while Vivenu still repeats: no 4xx, which it never does.
    expect(await send(from("seller-f"), { path, key: "dach-key" })).toBe(503);
    expect(await send(from("seller-d"), { path, key: "dach-key" })).toBe(503);
    expect(await send(from("seller-d"), { path, key: "france-key" })).toBe(503);
    const shared = { path: "/webhook/event-updated", key: "shared-key" };
    expect(await send(from("seller-d"), shared)).toBe(503);
    expect(outcomes).toEqual([
      ["unsigned", "FRANCE"],
      ["unavailable", "FRANCE"],
      ["unavailable", "FRANCE"],
      ["foreign", "FRANCE"],
      ["foreign", null],
    ]);
    expect(await owner()).toEqual([]);
  });

  test("is known after the first poll: until then Vivenu is asked to send it again", async () => {
    const { send, outcomes } = start();
    const route = { path: "/webhooks/vivenu/NORWAY", key: "norway-key" };
    expect(await send(from("seller-n"), route)).toBe(503);
    expect(await owner()).toEqual([]);
    await saveSeller(database.sql, "NORWAY", { _id: "seller-n", currency: "NOK" }, NOON);
    expect(await send(from("seller-n"), route)).toBe(200);
    expect(await send(from("seller-d"), route)).toBe(503);
    expect(outcomes.map(([outcome]) => outcome)).toEqual(["unavailable", "accepted", "foreign"]);
    expect(await owner()).toEqual(["NORWAY"]);
  });

  test("what is configured counts more than what was learned", async () => {
    await saveSeller(database.sql, "DACH", { _id: "seller-x", currency: null }, NOON);
    const { send, outcomes } = start();
    expect(await send(from("seller-d"))).toBe(200);
    expect(await send(from("seller-x"))).toBe(503);
    expect(outcomes.map(([outcome]) => outcome)).toEqual(["accepted", "foreign"]);
  });

  test("a region that nobody configured is our mistake, and nothing is lost by it", async () => {
    const { send, outcomes } = start();
    expect(await send(from("seller-d"), { path: "/webhooks/vivenu/SPAIN" })).toBe(503);
    expect(outcomes).toEqual([["unavailable", null]]);
  });

  test("an account without a key takes nothing, and nothing is lost by it", async () => {
    const { post, send, outcomes } = start();
    const path = "/webhooks/vivenu/CANADA";
    expect(await send(from("seller-c"), { path, key: "any" })).toBe(503);
    expect((await post(path, from("seller-c"), undefined)).status).toBe(503);
    expect(await send(from("seller-c"), { path, key: "" })).toBe(503);
    expect(outcomes).toEqual(Array(3).fill(["keyless", "CANADA"]));
  });
});

describe("a delivery that can never succeed", () => {
  test("is refused when it is not JSON, or no webhook", async () => {
    const { send, outcomes } = receiver({ sql: database.sql });
    for (const body of ["", "{", "null", "[]", '{"mode":"prod"}', '{"type":"event.updated"}'])
      expect(await send(body)).toBe(400);
    const notText = new Uint8Array([0x22, 0xff, 0x22]);
    const { post } = receiver({ sql: database.sql });
    const answer = await post("/webhooks/vivenu/DACH", notText, sign(notText, "dach-key"));
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(outcomes).toEqual(Array(6).fill(["malformed", "DACH"]));
  });

  test("is refused when it is larger than what PostgreSQL or an order holds, and others go on", async () => {
    const { send, outcomes } = receiver({ sql: database.sql, maxBytes: 8_388_608 });
    const ids = Array.from({ length: 200_000 }, (_, i) => ({ eventId: `68f${1e12 + i}` }));
    const endless = [
      deliveryOf("t".repeat(5_000), {}),
      deliveryOf("event.updated".padEnd(101, "d"), { event: eventJson() }),
      deliveryOf("transaction.complete", { tickets: ids }),
      deliveryOf("transaction.complete", { tickets: ids.slice(0, 101) }),
      deliveryOf("ticket.updated", { tickets: Array(10_001).fill(null) }),
    ];
    const good = Array.from({ length: 20 }, updated);
    const answers = await Promise.all([...endless, ...good].map((body) => send(body)));
    expect(answers).toEqual([...Array(5).fill(400), ...Array(20).fill(200)]);
    expect(outcomes.filter(([outcome]) => outcome === "malformed")).toHaveLength(5);
  });

  test("is refused before it costs others their time", async () => {
    const { post } = receiver({ sql: database.sql, maxBytes: 8_388_608 });
    const ids = Array.from({ length: 200_000 }, (_, i) => ({ eventId: `68f${1e12 + i}` }));
    const fields = Object.fromEntries(ids.map(({ eventId }) => [eventId, 1]));
    for (const data of [{ tickets: ids }, fields]) {
      const body = deliveryOf("transaction.complete", data);
      const signature = sign(Buffer.from(body), "dach-key");
      let readMs = Number.POSITIVE_INFINITY;
      const isCheap = async () => {
        const startedAt = performance.now();
        JSON.parse(body);
        readMs = Math.min(readMs, performance.now() - startedAt);
        const others = turns();
        expect((await post("/webhooks/vivenu/DACH", body, signature)).status).toBe(400);
        // What nobody else got a turn in is hashing and copying the bytes; reading them is many times that.
        return (await others.longestMs()) < readMs / 2;
      };
      // A machine that is busy with others takes a turn's time now and then, and never makes it shorter.
      await until(isCheap, { withinMs: 15_000, what: "a refusal in half of what reading takes" });
    }
  });

  test("is not one that is only large: an event of eight megabytes, an order of thousands", async () => {
    const { send } = receiver({ sql: database.sql, maxBytes: 8_388_608 });
    const shops = Array.from({ length: 1_000 }, () => fixture.data.event);
    const event = { ...eventJson(), underShops: shops };
    const tickets = Array.from({ length: 9_999 }, (_, i) => ({
      ...{ _id: `ticket-${i}`, eventId: `event-${i % 100}`, status: "VALID", realPrice: 99.5 },
      ...{ name: 'Zoë "Ziggy" Ärmel', meta: { a: [], b: {}, c: null }, addOns: [{ name: "T, M" }] },
      ...{ createdAt: "2026-03-01T10:00:00.000Z", updatedAt: "2026-03-01T10:00:00.000Z" },
    }));
    expect(await send(deliveryOf("event.updated", { event }))).toBe(200);
    expect(await send(deliveryOf("transaction.complete", { tickets }))).toBe(200);
  });

  test("is refused when its mode is not ours", async () => {
    const dev = deliveryOf("event.updated", { event: eventJson() }, { mode: "dev" });
    expect(await receiver({ sql: database.sql }).send(dev)).toBe(422);
    expect(await receiver({ sql: database.sql, mode: "dev" }).send(dev)).toBe(200);
    expect(await receiver({ sql: database.sql, mode: "any" }).send(dev)).toBe(200);
  });

  test("is refused when it is larger than the limit, said or not", async () => {
    const { app, outcomes } = receiver({ sql: database.sql, maxBytes: 2_000 });
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
    const url = `http://127.0.0.1:${server.port}/webhooks/vivenu/DACH`;
    const chunk = new Uint8Array(1_000).fill(0x20);
    /** Without a content-length, so that nobody can say beforehand how much will come. */
    const chunked = (chunks: number) =>
      new ReadableStream<Uint8Array>({
        async start(controller) {
          for (let i = 0; i < chunks; i += 1) controller.enqueue(chunk);
          controller.close();
        },
      });
    try {
      const signedFor = (bytes: Uint8Array) => ({
        headers: { "x-vivenu-signature": sign(bytes, "dach-key") },
      });
      const large = new Uint8Array(2_001);
      const said = await fetch(url, { method: "POST", body: large, ...signedFor(large) });
      expect(said.status).toBe(413);
      const larger = new Uint8Array(3_000).fill(0x20);
      const unsaid = await fetch(url, { method: "POST", body: chunked(3), ...signedFor(larger) });
      expect(unsaid.status).toBe(413);
      for (const headers of [{ "x-vivenu-signature": "0".repeat(64) }, {}])
        expect((await fetch(url, { method: "POST", body: larger, headers })).status).toBe(401);
      const fits = await fetch(url, {
        method: "POST",
        body: chunked(2),
        headers: { "x-vivenu-signature": sign(new Uint8Array(2_000).fill(0x20), "dach-key") },
      });
      expect(fits.status).toBe(400);
    } finally {
      await server.stop(true);
    }
    const expected = ["too_large", "too_large", "unsigned", "unsigned", "malformed"];
    expect(outcomes.map(([outcome]) => `${outcome}`)).toEqual(expected);
  });
});

test("a delivery is asked for again while the database is down", async () => {
  const nowhere = connect("postgres://nobody@127.0.0.1:1/nothing", { max: 1 });
  const { send, outcomes } = receiver({ sql: nowhere });
  expect(await send(updated())).toBe(503);
  expect(await send(deliveryOf("job.started", {}))).toBe(503);
  expect(await send(updated(), { key: "wrong" })).toBe(401);
  await nowhere.end();

  const ended = database.connect();
  await ended.end();
  const other = receiver({ sql: ended });
  const body = updated();
  const answer = await other.post(
    "/webhooks/vivenu/DACH",
    body,
    sign(Buffer.from(body), "dach-key"),
  );
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("30");
  expect(outcomes.map(([outcome]) => outcome)).toEqual(["unavailable", "unavailable", "unsigned"]);
});

describe("a signed body that nobody expected", () => {
  const envelope = (data: string) => `{"type":"event.updated","mode":"prod","data":${data}}`;
  const strange = [
    "[".repeat(900_000),
    envelope("[".repeat(400_000) + "]".repeat(400_000)),
    envelope(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
    envelope(`{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`).join()}}`),
    envelope('{"event":{"_id":1e999,"__proto__":{"x":1},"constructor":null}}'),
    '{"type":"__proto__","mode":"prod","__proto__":{"mode":"dev"}}',
    '{"type":"ticket.updated","mode":"prod","data":{"tickets":{"length":1e9}}}',
    '{"type":"ticket.updated","mode":"prod","data":{"ticket":{"eventId":{"toString":1}}}}',
    '{"type":"a\u0000\ud800","mode":"prod","sellerId":{"$ne":null}}',
    '{"type":"","mode":"prod","sellerId":"\u0000"}',
    `\ufeff${JSON.stringify(fixture)}`,
    "1e1000000",
    '"\ud83d"',
  ];

  test("is that delivery's alone, whatever it is: others are kept meanwhile", async () => {
    const { send, outcomes } = receiver({ sql: database.sql, maxBytes: 1_000_000 });
    const odd: number[] = [];
    for (const body of strange) {
      const [status, ...good] = await Promise.all([send(body), send(updated()), send(updated())]);
      odd.push(status);
      expect(good).toEqual([200, 200]);
    }
    expect(odd.filter((status) => status !== 200 && status !== 400)).toEqual([]);
    expect(outcomes).toHaveLength(3 * strange.length);
  });

  test("and that throws where it is kept fails alone, and is counted", async () => {
    const clock = handClock();
    let reads = 0;
    const odd = { ...clock, now: () => (++reads === 2 ? new Date(Number.NaN) : clock.now()) };
    const { send, outcomes } = receiver({ sql: database.sql, clock: odd });
    const bodies = [updated(), updated(), updated()];
    const answers = await Promise.all(bodies.map((body) => send(body)));
    expect(answers.toSorted()).toEqual([200, 200, 503]);
    expect(outcomes.filter(([outcome]) => outcome === "unavailable")).toHaveLength(1);
    expect(await Promise.all(bodies.map((body) => send(body)))).toEqual([200, 200, 200]);
    expect(await inboxRows()).toHaveLength(3);
  });
});

describe("a lock that another session holds", () => {
  /** Until the test ends it; nobody else may touch what it locks. */
  async function locked(what: (tx: Sql) => PromiseLike<unknown>) {
    const other = database.connect();
    const [taken, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = other.begin(async (tx) => {
      await what(tx);
      taken.resolve();
      await ended.promise;
    });
    await taken.promise;
    return {
      async [Symbol.asyncDispose]() {
        ended.resolve();
        await holding;
        await other.end();
      },
    };
  }

  /** Connections as `serve` has them for whoever answers webhooks. */
  function limited(limitMs: number) {
    const sql = connect(database.url, { max: 3, limitMs });
    return { sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) };
  }

  /** A machine that stalls is not the service: what it did in time in one of so many tries, it does in time. */
  const TRIES = 5;

  const timed = async (sending: Promise<number>) => {
    const startedAt = performance.now();
    return { status: await sending, ms: performance.now() - startedAt };
  };

  test.each([
    ["its own connections", true],
    ["connections whose statements have more time than an answer", false],
  ])(
    "is answered with 503 in time over %s, counted, and nothing is lost by it",
    async (_, isOwn) => {
      const answerWithinMs = 1_000;
      await using own = limited(limitFor(answerWithinMs));
      const sql = isOwn ? own.sql : database.sql;
      const { send, outcomes } = receiver({ sql, answerWithinMs });
      let slowestMs = Number.POSITIVE_INFINITY;
      for (let tries = 0; tries < TRIES && slowestMs >= 1_500; tries += 1) {
        await emptyTables(database.sql, "inbox, webhook_seen");
        slowestMs = await sendAll(Array.from({ length: 30 }, updated));
      }
      expect(slowestMs).toBeLessThan(1_500);

      async function sendAll(bodies: string[]) {
        let slowest: number;
        {
          outcomes.length = 0;
          await using _ = await locked((tx) => tx`lock table inbox in access exclusive mode`);
          // They come one after another, so that many wait for a group that waits for the lock.
          const sent: ReturnType<typeof timed>[] = [];
          for (const body of bodies) {
            sent.push(timed(send(body)));
            await Bun.sleep(40);
          }
          const answers = await Promise.all(sent);
          expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(503));
          slowest = Math.max(...answers.map(({ ms }) => ms));
          expect(outcomes).toEqual(Array(30).fill(["unavailable", "DACH"]));
          // The group that was given up has let the lock's queue go: readers of the inbox wait for one only.
          const areFew = async () => {
            const [waiting] = await database.sql`
            select count(*)::int as sessions from pg_locks
            where not granted and relation = 'inbox'::regclass
          `;
            return waiting?.sessions <= 1;
          };
          await until(areFew, {
            withinMs: 10_000,
            what: "one session in the lock's queue at most",
          });
        }
        const areKept = async () => {
          const again = await Promise.all(bodies.map((body) => send(body)));
          return again.every((status) => status === 200);
        };
        await until(areKept, { withinMs: 30_000, what: "each delivery, kept" });
        expect(await inboxRows()).toHaveLength(30);
        expect((await readLastWebhooks(database.sql)).map((seen) => seen.account)).toEqual([
          "DACH",
        ]);
        return slowest;
      }
    },
  );

  test("does not make a late commit a second delivery", async () => {
    await database.sql`
      create function slow() returns trigger language plpgsql as $$
        begin perform pg_sleep(0.65); return new; end
      $$
    `;
    await database.sql`
      create trigger slow before insert on inbox for each row execute function slow()
    `;
    let isLate = false;
    for (let tries = 0; tries < TRIES && !isLate; tries += 1) {
      const { send, outcomes } = receiver({ sql: database.sql, answerWithinMs: 1_000 });
      const [early, late] = [updated(), updated()];
      const first = send(early);
      await Bun.sleep(100);
      // Its group begins after 650 ms and is committed after 1,300, when it has been answered.
      const second = send(late);
      const answers = [await first, await second];
      const isKept = async () => (await timesKept(late)) > 0;
      const committing = until(isKept, { withinMs: 3_000, what: "the late commit" });
      const isCommitted = await committing.catch(() => false);
      isLate = `${answers}` === "200,503" && isCommitted;
      if (!isLate) continue;
      expect(outcomes.map(([outcome]) => outcome)).toEqual(["accepted", "unavailable"]);
      const again = receiver({ sql: database.sql });
      expect(await again.send(late)).toBe(200);
      expect(again.outcomes.map(([outcome]) => outcome)).toEqual(["repeated"]);
      expect([await timesKept(early), await timesKept(late)]).toEqual([1, 1]);
    }
    await database.sql`drop function slow cascade`;
    expect(isLate).toBe(true);
  });

  async function timesKept(body: string) {
    const bodies = (await inboxRows()).map((row) => gunzipSync(row.body).toString());
    return bodies.filter((kept) => kept === body).length;
  }
});

describe("the same delivery", () => {
  const translateAll = async () => {
    const step = translator({ sql: database.sql, filter: hyrox, pace, clock: handClock(), logger });
    while ((await step()) === "more");
  };

  test("ten times is kept once and becomes one fact", async () => {
    const { send, outcomes } = receiver({ sql: database.sql });
    const body = updated();
    for (let i = 0; i < 5; i += 1) expect(await send(body)).toBe(200);
    await translateAll();
    for (let i = 0; i < 5; i += 1) expect(await send(body)).toBe(200);
    await translateAll();
    expect(await inboxRows()).toHaveLength(1);
    expect(await readPayloads(database.sql, "event.updated.0")).toHaveLength(1);
    expect(outcomes.map(([outcome]) => outcome)).toEqual([
      "accepted",
      ...Array(9).fill("repeated"),
    ]);
  });

  test("ten times at once is kept once", async () => {
    const { send, outcomes } = receiver({ sql: database.sql });
    const body = updated();
    expect(await Promise.all(Array.from({ length: 10 }, () => send(body)))).toEqual(
      Array(10).fill(200),
    );
    expect(await inboxRows()).toHaveLength(1);
    expect(outcomes.filter(([outcome]) => outcome === "accepted")).toHaveLength(1);
  });

  test("in two transmissions is one fact", async () => {
    const { send } = receiver({ sql: database.sql });
    await send(updated());
    await send(updated());
    await translateAll();
    expect(await inboxRows()).toHaveLength(2);
    expect(await readPayloads(database.sql, "event.updated.0")).toHaveLength(1);
  });
});

test("a body is forgotten seven days after it became a fact, and still known when it comes again", async () => {
  const clock = handClock();
  const { send } = receiver({ sql: database.sql, clock });
  const body = updated();
  const step = translator({ sql: database.sql, filter: hyrox, pace, clock, logger });
  await send(body);
  await step();
  const kept = async () => (await inboxRows()).filter((row) => row.body !== null).length;
  clock.forward(7 * DAY);
  await step();
  expect(await kept()).toBe(1);
  clock.forward(DAY);
  await step();
  expect(await kept()).toBe(0);
  expect(await send(body)).toBe(200);
  await step();
  expect(await readPayloads(database.sql, "event.updated.0")).toHaveLength(1);
  expect(await readInboxState(database.sql)).toEqual({
    waiting: 0,
    oldestWaitingAt: null,
    failing: 0,
    refused: 0,
  });
});

describe("of a ticket or a transaction", () => {
  const holder = {
    name: "Made Up",
    email: "made.up@example.com",
    barcode: "barcode-no-4711-made-up",
    secret: "secret-no-4711-made-up",
    customerId: "customer-no-4711-made-up",
    extraFields: { phone: "+49 000 no-4711-made-up" },
  };
  const ticket = { _id: "ticket-no-4711-made-up", eventId: EVENT_ID, ...holder };
  const watch = () =>
    database.sql.begin((tx) =>
      recordEvent(tx, { account: "DACH", source: "poll", event: eventOf(), observedAt: NOON }),
    );
  const recountRequests = () =>
    database.sql<{ eventId: string }[]>`select event_id from count_hint`;

  test.each([
    ["ticket.created", { ticket }],
    ["ticket.updated", { ticket }],
    [
      "transaction.complete",
      { transaction: { _id: "order-no-4711-made-up", eventId: EVENT_ID }, tickets: [ticket] },
    ],
    ["transaction.canceled", { transaction: { ...holder }, tickets: [ticket, ticket] }],
    ["transaction.partiallyCanceled", { transaction: { eventId: EVENT_ID, ...holder } }],
  ])("nothing is kept but the recount request: %s", async (type, data) => {
    await watch();
    const lines: string[] = [];
    const { send } = receiver({
      sql: database.sql,
      logger: createLogger("trace", { write: (line) => void lines.push(line) }),
    });
    const inbox = await inboxRows();
    expect(await send(deliveryOf(type, data))).toBe(200);
    expect([...(await recountRequests())]).toEqual([{ eventId: EVENT_ID }]);
    expect(await inboxRows()).toEqual(inbox);
    const everything = [await dump(database.sql), ...lines].join("\n");
    expect(found(everything, ["no-4711-made-up", "Made Up", "example.com"])).toEqual([]);
  });

  test("of an event that is not watched no recount is requested", async () => {
    await watch();
    const { send } = receiver({ sql: database.sql });
    for (const eventId of ["68f0000000000000000000ff", "", "\u0000", "x".repeat(5_000), 7, null])
      expect(await send(deliveryOf("ticket.created", { ticket: { ...ticket, eventId } }))).toBe(
        200,
      );
    expect([...(await recountRequests())]).toEqual([]);
  });

  test("whatever its shape is, it is accepted", async () => {
    const { send, outcomes } = receiver({ sql: database.sql });
    for (const data of [{}, { ticket: null }, { ticket: 3 }, { tickets: {} }, [], null, undefined])
      expect(await send(deliveryOf("ticket.updated", data))).toBe(200);
    expect(outcomes.map(([outcome]) => outcome)).toEqual(Array(7).fill("accepted"));
  });
});

test("any other type is accepted and counted, and nothing of it is kept", async () => {
  const clock = handClock();
  const { send } = receiver({ sql: database.sql, clock });
  for (const type of ["scan.created", "scan.created", "job.completed", "a.newOne"]) {
    expect(await send(deliveryOf(type, { event: { name: "HYROX nowhere" } }))).toBe(200);
    clock.forward(SECOND);
  }
  const seen = await database.sql`
    select type, deliveries::int as deliveries from webhook_seen order by type
  `;
  expect([...seen]).toEqual([
    { type: "a.newOne", deliveries: 1 },
    { type: "job.completed", deliveries: 1 },
    { type: "scan.created", deliveries: 2 },
  ]);
  expect(await inboxRows()).toHaveLength(0);
  expect(found(await dump(database.sql), ["nowhere"])).toEqual([]);
});

test("what is answered with 200 is kept, and what is not is not", async () => {
  // What is noted of the delivery's account and the delivery are one transaction: it fails as a whole.
  await database.sql`alter table webhook_seen add constraint broken check (account <> 'DACH')`;
  const { send } = receiver({ sql: database.sql });
  expect(await send(JSON.stringify(fixture))).toBe(503);
  await database.sql`alter table webhook_seen drop constraint broken`;
  expect(await inboxRows()).toHaveLength(0);
  expect(await send(JSON.stringify(fixture))).toBe(200);
  expect(await inboxRows()).toHaveLength(1);
});

test("of deliveries that follow one another closely translators are told at once, and once again for the rest", async () => {
  // A database of its own: in the other one somebody may still be told of the test before.
  await using own = await freshDatabase();
  let told = 0;
  await own.sql.listen(INBOX_CHANNEL, () => {
    told += 1;
  });
  const { send } = receiver({ sql: own.sql });
  expect(await send(updated())).toBe(200);
  await until(async () => told === 1, { withinMs: 5_000, what: "the first is told of" });
  const more = 20;
  for (let n = 0; n < more; n += 1) expect(await send(updated())).toBe(200);
  const lastToldAt = told;
  await until(async () => told > 1, { withinMs: 5_000, what: "the others are told of" });
  expect(await own.sql`select from inbox`).toHaveLength(more + 1);
  expect(lastToldAt).toBeLessThanOrEqual(more);
});
