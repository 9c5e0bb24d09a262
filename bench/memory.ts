import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { atEnd, ofBench } from "./ending.ts";
import { say } from "./load.ts";
import {
  API_KEY,
  describeMemorySeason,
  type MemorySeason,
  playMemorySeason,
} from "./memory-season.ts";
import { memoryOf, type ProcessMemory, partsOf, slopeAnHour } from "./process-memory.ts";

/** Of all processes together, after an hour of live sales. */
const MOST_MB = 200;
/** What is added in an hour and still called flat. */
const MOST_SLOPE_MB = 10;
const SAMPLE_MS = 5_000;
const LAST_WORDS = 2_000;

type Season = Awaited<ReturnType<typeof playMemorySeason>>;

export interface MemoryBenchOptions extends MemorySeason {
  minutes: number;
  /** Of these nothing is taken for the slope. */
  warmUpMinutes: number;
  /** A second, of each kind. */
  webhooks: number;
  reads: number;
}

interface Sample {
  atMs: number;
  parts: ({ name: string } & ProcessMemory)[];
}

/**
 * The memory of each process of `serve` while a season is on sale: counted by what changed, told of by
 * webhooks, read and mirrored; beside as many bare processes, each with HTTP and one connection. Both
 * run a copy of Bun of their own, so that nobody else has a share of their pages.
 */
export async function memoryBench(options: MemoryBenchOptions): Promise<void> {
  say(describeMemorySeason(options));
  await using season = await playMemorySeason(options);
  await using copies = await copiesOfBun();
  const program = await built(copies);
  const ours = { bun: copies.ours, program };
  await toEnd(ours, season, ["migrate"]);
  await toEnd(ours, season, ["poll"]);
  await using service = await raise(ours, season);
  say("counted for the first time, and in rows");
  const samples = await watched(service, season, options);
  await using floor = await raiseFloor(copies.floor, season, samples.at(-1)?.parts.length ?? 0);
  report(samples, await floor.read(), options);
}

async function copiesOfBun() {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-bun-"));
  const remove = atEnd(() => rm(folder, { recursive: true, force: true }));
  const [ours, floor] = [join(folder, "ours"), join(folder, "floor")];
  for (const copy of [ours, floor]) await copyFile(process.execPath, copy);
  return {
    ...{ ours, floor, folder },
    async [Symbol.asyncDispose]() {
      await remove();
    },
  };
}

/** The program as the image has it. */
async function built({ folder }: { folder: string }) {
  // In the checkout, where its packages are found.
  const child = spawn(process.execPath, ["scripts/build.ts", join(folder, "dist")]);
  child.stdout.resume();
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  child.once("exit", resolve);
  if ((await ended) !== 0) throw new Error("the program could not be built");
  return join(folder, "dist", "main.js");
}

/** Our program, by a copy of Bun. */
interface Ours {
  bun: string;
  program: string;
}

function run(bun: string, environment: Record<string, string>, words: string[]) {
  const child = spawn(bun, words, { env: environment, stdio: ["pipe", "pipe", "pipe"] });
  // Progress is no news here; of what fails the last words are.
  let lastWords = "";
  child.stderr.on("data", (chunk) => {
    lastWords = (lastWords + String(chunk)).slice(-LAST_WORDS);
  });
  ofBench(child);
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  child.once("exit", resolve);
  return { child, ended, lastWords: () => lastWords };
}

async function toEnd({ bun, program }: Ours, { environment }: Season, words: string[]) {
  const { child, ended, lastWords } = run(bun, environment, [program, ...words]);
  child.stdout.resume();
  if ((await ended) !== 0) throw new Error(`${words.join(" ")} failed: ${lastWords()}`);
}

async function raise({ bun, program }: Ours, season: Season) {
  const port = await freePort();
  const environment = { ...season.environment, PORT: String(port) };
  const { child, ended } = run(bun, environment, [program, "serve"]);
  child.stdout.resume();
  const url = `http://127.0.0.1:${port}`;
  await settled(url);
  return {
    ...{ url, pid: child.pid ?? 0, isRunning: () => child.exitCode === null },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Until everything that the first poll recorded is in the sheet. */
async function settled(url: string) {
  const headers = { "x-api-key": API_KEY };
  for (let waited = 0; waited < 900_000; waited += 500) {
    await Bun.sleep(500);
    const answer = await fetch(`${url}/status`, { headers }).catch(() => undefined);
    // The cast: it is our own service's.
    const status = (await answer?.json().catch(() => undefined)) as
      | { outbox: { waiting: number }; sheet: { lastSyncAt: string | null } }
      | undefined;
    if (status?.outbox?.waiting === 0 && status.sheet.lastSyncAt !== null) return;
  }
  throw new Error("the season was not in the sheet in time");
}

const PATHS = [
  () => "/api/events?limit=50",
  (id: string) => `/api/events/${id}`,
  () => "/api/ticket-types?limit=100",
  (id: string) => `/api/events/${id}/ticket-types`,
  () => "/api/changes?limit=100",
  (id: string) => `/api/events/${id}/sales`,
];

/** Sales, webhooks and reads at an even rate; gives what the processes had meanwhile. */
async function watched(
  service: { url: string; pid: number; isRunning(): boolean },
  season: Season,
  { minutes, webhooks, reads }: MemoryBenchOptions,
): Promise<Sample[]> {
  const { url } = service;
  const samples: Sample[] = [];
  const failed = { webhooks: 0, reads: 0 };
  const startedAt = performance.now();
  const over = () => performance.now() - startedAt > minutes * 60_000;
  const headers = { "x-api-key": API_KEY };
  const note = (kind: keyof typeof failed, asked: Promise<Response>) =>
    asked.then(
      async (answer) => {
        await answer.arrayBuffer();
        if (!answer.ok) failed[kind] += 1;
      },
      () => {
        failed[kind] += 1;
      },
    );
  const evenly = async (perSecond: number, act: (n: number) => unknown) => {
    for (let n = 0; !over(); n += 1) {
      const early = startedAt + (n * 1_000) / perSecond - performance.now();
      if (early > 0) await Bun.sleep(early);
      act(n);
    }
  };
  const sample = async () => {
    const parts = [];
    for (const { name, pid } of await partsOf(service.pid)) {
      const memory = await memoryOf(pid);
      if (memory) parts.push({ name, ...memory });
    }
    const atMs = performance.now() - startedAt;
    samples.push({ atMs, parts });
    if (samples.length % 12 === 1) say(lineOf(atMs, parts));
  };
  await Promise.all([
    evenly(webhooks, (n) => {
      season.sell(n * 7);
      const type = n % 10 === 0 ? "event.updated" : "transaction.complete";
      return note("webhooks", season.webhook(url, n * 7, type));
    }),
    evenly(reads, (n) => {
      const path = PATHS[n % PATHS.length]?.(season.eventIdOf(n)) ?? "";
      return note("reads", fetch(`${url}${path}`, { headers }));
    }),
    evenly(1_000 / SAMPLE_MS, sample),
  ]);
  say(`failed: ${failed.webhooks} webhooks, ${failed.reads} reads`);
  if (!service.isRunning()) throw new Error("the service ended meanwhile");
  return samples;
}

async function raiseFloor(bun: string, { environment, url }: Season, processes: number) {
  const floors: { child: ChildProcess; at: string }[] = [];
  for (let n = 0; n < processes; n += 1) {
    const { child } = run(bun, { ...environment, DATABASE_URL: url }, ["bench/memory-floor.ts"]);
    const { promise, resolve } = Promise.withResolvers<string>();
    createInterface({ input: child.stdout }).once("line", resolve);
    floors.push({ child, at: `http://127.0.0.1:${await promise}` });
  }
  return {
    async read(): Promise<Sample["parts"]> {
      for (let n = 0; n < 100; n += 1)
        for (const { at } of floors) await (await fetch(at)).arrayBuffer();
      await Bun.sleep(SAMPLE_MS);
      const parts = [];
      for (const { child } of floors) {
        const memory = await memoryOf(child.pid ?? 0);
        if (memory) parts.push({ name: "bare", ...memory });
      }
      return parts;
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of floors) child.kill("SIGTERM");
    },
  };
}

const total = (parts: Sample["parts"], of: keyof ProcessMemory) =>
  parts.reduce((sum, part) => sum + part[of], 0);

const mb = (size: number) => size.toFixed(0);

const lineOf = (atMs: number, parts: Sample["parts"]) =>
  `  ${(atMs / 60_000).toFixed(1).padStart(5)} min  ${mb(total(parts, "pss"))} MB: ${parts
    .map(
      ({ name, rss, pss, privateDirty }) =>
        `${name} ${mb(pss)} (RSS ${mb(rss)}, own ${mb(privateDirty)})`,
    )
    .join(", ")}`;

function report(samples: Sample[], floor: Sample["parts"], options: MemoryBenchOptions) {
  const { minutes, warmUpMinutes } = options;
  const after = samples.filter(({ atMs }) => atMs >= warmUpMinutes * 60_000);
  const sums = after.map(({ atMs, parts }) => ({ atMs, value: total(parts, "pss") }));
  const most = Math.max(...sums.map(({ value }) => value));
  const last = sums.slice(-12);
  const now = last.reduce((sum, { value }) => sum + value, 0) / last.length;
  const bare = total(floor, "pss");
  const slope = slopeAnHour(sums);
  const judged = (is: boolean) => (is ? "" : ": NOT REACHED");
  say(`\nafter ${minutes} minutes, memory of all processes together (PSS)`);
  say(`  last minute  ${mb(now)} MB (expected below ${MOST_MB}${judged(now < MOST_MB)})`);
  say(`  at most      ${mb(most)} MB after ${warmUpMinutes} minutes`);
  say(
    `  a slope of   ${slope.toFixed(1)} MB an hour since then (expected at most ${MOST_SLOPE_MB}${judged(slope <= MOST_SLOPE_MB)})`,
  );
  say(
    `  ${floor.length} bare processes, Bun's HTTP and a connection each: ${mb(bare)} MB; ours ${(now / bare).toFixed(1)} times that`,
  );
  for (const name of new Set(after.flatMap(({ parts }) => parts.map((part) => part.name)))) {
    const own = after.flatMap(({ atMs, parts }) =>
      parts.filter((part) => part.name === name).map((part) => ({ atMs, value: part.pss })),
    );
    const values = own.map(({ value }) => value);
    say(
      `  ${name.padEnd(8)} ${mb(Math.min(...values))} to ${mb(Math.max(...values))} MB, ${slopeAnHour(own).toFixed(1)} MB an hour`,
    );
  }
}

async function freePort() {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}
