import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { contracts, type NewFact } from "../src/contracts/index.ts";
import { readDataCoreId } from "../src/datacore/provision.ts";
import { ofBench } from "./ending.ts";
import { describeSeason, generateFacts, type Season } from "./facts.ts";
import { describeMs, say, sendAtRate } from "./load.ts";
import { signedWebhooks } from "./signed.ts";
import { API_KEY, type Stack } from "./stack.ts";

const A_SECOND = 100;
const BATCH = 100;
/** What is not answered by then has failed: a bench has to come to its end. */
const ANSWERED_WITHIN_MS = 30_000;

export interface MixedOptions {
  seconds: number;
  facts: number;
}

/** Webhooks, reads of every list, and a replay, all at once; then with a workbook asked for as well. */
export async function mixed(stack: Stack, { seconds, facts }: MixedOptions): Promise<void> {
  const season: Season = { facts, kind: "changed" };
  say(`\nin the log beside the played season: ${facts} facts; ${describeSeason(season)}`);
  await seed(stack, season);
  await stack.settled();
  const webhook = { type: "event.updated", bytes: 10_000 } as const;
  const send = signedWebhooks(stack, webhook)(stack.url);
  const loads: { name: string; replay: boolean; workbook: boolean }[] = [
    { name: "webhooks and reads", replay: false, workbook: false },
    { name: "webhooks, reads and a replay", replay: true, workbook: false },
    {
      name: "webhooks, reads, a replay, and the workbook again and again",
      replay: true,
      workbook: true,
    },
  ];
  await sendAtRate(20, 2, (n) => read(stack, n));
  for (const { name, replay, workbook } of loads) {
    const over = new AbortController();
    const beside = [
      ...(replay ? [again(() => replayOnce(stack, over.signal), over.signal)] : []),
      ...(workbook ? [again(() => download(stack, over.signal), over.signal)] : []),
    ];
    if (replay) await Bun.sleep(1_000);
    const [hooks, reads] = await Promise.all([
      sendAtRate(A_SECOND, seconds, send),
      sendAtRate(A_SECOND, seconds, (n) => read(stack, n)),
    ]);
    const memory = await memoryOf(stack.pid);
    over.abort();
    await Promise.all(beside);
    say(`\n${name}, ${A_SECOND} a second each for ${seconds} s`);
    say(`  webhooks  ${describeMs(hooks)}`);
    say(`  reads     ${describeMs(reads)}`);
    say(`  memory    ${memory}`);
    await stack.settled();
  }
}

const PATHS = [
  () => "/api/events?limit=50",
  (id: string) => `/api/events/${id}`,
  () => "/api/ticket-types?limit=100",
  (id: string) => `/api/events/${id}/ticket-types`,
  () => "/api/changes?limit=100",
  (id: string) => `/api/events/${id}/sales`,
];

function read({ url, eventIds }: Stack, n: number) {
  const id = eventIds[n % eventIds.length] ?? "";
  const path = PATHS[n % PATHS.length]?.(id) ?? "/api/events";
  const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
  return fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY }, signal });
}

/** Until the load is over; one that is refused asks again a little later, as whoever waits for it would. */
async function download({ url }: Stack, over: AbortSignal) {
  const headers = { "x-api-key": API_KEY };
  const signal = AbortSignal.any([over, AbortSignal.timeout(ANSWERED_WITHIN_MS)]);
  try {
    const answer = await fetch(`${url}/api/downloads/vivenu.xlsx`, { headers, signal });
    await answer.arrayBuffer();
    if (answer.ok) return;
  } catch {
    if (over.aborted) return;
  }
  await Bun.sleep(100);
}

async function again(work: () => Promise<unknown>, signal: AbortSignal) {
  while (!signal.aborted) await work();
}

async function replayOnce({ environment }: Stack, signal: AbortSignal) {
  const child = spawn(process.execPath, ["src/main.ts", "replay", "--dry-run"], {
    env: { PATH: process.env.PATH ?? "", ...environment },
    stdio: ["ignore", "ignore", "ignore"],
  });
  ofBench(child);
  const stop = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  await promise;
  signal.removeEventListener("abort", stop);
}

async function seed({ environment }: Stack, season: Season) {
  const {
    FLOWCORE_TENANT: tenant = "",
    FLOWCORE_DATA_CORE: dataCore = "",
    FLOWCORE_API_KEY: apiKey = "",
    FLOWCORE_BASE_URL: baseUrl = "",
  } = environment;
  const core = await readDataCoreId({ tenant, dataCore, apiKey, baseUrl });
  let batch: NewFact[] = [];
  const send = async () => {
    for (const [eventType, some] of Map.groupBy(batch, (fact) => fact.eventType)) {
      const path = `/events/${tenant}/${core}/${contracts[eventType].flowType}/${eventType}`;
      const answer = await fetch(`${baseUrl}${path}`, {
        method: "POST",
        headers: { authorization: apiKey, "content-type": "application/json" },
        body: JSON.stringify(some.map(({ payload }) => payload)),
      });
      if (!answer.ok) throw new Error(`seeding failed: ${answer.status} ${await answer.text()}`);
    }
    batch = [];
  };
  for (const fact of generateFacts(season)) if (batch.push(fact) === BATCH) await send();
  await send();
}

/** Of a process and those that it started: what each has alone, and its share of what several have. */
async function memoryOf(pid: number): Promise<string> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const sizes = await Promise.all(
    [pid, ...children.trim().split(" ").filter(Boolean).map(Number)].map(async (one) => {
      const text = await readFile(`/proc/${one}/smaps_rollup`, "utf8").catch(() => "");
      return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1_000;
    }),
  );
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return `${all.toFixed(0)} MB (${sizes.map((size) => size.toFixed(0)).join(" + ")})`;
}
