import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { connect as connectSocket, type Socket } from "node:net";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { deliveryOf, eventJson, receiver } from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { until } from "../../../test/support/stage.ts";
import { createLogger } from "../../lib/logger.ts";
import { sign } from "../../vivenu/signature.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await emptyTables(database.sql, "inbox, webhook_seen");
});

const PATH = "/webhooks/vivenu/DACH";
const FORGED = "0".repeat(64);
const updated = () => deliveryOf("event.updated", { event: eventJson() });

/** The receiver behind a real socket, for what a `Request` of our own making cannot do. */
function listen(options: Partial<Parameters<typeof receiver>[0]> = {}) {
  const lines: string[] = [];
  const logger = createLogger("trace", { write: (line) => void lines.push(line) });
  const { app, outcomes } = receiver({ sql: database.sql, logger, ...options });
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
  const sockets: Socket[] = [];

  /** Sends the head of a request, and what the test writes. */
  function open(head: Record<string, string>) {
    const socket = connectSocket(server.port ?? 0, "127.0.0.1");
    sockets.push(socket);
    let said = "";
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      said += bytes.toString();
    });
    const headers = Object.entries({ host: "localhost", ...head });
    socket.write(
      `POST ${PATH} HTTP/1.1\r\n${headers.map((one) => `${one.join(": ")}\r\n`).join("")}\r\n`,
    );
    return {
      socket,
      closed,
      answer: () => until(async () => said, { withinMs: 5_000, what: "an answer" }),
      isAnswered: () => said !== "",
    };
  }

  return {
    ...{ lines, outcomes, open },
    outcome: (count: number) =>
      until(async () => outcomes.length >= count, { withinMs: 5_000, what: `${count} outcomes` }),
    async send(body: string) {
      const headers = { "x-vivenu-signature": sign(Buffer.from(body), "dach-key") };
      const url = `http://127.0.0.1:${server.port}${PATH}`;
      return (await fetch(url, { method: "POST", body, headers })).status;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await server.stop(true);
    },
  };
}

describe("a body that nobody could sign", () => {
  test.each([
    ["without a signature", {}],
    ["with half of one", { "x-vivenu-signature": "0".repeat(32) }],
    ["with one in upper case", { "x-vivenu-signature": "A".repeat(64) }],
  ])("is not waited for: %s", async (_what, head) => {
    await using door = listen();
    const { answer } = door.open({ "content-length": "90000", ...head });
    expect(await answer()).toStartWith("HTTP/1.1 401 ");
    expect(door.outcomes).toEqual([["unsigned", "DACH"]]);
    expect(door.lines).toEqual([]);
  });
});

describe("a body that breaks off", () => {
  const said = { "content-length": "500", "x-vivenu-signature": FORGED };
  const unsaid = { "transfer-encoding": "chunked", "x-vivenu-signature": FORGED };

  test.each([
    ["when its sender goes away", said, "abc", (socket: Socket) => socket.destroy()],
    ["when its sender has no more", said, "abc", (socket: Socket) => socket.end()],
    ["before its first byte", said, "", (socket: Socket) => socket.destroy()],
    ["between two chunks", unsaid, "3\r\nabc\r\n", (socket: Socket) => socket.end()],
    ["within a chunk", unsaid, "9\r\nabc", (socket: Socket) => socket.destroy()],
    ["in no chunk at all", unsaid, "no length\r\n", () => {}],
  ])(
    "%s is its sender's doing: nobody is woken, nothing is logged",
    async (_what, head, body, leave) => {
      await using door = listen();
      const { socket } = door.open(head);
      socket.write(body);
      await Bun.sleep(50);
      leave(socket);
      await door.outcome(1);
      expect(door.outcomes).toEqual([["broken_off", "DACH"]]);
      expect(door.lines).toEqual([]);
      expect(await door.send(updated())).toBe(200);
    },
  );
});

test("a body that comes too slowly is given up in time, and asked for again", async () => {
  await using door = listen({ answerWithinMs: 400 });
  const { socket, answer } = door.open({ "content-length": "500", "x-vivenu-signature": FORGED });
  const dripping = setInterval(() => socket.write("a"), 20);
  const startedAt = performance.now();
  const head = await answer();
  clearInterval(dripping);
  expect(head).toStartWith("HTTP/1.1 503 ");
  expect(head.toLowerCase()).toContain("retry-after: 30");
  expect(performance.now() - startedAt).toBeWithin(350, 15_000);
  expect(door.outcomes).toEqual([["slow", "DACH"]]);
  expect(door.lines).toEqual([]);
});

test("a body that comes in single bytes is read like any other", async () => {
  await using door = listen();
  const body = updated();
  const signature = sign(Buffer.from(body), "dach-key");
  const length = String(Buffer.byteLength(body));
  const { socket, answer } = door.open({
    "content-length": length,
    "x-vivenu-signature": signature,
  });
  socket.setNoDelay(true);
  for (const byte of Buffer.from(body).subarray(0, 300)) {
    socket.write(Buffer.of(byte));
    if (byte === 34) await Bun.sleep(1);
  }
  socket.write(Buffer.from(body).subarray(300));
  expect(await answer()).toStartWith("HTTP/1.1 200 ");
});

describe("where bodies have all the memory", () => {
  test("those that are sent slowly make room, and webhooks are taken meanwhile", async () => {
    await using door = listen({ maxBytes: 100_000, roomBytes: 250_000 });
    const half = Buffer.alloc(50_000, "x");
    const head = { "content-length": "100000", "x-vivenu-signature": FORGED };
    const slow = Array.from({ length: 12 }, () => door.open(head));
    for (const { socket } of slow) {
      socket.write(half);
      await Bun.sleep(20);
    }
    for (let i = 0; i < 20; i += 1) expect(await door.send(updated())).toBe(200);
    const answered = slow.filter(({ isAnswered }) => isAnswered());
    expect(answered.length).toBeGreaterThanOrEqual(7);
    for (const { answer } of answered) expect(await answer()).toStartWith("HTTP/1.1 503 ");
    expect(new Set(door.outcomes.map(([outcome]) => outcome))).toEqual(
      new Set(["busy", "accepted"]),
    );
    expect(door.lines.filter((line) => !line.includes("webhook.accepted"))).toEqual([]);
  });

  test("signed ones keep it until they are kept: the next is asked for again", async () => {
    const body = deliveryOf("event.updated", { event: eventJson({ filler: "x".repeat(40_000) }) });
    await using door = listen({ maxBytes: 60_000, roomBytes: 140_000, answerWithinMs: 20_000 });
    const other = database.connect();
    const gate = Promise.withResolvers<void>();
    const locking = Promise.withResolvers<void>();
    const holding = other.begin(async (tx) => {
      await tx`lock table inbox in access exclusive mode`;
      locking.resolve();
      await gate.promise;
    });
    await locking.promise;
    // Compressed it needs next to nothing, so that many can wait for PostgreSQL.
    const waiting = Array.from({ length: 10 }, (_, i) => door.send(body.replace("x", `${i}`)));
    await Bun.sleep(200);
    gate.resolve();
    await holding;
    await other.end();
    const answers = await Promise.all(waiting);
    expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(answers).toContain(200);
    for (let i = 0; i < 10; i += 1) expect(await door.send(body.replace("x", `${i}`))).toBe(200);
    const [kept] = await database.sql`select count(*)::int as deliveries from inbox`;
    expect(kept?.deliveries).toBe(10);
  });
});
