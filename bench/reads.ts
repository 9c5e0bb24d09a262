import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { ofBench } from "./ending.ts";
import { describeMs, percentile, say, sendAsManyAsCan, sendAtRate } from "./load.ts";
import { kinds, readNames, WORKBOOKS } from "./reads-kinds.ts";
import { API_KEY, COUNTS, playSeason } from "./reads-season.ts";
import { workbooksAtOnce } from "./reads-workbooks.ts";
import { checkedOut } from "./replay.ts";
import { raise, replayAgain } from "./season-service.ts";

const TURNS = 3;

export interface ReadsBenchOptions {
  sizes: readonly (readonly [events: number, types: number])[];
  rate: number;
  seconds: number;
  /** Which of `kinds`. */
  only: readonly string[];
  /** So many changes of the past are kept beside those of the log. */
  changes: number;
  /** A replay runs beside it all the time. */
  replaying: boolean;
  /** A commit of this repository to measure beside this build. */
  against?: string;
}

/**
 * Seasons of several sizes in the log, replayed into a database of their own, and then each read alone at
 * an even rate, whether what was asked before is answered or not.
 */
export async function readsBench(options: ReadsBenchOptions): Promise<void> {
  const { sizes, rate, seconds, only, against } = options;
  const unknown = only.filter((kind) => !readNames.includes(kind));
  if (unknown.length > 0)
    throw new Error(`${unknown.join(", ")}: known are ${readNames.join(", ")}`);
  say(`${rate} reads a second for ${seconds} s each, a replay beside: ${options.replaying}`);
  const p99s = new Map<string, number[]>();
  await using earlier = against === undefined ? undefined : await checkedOut(against);
  for (const [events, types] of sizes) {
    say(`\n${events} events of ${types} ticket types, described twice and counted ${COUNTS} times`);
    await using season = await playSeason(events, types);
    for (const folder of [".", ...(earlier ? [earlier.folder] : [])]) {
      await using service = await raise(season, folder, options, events);
      const name = folder === "." ? "this build" : `the build ${against}`;
      const replaying = options.replaying ? replayAgain(season, folder, service.url) : undefined;
      await using floor = folder === "." ? await raiseFloor(service.url) : undefined;
      for (const kind of only) {
        if (kind === WORKBOOKS) {
          const headers = { "x-api-key": API_KEY };
          await workbooksAtOnce(service, { types, headers });
          continue;
        }
        const of = { kind, events, headers: { "x-api-key": API_KEY, "x-kind": kind } };
        const ours = await readerOf(service.http, of);
        await firstReads(ours, `${name}, ${kind}`);
        const before = await cpuMsOf(service.pid);
        const asked = Math.max(1, Math.round(rate / (kinds[kind]?.oneIn ?? 1)));
        const outcome = await sendAtRate(asked, seconds, ours);
        const cpuMs = ((await cpuMsOf(service.pid)) - before) / (asked * seconds);
        say(
          `  ${name}, ${kind}, ${asked}/s: ${describeMs(outcome)}, ${cpuMs.toFixed(2)} ms of CPU each`,
        );
        if (!floor) continue;
        p99s.set(kind, [...(p99s.get(kind) ?? []), percentile(outcome.ms, 0.99)]);
        if (kinds[kind]?.isWithoutFloor) continue;
        const bare = await readerOf(floor.http, of);
        await againstFloor({ kind, asked, seconds, ours, bare });
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

type Read = (n: number) => Promise<Response>;

interface ReadOf {
  kind: string;
  events: number;
  headers: Record<string, string>;
}

/** Who has an answer already asks whether it still holds: 304. */
async function readerOf(http: string, { kind, events, headers }: ReadOf): Promise<Read> {
  const urlOf = (n: number) => `${http}${kinds[kind]?.path(n, events) ?? "/"}`;
  if (kind !== "unchanged") return (n) => fetch(urlOf(n), { headers });
  const held = await fetch(urlOf(0), { headers });
  await held.arrayBuffer();
  const known = { ...headers, "if-none-match": held.headers.get("etag") ?? "none" };
  return async (n) => {
    const { status } = await fetch(urlOf(n), { headers: known });
    return new Response(null, { status: status === 304 ? 200 : 500 });
  };
}

async function firstReads(read: Read, name: string) {
  const firsts = [];
  for (let n = 0; n < 20; n += 1) {
    const askedAt = performance.now();
    await (await read(0)).arrayBuffer();
    firsts.push(performance.now() - askedAt);
  }
  const [first = 0, second = 0] = firsts;
  say(
    `  ${name}: the first after the start ${first.toFixed(0)} ms, ${(first / second).toFixed(1)} times the second`,
  );
}

interface Compared {
  kind: string;
  asked: number;
  seconds: number;
  ours: Read;
  bare: Read;
}

/** At the same rate, and then as many as each can, in turns: the machine is the same for both. */
async function againstFloor({ kind, asked, seconds, ours, bare }: Compared) {
  await (await bare(0)).arrayBuffer();
  const outcome = await sendAtRate(asked, seconds, bare);
  say(`  the floor, ${kind}, ${asked}/s: ${describeMs(outcome)}`);
  const rates = { ours: 0, bare: 0 };
  for (let turn = 0; turn < TURNS; turn += 1) {
    rates.bare += (await sendAsManyAsCan(seconds / TURNS, bare)) / TURNS;
    rates.ours += (await sendAsManyAsCan(seconds / TURNS, ours)) / TURNS;
  }
  say(
    `  ${kind}: ${rates.ours.toFixed(0)} a second at most, ${((rates.ours / rates.bare) * 100).toFixed(0)} % of the floor's ${rates.bare.toFixed(0)}`,
  );
}

async function raiseFloor(url: string) {
  const child = spawn(process.execPath, ["bench/reads-floor.ts"], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["pipe", "pipe", "inherit"],
  });
  ofBench(child);
  const { promise, resolve } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).once("line", resolve);
  const http = `http://127.0.0.1:${await promise}`;
  return {
    http,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
    },
  };
}

const TICK_MS = 10;

/** Of the service's processes, as Linux tells it: what a read costs also where others work beside. */
export async function cpuMsOf(pid: number): Promise<number> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
  const [stat, children] = [await read("stat"), await read(`task/${pid}/children`)];
  const [user = "0", system = "0"] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12);
  const own = (Number(user) + Number(system)) * TICK_MS;
  const ofChildren = await Promise.all(
    children.split(" ").filter(Boolean).map(Number).map(cpuMsOf),
  );
  return ofChildren.reduce((sum, ms) => sum + ms, own);
}
