import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { atEnd } from "./ending.ts";

export const API_KEY = "an-api-key-for-benchmarks";

export interface Stack {
  url: string;
  databaseUrl: string;
  account: { region: string; webhookKey: string };
  eventIds: string[];
  pid: number;
  /** Of what is played. */
  worldPid: number;
  /** What another command needs to work on the same systems. */
  environment: Record<string, string>;
  /** Until everything that was sent is rows. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** The service and its outside world, each in a process of its own, on a folder that is deleted afterwards. */
export async function raiseStack(
  environment: Record<string, string> = {},
  { profile }: { profile?: string | undefined } = {},
): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-bench-"));
  await chmod(dataDir, 0o755);
  const base = 20_000 + Math.floor(Math.random() * 2_400) * 5;
  const shared = {
    PATH: process.env.PATH ?? "",
    DATA_DIR: dataDir,
    SANDBOX_PORT: String(base),
    SANDBOX_SEASON: "small",
    SANDBOX_LIVE_SALES: "off",
    ...environment,
  };
  const sandbox = spawn(process.execPath, ["sandbox/main.ts"], {
    env: shared,
    stdio: ["pipe", "pipe", "ignore"],
  });
  let service: ChildProcess | undefined;
  const stop = atEnd(async () => {
    if (service) await ended(service, "SIGINT");
    sandbox.stdin?.end();
    await ended(sandbox);
    await rm(dataDir, { recursive: true, force: true });
  });
  const ready = await lineOf(sandbox);
  const { environment: played } = JSON.parse(ready) as { environment: Record<string, string> };
  const port = base + 4;
  const profiling = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`, "--cpu-prof-md"] : [];
  service = spawn(process.execPath, [...profiling, "src/main.ts", "dev"], {
    env: { ...shared, ...played, PORT: String(port), BACKEND_API_KEY: API_KEY, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await lineOf(service);
  const url = `http://127.0.0.1:${port}`;
  const headers = { "x-api-key": API_KEY };
  let eventIds: string[] = [];
  for (let waited = 0; waited < 60_000; waited += 200) {
    const answer = await fetch(`${url}/api/events?limit=200`, { headers }).catch(() => undefined);
    const { events = [] } = ((await answer?.json()) ?? {}) as {
      events?: { eventId: string; region: string }[];
    };
    eventIds = events.filter(({ region }) => region === "DACH").map(({ eventId }) => eventId);
    if (events.length >= 3) break;
    await Bun.sleep(200);
  }
  await polled();
  const waiting = async () => {
    const answer = await fetch(`${url}/status`, { headers });
    const { inbox, outbox } = (await answer.json()) as Record<string, { waiting: number }>;
    return (inbox?.waiting ?? 0) + (outbox?.waiting ?? 0);
  };
  /** The first poll counts the whole season, which is not what is measured. */
  async function polled() {
    for (let waited = 0; waited < 120_000; waited += 500) {
      const answer = await fetch(`${url}/status`, { headers }).catch(() => undefined);
      const { accounts = [] } = ((await answer?.json()) ?? {}) as {
        accounts?: { lastPollAt: string | null }[];
      };
      if (accounts.length > 0 && accounts.every(({ lastPollAt }) => lastPollAt !== null)) break;
      await Bun.sleep(500);
    }
    await Bun.sleep(3_000);
  }

  return {
    url,
    databaseUrl: played.DATABASE_URL ?? "",
    account: { region: "DACH", webhookKey: played.DACH_WEBHOOK_SECRET ?? "" },
    eventIds,
    pid: service.pid ?? 0,
    worldPid: sandbox.pid ?? 0,
    environment: {
      ...{ FLOWCORE_TENANT: "hyrox", FLOWCORE_DATA_CORE: "vivenu-event-monitor" },
      ...{ ...played, BACKEND_API_KEY: API_KEY },
    },
    async settled() {
      for (let waited = 0; waited < 300_000; waited += 500) {
        if ((await waiting().catch(() => 1)) === 0) break;
        await Bun.sleep(500);
      }
      await Bun.sleep(2_000);
    },
    async stop() {
      await stop();
    },
  };
}

function lineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the process has no output");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Read to its end: who writes into a pipe that nobody reads stands still when it is full.
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => line.trim() !== "" && resolve(line));
  lines.on("close", () => reject(new Error("a process of the stack ended before it was ready")));
  return promise;
}

function ended(child: ChildProcess, signal?: NodeJS.Signals) {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (child.exitCode !== null || child.signalCode !== null) resolve();
  child.once("exit", () => resolve());
  if (signal) child.kill(signal);
  return promise;
}
