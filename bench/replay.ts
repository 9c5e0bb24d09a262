import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { playDatacore } from "../sandbox/datacore/server.ts";
import { contracts, type NewFact } from "../src/contracts/index.ts";
import { connect } from "../src/database/connect.ts";
import { provision } from "../src/datacore/provision.ts";
import { COLLECTS_EARLY } from "../src/service/processes/heap.ts";
import { cpuSecondsOf, cpuSecondsOfThisProcess, postmasterOf } from "./cpu.ts";
import { emmettPart } from "./emmett/run.ts";
import { atEnd, ofBench, raisePostgres } from "./ending.ts";
import { describeSeason, generateFacts, type LogKind, type Season, sizesOf } from "./facts.ts";
import { say } from "./load.ts";

export const TENANT = "bench";
export const KEY = "fc_bench_0123456789abcdef";
export const CORE = "bench";
const HOURS = 200;
const BATCH = 200;
/** Half of the container's limit. */
const MOST_MB = 256;

/** What a part of the benchmark prints as its last line. */
export interface Measured {
  facts: number;
  seconds: number;
  rows: number;
  /** Of the process, in MB. */
  peakMb: number;
  /** Of the process, user and system; the builds before said none. */
  cpuSeconds?: number;
  /** Of all rows that facts became, indexes included; the builds before said none. */
  databaseMb?: number;
}

/** A part, and the CPU that the others in its run had meanwhile. */
interface Run extends Measured {
  postgresSeconds: number;
  datacoreSeconds: number;
}

export interface ReplayBenchOptions {
  facts: number;
  kind: LogKind;
  /** The fewest and the most ticket types of an event. */
  types: readonly [number, number];
  /** A commit of this repository to measure beside this build; it reads `whole` logs only. */
  against?: string;
  /** Measure a published library's rebuild of these rows as well. */
  emmett?: boolean;
  /** A folder for a CPU profile of each part. */
  profile?: string;
}

/**
 * The same log two or three ways, each in a process and a database of its own: `replay`, the floor (pages
 * read, parsed and validated, the same rows written with COPY), and `replay` of an earlier build. Whoever
 * reads the log first reads it from a database that is not at rest, through a program that is not compiled:
 * so somebody does whom nobody counts. `replay` is measured before the others and behind them.
 */
export async function replayBench(options: ReplayBenchOptions): Promise<void> {
  const { facts: count, kind, types, against, profile, emmett = false } = options;
  const season: Season = { facts: count, kind, types };
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  const postmaster = await postmasterOf(admin);
  const urlOf = async (name: string) => {
    await admin`create database ${admin(name)}`;
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  };
  let now = Date.now() - HOURS * 3_600_000;
  let seeding = true;
  const played = connect(await urlOf("played"), { max: 8 });
  const datacore = await playDatacore({
    sql: played,
    port: 0,
    apiKey: KEY,
    tenant: TENANT,
    now: () => new Date(seeding ? now : Date.now()),
    log: () => {},
  });
  try {
    const manifest = {
      dataCore: {
        ...{ name: CORE, description: "", deleteProtection: false, isPublic: false },
        flowTypes: manifestTypes(),
      },
    };
    const to = { tenant: TENANT, dataCore: CORE, apiKey: KEY, baseUrl: datacore.url };
    const { dataCoreId } = await provision(to, manifest);
    say(`${count} facts over ${HOURS} hours: ${describeSeason(season)}`);
    const sizes = await seed(season, async (facts, part) => {
      now += part * HOURS * 3_600_000;
      await ingest(datacore.url, dataCoreId, facts);
    });
    seeding = false;
    say(`  ${sizes}`);
    await played`vacuum (analyze)`;
    await played`checkpoint`;
    const environment = {
      ...{ BENCH_DATACORE: datacore.url, BENCH_DATACORE_ID: dataCoreId },
      ...{ BENCH_FACTS: String(count), BENCH_SEASON: JSON.stringify(season) },
    };
    const beside = async (work: () => Promise<Measured>) => {
      const used = () => ({
        postgresSeconds: postmaster === undefined ? 0 : (cpuSecondsOf(postmaster) ?? 0),
        datacoreSeconds: cpuSecondsOfThisProcess(),
      });
      const before = used();
      const measured = await work();
      const after = used();
      return {
        ...measured,
        postgresSeconds: after.postgresSeconds - before.postgresSeconds,
        datacoreSeconds: after.datacoreSeconds - before.datacoreSeconds,
      };
    };
    const measure = async (part: string, name: string, folder = ".") => {
      const url = await urlOf(name);
      await migrateIn(folder, url);
      const environmentOfPart = { ...environment, BENCH_URL: url };
      return beside(() => runPart(part, { folder, profile, environment: environmentOfPart }));
    };
    await measure("floor", "first");
    const before = await measure("a", "replayed");
    report("(a) replay, HTTP page to committed rows", before);
    const floor = await measure("floor", "floor");
    report("(f) floor: pages read, parsed and validated, rows written with COPY", floor);
    let library: Run | undefined;
    if (emmett) {
      const url = await urlOf("emmett");
      library = await beside(() => emmettPart(url, season));
      report(
        "(e) rebuild by @event-driven-io/emmett-postgresql (PostgreSQL filled its log, too)",
        library,
      );
    }
    let earlier: Run | undefined;
    if (against !== undefined) {
      await using checkout = await checkedOut(against);
      earlier = await measure("a", "earlier", checkout.folder);
      report(`(t) replay of the build ${against}`, earlier);
    }
    const behind = await measure("a", "again");
    report("(a) again, behind the others", behind);
    const a = {
      ...{ facts: before.facts + behind.facts, seconds: before.seconds + behind.seconds },
      peakMb: Math.max(before.peakMb, behind.peakMb),
    };
    judge("peak memory of (a), MB", a.peakMb, { most: MOST_MB });
    judge("(a) / (f), % of the floor", (rateOf(a) / rateOf(floor)) * 100, { least: 60 });
    if (library)
      judge("(a) / (e), times its facts a second", rateOf(a) / rateOf(library), { least: 5 });
    if (earlier)
      judge("(a) / (t), times its facts a second", rateOf(a) / rateOf(earlier), { least: 5 });
  } finally {
    await datacore.stop();
    await played.end({ timeout: 5 });
    await admin.end({ timeout: 5 });
    await server.stop();
  }
}

/** Says whether a number is what is expected of it; a profile (`--profile`) tells where the time goes. */
function judge(what: string, value: number, expected: { least: number } | { most: number }) {
  const [is, wanted] =
    "least" in expected
      ? [value >= expected.least, `at least ${expected.least}`]
      : [value <= expected.most, `at most ${expected.most}`];
  say(`${what}: ${value.toFixed(1)} (expected ${wanted}${is ? "" : ": NOT REACHED"})`);
}

const rateOf = ({ facts, seconds }: Pick<Measured, "facts" | "seconds">) => facts / seconds;

const report = (name: string, run: Run) => {
  const { facts, seconds, rows, peakMb, databaseMb, cpuSeconds = 0 } = run;
  const msOf = (used: number) => ((used * 1_000) / facts).toFixed(2);
  say(
    `${name}\n  ${Math.round(facts / seconds)} facts/s (${facts} in ${seconds.toFixed(1)} s), ` +
      `${(rows / facts).toFixed(2)} rows a fact, peak memory ${Math.round(peakMb)} MB` +
      (databaseMb === undefined
        ? ""
        : `, ${((databaseMb * 1_000) / facts).toFixed(1)} kB of PostgreSQL a fact`) +
      `\n  CPU a fact: its process ${msOf(cpuSeconds)} ms, PostgreSQL (the log's too) ` +
      `${msOf(run.postgresSeconds)} ms, the played datacore ${msOf(run.datacoreSeconds)} ms`,
  );
};

export function manifestTypes() {
  const types: Record<
    string,
    { description: string; eventTypes: Record<string, { description: string }> }
  > = {};
  for (const { flowType, eventType } of Object.values(contracts)) {
    types[flowType] ??= { description: "", eventTypes: {} };
    types[flowType].eventTypes[eventType] = { description: "" };
  }
  return types;
}

async function seed(season: Season, send: (facts: NewFact[], part: number) => Promise<void>) {
  const bytes: number[] = [];
  let batch: NewFact[] = [];
  for (const fact of generateFacts(season)) {
    batch.push(fact);
    bytes.push(JSON.stringify(fact.payload).length);
    if (batch.length < BATCH) continue;
    await send(batch, BATCH / season.facts);
    batch = [];
  }
  if (batch.length > 0) await send(batch, batch.length / season.facts);
  return sizesOf(bytes);
}

export async function ingest(url: string, dataCoreId: string, facts: NewFact[]) {
  for (const [eventType, some] of Map.groupBy(facts, (fact) => fact.eventType)) {
    const path = `/events/${TENANT}/${dataCoreId}/${contracts[eventType].flowType}/${eventType}`;
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: KEY, "content-type": "application/json" },
      body: JSON.stringify(some.map(({ payload }) => payload)),
    });
    if (!answer.ok) throw new Error(`seeding failed: ${answer.status} ${await answer.text()}`);
  }
}

/** A folder with that commit and its dependencies: those that are here, where it wants the same. */
export async function checkedOut(commit: string) {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-earlier-"));
  await rm(folder, { recursive: true });
  git("worktree", "add", "--detach", folder, commit);
  const remove = atEnd(async () => git("worktree", "remove", "--force", folder));
  if (git("show", `${commit}:bun.lock`) === (await readFile("bun.lock", "utf8")))
    await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  else run(process.execPath, ["install", "--frozen-lockfile", "--silent"], folder);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await remove();
    },
  };
}

const git = (...args: string[]) => run("git", args, ".");

function run(program: string, args: string[], folder: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args[0]}: ${stderr}`);
  return stdout;
}

export async function migrateIn(folder: string, url: string) {
  const child = ofBench(
    spawn(process.execPath, ["src/main.ts", "migrate"], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", DATABASE_URL: url },
      stdio: ["ignore", "ignore", "inherit"],
    }),
  );
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("exit", resolve);
  if ((await promise) !== 0) throw new Error("the database was not migrated");
}

interface PartOptions {
  folder: string;
  environment: Record<string, string>;
  profile: string | undefined;
}

async function runPart(
  part: string,
  { folder, environment, profile }: PartOptions,
): Promise<Measured> {
  const profiling =
    profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`, "--cpu-prof-md"];
  const child = spawn(process.execPath, [...profiling, "bench/replay-part.ts", part], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", ...(folder === "." && COLLECTS_EARLY), ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  ofBench(child);
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) last = line;
  // The cast: our own child process wrote the line.
  return JSON.parse(last) as Measured;
}
