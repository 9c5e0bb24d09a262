import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Command } from "commander";
import { type Config, loadConfig } from "../../config/config.ts";
import { secretsOf } from "../../config/secret.ts";
import { connect, LONG_LIMIT_MS, type Pool } from "../../database/connect.ts";
import { isCurrent } from "../../database/migrate.ts";
import { systemClock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import { giveWay as standBehind } from "../../lib/give-way.ts";
import { createLogger, type Logger } from "../../lib/logger.ts";
import { hideSecrets } from "../../lib/redact.ts";
import type { Parent } from "../../service/processes/supervised.ts";
import type { Surroundings } from "../build/surroundings.ts";
import { dataDirOf } from "./dev-settings.ts";
import {
  type ExitCode,
  exitCodes,
  type Outcome,
  WrongUsage,
  write,
  writeBytes,
} from "./outcome.ts";
import { progressOf } from "./progress.ts";

type Env = Record<string, string | undefined>;

export interface Caller {
  env: Env;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborts when the process is asked to stop; until it is asked for, that ends the process. */
  stopSignal(): AbortSignal;
  /** Has this process stand behind others; whoever calls the program within their own may not want that. */
  giveWay?: (nice: number) => void;
  /** The way to the process that started this one, where that has opened one. */
  parent?: Parent | undefined;
}

export interface Called extends Caller {
  /** Whether `--json` was said. */
  json: boolean;
  /** Told how the command ends. */
  onEnd(code: ExitCode): void;
}

export interface Common {
  dev?: boolean;
  region?: string[];
}

const STOP_MS = 6_500;

export type Runner = ReturnType<typeof runner>;

/** What every command stands on: its environment, its log, and how it says what came out. */
export function runner(called: Called) {
  const { env, json, stdout, stderr, stopSignal, onEnd, giveWay = standBehind } = called;
  /**
   * Turns work into a command's action. Its outcome is JSON with `--json`, words on a terminal, and
   * elsewhere what `piped` says.
   */
  const run =
    <Options>(
      work: (options: Options, command: Command) => Promise<Outcome | undefined>,
      { piped = "json" }: { piped?: "json" | "text" } = {},
    ) =>
    async (...given: unknown[]) => {
      // The cast: commander hands the command itself over last.
      const command = given.at(-1) as Command;
      const outcome = await work(command.opts() as Options, command).finally(() => endProgress());
      if (!outcome) return;
      await say(outcome, piped);
      onEnd(outcome.code ?? exitCodes.well);
    };

  // A bar that work left behind, done or failed, would stand before what is said next.
  let endProgress = () => {};
  function progress(name: string, unit: string) {
    const { show, end } = progressOf({ name, unit, json, stream: stderr });
    endProgress = end;
    return show;
  }

  function say({ value, text }: Pick<Outcome, "value" | "text">, piped: "json" | "text" = "text") {
    const asJson = json || (piped === "json" && !stdout.isTTY);
    return write(stdout, asJson ? JSON.stringify(value) : text);
  }

  /** The process's own environment, or the one that a running `dev` left in its data directory. */
  async function environment({ dev }: Common): Promise<Env> {
    if (!dev) return env;
    const path = devFile();
    const text = await readFile(path, "utf8").catch(() => {
      throw new WrongUsage(`${path} is not there: start \`dev\` first, with the same DATA_DIR`);
    });
    return { ...env, ...parseEnv(text) };
  }

  /** Where a running `dev` leaves what it runs with. */
  const devFile = () => join(dataDirOf(env), "dev.env");

  async function configure(options: Common): Promise<Config> {
    const config = loadConfig(await environment(options), { dev: options.dev === true });
    hideSecrets(secretsOf(config));
    return config;
  }

  /** Standard output is for the outcome alone; the log goes where the progress bar goes. */
  const quietLog = ({ log }: Config) => createLogger(stderr.isTTY ? "silent" : log.level, stderr);

  return {
    run,
    say,
    /** What is no text, and nothing else beside it. */
    put: (bytes: Uint8Array) => writeBytes(stdout, bytes),
    environment,
    devFile,
    configure,
    quietLog,
    warnings: () => createLogger("warn", stderr),
    stopSignal,
    giveWay,
    progress,
  };
}

export async function withSurroundings<Result>(
  config: Config,
  logger: Logger,
  work: (surroundings: Surroundings) => Promise<Result>,
  {
    limitMs = config.database.limitMs,
    max = config.database.pool,
  }: { limitMs?: number; max?: number } = {},
): Promise<Result> {
  const sql = connect(config.database.url.reveal(), { max, limitMs, logger });
  try {
    return await work({ config, sql, clock: systemClock, logger });
  } finally {
    await sql.end({ timeout: 2 });
  }
}

export async function withDatabase<Result>(url: string, work: (sql: Pool) => Promise<Result>) {
  const sql = connect(url, { max: 1, limitMs: LONG_LIMIT_MS });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** Before any work: what the database lacks would fail each part of it, in PostgreSQL's words. */
export async function requireMigrated(sql: Pool) {
  await sql`select 1`;
  if (!(await isCurrent(sql)))
    throw new Failure(
      "unavailable",
      "the database is not at this version's schema: run `migrate`, or start `serve` (or `dev`) anew",
    );
}

/** The accounts that are named, in the words of the configuration; undefined where none is. */
export function regionsOf({ region }: Common, { vivenu }: Config): string[] | undefined {
  const known = vivenu.accounts.map((account) => account.region);
  const wanted = region?.map((name) => name.toUpperCase());
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new WrongUsage(`no account ${unknown} is configured; there are ${known.join(", ")}`);
  return wanted;
}

/** A database that hangs is no reason to wait for SIGKILL: what was not committed is rolled back. */
export function limitStop(signal: AbortSignal, drainMs: number) {
  const giveUp = () => {
    process.stderr.write("the service did not stop in time\n");
    process.exit(1);
  };
  const limit = () => setTimeout(giveUp, drainMs + STOP_MS).unref();
  signal.addEventListener("abort", limit, { once: true });
}
