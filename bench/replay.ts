import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { playDatacore } from "../sandbox/datacore/server.ts";
import { startPostgres } from "../sandbox/postgres.ts";
import { contracts, type NewFact } from "../src/contracts/index.ts";
import { connect } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { provision } from "../src/datacore/provision.ts";
import { generateFacts, sizesOf } from "./facts.ts";
import { say } from "./load.ts";

export const TENANT = "bench";
export const KEY = "fc_bench_0123456789abcdef";
const CORE = "bench";
const HOURS = 200;
const BATCH = 500;

/** What a part of the benchmark prints as its last line. */
export interface Measured {
  facts: number;
  seconds: number;
  rows: number;
  /** Of the process, in MB. */
  peakMb: number;
}

/**
 * The same facts three ways: (a) `replay` from HTTP page to committed rows, (b) one transaction per
 * fact, (c) batched upserts from memory. Each runs in a process and a database of its own.
 */
export async function replayBench(count: number, oneByOne: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-bench-"));
  await chmod(dataDir, 0o755);
  const server = await startPostgres({ dataDir, port: 0 });
  const admin = connect(server.url.href, { max: 1 });
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
    say(`seeding ${count} facts over ${HOURS} hours`);
    const sizes = await seed(count, async (facts, part) => {
      now += part * HOURS * 3_600_000;
      await ingest(datacore.url, dataCoreId, facts);
    });
    seeding = false;
    say(`  ${sizes}`);
    const environment = { BENCH_DATACORE: datacore.url, BENCH_DATACORE_ID: dataCoreId };
    const measure = async (part: string, facts: number) => {
      const url = await urlOf(`part_${part}`);
      const sql = connect(url, { max: 1 });
      await migrate(sql);
      await sql.end();
      const argument = { ...environment, BENCH_URL: url, BENCH_FACTS: String(facts) };
      return runPart(part, argument);
    };
    const a = await measure("a", count);
    report("(a) replay, HTTP page to committed rows", a);
    const b = await measure("b", Math.min(count, oneByOne));
    report(`(b) one transaction per fact, the first ${b.facts} of them`, b);
    const c = await measure("c", count);
    report("(c) floor: batched upserts from memory", c);
    const rate = ({ facts, seconds }: Measured) => facts / seconds;
    say(
      `\n(a) / (b) ${(rate(a) / rate(b)).toFixed(1)}   (a) / (c) ${((rate(a) / rate(c)) * 100).toFixed(0)} %`,
    );
    if (a.rows !== c.rows) say(`rows differ: (a) wrote ${a.rows}, (c) wrote ${c.rows}`);
  } finally {
    await datacore.stop();
    await played.end();
    await admin.end();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const report = (name: string, { facts, seconds, rows, peakMb }: Measured) =>
  say(
    `${name}\n  ${Math.round(facts / seconds)} facts/s (${facts} in ${seconds.toFixed(1)} s), ${(rows / facts).toFixed(2)} rows written per fact, peak memory ${Math.round(peakMb)} MB`,
  );

function manifestTypes() {
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

async function seed(count: number, send: (facts: NewFact[], part: number) => Promise<void>) {
  const bytes: number[] = [];
  let batch: NewFact[] = [];
  for (const fact of generateFacts(count)) {
    batch.push(fact);
    bytes.push(JSON.stringify(fact.payload).length);
    if (batch.length < BATCH) continue;
    await send(batch, BATCH / count);
    batch = [];
  }
  if (batch.length > 0) await send(batch, batch.length / count);
  return sizesOf(bytes);
}

async function ingest(url: string, dataCoreId: string, facts: NewFact[]) {
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

async function runPart(part: string, environment: Record<string, string>): Promise<Measured> {
  const child = spawn(process.execPath, ["bench/replay-part.ts", part], {
    env: { PATH: process.env.PATH ?? "", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) last = line;
  // The cast: our own child process wrote the line.
  return JSON.parse(last) as Measured;
}
