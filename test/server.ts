import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../sandbox/postgres.ts";
import { useServer } from "./database.ts";

const PREFIX = "vivenu-event-monitor-test-";

/** One PostgreSQL a run, with durability off: a test's data need not survive the machine. */
export async function startServer() {
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${PREFIX}${process.pid}`);
  const settings = [
    ...["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
    // Several replicas, each with a pool of its own, beside the pools of the tests.
    "max_connections=300",
  ];
  const server = await startPostgres({ dataDir, port: 0, settings });
  useServer(server.url);
  return {
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A run that was killed leaves a server behind: its folder is named after the run's process. */
async function removeLeftovers() {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) && name.slice(PREFIX.length));
    if (!pid || isAlive(pid)) continue;
    const leftover = join(tmpdir(), name);
    await startPostgres({ dataDir: leftover, port: 0 }).then((found) => found.stop());
    await rm(leftover, { recursive: true, force: true });
  }
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
