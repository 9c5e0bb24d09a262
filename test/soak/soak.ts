import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pick, seeded } from "../../sandbox/random.ts";
import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { actor } from "../crash/actor.ts";
import { complaints, note, type Program, startProgram } from "../crash/process.ts";
import { compareReplayed } from "../crash/rebuild.ts";
import { verdict } from "../crash/verdict.ts";
import { clearFaults, hurryWebhooks, keepActing, quiet, setFaults } from "../crash/world.ts";
import { freshDatabase } from "../support/database.ts";
import { API_KEY, playOutside, reservePort } from "../support/outside.ts";
import { streamClient } from "../support/stream-client.ts";
import { measuring, slowestStatements } from "./measured.ts";
import { noticeReceiver } from "./receiver.ts";

export interface SoakOptions {
  minutes: number;
  seed: number;
  say: (line: string) => void;
}

export interface SoakReport {
  /** What was wrong: nothing. */
  faults: string[];
  lines: string[];
  logPath: string | undefined;
}

const LOOK_MS = 15_000;
const READ_MS = 200;
/** As quiet and as troubled as long, in turns. */
const TURN_MS = 60_000;
const RESTART_MS = 5 * 60_000;
const REPLAY_MS = 4 * 60_000;
const SETTLE_MS = 2_500;
const PAGES = ["/", "/launches", "/changes", "/api/events", "/api/ticket-types?limit=200"];
const MORE_PAGES = ["/api/changes", "/api/sales?by=day", "/api/summary", "/status", "/metrics"];

/**
 * The whole service for minutes or hours: sales and launches, faults of everything around it in turns, restarts
 * gentle and not, trials of a replay, an open stream, somebody who reads and somebody who is told.
 */
export async function soak({ minutes, seed, say }: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-soak-"));
  const logPath = join(folder, "service.log");
  await using own = await freshDatabase();
  await own.sql`create extension if not exists pg_stat_statements`;
  const { port, release } = reservePort();
  await using outside = await playOutside({ season: "small", port });
  const receiver = noticeReceiver();
  const environment = {
    ...outside.environment,
    ...{ PORT: String(port), HOST: "127.0.0.1", DATABASE_URL: own.url, LOG_LEVEL: "info" },
    ...{ POLL_SCHEDULE: "* * * * *", HINT_INTERVAL: "5", API_RATE_LIMIT: "1000000" },
    NOTIFICATIONS: JSON.stringify({
      channels: { told: { webhook: receiver.url, keys: [`whsec_${btoa("x".repeat(32))}`] } },
      rules: [{ to: "told" }],
    }),
  };
  await applyManifest(loadConfig(environment));
  release();
  const random = seeded(seed);
  const measured = measuring(own);
  const crowd = await actor(outside, seeded(seed + 1));
  const struck: Record<string, number> = {};
  const counts = { restarts: 0, replays: 0, reads: 0, failedReads: 0, heard: 0, streams: 0 };
  const faults: string[] = [];
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const isOver = () => elapsed() > minutes * 60_000;

  let service: Program = startProgram(["serve"], { environment, logPath });
  await service.ready();
  const load = keepActing(crowd.act, seeded(seed + 2));
  const around = [
    every(LOOK_MS, () => measured.look(service.pid, elapsed())),
    every(READ_MS, read),
    every(TURN_MS, async (turn) => {
      if (turn % 2 === 1) setFaults(outside, random, struck);
      else clearFaults(outside, struck);
      await hurryWebhooks(outside);
    }),
    every(RESTART_MS, restart),
    every(REPLAY_MS, replay),
    listen(),
    every(5 * 60_000, async (n) => say(`${5 * n} minutes, ${receiver.messages()} messages`)),
  ];
  await Promise.all(around);
  await load.stop();
  clearFaults(outside, struck);
  await outside.datacore.reveal();
  await Bun.sleep(SETTLE_MS);
  try {
    await service.ready();
    await quiet(own, outside);
    const polling = startProgram(["poll"], { environment, logPath });
    if ((await polling.exited) !== 0) faults.push("the last poll could not read everything");
    await quiet(own, outside);
    faults.push(...(await verdict({ own, outside, random, url: service.url })));
    faults.push(...(await compareReplayed({ environment, logPath })));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error), ...complaints(logPath, 3));
  }
  service.kill("SIGTERM");
  const code = await service.exited;
  if (code !== 0) faults.push(`SIGTERM ended it with ${code}`);
  if (receiver.toldTwice() > 0) faults.push(`${receiver.toldTwice()} messages were told twice`);
  await receiver.stop();
  const lines = [
    `changes in Vivenu: ${said(crowd.done)}`,
    `faults that struck: ${said(struck)}`,
    `the service: ${said(counts)}`,
    `messages: ${receiver.messages()}, sent again with the same id: ${receiver.sentAgain()}`,
    ...measured.lines(),
    "slowest statements:",
    ...(await slowestStatements(own)).map((line) => `  ${line}`),
  ];
  if (faults.length === 0) await rm(folder, { recursive: true, force: true });
  return { faults, lines, logPath: faults.length > 0 ? logPath : undefined };

  /** What fails while the service is not there, or because of a fault, is counted by who does it. */
  async function every(ms: number, work: (n: number) => Promise<unknown>) {
    for (let n = 1; ; n += 1) {
      for (const until = n * ms; elapsed() < until; await Bun.sleep(100)) if (isOver()) return;
      await work(n).catch((error) => note(logPath, `soak: ${error}`));
    }
  }

  async function read() {
    const path = pick(random, [...PAGES, ...MORE_PAGES]) ?? "/";
    const answer = await fetch(`${service.url}${path}`, {
      headers: { "x-api-key": API_KEY },
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => {});
    counts.reads += 1;
    if (!answer?.ok) counts.failedReads += 1;
    if (answer?.status === 500) faults.push(`${path} was answered 500`);
  }

  async function restart(n: number) {
    service.kill(n % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await service.exited;
    service = startProgram(["serve"], { environment, logPath });
    counts.restarts += 1;
    await service.ready();
  }

  async function replay() {
    const trial = startProgram(["replay", "--dry-run"], { environment, logPath });
    await trial.exited;
    counts.replays += 1;
  }

  /** Goes on where it was cut off. */
  async function listen() {
    let lastId = "";
    while (!isOver()) {
      const ended = AbortSignal.timeout(Math.max(1_000, minutes * 60_000 - elapsed()));
      const ask = (headers: Record<string, string>) =>
        fetch(`${service.url}/api/stream`, {
          headers: { "x-api-key": API_KEY, ...headers },
          signal: ended,
        });
      try {
        const client = await streamClient(ask, lastId);
        counts.streams += 1;
        while ((await client.next()) !== undefined) counts.heard += 1;
        lastId = client.lastId;
      } catch {
        await Bun.sleep(500);
      }
    }
  }
}

const said = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
