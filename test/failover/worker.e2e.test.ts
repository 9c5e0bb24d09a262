import { afterAll, beforeAll, expect, test } from "bun:test";
import { systemClock } from "../../src/lib/clock.ts";
import { createLogger } from "../../src/lib/logger.ts";
import { startChild } from "../../src/service/processes/child.ts";
import { supervisor } from "../../src/service/processes/supervisor.ts";
import { failingLoops } from "../../src/service/status/failing.ts";
import { API_KEY } from "../support/outside.ts";
import { PROGRAM } from "../support/program.ts";
import { until } from "../support/stage.ts";
import { LEASES, type Replica, raiseWorld, type World } from "./replicas.ts";

let world: World;
let replica: Replica;
/** For what is no promise: a machine may be slow and busy with other things. */
const ROW_MS = 30_000;

beforeAll(async () => {
  world = await raiseWorld();
  replica = await world.start(NO_SHEET);
  await works();
});

afterAll(() => world[Symbol.asyncDispose]());

const NO_SHEET = {
  GOOGLE_SHEET_ID: "",
  GOOGLE_SERVICE_ACCOUNT_EMAIL: "",
  GOOGLE_PRIVATE_KEY: "",
};
const WORKING = LEASES.filter((lease) => lease !== "mirror");

const works = () =>
  until(async () => (await world.holders()).length === WORKING.length, {
    withinMs: 30_000,
    what: "the loops run",
  });

const problems = async () => {
  const answer = await replica.get("/status");
  return ((await answer.json()) as { problems: string[] }).problems.join("\n");
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const ends = (pid: number, withinMs: number) =>
  until(async () => !isAlive(pid), { withinMs, what: `the end of ${pid}` });

/** By what PostgreSQL knows of it: a process that a frozen one started is there until that looks. */
const leaves = (withinMs: number) =>
  until(async () => (await world.contenders()).length === 0, {
    withinMs,
    what: "nobody runs the loops",
  });

test("loops and reads run in processes of their own, and one text has the metrics of all", async () => {
  expect(isAlive(replica.workerPid())).toBe(true);
  const seriesNow = async () => {
    const lines = (await (await replica.get("/metrics")).text()).split("\n");
    return (series: string) =>
      lines
        .find((line) => line.startsWith(`vivenu_event_monitor_${series} `))
        ?.split(" ")
        .at(-1);
  };
  // PostgreSQL knows of a lease before its holder has its answer.
  const valueIn = await until(
    async () => {
      const valueNow = await seriesNow();
      const isHeld = (lease: string) => valueNow(`lease_held{lease="${lease}"}`) === "1";
      return WORKING.every(isHeld) && valueNow;
    },
    { withinMs: 5_000, what: "the metrics say which leases are held" },
  );
  // There is no sheet: nobody is missing, and no alert is to say so.
  expect(valueIn('lease_held{lease="mirror"}')).toBeUndefined();
  expect(valueIn('build_info{version="0.1.0"}')).toBe("1");
  for (const one of ["http", "worker", "reads"]) {
    expect(Number(valueIn(`process_resident_memory_bytes{process="${one}"}`))).toBeGreaterThan(1e7);
    expect(Number(valueIn(`process_start_time_seconds{process="${one}"}`))).toBeGreaterThan(1.7e9);
  }
});

test("a worker that is killed again and again is started anew, ever later, while webhooks and reads are answered", async () => {
  const pauses: number[] = [];
  for (let deaths = 1; deaths <= 3; deaths += 1) {
    const pid = replica.workerPid();
    process.kill(pid, "SIGKILL");
    await ends(pid, 2_000);
    const name = `HYROX while nobody works ${deaths}`;
    const eventId = await replica.rename(name);
    expect((await replica.get("/ready")).status).toBe(200);
    expect((await replica.get("/api/events")).status).toBe(200);
    await until(
      async () =>
        (await problems()).includes(
          "worker: it ended (SIGKILL: somebody else killed it, as a rule the system for want of memory) at ",
        ),
      {
        withinMs: 5_000,
        what: "/status says it",
      },
    );
    await until(async () => replica.workerPid() !== pid, { withinMs: 30_000, what: "a new one" });
    await replica.sees(eventId, name, ROW_MS);
  }
  for (const line of replica.lines) {
    const [, ms] = /"pauseMs":(\d+),"event":"part.ended"/.exec(line) ?? [];
    if (ms !== undefined) pauses.push(Number(ms));
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000]);
  expect(await problems()).toContain(", 3 times in a row; it is started again 4 s later.");
});

test("while the process that reads is killed, reads are told to come again, and webhooks are taken", async () => {
  const pid = replica.readsPid();
  process.kill(pid, "SIGKILL");
  await ends(pid, 2_000);
  const answer = await replica.get("/api/events");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  const eventId = await replica.rename("HYROX while nobody reads");
  expect((await replica.get("/ready")).status).toBe(200);
  expect(await problems()).toContain(
    "reads: it ended (SIGKILL: somebody else killed it, as a rule the system for want of memory) at ",
  );
  await until(async () => (await replica.get("/api/events")).status === 200, {
    withinMs: 30_000,
    what: "reads are answered again",
  });
  await replica.sees(eventId, "HYROX while nobody reads", ROW_MS);
});

test("a read is answered as it would be without another process", async () => {
  let requests = 0;
  const asked = async (path: string, init: RequestInit = {}) => {
    requests += 1;
    const headers = { "x-api-key": API_KEY, "x-request-id": "the-caller-s-own" };
    return fetch(`${replica.at}${path}`, { ...init, headers: { ...headers, ...init.headers } });
  };
  const plain = { "accept-encoding": "identity" };
  const inAllForms = async () => {
    const list = await asked("/api/events?limit=2");
    const text = await list.text();
    const head = await asked("/api/events?limit=2", { method: "HEAD", headers: plain });
    const gzip = { "accept-encoding": "gzip" };
    const squeezed = await asked("/api/events?limit=50", { headers: gzip });
    const isStill = text === (await (await asked("/api/events?limit=2")).text());
    return { list, text, head, squeezed, isStill };
  };
  // What is counted in the meantime is in one answer and not in another.
  let answers = await inAllForms();
  while (!answers.isStill) answers = await inAllForms();
  const { list, text, head, squeezed } = answers;
  expect(list.headers.get("x-request-id")).toBe("the-caller-s-own");
  expect(list.headers.get("content-type")).toStartWith("application/json");
  expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
  expect(squeezed.headers.get("content-encoding")).toBe("gzip");
  expect(await squeezed.json()).toEqual({
    ...JSON.parse(text),
    ...{ nextCursor: null, nextUpdatedSince: expect.any(String) },
  });
  expect((await asked("/api/events?limit=no")).status).toBe(400);
  expect((await asked("/api/events/none")).status).toBe(404);
  expect((await asked("/api/none")).status).toBe(404);
  expect((await asked("/api/events", { method: "POST" })).status).toBe(405);
  expect((await asked("/api/events", { headers: { "x-api-key": "another" } })).status).toBe(401);
  const lines = () =>
    replica.lines.filter((line) => line.includes('"requestId":"the-caller-s-own"'));
  // Of each request there is one line, which comes by another way than its answer.
  await until(async () => lines().length >= requests, { withinMs: 5_000, what: "a line of each" });
  expect(lines()).toHaveLength(requests);
});

test("a worker does not outlive the process that started it, killed or frozen", async () => {
  await works();
  const pid = replica.workerPid();
  replica.signal("SIGSTOP");
  await leaves(25_000);
  replica.signal("SIGCONT");
  await until(async () => replica.workerPid() !== pid, { withinMs: 30_000, what: "a new one" });
  await works();
  replica.signal("SIGKILL");
  await leaves(10_000);
});

test("a worker that is frozen is told of, killed and started again", async () => {
  const stop = new AbortController();
  const failing = failingLoops(world.own.sql);
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });
  const pids: number[] = [];
  const { ended, readMetrics } = supervisor(
    {
      // So that it is silent for 6 s and not for 30.
      ...{ name: "worker", failing, logger, clock: systemClock, aliveMs: 200 },
      start(hear) {
        const env = { ...world.environment(), DATABASE_URL: world.own.url, LOG_LEVEL: "error" };
        const args = ["serve", "--part", "worker"];
        const child = startChild({ args, env, nice: 0, program: PROGRAM }, hear);
        pids.push(child.pid);
        return child;
      },
    },
    stop.signal,
  );
  await until(readMetrics, { withinMs: 30_000, what: "it works" });
  const [first = 0] = pids;
  process.kill(first, "SIGSTOP");
  const said = async () => (await failing.read()).map(({ message }) => message).join();
  await until(async () => (await said()).includes("it does not answer"), {
    withinMs: 10_000,
    what: "its silence is told",
  });
  expect(await readMetrics()).toBeUndefined();
  await ends(first, 20_000);
  await until(async () => (await said()).includes("it did not answer and was killed"), {
    withinMs: 5_000,
    what: "its end is told",
  });
  await until(readMetrics, { withinMs: 30_000, what: "it works again" });
  expect(pids).toHaveLength(2);
  stop.abort();
  await ended;
  expect(pids.map(isAlive)).toEqual([false, false]);
});
