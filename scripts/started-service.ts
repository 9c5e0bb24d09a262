import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../test/support/free-ports.ts";

const STARTED_WITHIN_MS = 600_000;

interface ServiceOptions {
  /** The API's. */
  key: string;
  /** As `SANDBOX_SEASON` has it. */
  season: "small" | "years";
}

/** `dev` with everything played, on ports and in a folder of its own; nothing is sold meanwhile. */
export async function startService({ key, season }: ServiceOptions) {
  const port = freePorts();
  const url = `http://127.0.0.1:${port}`;
  const data = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-service-"));
  const child = Bun.spawn([process.execPath, "src/main.ts", "dev"], {
    cwd: join(import.meta.dir, ".."),
    env: {
      ...{ PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" },
      ...{ PORT: String(port), SANDBOX_PORT: String(port + 1), DATA_DIR: data },
      ...{ SANDBOX_SEASON: season, SANDBOX_LIVE_SALES: "off", BACKEND_API_KEY: key },
    },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const get = (path: string) => fetch(`${url}${path}`, { headers: { "x-api-key": key } });
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
    await rm(data, { recursive: true, force: true });
  };
  // It does not outlive whoever started it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  const isSettled = async () => {
    const status = (await (await get("/status")).json()) as { problems?: string[] };
    return status.problems?.length === 0;
  };
  const until = performance.now() + STARTED_WITHIN_MS;
  while (!(await isSettled().catch(() => false))) {
    if (performance.now() > until || child.exitCode !== null) {
      await stop();
      throw new Error("the service did not start");
    }
    await Bun.sleep(500);
  }
  /** Where Vivenu is played. */
  const vivenu = `http://127.0.0.1:${port + 2}`;
  return { url, vivenu, get, [Symbol.asyncDispose]: stop };
}
