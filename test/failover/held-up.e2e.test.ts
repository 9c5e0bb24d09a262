import { afterAll, beforeAll, expect, test } from "bun:test";
import { generateFacts } from "../../bench/facts.ts";
import { percentile, sendAtRate } from "../../bench/load.ts";
import { enqueue } from "../../src/datacore/outbox.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { until } from "../support/stage.ts";
import { type Replica, raiseWorld, type World } from "./replicas.ts";

let world: World;
let replica: Replica;

const SECONDS = 5;
const PATHS = ["/api/events?limit=50", "/api/ticket-types?limit=200", "/api/changes?limit=200"];
const KEY = "a-key-of-the-bare-server";

beforeAll(async () => {
  world = await raiseWorld();
  replica = await world.start();
  await replica.rename("HYROX before the rush");
});

afterAll(() => world[Symbol.asyncDispose]());

/** Facts of a season in the outbox: the outbox relay sends them, and the consumer makes rows of them. */
const project = (from: number, to: number) =>
  enqueue(
    world.own.sql,
    [...generateFacts({ facts: to, kind: "changed", events: 10, types: [20, 40] })].slice(from),
    new Date(),
  );

/** A bare server that checks a signature and inserts: what this machine gives anybody at this moment. */
async function bareServer() {
  const child = Bun.spawn([process.execPath, "bench/floor.ts"], {
    env: { PATH: process.env.PATH ?? "", DATABASE_URL: world.own.url, WEBHOOK_KEY: KEY },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  const url = `http://127.0.0.1:${new TextDecoder().decode(value).trim()}`;
  return {
    async send() {
      const body = Buffer.from(JSON.stringify({ id: crypto.randomUUID() }));
      const headers = { "x-vivenu-signature": sign(body, KEY) };
      return fetch(url, { method: "POST", body, headers });
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

test("webhooks and probes are answered while loops and reads are frozen", async () => {
  const frozen = [replica.workerPid(), replica.readsPid()];
  for (const pid of frozen) process.kill(pid, "SIGSTOP");
  try {
    await replica.rename("HYROX while all else is frozen");
    for (const path of ["/health", "/ready", "/status"])
      expect((await replica.get(path)).status).toBe(200);
  } finally {
    for (const pid of frozen) process.kill(pid, "SIGCONT");
  }
});

test("webhooks keep their second while 100 reads a second come, workbooks are made, and facts become rows", async () => {
  await using bare = await bareServer();
  await project(0, 60);
  const applied = async () => {
    const [row] = await world.own.sql`select count(*)::int as facts from applied_fact`;
    return Number(row?.facts);
  };
  await until(async () => (await applied()) >= 60, { withinMs: 60_000, what: "rows to read" });
  const before = await applied();
  const over = new AbortController();
  const workbooks = (async () => {
    while (!over.signal.aborted)
      await (await replica.get("/api/downloads/vivenu.xlsx")).arrayBuffer();
  })();
  const rename = async (n: number) => {
    await replica.rename(`HYROX in the rush ${n}`);
    return new Response();
  };
  const [hooks, floor, reads] = await Promise.all([
    sendAtRate(20, SECONDS, rename),
    sendAtRate(20, SECONDS, bare.send),
    sendAtRate(100, SECONDS, (index) => replica.get(PATHS[index % PATHS.length] ?? "")),
    project(60, 300),
  ]);
  over.abort();
  await workbooks;
  const [p99, bareP99] = [percentile(hooks.ms, 0.99), percentile(floor.ms, 0.99)];
  process.stderr.write(
    `in a rush, p99 in ms: webhooks ${Math.round(p99)}, a bare server ${Math.round(bareP99)}, reads ${Math.round(percentile(reads.ms, 0.99))} (${reads.failed} of ${reads.ms.length} told to come again)\n`,
  );
  // A webhook goes to PostgreSQL and back five times, a bare server once: where others leave the machine
  // so little that even that takes long, so many times its.
  expect(p99).toBeLessThan(Math.max(1_000, 3 * bareP99));
  expect(await applied()).toBeGreaterThan(before);
});
