import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { between, type Random, seeded } from "../../sandbox/random.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { deliveryOf, eventJson } from "../support/deliveries.ts";
import { API_KEY } from "../support/outside.ts";
import { type Served, serveApart } from "../support/served.ts";
import { until } from "../support/stage.ts";
import { type Account, type AttackRequest, badRequest, hostileDelivery } from "./requests.ts";

export interface AttackOptions {
  /** Bad ones, and then as many that are rightly signed. */
  requests: number;
  seed: number;
  /** Told how far it is, now and then. */
  onProgress?: (line: string) => void;
}

interface Used {
  /** Of the process that answers, in MB. */
  memory: number;
  /** Files and sockets that it holds. */
  handles: number;
}

export interface Verdict {
  /** What went wrong; empty where all held. */
  faults: string[];
  /** By kind of request and what came of it. */
  outcomes: Record<string, number>;
  /** Of the good webhooks that were sent meanwhile, in milliseconds. */
  goodMs: number[];
  used: { before: Used; afterBad: Used; afterHostile: Used };
}

const AT_A_TIME = 16;
const GOOD_EVERY_MS = 250;
/** A delivery of an event that nobody knows takes about five to become rows. */
const ROWS_MS = 20;
/** A share of the requests goes first, so that what is made once is there when memory is looked at. */
const WARM_UP = 0.2;
const GOOD_ID = "68f0000000000000000000a1";
/** What a client waits for an answer. */
const PATIENCE_MS = 30_000;

/** Bad requests, and then as many that are rightly signed and hostile, against a service of its own. */
export async function attack({ requests, seed, onProgress }: AttackOptions): Promise<Verdict> {
  // Whoever signs rightly makes events by the thousand: more than a sheet is for (docs/scale.md).
  const settings = { API_RATE_LIMIT: "100000000", SHEET_TABS: "status" };
  await using served = await serveApart({ settings });
  const { environment } = served.outside;
  const accounts: Account[] = served.outside.vivenu.accounts.map(({ region }) => {
    return { region, key: environment[`${region}_WEBHOOK_SECRET`] ?? "" };
  });
  const random = seeded(seed);
  const run = {
    served,
    faults: [] as string[],
    outcomes: {} as Record<string, number>,
    onProgress,
  };
  const bad = () => badRequest(random, accounts, API_KEY);
  // What reads are worked on in has a process of its own, which is there a little later, and so is the log's end.
  const isRead = async () => {
    if (!(await fetchWithKey(served, "/api/events")).ok) return false;
    const { log } = await readJson<{ log: { lagSeconds: number }[] }>(served, "/status");
    return log.length > 0 && log.every(({ lagSeconds }) => lagSeconds < 30);
  };
  await until(isRead, {
    withinMs: 60_000,
    what: "reads that are answered, and a log that is read",
  });
  const before = await acceptedOf(served);
  const problemsBefore = await problemsOf(served);
  const good = sendGood(served, accounts[0]);
  await sendAll(run, Math.ceil(WARM_UP * requests), bad, random);
  const usedBefore = await usedBy(served.pid);
  await sendAll(run, Math.floor((1 - WARM_UP) * requests), bad, random);
  const afterBad = await usedBy(served.pid);
  const sent = await good.stop();
  await expectNothingKept(run, { before, sent: sent.length, problemsBefore });

  const more = sendGood(served, accounts[0]);
  await sendAll(run, requests, () => hostileDelivery(random, accounts), random);
  const later = await more.stop();
  // What was accepted of the hostile ones becomes rows before it.
  const withinMs = 60_000 + ROWS_MS * requests;
  await expectGoodRows(run, later.at(-1)?.name ?? "", withinMs);
  const afterHostile = await usedBy(served.pid);
  const answers = [...sent, ...later];
  for (const { status } of answers)
    if (status !== 200) run.faults.push(`a good webhook was answered ${status}`);
  if (!served.isRunning()) run.faults.push("the service ended");
  for (const line of served.logged().split("\n"))
    if (/"level":"(error|fatal)"/.test(line) && !isRefusal(line)) run.faults.push(line);
  return {
    ...{ faults: run.faults, outcomes: run.outcomes, goodMs: answers.map(({ ms }) => ms) },
    used: { before: usedBefore, afterBad, afterHostile },
  };
}

/** Whatever is rightly signed and cannot be read is told: Vivenu has changed something, or its key is known. */
const isRefusal = (line: string) => /"event":"(webhook\.malformed|delivery\.refused)"/.test(line);

interface Run {
  served: Served;
  faults: string[];
  outcomes: Record<string, number>;
  onProgress?: AttackOptions["onProgress"];
}

async function sendAll(run: Run, count: number, make: () => AttackRequest, random: Random) {
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      if (left % 10_000 === 0) run.onProgress?.(`${left} of ${count} left`);
      const request = make();
      const outcome = await send(run.served.port, request, random);
      const name = `${request.kind}: ${outcome}`;
      run.outcomes[name] = (run.outcomes[name] ?? 0) + 1;
      if (isFault(request, outcome)) run.faults.push(`${name}: ${describe(request)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, sender));
}

/** "Come again" is an answer of its own: nobody is there for this body just now. */
const isFault = ({ manner }: AttackRequest, outcome: string) =>
  outcome === "no answer" ? manner === "whole" : /^5(?!03)/.test(outcome);

const describe = ({ bytes }: AttackRequest) =>
  JSON.stringify(bytes.toString("latin1").slice(0, 600));

/** The answer's status; "cut" where we hung up first, "no answer" where the line was closed without one. */
function send(port: number, { bytes, manner }: AttackRequest, random: Random): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  const end = (outcome: string) => {
    clearTimeout(patience);
    resolve(outcome);
    socket.destroy();
  };
  const patience = setTimeout(() => end("no answer"), PATIENCE_MS);
  socket.on("error", () => {});
  socket.once("close", () => end("no answer"));
  socket.on("data", (part) => {
    heard += part.toString("latin1");
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(heard) ?? [];
    if (status !== undefined) end(status);
  });
  if (manner === "whole") socket.write(bytes);
  if (manner === "cut")
    socket.write(bytes.subarray(0, between(random, 1, bytes.length - 1)), () => {
      setTimeout(() => end("cut"), between(random, 0, 20));
    });
  if (manner === "parts") {
    const size = Math.ceil(bytes.length / between(random, 2, 5));
    const next = (from: number) => {
      if (from >= bytes.length || socket.destroyed) return;
      socket.write(bytes.subarray(from, from + size));
      setTimeout(() => next(from + size), between(random, 1, 20));
    };
    next(0);
  }
  return promise;
}

/** Vivenu goes on sending of an event that is to be shown. */
function sendGood(served: Served, account: Account | undefined) {
  const sent: { name: string; status: number; ms: number }[] = [];
  let isOver = false;
  const all = (async () => {
    while (!isOver) {
      const name = `HYROX Attacked ${Date.now()}`;
      const updatedAt = new Date().toISOString();
      const event = eventJson({ _id: GOOD_ID, name, updatedAt });
      const body = deliveryOf("event.updated", { event }, { mode: "dev", sellerId: undefined });
      const startedAt = performance.now();
      const answer = await fetch(`${served.url}/webhooks/vivenu/${account?.region}`, {
        method: "POST",
        body,
        headers: { "x-vivenu-signature": sign(Buffer.from(body), account?.key ?? "") },
      });
      sent.push({ name, status: answer.status, ms: performance.now() - startedAt });
      await Bun.sleep(GOOD_EVERY_MS);
    }
    return sent;
  })();
  return {
    stop() {
      isOver = true;
      return all;
    },
  };
}

interface Kept {
  before: number;
  sent: number;
  problemsBefore: ReadonlySet<string>;
}

/**
 * Of what no account signed nothing is kept, and nobody is told that anything were wrong but that it was refused:
 * by what comes nobody can tell a stranger from a listener with another key.
 */
async function expectNothingKept(run: Run, { before, sent, problemsBefore }: Kept) {
  const accepted = (await acceptedOf(run.served)) - before;
  if (accepted !== sent)
    run.faults.push(`${accepted} webhooks were accepted where ${sent} good ones were sent`);
  for (const problem of await problemsOf(run.served))
    if (!problemsBefore.has(problem) && !/were refused at the door/.test(problem))
      run.faults.push(`/status has a false alert: ${problem}`);
}

/** What is good is shown, and every fact that was made of the rest can be read. */
async function expectGoodRows({ served, faults }: Run, name: string, withinMs: number) {
  const isShown = async () => {
    const found = await readJson<{ eventName?: string }>(served, `/api/events/${GOOD_ID}`);
    return found.eventName === name;
  };
  await until(isShown, { withinMs, what: "the newest good webhook in a row" }).catch(
    async (error) => {
      const found = await fetchWithKey(served, `/api/events/${GOOD_ID}`);
      faults.push(`${error}: ${(await found.text()).slice(0, 300)}`);
    },
  );
  const [unread] = await served.own.sql<{ facts: number }[]>`
    select count(*)::int as facts from set_aside
  `;
  if (unread?.facts !== 0) faults.push(`${unread?.facts} facts in the log cannot be applied`);
}

const fetchWithKey = ({ url }: Served, path: string) =>
  fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY } });

async function readJson<T>(served: Served, path: string): Promise<T> {
  const answer = await fetchWithKey(served, path);
  // The cast: what the API promises is held by its own tests.
  return (await answer.json()) as T;
}

const problemsOf = async (served: Served) =>
  new Set((await readJson<{ problems: string[] }>(served, "/status")).problems);

async function acceptedOf(served: Served): Promise<number> {
  const answer = await fetchWithKey(served, "/metrics");
  const lines = (await answer.text()).matchAll(/webhooks_total\{[^}]*"accepted"[^}]*\} (\d+)/g);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function usedBy(pid: number): Promise<Used> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  const handles = await readdir(`/proc/${pid}/fd`);
  return { memory: Number(kilobytes) / 1_000, handles: handles.length };
}
