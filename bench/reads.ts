import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { playDatacore } from "../sandbox/datacore/server.ts";
import type { NewFact } from "../src/contracts/index.ts";
import { connect, LONG_LIMIT_MS } from "../src/database/connect.ts";
import { provision } from "../src/datacore/provision.ts";
import {
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../test/support/facts.ts";
import { ofBench, raisePostgres } from "./ending.ts";
import { describeMs, percentile, say, sendAtRate } from "./load.ts";
import { CORE, checkedOut, ingest, KEY, manifestTypes, migrateIn, TENANT } from "./replay.ts";

const API_KEY = "an-api-key-for-benchmarks";
const ACCOUNTS = ["DACH", "FRANCE", "ITALY"];
const COUNTS = 3;
const BATCH = 20;

export interface ReadsBenchOptions {
  sizes: readonly (readonly [events: number, types: number])[];
  rate: number;
  seconds: number;
  /** Which of `paths`. */
  only: readonly string[];
  /** So many changes of the past are kept beside those of the log. */
  changes: number;
  /** A replay runs beside it all the time. */
  replaying: boolean;
  /** A commit of this repository to measure beside this build. */
  against?: string;
}

const idOf = (n: number) => `68f00000000000000000${(1_000 + n).toString(16).padStart(4, "0")}`;
const at = (hour: number) => new Date(Date.UTC(2026, 1, 1) + hour * 3_600_000).toISOString();

const paths: Record<string, (n: number, events: number) => string> = {
  list: () => "/api/events?limit=50",
  "list of a status": () => "/api/events?limit=50&status=on_sale",
  event: (n, events) => `/api/events/${idOf((n * 37) % events)}`,
  "ticket types": () => "/api/ticket-types?limit=200",
  changes: () => "/api/changes?limit=100",
  "as of an instant": () => `/api/events?limit=50&as_of=${at(31)}`,
  // Each of another instant: nothing of it is kept.
  "as of instants": (n) => `/api/events?limit=50&as_of=${at(31 + (n + 1) / 3_600)}`,
  "ticket types as of an instant": () => `/api/ticket-types?limit=200&as_of=${at(31)}`,
  CSV: () => "/api/ticket-types?format=csv",
  unchanged: () => "/api/ticket-types?limit=200",
};

export const readNames = Object.keys(paths);

/**
 * Seasons of several sizes in the log, replayed into a database of their own, and then each read alone at
 * an even rate, whether what was asked before is answered or not.
 */
export async function readsBench(options: ReadsBenchOptions): Promise<void> {
  const { sizes, rate, seconds, only, against } = options;
  say(`${rate} reads a second for ${seconds} s each, a replay beside: ${options.replaying}`);
  const p99s = new Map<string, number[]>();
  await using earlier = against === undefined ? undefined : await checkedOut(against);
  for (const [events, types] of sizes) {
    say(`\n${events} events of ${types} ticket types, described once and counted ${COUNTS} times`);
    await using season = await playSeason(events, types);
    for (const folder of [".", ...(earlier ? [earlier.folder] : [])]) {
      await using service = await raise(season, folder, options, events);
      const name = folder === "." ? "this build" : `the build ${against}`;
      const replaying = options.replaying ? replayAgain(season, folder, service.url) : undefined;
      for (const [kind, pathOf] of Object.entries(paths)) {
        if (!only.includes(kind)) continue;
        const firsts = [];
        const headers: Record<string, string> = { "x-api-key": API_KEY };
        // Who has an answer already asks whether it still holds: 304.
        if (kind === "unchanged") {
          const held = await fetch(`${service.http}${pathOf(0, events)}`, { headers });
          headers["if-none-match"] = held.headers.get("etag") ?? "none";
          await held.arrayBuffer();
        }
        const read = async (n: number) => {
          const answer = await fetch(`${service.http}${pathOf(n, events)}`, { headers });
          if (kind !== "unchanged") return answer;
          return new Response(null, { status: answer.status === 304 ? 200 : 500 });
        };
        for (let n = 0; n < 20; n += 1) {
          const askedAt = performance.now();
          await (await read(0)).arrayBuffer();
          firsts.push(performance.now() - askedAt);
        }
        const [first = 0, second = 0] = firsts;
        say(
          `  ${name}, ${kind}: the first after the start ${first.toFixed(0)} ms, ${(first / second).toFixed(1)} times the second`,
        );
        const before = await cpuMsOf(service.pid);
        const outcome = await sendAtRate(rate, seconds, read);
        const cpuMs = ((await cpuMsOf(service.pid)) - before) / (rate * seconds);
        say(`  ${name}, ${kind}: ${describeMs(outcome)}, ${cpuMs.toFixed(2)} ms of CPU each`);
        if (folder === ".")
          p99s.set(kind, [...(p99s.get(kind) ?? []), percentile(outcome.ms, 0.99)]);
      }
      await replaying?.stop();
    }
  }
  say("");
  for (const [kind, [first, ...others]] of p99s)
    for (const p99 of others)
      if (first !== undefined)
        say(`${kind}: p99 ${(p99 / first).toFixed(2)} times that of the first size`);
}

function* factsOf(events: number, types: number): Generator<NewFact> {
  for (let event = 0; event < events; event += 1) {
    const eventId = idOf(event);
    const ids = Array.from({ length: types }, (_, type) => idOf(20_000 + type));
    yield eventUpdated({
      ...{ eventId, name: `HYROX ${event}`, account: ACCOUNTS[event % 3] ?? "DACH" },
      ...{ updatedAt: at(event % 24), observedAt: at(event % 24) },
      ...{ start: at(4_000 + event * 3), end: at(4_040 + event * 3) },
      ...{ sellStart: at((event % 20) * 400), sellEnd: at(3_990 + event * 3) },
      ticketTypes: ids.map((ticketTypeId, type) =>
        ticketType({ ticketTypeId, name: `HYROX MEN ${type} | Saturday`, amount: 200 }),
      ),
    });
    for (let count = 0; count < COUNTS; count += 1) {
      const said = {
        ...{ eventId, countedAt: at(30 + count), observedAt: at(30 + count) },
        idempotencyKey: `sales.counted/DACH/${eventId}/${count}`,
      };
      const sold = (some: string[]) =>
        some.map((ticketTypeId, type) =>
          typeCount({ ticketTypeId, sold: ((event + type) % 190) + count }),
        );
      yield count === 0
        ? salesCounted({ ...said, ticketTypes: sold(ids) })
        : salesChanged({ ...said, ticketTypes: sold(ids.slice(0, 3)) });
    }
  }
}

interface Played {
  environment: Record<string, string>;
  createDatabase(name: string): Promise<string>;
}

async function playSeason(events: number, types: number): Promise<Played & AsyncDisposable> {
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  const createDatabase = async (name: string) => {
    await admin`create database ${admin(name)}`;
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  };
  const sql = connect(await createDatabase("played"), { max: 8 });
  const datacore = await playDatacore({
    ...{ sql, port: 0, apiKey: KEY, tenant: TENANT, now: () => new Date(), log: () => {} },
  });
  const to = { tenant: TENANT, dataCore: CORE, apiKey: KEY, baseUrl: datacore.url };
  const dataCore = { name: CORE, description: "", deleteProtection: false, isPublic: false };
  const { dataCoreId } = await provision(to, {
    dataCore: { ...dataCore, flowTypes: manifestTypes() },
  });
  const facts = [...factsOf(events, types)];
  for (let from = 0; from < facts.length; from += BATCH)
    await ingest(datacore.url, dataCoreId, facts.slice(from, from + BATCH));
  return {
    createDatabase,
    environment: {
      PATH: process.env.PATH ?? "",
      ...{ FLOWCORE_TENANT: TENANT, FLOWCORE_DATA_CORE: CORE, FLOWCORE_API_KEY: KEY },
      ...{ FLOWCORE_DATA_CORE_ID: dataCoreId, FLOWCORE_BASE_URL: datacore.url },
      ...{ BACKEND_API_KEY: API_KEY, API_RATE_LIMIT: "100000000" },
      ...{ LOG_LEVEL: "error", POLL_SCHEDULE: "off" },
      // Nobody is there: nothing is asked of Vivenu.
      VIVENU_BASE_URL: "http://127.0.0.1:9",
      ...Object.fromEntries(
        ACCOUNTS.flatMap((region) => [
          [`${region}_API`, "key"],
          [`${region}_WEBHOOK_SECRET`, `a-webhook-key-for-${region}`],
        ]),
      ),
    },
    async [Symbol.asyncDispose]() {
      await datacore.stop();
      await sql.end({ timeout: 5 });
      await admin.end({ timeout: 5 });
      await server.stop();
    },
  };
}

/** Replays the season into a database of its own, and answers over it. */
async function raise(
  season: Played,
  folder: string,
  { changes }: Pick<ReadsBenchOptions, "changes">,
  events: number,
) {
  const url = await season.createDatabase(folder === "." ? "ours" : "earlier");
  await migrateIn(folder, url);
  const port = await freePort();
  const environment = { ...season.environment, DATABASE_URL: url, PORT: String(port) };
  await runIn(folder, environment, ["replay"]).ended;
  if (folder === "." && changes > 0) await keepChanges(url, changes);
  const http = `http://127.0.0.1:${port}`;
  const serving = runIn(folder, { ...environment, HOST: "127.0.0.1" }, ["serve"]);
  for (;;) {
    const answer = await fetch(`${http}/ready`).catch(() => undefined);
    if (answer?.ok) break;
    await Bun.sleep(100);
  }
  // The loops begin with a look at everything, and the build before with a first reading.
  await Bun.sleep(10_000 + 20 * events);
  return {
    ...{ url, http, pid: serving.child.pid ?? 0 },
    async [Symbol.asyncDispose]() {
      serving.child.kill("SIGTERM");
      await serving.ended;
    },
  };
}

/** A past of years: changes of all events, back from the first count, as the projection would have kept them. */
async function keepChanges(url: string, changes: number) {
  const sql = connect(url, { max: 1, limitMs: LONG_LIMIT_MS });
  const [one] = await sql<{ events: number }[]>`select count(*)::int as events from event`;
  await sql`
    insert into event_change (
      event_id, changed_at, sequence, origin_at, account, change_type, severity, field,
      previous_value, new_value, is_instant, source
    )
    select event_id, at, 0, at, account, 'ticketType', 'medium', 'amount of HYROX MEN | Saturday',
      to_jsonb(n), to_jsonb(n + 1), false, 'poll'
    from generate_series(1, ${Math.ceil(changes / (one?.events ?? 1))}::int) as n
    cross join event
    cross join lateral (select ${at(0)}::timestamptz - n * interval '7 minutes' as at) past
  `;
  await sql`vacuum analyze event_change`;
  say(`  ${changes} changes of the past are kept as well`);
  await sql.end({ timeout: 5 });
}

/** One trial after the other, each from the beginning of the log. */
function replayAgain(season: Played, folder: string, url: string) {
  let child: ChildProcess | undefined;
  let isOver = false;
  const all = (async () => {
    while (!isOver) {
      const environment = { ...season.environment, DATABASE_URL: url };
      const run = runIn(folder, environment, ["replay", "--dry-run"]);
      child = run.child;
      await run.ended;
    }
  })();
  return {
    async stop() {
      isOver = true;
      child?.kill("SIGTERM");
      await all;
    },
  };
}

function runIn(folder: string, environment: Record<string, string>, args: string[]) {
  const child = spawn(process.execPath, ["src/main.ts", ...args], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  ofBench(child);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("exit", resolve);
  return { child, ended: promise };
}

const TICK_MS = 10;

/** Of the service's processes, as Linux tells it: what a read costs also where others work beside. */
async function cpuMsOf(pid: number): Promise<number> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
  const [stat, children] = [await read("stat"), await read(`task/${pid}/children`)];
  const [user = "0", system = "0"] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12);
  const own = (Number(user) + Number(system)) * TICK_MS;
  const ofChildren = await Promise.all(
    children.split(" ").filter(Boolean).map(Number).map(cpuMsOf),
  );
  return ofChildren.reduce((sum, ms) => sum + ms, own);
}

async function freePort() {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}
