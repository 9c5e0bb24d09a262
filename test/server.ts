import { readdir, rm, stat } from "node:fs/promises";
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
    const leftover = join(tmpdir(), name);
    if (!pid || isAlive(pid) || !(await isOurs(leftover))) continue;
    await startPostgres({ dataDir: leftover, port: 0 }).then((found) => found.stop());
    await rm(leftover, { recursive: true, force: true });
  }
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Root may stop and remove anybody's. */
async function isOurs(folder: string) {
  const user = process.getuid?.() ?? 0;
  return user === 0 || (await stat(folder)).uid === user;
}
