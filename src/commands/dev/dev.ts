import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Config, loadConfig } from "../../config/config.ts";
import { UnusableEnvironment } from "../../config/faults.ts";
import { setVariables } from "../../config/values.ts";
import { Failure } from "../../lib/failure.ts";
import type { DevSettings } from "../run/dev-settings.ts";
import type { Outcome } from "../run/outcome.ts";
import { checkSettings, refuseMixing } from "./checks.ts";
import { takenPorts } from "./dev-ports.ts";
import { banner, readyEvent } from "./ready.ts";
import { startSandbox } from "./start-sandbox.ts";
import { defaults, type Env, isPlayed, type System, systems } from "./systems.ts";

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
