import { existsSync } from "node:fs";
import { readdir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startPostgres } from "../../sandbox/postgres.ts";
import { makeTemplate, useServer } from "./database.ts";

const PREFIX = "vivenu-event-monitor-test-";

/** Says where the PostgreSQL of this run is, if its processes share one. */
export const SERVER_VARIABLE = "VIVENU_EVENT_MONITOR_TEST_POSTGRES";

/**
 * One PostgreSQL a run, with durability off: a test's data need not survive the machine. Its template is
 * migrated once.
 */
export async function startServer(more: readonly string[] = []) {
  await removeLeftovers();
  const dataDir = join(await roomyFolder(), `${PREFIX}${process.pid}`);
  const settings = [
    ...["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
    // Several replicas, each with a pool of its own, beside the pools of the tests.
    "max_connections=600",
    // A password is stretched 4,096 times on both sides of every connection, and a run makes thousands.
    "scram_iterations=1",
    // The databases do not live long enough for it to be of use, and there are hundreds that it would look through.
    "autovacuum=off",
    // Of two that say the same the later holds.
    ...more,
  ];
  const server = await startPostgres({ dataDir, port: 0, settings });
  await keepPasswordAnew(server.url);
  await makeTemplate(server.url);
  useServer(async () => server.url);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The password is kept as it was stretched when the cluster was made. */
async function keepPasswordAnew(url: URL) {
  const sql = postgres(url.href, { max: 1 });
  await sql.unsafe(`alter role ${url.username} password '${url.password}'`);
  await sql.end();
}

const IN_MEMORY = "/dev/shm";
const ROOMY_BYTES = 4 * 2 ** 30;

/** In memory where there is plenty of it: hundreds of databases are made and dropped, each of some megabytes. */
async function roomyFolder() {
  const found = await statfs(IN_MEMORY).catch(() => undefined);
  const isRoomy = found !== undefined && found.bavail * found.bsize >= ROOMY_BYTES;
  return isRoomy ? IN_MEMORY : tmpdir();
}

/**
 * A run that was killed leaves a server behind: its folder is named after the run's process. What cannot
 * be removed (it may be half made, or another run is just removing it) keeps no run from starting.
 */
async function removeLeftovers() {
  const folder = await roomyFolder();
  for (const name of await readdir(folder)) {
    const pid = Number(name.startsWith(PREFIX) && name.slice(PREFIX.length));
    if (!pid || isAlive(pid)) continue;
    const leftover = join(folder, name);
    await removeLeftover(leftover).catch((error) => {
      process.stderr.write(`${leftover} is left over from an earlier run and stays: ${error}\n`);
    });
  }
}

async function removeLeftover(leftover: string) {
  if (!(await isOurs(leftover))) return;
  if (existsSync(join(leftover, "cluster", "postmaster.pid")))
    await startPostgres({ dataDir: leftover, port: 0 }).then((found) => found.stop());
  await rm(leftover, { recursive: true, force: true });
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
