import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { HYROX_REGIONS } from "../../config/accounts.ts";
import { type Config, loadConfig } from "../../config/config.ts";
import { UnusableEnvironment } from "../../config/faults.ts";
import { setVariables } from "../../config/values.ts";
import { Failure } from "../../lib/failure.ts";
import { projectRoot } from "../../lib/root.ts";
import { type DevSettings, readDevSettings } from "../run/dev-settings.ts";
import type { Outcome } from "../run/outcome.ts";
import { takenPorts } from "./dev-ports.ts";

const STOP_MS = 15_000;

type Env = Record<string, string | undefined>;

/** The outside systems, each real or played here. */
const systems = ["PostgreSQL", "Flowcore", "Vivenu", "Google Sheets", "Notifications"] as const;
export type System = (typeof systems)[number];

export interface DevEnvironment {
  config: Config;
  /** What `config` was made from. */
  environment: Env;
  played: System[];
  /** A made-up season may stand beside what is real. */
  isMixing: boolean;
  /** What runs where, once it does. */
  ready(port: number): Pick<Outcome, "value" | "text">;
  /** Ends the stand-ins; they end by themselves when this process dies. */
  stop(): Promise<void>;
  /** Resolves when the stand-ins ended unasked. */
  failed: Promise<never>;
}

/**
 * Starts a stand-in for every outside system that has no credentials in the environment, and gives
 * the configuration that fits.
 */
export async function startDev(env: Env): Promise<DevEnvironment> {
  const given = setVariables(env);
  const played = systems.filter((system) => isPlayed(system, given));
  const settings = checkSettings(given, played);
  refuseMixing(played, given, settings.SANDBOX_MIX);
  const dataDir = resolve(settings.DATA_DIR);
  await makeFolder(dataDir);
  const taken = await takenPorts(portsOf(played, given, settings));
  if (taken.length > 0) throw new Failure("unavailable", taken.join("; "));
  const sandbox =
    played.length > 0 ? await startSandbox({ played, dataDir, given, settings }) : undefined;
  const filled = { ...defaults, ...given, ...sandbox?.environment };
  try {
    const config = loadConfig(filled, { dev: true, written: given });
    await writeFile(join(dataDir, "dev.env"), envFile(filled), { mode: 0o600 });
    return {
      config,
      environment: filled,
      played,
      isMixing: settings.SANDBOX_MIX,
      ready(port) {
        const { sheetPage, noticesPage } = sandbox ?? {};
        const options = { port, config, played, sheetPage, noticesPage, env: filled };
        return { value: readyEvent(options), text: banner(options) };
      },
      stop: async () => sandbox?.stop(),
      failed: sandbox?.failed ?? new Promise<never>(() => {}),
    };
  } catch (error) {
    await sandbox?.stop();
    throw error;
  }
}

/** PostgreSQL's own is looked at by itself: one that was left over goes on. */
function portsOf(played: System[], given: Env, { SANDBOX_PORT: first }: DevSettings) {
  const [port = 18_765, metrics] = [given.PORT, given.METRICS_PORT].map(
    (one) => one && Number(one),
  );
  const standIns = (["Google Sheets", "Vivenu", "Flowcore"] as const).flatMap((system, index) =>
    played.includes(system) ? [{ variable: "SANDBOX_PORT", port: first + index }] : [],
  );
  return [
    { variable: "PORT", port: Number(port) },
    ...(metrics ? [{ variable: "METRICS_PORT", port: Number(metrics) }] : []),
    ...standIns,
  ];
}

/** A checkout that nobody may write to, and a disk that is full, are said as such. */
async function makeFolder(dataDir: string) {
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, ".written"), "");
  } catch (error) {
    throw new UnusableEnvironment([`DATA_DIR: ${dataDir} ${whyNot(error)}`]);
  }
}

const whyNot = (error: unknown) => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") return "has no space left; make some, or set another";
  if (code === "EROFS" || code === "EACCES" || code === "EPERM")
    return "cannot be written to; set it to a folder that can";
  if (code === "ENOTDIR" || code === "EEXIST") return "is no folder; set another";
  return `cannot be used (${code}); set another`;
};

/** What a developer need not say. */
const defaults: Env = {
  LOG_LEVEL: "warn",
  FLOWCORE_TENANT: "hyrox",
  FLOWCORE_DATA_CORE: "vivenu-event-monitor",
};

export function isPlayed(system: System, given: Env): boolean {
  const has = (name: string) => Boolean(given[name]?.trim());
  // Who is told what happens in a real Vivenu is for a person to say.
  if (system === "Notifications") return isPlayed("Vivenu", given) && !NOTIFY.some(has);
  if (system === "PostgreSQL") return !has("DATABASE_URL");
  if (system === "Flowcore") return !has("FLOWCORE_API_KEY");
  if (system === "Google Sheets")
    return !["GOOGLE_SHEET_ID", "GOOGLE_PRIVATE_KEY", "GOOGLE_SERVICE_ACCOUNT_EMAIL"].some(has);
  return !regionsOf(given).some((region) => has(`${region}_API`));
}

const NOTIFY = ["NOTIFICATIONS", "NOTIFICATIONS_FILE"];

/** The accounts that are named, or those that are known without. */
const regionsOf = ({ VIVENU_REGIONS }: Env) =>
  VIVENU_REGIONS?.trim()
    ? VIVENU_REGIONS.split(",").map((name) => name.trim().toUpperCase())
    : HYROX_REGIONS;

/** Where a system is played, what it will be told by who plays it. */
const standIns: Record<System, Env> = {
  PostgreSQL: { DATABASE_URL: "postgres://127.0.0.1/played" },
  Flowcore: { FLOWCORE_API_KEY: "fc_played_played" },
  Vivenu: { VIVENU_REGIONS: HYROX_REGIONS.join(","), DACH_API: "played" },
  "Google Sheets": {},
  Notifications: {},
};

/** Every fault of the settings, before anything is started. */
function checkSettings(given: Env, played: System[]): DevSettings {
  const settings = readDevSettings(given);
  const faults = "faults" in settings ? settings.faults : [];
  faults.push(...left(given, played));
  try {
    const filled = Object.assign({ ...defaults, ...given }, ...played.map((one) => standIns[one]));
    loadConfig(filled, { dev: true, written: given });
  } catch (error) {
    if (!(error instanceof UnusableEnvironment)) throw error;
    faults.push(...error.faults);
  }
  if ("faults" in settings || faults.length > 0) throw new UnusableEnvironment(faults);
  return settings;
}

/** A key of an account that VIVENU_REGIONS leaves out: whoever set it does not wish for a played Vivenu. */
function left(given: Env, played: System[]): string[] {
  if (!played.includes("Vivenu")) return [];
  const name = HYROX_REGIONS.map((region) => `${region}_API`).find((one) => given[one]);
  if (name === undefined) return [];
  return [
    `${name} is set, but VIVENU_REGIONS names ${regionsOf(given).join(", ")}, of which none has a key. ` +
      "Name the account there, or remove its key to have Vivenu played.",
  ];
}

/** Facts of a season that never was do not belong into a real log or database, nor into the sheet people work in. */
function refuseMixing(played: System[], given: Env, isWanted: boolean) {
  if (!played.includes("Vivenu") || isWanted) return;
  const real = [
    ...(isElsewhere(given.DATABASE_URL) ? ["PostgreSQL"] : []),
    ...(played.includes("Flowcore") || given.FLOWCORE_BASE_URL ? [] : ["Flowcore"]),
    ...(played.includes("Google Sheets") || given.GOOGLE_SHEETS_BASE_URL ? [] : ["Google Sheets"]),
    ...(NOTIFY.some((name) => given[name]) ? ["who is told by NOTIFICATIONS"] : []),
  ];
  if (real.length === 0) return;
  throw new UnusableEnvironment([
    `Vivenu is played, for no <REGION>_API is set, but ${real.join(" and ")} would be real and get a made-up season. ` +
      "Set a region's key, or remove the other credentials, or say SANDBOX_MIX=on if that is what you want.",
  ]);
}

/** A database on this machine is a developer's own. */
const isElsewhere = (url: string | undefined) =>
  url !== undefined && !/^(localhost|127\.[\d.]+|\[::1\]|)$/.test(new URL(url).hostname);

interface SandboxOptions {
  played: System[];
  dataDir: string;
  given: Env;
  settings: DevSettings;
}

interface Ready {
  environment: Env;
  sheetPage?: string;
  noticesPage?: string;
}

async function startSandbox({ played, dataDir, given, settings }: SandboxOptions) {
  const port = given.PORT ?? "18765";
  // Detached: Ctrl-C in a terminal reaches this process alone, which stops the stand-ins after itself.
  const root = projectRoot();
  const child = spawn(process.execPath, [join(root, "sandbox", "main.ts")], {
    cwd: root,
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...given,
      DATA_DIR: dataDir,
      SANDBOX_PORT: String(settings.SANDBOX_PORT),
      SANDBOX_LIVE_SALES: settings.SANDBOX_LIVE_SALES ? "on" : "off",
      SANDBOX_SEASON: settings.SANDBOX_SEASON,
      SANDBOX_PLAY: played.join(","),
      SANDBOX_WEBHOOK_TARGET: `http://127.0.0.1:${port}/webhooks/vivenu`,
      FLOWCORE_TENANT: given.FLOWCORE_TENANT ?? String(defaults.FLOWCORE_TENANT),
    },
  });
  let stopping = false;
  const ended = Promise.withResolvers<void>();
  child.once("exit", () => ended.resolve());
  const failed = ended.promise.then(() => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error("the sandbox ended; its last lines above say why");
  });
  failed.catch(() => {});
  const ready = await Promise.race([readyLine(child), failed]);
  return {
    ...ready,
    failed,
    async stop() {
      stopping = true;
      child.stdin?.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended.promise;
      clearTimeout(timer);
    },
  };
}

async function readyLine(child: ChildProcess): Promise<Ready> {
  if (!child.stdout) throw new Error("the sandbox has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    // The cast: our own child process wrote the line.
    if (line.startsWith("{")) return JSON.parse(line) as Ready;
  }
  return new Promise<never>(() => {});
}

interface ReadyOptions {
  port: number;
  config: Config;
  played: System[];
  sheetPage: string | undefined;
  noticesPage: string | undefined;
  env: Env;
}

function banner({ port, config, played, sheetPage, noticesPage, env }: ReadyOptions): string {
  const at = `http://localhost:${port}`;
  const key = config.http.keys
    ? "send BACKEND_API_KEY as a bearer token or X-API-Key"
    : "no key needed here, for only this machine is answered";
  const where = placesOf({ config, sheetPage, noticesPage, env });
  const lines = [
    "",
    "  vivenu-event-monitor is running",
    "",
    ...thereAre(played, config).map(
      (system) =>
        `  ${system.padEnd(14)} ${played.includes(system) ? "played" : "real  "}  ${where[system]}`,
    ),
    "",
    `  the page       ${at}/`,
    `  events         ${at}/api/events`,
    `  API docs       ${at}/docs`,
    `  status         ${at}/status`,
    ...(sheetPage ? [`  the sheet      ${sheetPage}`] : []),
    ...(played.includes("Vivenu") ? [`  the season     ${config.vivenu.baseUrl}/sandbox`] : []),
    `  API key        ${key}`,
    "",
    "  Ctrl-C stops it; the next start goes on where it was.",
    "",
  ];
  return lines.join("\n");
}

function readyEvent({ port, config, played, sheetPage, noticesPage, env }: ReadyOptions) {
  const where = placesOf({ config, sheetPage, noticesPage, env });
  return {
    event: "dev.ready",
    url: `http://localhost:${port}`,
    systems: thereAre(played, config).map((system) => ({
      system,
      played: played.includes(system),
      at: where[system],
    })),
  };
}

/** Nobody need be told anything. */
const thereAre = (played: System[], { notify }: Config) =>
  systems.filter((one) => one !== "Notifications" || played.includes(one) || notify !== undefined);

const placesOf = ({
  config,
  sheetPage,
  noticesPage,
  env,
}: Pick<ReadyOptions, "config" | "sheetPage" | "noticesPage" | "env">): Record<System, string> => ({
  PostgreSQL: hostOf(env.DATABASE_URL),
  Flowcore: env.FLOWCORE_BASE_URL ?? "api.flowcore.io",
  Vivenu: config.vivenu.baseUrl,
  "Google Sheets": sheetPage ?? env.GOOGLE_SHEETS_BASE_URL ?? "docs.google.com",
  Notifications: noticesPage ?? (config.notify?.channels ?? []).map(({ name }) => name).join(", "),
});

const hostOf = (url: string | undefined) => (url ? new URL(url).host : "");

/** What the other commands need to work on a running `dev` (their `--dev`). */
const envFile = (env: Env) =>
  Object.entries(env)
    .filter(([name]) => isOurs(name))
    .map(([name, value = ""]) => `${name}=${quoted(value)}\n`)
    .join("");

/** Between double quotes a `\n` would be read as a line's end, with a backslash left before it. */
const quoted = (value: string) => (value.includes("'") ? JSON.stringify(value) : `'${value}'`);

const isOurs = (name: string) =>
  /^(DATABASE_URL|BACKEND_API_KEY|LOG_LEVEL|FLOWCORE_\w+|VIVENU_\w+|GOOGLE_\w+|NOTIFICATIONS\w*|\w+_(API|WEBHOOK_SECRET|SELLER_ID))$/.test(
    name,
  );
