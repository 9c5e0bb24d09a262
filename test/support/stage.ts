import { createHash } from "node:crypto";
import type { SeasonKind } from "../../sandbox/vivenu/season/make.ts";
import { applyManifest } from "../../src/commands/datacore.ts";

import { loadConfig } from "../../src/config/config.ts";
import { connect } from "../../src/database/connect.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLogger } from "../../src/lib/logger.ts";
import { freshDatabase } from "./database.ts";
import { API_KEY, playOutside, reservePort } from "./outside.ts";
import { serveTogether } from "./together.ts";

export type Stage = Awaited<ReturnType<typeof raiseStage>>;

/** Of the stage's operators. */
export const ADMIN_KEY = "a-key-of-the-stage-for-its-operators";

interface StageOptions {
  season: SeasonKind;
  /** Ids of more spreadsheets than one. */
  copies?: readonly string[];
  /** More of the service's own. */
  settings?: Record<string, string>;
}

/** The whole service on real PostgreSQL, with every other outside system played, in this process. */
export async function raiseStage({ season, copies = [], settings = {} }: StageOptions) {
  const own = await freshDatabase();
  const { port, release } = reservePort();
  const played = await playOutside({ season, port, copies });
  const environment = {
    ...played.environment,
    PORT: String(port),
    HOST: "127.0.0.1",
    DATABASE_URL: own.url,
    API_KEYS: `ops:admin:${createHash("sha256").update(ADMIN_KEY).digest("hex")}`,
    // Nobody stands before it who has to learn that it ends.
    SHUTDOWN_DRAIN: "0",
    ...settings,
  };
  const config = loadConfig(environment);
  await applyManifest(config);
  const logged: string[] = [];
  const logger = createLogger("debug", { write: (line) => void logged.push(line) });
  release();
  const url = `http://127.0.0.1:${port}`;

  /** One run of the service, or one more beside it at a port of its own; `stop` ends it as SIGTERM does. */
  async function start(databaseUrl = own.url, ownPort = port) {
    const stop = new AbortController();
    const listening = Promise.withResolvers<number>();
    const sql = connect(databaseUrl, { max: 20 });
    const settings = loadConfig({
      ...environment,
      ...{ DATABASE_URL: databaseUrl, PORT: String(ownPort) },
    });
    const surroundings = { config: settings, sql, clock: systemClock, logger };
    const serving = serveTogether(
      { ...surroundings, version: "0", pollOnStart: true, onListening: listening.resolve },
      stop.signal,
    );
    await Promise.race([listening.promise, serving]);
    if (ownPort === port) await ready(url);
    return {
      async stop() {
        stop.abort();
        await serving;
        await sql.end({ timeout: 5 });
      },
    };
  }

  return {
    url,
    port,
    environment,
    own,
    outside: played,
    vivenu: played.vivenu,
    datacore: played.datacore,
    logged,
    start,
    get: (path: string) => fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY } }),
    /** The cast: what the API promises is held by its own tests. */
    async readJson<T>(path: string): Promise<T> {
      const response = await fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      return (await response.json()) as T;
    },
    readTab: played.readTab,
    async [Symbol.asyncDispose]() {
      await played[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

/** Where many tests share a machine all of them take longer, which is no fault of the product. */
const PATIENCE = Number(process.env.VIVENU_EVENT_MONITOR_TEST_PATIENCE || 1);

/** What it reads is there a moment after it listens; one that cannot be ready is asked as it is. */
async function ready(url: string): Promise<void> {
  const isReady = async () => (await fetch(`${url}/ready`)).ok;
  await until(isReady, { withinMs: 2_000, what: "a service that is ready" }).catch(() => {});
}

interface Status {
  problems: string[];
  inbox: { waiting: number };
  outbox: { waiting: number };
}

/** Until every account is polled and in rows: a poll has ended before all that it said is read back from the log. */
export async function settled({ readJson }: Pick<Stage, "readJson">): Promise<void> {
  const isSettled = async () => {
    const { problems, inbox, outbox } = await readJson<Status>("/status");
    return problems.length === 0 && inbox.waiting === 0 && outbox.waiting === 0;
  };
  await until(isSettled, { withinMs: 90_000, what: "every account polled and nothing wrong" });
}

/**
 * Asks again and again until `read` gives something; the limit is for the product, not for luck. Whoever asks
 * for long, or for what is costly to read, asks less often: it would take the CPU from what it waits for.
 */
export async function until<T>(
  read: () => Promise<T | undefined | false | null>,
  { withinMs, what }: { withinMs: number; what: string },
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    const found = await read();
    if (found) return found;
    const now = performance.now();
    if (now > startedAt + withinMs * PATIENCE)
      throw new Error(`not within ${withinMs} ms: ${what}`);
    const waitedMs = now - startedAt;
    const mostMs = Math.max(200, Math.min(waitedMs / 10, 500));
    await Bun.sleep(Math.min(20 + waitedMs / 10 + 2 * (now - askedAt), mostMs));
  }
}
