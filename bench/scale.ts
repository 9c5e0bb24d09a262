import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../src/database/connect.ts";
import { atEnd, ofBench, raisePostgres } from "./ending.ts";
import { percentile, say } from "./load.ts";
import { memoryOf, partsOf } from "./process-memory.ts";
import { API_KEY } from "./reads-season.ts";
import { applyOne, eventIdOf, factsOfEvent, fill } from "./scale-season.ts";
import { freePort } from "./season-service.ts";

/** For the first answer after a start. */
const READY_MS = 60_000;
const SAMPLES = 40;
const APPLIED = 60;
const EXPORT_LIMIT_MS = 180_000;

export interface ScaleBenchOptions {
  events: readonly number[];
  types: number;
}

/**
 * Rows of ever more events, and what each costs then: a fact, each kind of read alone, the page, the whole
 * workbook, memory and disk. The figures of `docs/scale.md` are from here.
 */
export async function scaleBench({ events: sizes, types }: ScaleBenchOptions): Promise<void> {
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  try {
    for (const events of sizes) {
      say(`\n${events} events of ${types} ticket types`);
      const name = `scale_${events}`;
      await admin`create database ${admin(name)}`;
      const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
      await measure(url, events, types);
      await admin`drop database ${admin(name)} with (force)`;
    }
  } finally {
    await admin.end({ timeout: 5 });
    await server.stop();
  }
}

async function measure(url: string, events: number, types: number) {
  const { sql, facts, keptS, madeS, bytes } = await fill(url, events, types);
  say(
    `  made of the log: ${facts} facts kept in ${keptS.toFixed(1)} s (${(facts / keptS).toFixed(0)} a second), all rows after ${madeS.toFixed(1)} s`,
  );
  say(
    `  on disk: ${(bytes / 1e6).toFixed(0)} MB, ${(bytes / 1e3 / events).toFixed(1)} kB an event`,
  );
  const ms: number[] = [];
  for (let n = 0; n < APPLIED; n += 1) {
    const [described, counted] = factsOfEvent((n * 37) % events, types, n + 1);
    if (described) ms.push(await applyOne(sql, described));
    if (counted) ms.push(await applyOne(sql, counted));
  }
  say(`  a fact until its rows: ${spread(ms.slice(ms.length / 4))}`);
  await sql.end({ timeout: 5 });
  await reads(url, events);
  await workbook(url);
}

async function reads(url: string, events: number) {
  const port = await freePort();
  const child = run(url, ["serve", "--role", "http"], { PORT: String(port), HOST: "127.0.0.1" });
  const http = `http://127.0.0.1:${port}`;
  const givenUpAt = performance.now() + READY_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error("the service ended");
    if (performance.now() > givenUpAt) {
      say(`  no read is answered within ${READY_MS / 1_000} s of the start`);
      child.kill("SIGTERM");
      return void (await ended(child));
    }
    const answer = await fetch(`${http}/api/events?limit=1`, {
      headers,
      signal: AbortSignal.timeout(3_000),
    }).catch(() => undefined);
    if (answer?.ok) break;
    await sayLong(url);
    await Bun.sleep(100);
  }
  const paths: Record<string, (n: number) => string> = {
    "/api/events, 50 of them, each another question": (n) => `/api/events?limit=50&from=${day(n)}`,
    "/api/events, the same question": () => "/api/events?limit=50",
    "/api/events by pace": (n) => `/api/events?limit=50&sort=-last24Hours&from=${day(n)}`,
    "/api/events/{id}": (n) => `/api/events/${eventIdOf((n * 37) % events)}`,
    "/api/ticket-types, 200 of them": () => "/api/ticket-types?limit=200",
    "/api/changes, 100 of them": () => "/api/changes?limit=100",
    "/status": () => "/status",
    "the page of all events": () => "/",
  };
  for (const [what, path] of Object.entries(paths)) {
    const ms: number[] = [];
    let failed = 0;
    let bytes = 0;
    for (let n = 0; n < SAMPLES; n += 1) {
      const askedAt = performance.now();
      const answer = await fetch(http + path(n), { headers });
      bytes = (await answer.arrayBuffer()).byteLength;
      ms.push(performance.now() - askedAt);
      if (!answer.ok) failed += 1;
      if (performance.now() - askedAt > 10_000) break;
    }
    const worst = failed > 0 ? `, ${failed} not answered with 200` : "";
    say(
      `  ${what}: the first ${ms[0]?.toFixed(0)} ms, then ${spread(ms.slice(1))}, ${(bytes / 1e3).toFixed(0)} kB${worst}`,
    );
  }
  for (const part of await partsOf(child.pid ?? 0)) {
    const memory = await memoryOf(part.pid);
    say(`  memory of the process ${part.name}: ${memory?.pss.toFixed(0)} MB`);
  }
  child.kill("SIGTERM");
  await ended(child);
}

const told = new Set<string>();

/** What PostgreSQL is asked for and takes seconds for, each once. */
async function sayLong(url: string) {
  const sql = connect(url, { max: 1 });
  const active = await sql<{ query: string; seconds: number }[]>`
    select query, extract(epoch from now() - query_start)::float8 as seconds from pg_stat_activity
    where state = 'active' and pid <> pg_backend_pid() and now() - query_start > interval '2 seconds'
  `;
  for (const { query, seconds } of active) {
    const short = query.replace(/\s+/g, " ").slice(0, 300);
    if (!told.has(short)) say(`  for ${seconds.toFixed(0)} s: ${short}`);
    told.add(short);
  }
  await sql.end({ timeout: 5 });
}

/** All tabs are read and laid out, as before a sync. */
async function workbook(url: string) {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-scale-"));
  const remove = atEnd(() => rm(folder, { recursive: true, force: true }));
  const startedAt = performance.now();
  const child = run(url, ["export", "--format", "csv", "--folder", folder], {
    DATABASE_TIMEOUT: "300",
  });
  let most = 0;
  const watching = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_000);
  }, 250);
  const limit = setTimeout(() => child.kill("SIGKILL"), EXPORT_LIMIT_MS);
  const code = await ended(child);
  clearTimeout(limit);
  clearInterval(watching);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const sizes = await linesOf(folder);
  say(
    `  all tabs as files: ${code === 0 ? `${seconds} s` : `given up after ${seconds} s`}, ${most.toFixed(0)} MB at most${sizes}`,
  );
  await remove();
}

async function linesOf(folder: string): Promise<string> {
  const found: string[] = [];
  for await (const file of new Bun.Glob("*.csv").scan(folder)) {
    const text = await Bun.file(join(folder, file)).text();
    const columns = text.slice(0, text.indexOf("\n")).split(",").length;
    found.push(`${file} ${(((text.split("\n").length - 1) * columns) / 1e3).toFixed(0)}`);
  }
  return found.length === 0 ? "" : `; thousands of cells: ${found.join(", ")}`;
}

const headers = { "x-api-key": API_KEY };
const day = (n: number) => new Date(Date.UTC(1900, 0, 1 + n)).toISOString().slice(0, 10);

const spread = (ms: number[]) => {
  const sorted = ms.toSorted((a, b) => a - b);
  return `p50 ${percentile(sorted, 0.5).toFixed(1)} ms, p95 ${percentile(sorted, 0.95).toFixed(1)} ms`;
};

function run(url: string, words: string[], more: Record<string, string>): ChildProcess {
  const environment = {
    PATH: process.env.PATH ?? "",
    ...{ DATABASE_URL: url, BACKEND_API_KEY: API_KEY, API_RATE_LIMIT: "100000000" },
    ...{ FLOWCORE_TENANT: "t", FLOWCORE_DATA_CORE: "c", FLOWCORE_API_KEY: "fc_bench_key" },
    // Nobody is there: nothing is asked of anybody.
    ...{ FLOWCORE_BASE_URL: "http://127.0.0.1:9", VIVENU_BASE_URL: "http://127.0.0.1:9" },
    ...{ LOG_LEVEL: "error", POLL_SCHEDULE: "off" },
    ...{ DACH_API: "key_of_the_bench", DACH_WEBHOOK_SECRET: "a-webhook-key-for-the-bench" },
    ...more,
  };
  return ofBench(
    spawn(process.execPath, ["src/main.ts", ...words], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    }),
  );
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => void child.once("exit", resolve));
