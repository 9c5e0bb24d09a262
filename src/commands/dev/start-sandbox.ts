import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../../lib/root.ts";
import type { DevSettings } from "../run/dev-settings.ts";
import { defaults, type Env, type System } from "./systems.ts";

const STOP_MS = 15_000;

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

/** Starts the stand-ins in a process of their own, and waits until they are there. */
export async function startSandbox({ played, dataDir, given, settings }: SandboxOptions) {
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
