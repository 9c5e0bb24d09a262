import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { eventUpdated, salesCounted } from "../../../test/support/facts.ts";
import { handClock, logger, MINUTE, SECOND } from "../../../test/support/intake.ts";
import { playedDatacore } from "../../../test/support/played-datacore.ts";
import { type ReplayCommand, replayRows } from "../../commands/replay.ts";
import { loadConfig } from "../../config/config.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import type { Lease } from "../../database/lease.ts";
import { MIGRATION_LOCK } from "../../database/migrate.ts";
import { enqueue } from "../../datacore/outbox.ts";
import { outboxRelay } from "../../datacore/outbox-relay.ts";
import { timeBucketOf } from "../../datacore/time-bucket.ts";
import { Failure, messageOf } from "../../lib/failure.ts";
import { wakeSignal } from "../../lib/loop.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { readHeld } from "../../pathway/held.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { failingLoops } from "../status/failing.ts";
import { statusReader } from "../status/status.ts";
import { readLog } from "./log.ts";
import { rush } from "./rush.ts";

const NAME = "vivenu-event-monitor";
const EVENTS = "consumer of vivenu.event.0";
const SALES = "consumer of vivenu.sales.0";

let played: Awaited<ReturnType<typeof playedDatacore>>;
let database: TestDatabase;
let clock: ReturnType<typeof handClock>;

beforeAll(async () => {
  clock = handClock(new Date());
  played = await playedDatacore({ now: clock.now });
});
afterAll(() => played[Symbol.asyncDispose]());

beforeEach(async () => {
  await database?.[Symbol.asyncDispose]();
  database = await freshDatabase();
  await faults("DELETE");
  await played.sql`delete from datacore.pathway`;
});
afterAll(() => database[Symbol.asyncDispose]());

const faults = (method: string, body?: object) =>
  fetch(`${played.url}/sandbox/faults`, { method, ...(body && { body: JSON.stringify(body) }) });

interface Shown {
  registrations: number;
  paused: string[];
  flowTypes: string[];
  labels: Record<string, string>;
  pulses: { pulse: Record<string, unknown> }[];
  commands: { id: string; type: string; phases: string[]; details: string | null }[];
}

/** What Flowcore's console shows, and what an operator asks for there. */
const console_ = {
  async read(): Promise<Shown> {
    // The cast: the sandbox's own tests do not say its shape, and this test does.
    const [pathway] = (await (await fetch(`${played.url}/sandbox/pathways`)).json()) as Shown[];
    if (!pathway) throw new Error("no pathway is registered");
    return pathway;
  },
  async ask(body: object) {
    const path = `${played.url}/sandbox/pathways/${NAME}/commands`;
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  },
};

function configOf(more: Record<string, string> = {}) {
  return loadConfig({
    DATABASE_URL: database.url,
    BACKEND_API_KEY: "a-key-for-tests-of-pathways",
    FLOWCORE_TENANT: played.to.tenant,
    FLOWCORE_DATA_CORE: played.to.dataCore,
    FLOWCORE_API_KEY: played.to.apiKey,
    FLOWCORE_BASE_URL: played.url,
    FLOWCORE_PATHWAY_NAME: NAME,
    DACH_API: "key",
    DACH_WEBHOOK_SECRET: "a-webhook-key-for-tests",
    ...more,
  });
}

let turns = 0n;

/** The one reader of the log, whose loops take a step when the test says so. */
async function reader(more: Record<string, string> = {}) {
  const { sql } = database;
  const over = new AbortController();
  turns += 1n;
  const token = turns;
  await sql`
    insert into lease (name, token) values ('consumer', ${String(token)})
    on conflict (name) do update set token = excluded.token
  `;
  const lease: Lease = {
    ...{ name: "consumer", token, signal: over.signal, giveUp: () => over.abort() },
    async check(tx: Sql) {
      const [row] = await tx<{ token: string }[]>`
        select token from lease where name = 'consumer' for share
      `;
      if (row?.token !== String(token)) throw new Failure("unavailable", "the lease is lost");
    },
  };
  const steps = new Map<string, (progress: () => void) => Promise<"more" | "idle">>();
  const failing = failingLoops(sql);
  const config = configOf(more);
  const context = {
    ...{ config, sql, clock, logger, failing, version: "1.2.3", pollOnStart: false },
    ...{ datacore: played.datacore, metrics: createMetrics(), shown: { policy: defaultPolicy } },
    rush: rush(clock),
    wakeSignals: {
      ...{ inbox: wakeSignal(), outbox: wakeSignal(), actionsFor: wakeSignal },
      ...{ rows: new Set<never>(), facts: new Set<never>() },
    },
    run: async (name: string, step: (progress: () => void) => Promise<"more" | "idle">) =>
      void steps.set(name, step),
  };
  await readLog(context, lease);
  const step = async (name: string) => {
    const one = steps.get(name);
    if (!one) throw new Error(`no loop is called ${name}`);
    return one(() => {});
  };
  return {
    steps,
    failing,
    /** As `npm run replay` does it, in a process of its own. */
    replay: (asked: Partial<ReplayCommand> = {}, onProgress = () => {}) =>
      replayRows(context, { dryRun: false, ...asked }, new AbortController().signal, onProgress),
    readStatus: statusReader({ ...context, mirror: () => null }),
    /** What it does within five seconds. */
    steer: async () => {
      await step("the Data Pathway");
      while ((await step("restart of the Data Pathway")) === "more");
      await step("the Data Pathway");
    },
    read: async () => {
      for (const name of [EVENTS, SALES]) for (let n = 0; n < 2; n += 1) await step(name);
    },
    step,
  };
}

const named = (name: string) => eventUpdated({ eventId: name, name, observedAt: at() });
const at = () => clock.now().toISOString();

async function append(...facts: NewFact[]) {
  for (const fact of facts) await played.datacore.append(fact);
}

const names = async (sql: Pool) =>
  (await sql<{ name: string }[]>`select name from event order by name`).map(({ name }) => name);

test("Flowcore's console sees each flow type: how far it is read, and what was applied", async () => {
  const { steer, read } = await reader();
  await append(named("seen"), named("seen too"));
  await read();
  await steer();
  const { registrations, labels, flowTypes, pulses } = await console_.read();
  expect(registrations).toBe(1);
  expect(labels.name).toBe(NAME);
  expect(flowTypes.toSorted()).toEqual(["vivenu.event.0", "vivenu.sales.0"]);
  const [ofEvents, ofSales] = pulses.map(({ pulse }) => pulse);
  expect(ofEvents).toMatchObject({
    flowType: "vivenu.event.0",
    timeBucket: timeBucketOf(clock.now()),
    isLive: true,
    buffer: { depth: 0, reserved: 0, sizeBytes: 0 },
  });
  expect(ofEvents?.counters).toEqual({ acknowledged: 2, failed: 0, pulled: 2 });
  expect(ofEvents?.eventId).toBeString();
  expect(ofSales).toMatchObject({ eventId: null, counters: { acknowledged: 0, failed: 0 } });

  clock.forward(29 * SECOND);
  await steer();
  clock.forward(2 * SECOND);
  await steer();
  const { pulses: later } = await console_.read();
  expect(later[0]?.pulse.uptimeMs).toBe(31 * SECOND);

  // Nor does it wait for a time that was over once already.
  clock.forward(-3_600 * SECOND);
  await steer();
  const { pulses: afterwards } = await console_.read();
  clock.forward(3_600 * SECOND);
  expect(afterwards[0]?.pulse.uptimeMs).toBe(0);
});

test("what is applied at a later try is among what was applied", async () => {
  const { sql } = database;
  const { steer, read, step } = await reader();
  const counters = async () => {
    await steer();
    const [ofEvents] = (await console_.read()).pulses;
    // The cast: the sandbox's own tests do not say its shape, and this test does.
    return ofEvents?.pulse.counters as Record<"acknowledged" | "failed" | "pulled", number>;
  };
  await sql`alter table event add constraint played check (name <> 'later') not valid`;
  await append(named("later"));
  await read();
  const before = await counters();
  expect(before.failed).toBe(1);
  expect(before.pulled).toBe(before.acknowledged + 1);
  await sql`alter table event drop constraint played`;
  await sql`update set_aside set next_attempt_at = ${clock.now()}`;
  await step("dead letters");
  expect(await names(sql)).toContain("later");
  clock.forward(31 * SECOND);
  expect(await counters()).toMatchObject({ acknowledged: before.acknowledged + 1, failed: 1 });
});

test("a reader that failed is said to fail no more once facts are applied again, and not only when it has caught up", async () => {
  const { sql } = database;
  const { read, step, failing } = await reader({ READ_PAGE_SIZE: "50" });
  await read();
  await append(...Array.from({ length: 120 }, (_, n) => named(`late ${n}`)));
  failing.note(EVENTS, "Flowcore answered 503", clock.now());
  const fails = () => failing.here().some(({ loop }) => loop === EVENTS);
  let applied = 0;
  // Each time it comes a page further, until one of the late ones was applied, and not to their end.
  for (let skip = 0; applied === 0 && skip < 20; skip += 1) {
    expect(fails()).toBe(true);
    await faults("PUT", { failBefore: { on: "read", status: 503, skip } });
    await expect(step(EVENTS)).rejects.toThrow("503");
    applied = (await names(sql)).filter((name) => name.startsWith("late ")).length;
  }
  expect(applied).toBeGreaterThan(0);
  expect(applied).toBeLessThan(120);
  expect(fails()).toBe(false);
});

test("a pause holds what it names, survives another reader, and is said; a resume gives what came", async () => {
  const { sql } = database;
  const first = await reader();
  await first.read();
  await console_.ask({ type: "datapumpPause", sourceFlowTypes: ["vivenu.event.0"] });
  await first.steer();
  const heldSince = at();
  clock.forward(2 * MINUTE);
  const fact = named("held");
  await append(fact, salesCounted({ eventId: "held", countedAt: at() }));
  await first.read();
  expect(await names(sql)).not.toContain("held");
  expect(await sql`select from event_count where event_id = 'held'`).toHaveLength(1);

  const second = await reader();
  await second.read();
  expect(await names(sql)).not.toContain("held");
  const status = await second.readStatus();
  expect(status.problems.filter((problem) => problem.includes("vivenu.event.0"))).toEqual([]);
  expect(status.notes[0]).toContain(`vivenu.event.0 is held on purpose since ${heldSince}`);
  expect(status.log.map(({ heldSince: since }) => since)).toEqual([heldSince, null]);
  await second.steer();
  const { paused, pulses } = await console_.read();
  expect(paused).toEqual(["vivenu.event.0"]);
  expect(pulses.map(({ pulse }) => pulse.isLive)).toEqual([false, true]);

  await console_.ask({ type: "datapumpResume" });
  await second.steer();
  await second.read();
  expect(await names(sql)).toContain("held");
  const { commands } = await console_.read();
  expect(commands.map(({ phases }) => phases)).toEqual([
    ["acknowledged", "running"],
    ["acknowledged", "running"],
  ]);
  expect((await second.readStatus()).notes.filter((note) => note.includes("held"))).toEqual([]);
});

test("what was sent of a held flow type is not sent again until it could have been read back", async () => {
  const { sql } = database;
  const { steer, read } = await reader();
  let sent = 0;
  const step = outboxRelay({
    ...{ sql, clock, logger, concurrency: 1, batchSize: 10, unconfirmedMs: 5 * MINUTE },
    ...{ keepConfirmedMs: 60 * MINUTE, check: async () => {}, onSent: () => {} },
    readHeld: async () => (await readHeld(sql)).map(({ flowType }) => flowType),
    datacore: {
      ...played.datacore,
      append(fact) {
        sent += 1;
        return played.datacore.append(fact);
      },
    },
  });
  await read();
  await console_.read();
  await console_.ask({ type: "datapumpPause" });
  await steer();
  await enqueue(sql, [named("sent in a pause")], clock.now());
  await step();
  for (let hour = 0; hour < 3; hour += 1) {
    clock.forward(60 * MINUTE);
    await step();
  }
  expect(sent).toBe(1);
  await console_.ask({ type: "datapumpResume" });
  await steer();
  await step();
  expect(sent).toBe(1);
  await read();
  clock.forward(60 * MINUTE);
  await step();
  expect(sent).toBe(1);
});

test("a restart makes the rows anew from its hour, and is done with the swap; not while anything is held", async () => {
  const { sql } = database;
  const { steer, read } = await reader();
  await append(named("right"));
  await read();
  await sql`update event set name = 'damaged' where name = 'right'`;
  const position = { timeBucket: timeBucketOf(clock.now()) };
  await console_.ask({ type: "datapumpRestart", position });
  await steer();
  expect(await names(sql)).toContain("right");
  expect(await names(sql)).not.toContain("damaged");

  await console_.ask({ type: "datapumpPause", sourceFlowTypes: ["vivenu.sales.0::default"] });
  await steer();
  await console_.ask({ type: "datapumpRestart", position });
  await steer();
  const { commands } = await console_.read();
  expect(commands.map(({ type, phases }) => [type, phases.at(-1)])).toEqual([
    ["datapumpRestart", "running"],
    ["datapumpPause", "running"],
    ["datapumpRestart", "failed"],
  ]);
  expect(commands[2]?.details).toContain("vivenu.sales.0 is paused");
});

test("a replay of the operator's shows nothing that is held, whenever the pause came; a trial says what is", async () => {
  const { sql } = database;
  const { steer, read, replay, readStatus } = await reader();
  await append(named("shown"));
  await read();
  await console_.ask({ type: "datapumpPause", sourceFlowTypes: ["vivenu.event.0"] });
  await steer();
  await append(named("comes in a pause"));
  await expect(replay()).rejects.toThrow("vivenu.event.0 is paused");
  expect(await names(sql)).not.toContain("comes in a pause");
  expect((await replay({ dryRun: true })).held).toEqual(["vivenu.event.0"]);

  await console_.ask({ type: "datapumpResume" });
  await steer();
  const reads = Promise.withResolvers<void>();
  await sql
    .begin(async (tx) => {
      // Who swaps waits for it, and a pause comes meanwhile.
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      const late = replay({}, reads.resolve);
      await reads.promise;
      await console_.ask({ type: "datapumpPause" });
      await steer();
      return { late: late.catch(messageOf) };
    })
    .then(async ({ late }) => expect(await late).toContain("Resume it first"));
  expect(await names(sql)).not.toContain("comes in a pause");
  expect((await readStatus()).notes[0]).toContain("shown when it is resumed there");
  await console_.ask({ type: "datapumpResume" });
  await steer();
  expect((await replay()).held).toEqual([]);
  expect(await names(sql)).toContain("comes in a pause");
});

test("what cannot be obeyed is reported as failed, once, and keeps nothing else from being obeyed", async () => {
  const { steer } = await reader();
  const position = { timeBucket: "20260101000000" };
  for (const body of [
    { type: "datapumpExplode" },
    { type: "datapumpPause", sourceFlowTypes: ["orders.0"] },
    { type: "datapumpPause", sourceFlowTypes: ["vivenu.event.0::hot"] },
    { type: "datapumpRestart" },
    { type: "datapumpRestart", position: { timeBucket: "20260231000000" } },
    { type: "datapumpRestart", position: { timeBucket: "21990101000000" } },
    { type: "datapumpRestart", position, stopAt: "2026-01-02T00:00:00Z" },
    { type: "datapumpPause", sourceFlowTypes: ["vivenu.event.0"] },
  ])
    await console_.ask(body);
  await faults("PUT", { commandsRepeated: {} });
  await steer();
  await steer();
  const { commands } = await console_.read();
  expect(commands.map(({ phases }) => phases.join())).toEqual([
    ...Array.from({ length: 7 }, () => "acknowledged,failed"),
    "acknowledged,running",
  ]);
  expect(commands.slice(0, 7).every(({ details }) => (details ?? "").length > 10)).toBe(true);
  expect(await readHeld(database.sql)).toHaveLength(1);
});

test("a control plane that is away leaves the reading as it was, held or not", async () => {
  const { sql } = database;
  const first = await reader();
  await console_.ask({ type: "datapumpPause", sourceFlowTypes: ["vivenu.sales.0"] });
  await first.steer();
  await faults("PUT", { failBefore: { on: "pathways", status: 503 } });
  const second = await reader();
  await append(named("read on"), salesCounted({ eventId: "read on", countedAt: at() }));
  await second.read();
  expect(await names(sql)).toContain("read on");
  expect(await sql`select from event_count where event_id = 'read on'`).toHaveLength(0);
  expect(second.failing.here()).toEqual([
    {
      ...{ loop: "the Data Pathway", account: null },
      message: "Flowcore's control plane: it answered 503",
    },
  ]);
  // An older one says nothing of what is paused.
  await faults("PUT", { deliveryStateUnsaid: {} });
  await second.steer();
  await second.read();
  expect(await sql`select from event_count where event_id = 'read on'`).toHaveLength(0);
  await faults("DELETE");
  // Paused there, by whoever it was told while this service was away.
  await played.sql`update datacore.pathway set paused = '{}'`;
  const third = await reader();
  await third.read();
  expect(await sql`select from event_count where event_id = 'read on'`).toHaveLength(1);
});

test("a pause that was kept and not reported is reported by the next reader, and stays", async () => {
  const first = await reader();
  await console_.ask({ type: "datapumpPause" });
  // The acknowledgement arrives, and the report does not.
  await faults("PUT", { failBefore: { on: "pathways", status: "reset", skip: 2 } });
  await expect(first.step("the Data Pathway")).rejects.toThrow("does not answer");
  await faults("DELETE");
  const second = await reader();
  const { commands, paused } = await console_.read();
  expect(commands[0]?.phases).toEqual(["acknowledged", "running"]);
  expect(paused).toHaveLength(2);
  expect(await readHeld(database.sql)).toHaveLength(2);
  // Who was the reader before obeys nothing any more.
  await console_.ask({ type: "datapumpResume" });
  await expect(first.step("the Data Pathway")).rejects.toThrow();
  expect(await readHeld(database.sql)).toHaveLength(2);
  await second.steer();
  expect(await readHeld(database.sql)).toHaveLength(0);
});

test("a pause and its resume are obeyed in that order, whatever the control plane misses meanwhile", async () => {
  for (const skip of [1, 2, 3, 4]) {
    const { step } = await reader();
    await console_.ask({ type: "datapumpPause" });
    await console_.ask({ type: "datapumpResume" });
    const missed = { on: "pathways", status: 503, skip, next: 1 };
    await faults("PUT", { failBefore: missed });
    await step("the Data Pathway").catch(() => {});
    await step("the Data Pathway");
    await faults("DELETE");
    const { commands, paused } = await console_.read();
    expect(commands.slice(-2).map(({ phases }) => phases)).toEqual([
      ["acknowledged", "running"],
      ["acknowledged", "running"],
    ]);
    expect(paused).toEqual([]);
    expect(await readHeld(database.sql)).toHaveLength(0);
  }
});

test("a command whose report is refused for good keeps no later one from being obeyed", async () => {
  const { step } = await reader();
  // It sends the pulses, so that the next one asks for commands and answers them, and nothing else.
  await step("the Data Pathway");
  await console_.ask({ type: "datapumpResume" });
  await console_.ask({ type: "datapumpPause" });
  await faults("PUT", { failBefore: { on: "pathways", status: 409, skip: 2, next: 1 } });
  await expect(step("the Data Pathway")).rejects.toThrow("it answered 409");
  expect(await readHeld(database.sql)).toHaveLength(2);
});

test("a command whose acknowledgement is refused for good is obeyed and reported all the same", async () => {
  const { step } = await reader();
  // It sends the pulses, so that the next one asks for commands and says that they came, and nothing else.
  await step("the Data Pathway");
  await console_.ask({ type: "datapumpPause" });
  await faults("PUT", { failBefore: { on: "pathways", status: 409, skip: 1, next: 1 } });
  await step("the Data Pathway");
  expect(await readHeld(database.sql)).toHaveLength(2);
  const { commands } = await console_.read();
  expect(commands.map(({ phases }) => phases)).toEqual([["running"]]);
});

test("a command whose report is refused again and again keeps no pulse from coming, whoever starts", async () => {
  await reader();
  await console_.ask({ type: "datapumpPause", sourceFlowTypes: ["vivenu.sales.0"] });
  await using refusing = refusingReports();
  const { step } = await reader({ FLOWCORE_BASE_URL: refusing.url });
  for (let steps = 0; steps < 3; steps += 1)
    await expect(step("the Data Pathway")).rejects.toThrow("it answered 409");
  const { pulses, registrations } = await console_.read();
  expect(pulses.map(({ pulse }) => pulse.isLive)).toHaveLength(2);
  expect(registrations).toBe(2);
  expect((await readHeld(database.sql)).map(({ flowType }) => flowType)).toEqual([
    "vivenu.sales.0",
  ]);
});

/** The played control plane, but that it takes no report of any command. */
function refusingReports() {
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      if (pathname.endsWith("/status")) return new Response("{}", { status: 409 });
      return fetch(played.url + pathname + search, request);
    },
  });
  return {
    url: `http://localhost:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

test("a restart that was taken on before a pause is reported once, as what came of it", async () => {
  const { step, read } = await reader();
  await append(named("rebuilt"));
  await read();
  await database.sql`update event set name = 'damaged' where name = 'rebuilt'`;
  const position = { timeBucket: timeBucketOf(clock.now()) };
  await console_.ask({ type: "datapumpRestart", position });
  await step("the Data Pathway");
  await console_.ask({ type: "datapumpPause" });
  // It is handed out with the pause, and once more behind it.
  await step("the Data Pathway");
  await step("the Data Pathway");
  await console_.ask({ type: "datapumpResume" });
  await step("the Data Pathway");
  await step("restart of the Data Pathway");
  await step("the Data Pathway");
  expect(await names(database.sql)).toContain("rebuilt");
  const { commands } = await console_.read();
  expect(commands.map(({ type, phases }) => [type, ...phases])).toEqual([
    ["datapumpRestart", "acknowledged", "running"],
    ["datapumpPause", "acknowledged", "running"],
    ["datapumpResume", "acknowledged", "running"],
  ]);
});

test("without a name it registers nowhere, and nothing stays held that nobody could release", async () => {
  const first = await reader();
  await console_.ask({ type: "datapumpPause" });
  await first.steer();
  const second = await reader({ FLOWCORE_PATHWAY_NAME: "" });
  expect([...second.steps.keys()]).not.toContain("the Data Pathway");
  expect(await readHeld(database.sql)).toHaveLength(0);
  const real = { FLOWCORE_BASE_URL: "" };
  expect(configOf({ ...real, NODE_ENV: "test" }).pathway.name).toBeUndefined();
  expect(configOf({ ...real, NODE_ENV: "development" }).pathway.name).toBeUndefined();
  expect(configOf(real).pathway.name).toBe(NAME);
});
