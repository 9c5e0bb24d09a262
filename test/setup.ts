import { afterAll, beforeAll } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../sandbox/postgres.ts";
import { useServer } from "./database.ts";

const PREFIX = "vivenu-event-monitor-test-";

/** One PostgreSQL a run, with durability off: a test's data need not survive the machine. */
beforeAll(async () => {
  await removeLeftovers();
  const dataDir = join(tmpdir(), `${PREFIX}${process.pid}`);
  const server = await startPostgres({
    dataDir,
    port: 0,
    settings: ["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
  });
  useServer(server.url);
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}, 120_000);

/** A run that was killed leaves a server behind: its folder is named after the run's process. */
async function removeLeftovers() {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) && name.slice(PREFIX.length));
    if (!pid || isAlive(pid)) continue;
    const dataDir = join(tmpdir(), name);
    await startPostgres({ dataDir, port: 0 }).then((server) => server.stop());
    await rm(dataDir, { recursive: true, force: true });
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
