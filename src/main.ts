/**
 * vivenu-event-monitor: what Vivenu has on sale and has sold, in a sheet and behind an API.
 *
 *   webhooks ─► inbox ─┐                                              ┌─► REST API
 *                      ├─► outbox ─► datacore ─► projections ─► rows ─┤
 *   poller ────────────┘             (Flowcore)                       └─► Google Sheet
 *
 * The datacore is the only truth. Rows and cells can be dropped and rebuilt from it at any time.
 *
 * This file reads the environment and starts the command that was asked for. It holds no logic.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { fillFromVivenu } from "./commands/backfill.ts";
import { applyManifest, checkManifest, describeDrift } from "./commands/datacore.ts";
import { DEFAULT_DATA_DIR, startDev } from "./commands/dev.ts";
import { describeDoctor, doctor, isHealthy } from "./commands/doctor.ts";
import { exportFiles } from "./commands/export.ts";
import { describeResult, poll, progressBar } from "./commands/poll.ts";
import { describeReplay, replayProgress, replayRows } from "./commands/replay.ts";
import { serve } from "./commands/serve.ts";
import {
  describeRetried,
  describeSetAside,
  listSetAside,
  releaseRefused,
  retrySetAside,
} from "./commands/set-aside.ts";
import {
  describeWebhooks,
  listWebhooks,
  removeWebhooks,
  syncWebhooks,
  webhooksAreFine,
} from "./commands/webhooks.ts";
import { type Config, databaseUrlOf, loadConfig } from "./config.ts";
import { connect } from "./database/connect.ts";
import { migrate } from "./database/migrate.ts";
import { checkSchedule } from "./intake/schedule.ts";
import { systemClock } from "./lib/clock.ts";
import { messageOf } from "./lib/failure.ts";
import { createLogger, type Logger, redactText } from "./lib/log.ts";

const STOP_MS = 6_500;

const program = new Command("vivenu-event-monitor")
  .description(manifest.description)
  .version(manifest.version)
  .showHelpAfterError();

program
  .command("serve")
  .description("serve the API and the webhooks, and keep rows and sheet up to date, until SIGTERM")
  .action(async () => {
    const signal = stopSignal();
    const config = loadConfig(process.env);
    limitStop(signal, config.http.drainMs);
    await withParts(config, createLogger(config.log.level), async (parts) => {
      await migrate(parts.sql);
      await serve({ ...parts, version: manifest.version, pollOnStart: false }, signal);
    });
  });

program
  .command("poll")
  .description("read every account once and record what is new; exit code 0 only if all were read")
  .option("-r, --region <region...>", "only these accounts")
  .option("--changes", "read only what changed since the last time")
  .option("--dev", "against the systems of a running `dev`")
  .action(
    async ({ region, changes, dev }: { region?: string[]; changes?: boolean; dev?: boolean }) => {
      const signal = stopSignal();
      const config = loadConfig(await environment(dev), { dev: dev === true });
      const regions = region?.map((name) => known(name.toUpperCase(), config));
      // Standard output is for the summary alone; the log goes where the progress bar goes.
      const log = createLogger(process.stderr.isTTY ? "silent" : config.log.level, process.stderr);
      await withParts(config, log, async (parts) => {
        const bar = progressBar(process.stderr);
        const result = await poll(parts, signal, {
          ...(regions && { regions }),
          mode: changes ? "changes" : "full",
          onProgress: bar.show,
        });
        bar.end();
        print(process.stdout.isTTY ? describeResult(result) : JSON.stringify(result));
        if (!result.complete) process.exitCode = 1;
      });
    },
  );

const setAsideCommand = program
  .command("set-aside")
  .description("facts of the log that could not be applied");
setAsideCommand
  .command("list")
  .description("which, where and why")
  .option("--fact <id>", "only this one")
  .option("--dev", "of a running `dev`")
  .action(async ({ fact, dev }: { fact?: string; dev?: boolean }) => {
    const sql = connect(databaseUrlOf(await environment(dev)), { max: 1 });
    try {
      const facts = await listSetAside({ sql }, fact);
      print(process.stdout.isTTY ? describeSetAside(facts) : JSON.stringify(facts));
    } finally {
      await sql.end();
    }
  });
setAsideCommand
  .command("release")
  .description("send what Flowcore refused, and translate what was refused of webhooks, once more")
  .option("--dev", "of a running `dev`")
  .action(async ({ dev }: { dev?: boolean }) => {
    const sql = connect(databaseUrlOf(await environment(dev)), { max: 1 });
    try {
      print(JSON.stringify(await releaseRefused({ sql, clock: systemClock })));
    } finally {
      await sql.end();
    }
  });
setAsideCommand
  .command("retry")
  .description("put them back after a fix; exit code 0 only if none is left of them")
  .option("--fact <id>", "only this one")
  .option("--dev", "of a running `dev`")
  .action(async ({ fact, dev }: { fact?: string; dev?: boolean }) => {
    const signal = stopSignal();
    const config = loadConfig(await environment(dev), { dev: dev === true });
    const log = createLogger(process.stderr.isTTY ? "silent" : config.log.level, process.stderr);
    await withParts(config, log, async (parts) => {
      const retried = await retrySetAside(parts, signal, fact);
      print(process.stdout.isTTY ? describeRetried(retried) : JSON.stringify(retried));
      if (retried.some(({ outcome }) => outcome === "kept")) process.exitCode = 1;
    });
  });

program
  .command("backfill")
  .description(
    "fill an empty datacore from Vivenu: events, counts and sales by hour; goes on where it stopped",
  )
  .option("-r, --region <region...>", "only these accounts")
  .option("--dev", "against the systems of a running `dev`")
  .action(async ({ region, dev }: { region?: string[]; dev?: boolean }) => {
    const signal = stopSignal();
    const config = loadConfig(await environment(dev), { dev: dev === true });
    const regions = region?.map((name) => known(name.toUpperCase(), config));
    const log = createLogger(process.stderr.isTTY ? "silent" : config.log.level, process.stderr);
    await withParts(config, log, async (parts) => {
      const bar = progressBar(process.stderr);
      const result = await fillFromVivenu(parts, signal, regions, bar.show);
      bar.end();
      print(JSON.stringify(result));
      if (!result.complete) process.exitCode = 1;
    });
  });

program
  .command("migrate")
  .description("bring the database to the newest schema")
  .option("--dev", "the database of a running `dev`")
  .action(async ({ dev }: { dev?: boolean }) => {
    const sql = connect(databaseUrlOf(await environment(dev)), { max: 1 });
    try {
      print(JSON.stringify({ applied: await migrate(sql) }));
    } finally {
      await sql.end();
    }
  });

program
  .command("export")
  .description("write the sheet's tabs as files, without Google")
  .addOption(
    new Option("--format <format>", "what kind of files").choices(["xlsx", "csv"]).default("xlsx"),
  )
  .option("--folder <folder>", "where they are written", "export")
  .option("-r, --region <region...>", "only these accounts")
  .option("--dev", "the rows of a running `dev`")
  .action(
    async (options: {
      format: "xlsx" | "csv";
      folder: string;
      region?: string[];
      dev?: boolean;
    }) => {
      const { format, folder, region, dev } = options;
      const config = loadConfig(await environment(dev), { dev: dev === true });
      const regions = region?.map((name) => known(name.toUpperCase(), config));
      await withParts(config, createLogger("warn", process.stderr), async (parts) => {
        const paths = await exportFiles({
          ...{ ...parts, version: manifest.version, settings: config.sheet, format, folder },
          ...(regions && { filter: { regions } }),
        });
        print(paths.join("\n"));
      });
    },
  );

program
  .command("replay")
  .description("rebuild the rows from the log beside the live ones, compare, and swap")
  .option("--from <bucket>", "only from this hour on, over what is there: 20260301110000")
  .option("--dry-run", "report what would differ and change nothing")
  .option("--dev", "the log and the database of a running `dev`")
  .action(async ({ from, dryRun, dev }: { from?: string; dryRun?: boolean; dev?: boolean }) => {
    if (from !== undefined && !/^\d{10}0000$/.test(from))
      throw new Error(
        `--from ${from} is not an hour of the log: 20260301110000 is 1 March 2026, 11:00 UTC`,
      );
    const signal = stopSignal();
    const config = loadConfig(await environment(dev), { dev: dev === true });
    await withParts(config, createLogger("warn", process.stderr), async (parts) => {
      const progress = replayProgress(process.stderr);
      const command = { dryRun: dryRun === true, ...(from !== undefined && { from }) };
      const report = await replayRows(parts, command, signal, progress.show);
      progress.end();
      print(process.stdout.isTTY ? describeReplay(report) : JSON.stringify(report));
    });
  });

program
  .command("doctor")
  .description("check every setting and every system, and say how to mend what is wrong")
  .option("--public-url <url>", "where Vivenu reaches this service; checks the webhook listeners")
  .option("--json", "for a program to read")
  .option("--dev", "the systems of a running `dev`")
  .action(
    async ({ publicUrl, json, dev }: { publicUrl?: string; json?: boolean; dev?: boolean }) => {
      const env = await environment(dev);
      const findings = await doctor(env, { dev: dev === true, clock: systemClock, publicUrl });
      print(json ? JSON.stringify(findings) : describeDoctor(findings));
      if (!isHealthy(findings)) process.exitCode = 1;
    },
  );

const datacoreCommand = program.command("datacore").description("the data core in Flowcore");
datacoreCommand
  .command("apply")
  .description("create what flowcore.yaml declares and is not there, and say what differs")
  .option("--check", "create nothing; exit code 1 when something is missing")
  .option("--json", "for a program to read")
  .option("--dev", "the datacore of a running `dev`")
  .action(async ({ check, json, dev }: { check?: boolean; json?: boolean; dev?: boolean }) => {
    const config = loadConfig(await environment(dev), { dev: dev === true });
    const created = check ? [] : (await applyManifest(config)).created;
    const drift = await checkManifest(config);
    print(json ? JSON.stringify({ created, ...drift }) : describeDrift(created, drift));
    if (drift.missing.length > 0) process.exitCode = 1;
  });

const webhooksCommand = program
  .command("webhooks")
  .description("the accounts' webhook listeners in Vivenu; no key is ever printed");
for (const [name, description, run] of [
  ["list", "how they are, held against how they should be", listWebhooks],
  ["sync", "one listener an account, with its own key; heals what differs", syncWebhooks],
  ["remove", "delete ours, and no others", removeWebhooks],
] as const)
  webhooksCommand
    .command(name)
    .description(description)
    .requiredOption("--public-url <url>", "where Vivenu reaches this service, https://...")
    .option("--json", "for a program to read")
    .option("--dev", "the played Vivenu of a running `dev`")
    .action(
      async ({ publicUrl, json, dev }: { publicUrl: string; json?: boolean; dev?: boolean }) => {
        const config = loadConfig(await environment(dev), { dev: dev === true });
        const reports = await run({ config, clock: systemClock }, publicUrl);
        print(json ? JSON.stringify(reports) : describeWebhooks(reports));
        if (!webhooksAreFine(reports)) process.exitCode = 1;
      },
    );

program
  .command("dev")
  .description("run everything here, with a stand-in for each system that has no credentials")
  .action(async () => {
    const signal = stopSignal();
    const dev = await startDev(process.env);
    try {
      await withParts(dev.config, createLogger(dev.config.log.level), async (parts) => {
        await migrate(parts.sql);
        await applyManifest(dev.config);
        const onListening = (port: number) => print(dev.banner(port));
        const serving = serve(
          { ...parts, version: manifest.version, pollOnStart: true, onListening },
          signal,
        );
        await Promise.race([serving, dev.failed]);
      });
    } finally {
      await dev.stop();
    }
  });

program.parseAsync().then(
  () => process.exit(),
  (error) => {
    process.stderr.write(`${redactText(explain(error))}\n`);
    process.exit(1);
  },
);

type Parts = Parameters<typeof poll>[0];

async function withParts(config: Config, log: Logger, run: (parts: Parts) => Promise<void>) {
  if (config.vivenu.pollSchedule) checkSchedule(config.vivenu.pollSchedule);
  const sql = connect(config.database.url.reveal(), { max: config.database.pool });
  try {
    await run({ config, sql, clock: systemClock, log });
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** Aborts at the first SIGTERM or SIGINT; the second ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.on(name, () => (stop.signal.aborted ? process.exit(1) : stop.abort()));
  return stop.signal;
}

/** A database that hangs is no reason to wait for SIGKILL: what was not committed is rolled back. */
function limitStop(signal: AbortSignal, drainMs: number) {
  const giveUp = () => {
    process.stderr.write("the service did not stop in time\n");
    process.exit(1);
  };
  const limit = () => setTimeout(giveUp, drainMs + STOP_MS).unref();
  signal.addEventListener("abort", limit, { once: true });
}

/** The process's own environment, or the one that a running `dev` left in its data directory. */
async function environment(dev: boolean | undefined): Promise<Record<string, string | undefined>> {
  if (!dev) return process.env;
  const path = join(process.env.DATA_DIR || DEFAULT_DATA_DIR, "dev.env");
  const text = await readFile(path, "utf8").catch(() => {
    throw new Error(`${path} is not there: start \`dev\` first, with the same DATA_DIR`);
  });
  return { ...process.env, ...parseEnv(text) };
}

function known(region: string, { vivenu }: Config): string {
  const regions = vivenu.accounts.map((account) => account.region);
  if (regions.includes(region)) return region;
  throw new Error(`no account ${region} is configured; there are ${regions.join(", ")}`);
}

function explain(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is taken: set PORT to another one";
  if (code === "ECONNREFUSED") return "PostgreSQL does not answer at DATABASE_URL";
  return messageOf(error);
}

function print(text: string) {
  process.stdout.write(`${text}\n`);
}
