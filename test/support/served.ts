import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { freshDatabase } from "./database.ts";
import { playOutside, reservePort } from "./outside.ts";
import { PROGRAM } from "./program.ts";
import { until } from "./stage.ts";

const SERVE = [process.execPath, PROGRAM, "serve"];

interface ServedOptions {
  /** More of the service's own settings. */
  settings?: Record<string, string>;
  /** What runs in the place of `serve`, as with a limit of memory. */
  command?: (serve: string[]) => string[];
  /** What it gets of this process's environment, where the path is not all. */
  environment?: Record<string, string>;
}

const running = new Set<Bun.Subprocess>();
/** Whoever started them may end in any way: nothing of it is to stay. */
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export type Served = Awaited<ReturnType<typeof serveApart>>;

/** A `serve` process of its own on a small season; everything outside but PostgreSQL is played in this one. */
export async function serveApart({
  settings = {},
  command = (serve) => serve,
  environment = { PATH: process.env.PATH ?? "" },
}: ServedOptions = {}) {
  const own = await freshDatabase();
  const { port, release } = reservePort();
  const outside = await playOutside({ season: "small", port });
  await applyManifest(loadConfig({ ...outside.environment, DATABASE_URL: own.url }));
  release();
  const child = Bun.spawn(command(SERVE), {
    env: {
      ...environment,
      ...outside.environment,
      DATABASE_URL: own.url,
      PORT: String(port),
      HOST: "127.0.0.1",
      LOG_LEVEL: "warn",
      ...settings,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  running.add(child);
  void child.exited.finally(() => running.delete(child));
  let logged = "";
  const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        logged += text;
      },
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () => {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}:\n${logged}`);
    return fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await until(isReady, { withinMs: 60_000, what: "readiness" });
  return {
    ...{ own, outside, port, url, pid: child.pid },
    logged: () => logged,
    isRunning: () => child.exitCode === null,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await Promise.all([child.exited, reading]);
      await outside[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}
