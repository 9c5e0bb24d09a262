import { expect, test } from "bun:test";
import { openSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pace } from "../src/projections/queries/row-types.ts";
import { emptyDatabase } from "./support/database.ts";
import { freePorts } from "./support/free-ports.ts";
import { inherited, PROGRAM } from "./support/program.ts";
import { isTurn } from "./support/runs.ts";
import { until } from "./support/stage.ts";

interface Answer {
  problems?: string[];
  inbox?: { waiting: number };
  outbox?: { waiting: number };
  events?: Record<string, unknown>[];
  ticketTypes?: Record<string, unknown>[];
}

const LAUNCH_MOVED = "Launch moved: HYROX Berlin";

/** `dev` as a person starts it, on a data directory and ports of its own. */
function home(dataDir: string) {
  const port = freePorts();
  const environment = {
    ...inherited(),
    PORT: String(port),
    SANDBOX_PORT: String(port + 1),
    DATA_DIR: dataDir,
    SANDBOX_SEASON: "small",
    SANDBOX_LIVE_SALES: "off",
  };
  const children: ReturnType<typeof Bun.spawn>[] = [];
  const readJson = async (path: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return (await response.json()) as Answer;
  };
  return {
    start() {
      const said = openSync(join(dataDir, "said.txt"), "a");
      const child = Bun.spawn([process.execPath, "src/main.ts", "dev"], {
        env: environment,
        stdin: "ignore",
        stdout: said,
        stderr: said,
      });
      children.push(child);
      return child;
    },
    /** What a test that failed has left running, with the stand-ins and PostgreSQL. */
    async end() {
      for (const child of children.filter(
        ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
      )) {
        child.kill("SIGINT");
        await Promise.race([child.exited, Bun.sleep(20_000)]);
        child.kill("SIGKILL");
      }
    },
    async settled() {
      let seen: unknown;
      const isSettled = async () => {
        const status: Answer = await readJson("/status").catch((error) => ({
          problems: [`${error}`],
        }));
        seen = status;
        if (status.problems?.length !== 0) return false;
        // A poll has ended before all that it said was read back from the log.
        return status.inbox?.waiting === 0 && status.outbox?.waiting === 0;
      };
      const limit = { withinMs: 60_000, what: "everything polled and nothing wrong" };
      await until(isSettled, limit).catch(async (error) => {
        const said = await readFile(join(dataDir, "said.txt"), "utf8");
        throw new Error(
          `${error.message}; ${JSON.stringify(seen)}; it said:\n${said.slice(-3000)}`,
        );
      });
    },
    async rows() {
      const { events = [] } = await readJson("/api/events");
      const { ticketTypes = [] } = await readJson("/api/ticket-types?limit=1000");
      return [...events, ...ticketTypes].map(withoutMoments);
    },
    readJson,
    /** Moves a launch in the played Vivenu; resolves when each channel was told. */
    async tells() {
      const season = `http://127.0.0.1:${port + 2}/sandbox/events`;
      const { events } = (await (await fetch(season)).json()) as {
        events: { id: string; name: string }[];
      };
      const event = events.find(({ name }) => name.startsWith("HYROX Berlin"));
      await fetch(`${season}/${event?.id}`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sellStart: "2031-01-10T10:00:00.000Z" }),
      });
      const said = await readFile(join(dataDir, "said.txt"), "utf8");
      const [, notices = ""] = /Notifications +played +(\S+)\/notices/.exec(said) ?? [];
      const areTold = async () => {
        const answer = await fetch(`${notices}/sandbox/received`);
        const received = (await answer.json()) as { by: string }[];
        const told = received.filter((one) => JSON.stringify(one).includes(LAUNCH_MOVED));
        return new Set(told.map(({ by }) => by)).size === 3;
      };
      await until(areTold, { withinMs: 60_000, what: "each channel was told of the launch" });
    },
    /** What `doctor` says of it. */
    async doctor() {
      const command = [process.execPath, "src/main.ts", "doctor", "--dev"];
      const child = Bun.spawn(command, { env: environment, stdout: "pipe" });
      const said = await new Response(child.stdout).text();
      expect({ said, code: await child.exited }).toEqual({ said, code: 0 });
      return said;
    },
    /** The stand-ins as well, in the moment that this process dies. */
    async killSandbox() {
      const pid = Number(await readFile(join(dataDir, "sandbox.pid"), "utf8").catch(() => ""));
      if (pid) process.kill(pid, "SIGKILL");
    },
  };
}

/** One that PostgreSQL's own user can enter, where root runs the tests. */
async function temporaryFolder(name: string) {
  const folder = await mkdtemp(join(tmpdir(), `vivenu-event-monitor-${name}-`));
  await chmod(folder, 0o755);
  return folder;
}

/** Two seasons of one seed differ in when they were made, and so in the hours of sales; in nothing else. */
function withoutMoments({ pace, ...row }: Record<string, unknown>) {
  const kept = Object.entries(row).filter(([name]) => !/Date|Updated|countedAt|status/.test(name));
  // The cast: ticket types have none.
  const { unknown, usualUnknown } = (pace ?? {}) as Partial<Pace>;
  const soldLately = soldLatelyIn(pace);
  return { ...Object.fromEntries(kept), soldLately, unknown, usualUnknown };
}

/** In the last fourteen days, whichever hours of them. */
function soldLatelyIn(pace: unknown): number {
  // The cast: ticket types have none.
  const { hourSoFar, last7Days, previous7Days } = (pace ?? {}) as Partial<Pace>;
  return (hourSoFar ?? 0) + (last7Days ?? 0) + (previous7Days ?? 0);
}

async function stopped(
  child: ReturnType<ReturnType<typeof home>["start"]>,
  signal: "SIGINT" | "SIGHUP" = "SIGINT",
) {
  child.kill(signal);
  return child.exited;
}

test("killed at any moment and started again, it ends with the rows of an undisturbed run", async () => {
  const [calm, rough] = await Promise.all(["calm", "rough"].map(temporaryFolder));
  const undisturbed = home(calm ?? "");
  const disturbed = home(rough ?? "");
  try {
    const first = undisturbed.start();
    await undisturbed.settled();
    expect(await undisturbed.doctor()).toContain("nothing to mend");
    const expected = await undisturbed.rows();
    expect(expected.length).toBeGreaterThan(50);
    await undisturbed.tells();
    // As a terminal that is closed ends it.
    expect(await stopped(first, "SIGHUP")).toBe(0);

    const killedAfterMs = [3_000, 1_600, 2_400, 3_600].entries();
    for (const [index, ms] of [...killedAfterMs].filter(([index]) => isTurn(index, 4))) {
      const child = disturbed.start();
      await Bun.sleep(ms);
      child.kill("SIGKILL");
      await child.exited;
      // Every other time nothing of it is left but PostgreSQL, which the next start adopts.
      if (index % 2 === 1) await disturbed.killSandbox();
    }
    const last = disturbed.start();
    await disturbed.settled();
    expect(await disturbed.rows()).toEqual(expected);
    expect(await stopped(last)).toBe(0);
  } finally {
    await Promise.all([undisturbed.end(), disturbed.end()]);
    await Promise.all([calm, rough].map((folder) => rm(folder ?? "", { recursive: true })));
  }
});

test("all ports that are taken are named together, before anything is made", async () => {
  const fetch = () => new Response();
  const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  const dataDir = await temporaryFolder("taken");
  try {
    const base = freePorts();
    using other = Bun.serve({ port: base + 1, hostname: "127.0.0.1", fetch });
    const child = Bun.spawn([process.execPath, "src/main.ts", "dev"], {
      env: {
        PATH: process.env.PATH ?? "",
        PORT: String(taken.port),
        SANDBOX_PORT: String(base),
        SANDBOX_SEASON: "small",
        DATA_DIR: dataDir,
      },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const said = await new Response(child.stderr).text();
    expect(await child.exited).toBe(1);
    expect(said).toBe(
      `PORT: port ${taken.port} is taken; set another; SANDBOX_PORT: port ${other.port} is taken; set another\n`,
    );
    expect(await readdir(dataDir)).toEqual([".written"]);
  } finally {
    await taken.stop(true);
    await rm(dataDir, { recursive: true });
  }
});

test.each(["serve", "poll"])("%s names everything that is missing, at once", async (command) => {
  const child = Bun.spawn([process.execPath, PROGRAM, command], {
    env: inherited(),
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  expect(await child.exited).toBe(78);
  for (const name of ["DATABASE_URL", "BACKEND_API_KEY", "FLOWCORE_API_KEY", "DACH_API"])
    expect(said).toContain(name);
});

test.each(["serve", "poll", "migrate", "dev"])("%s --help says what it does", async (command) => {
  const child = Bun.spawn([process.execPath, PROGRAM, command, "--help"], {
    env: inherited(),
    stdout: "pipe",
  });
  expect(await new Response(child.stdout).text()).toContain(`vivenu-event-monitor ${command}`);
  expect(await child.exited).toBe(0);
});

test("what `npm run build` makes migrates an empty database", async () => {
  await using database = await emptyDatabase();
  const build = Bun.spawn([process.execPath, "scripts/build.ts"], { stdout: "ignore" });
  expect(await build.exited).toBe(0);
  const migrate = Bun.spawn([process.execPath, "dist/main.js", "migrate"], {
    env: { PATH: process.env.PATH ?? "", DATABASE_URL: database.url },
    stdout: "pipe",
  });
  expect(await new Response(migrate.stdout).json()).toEqual({
    applied: expect.arrayContaining(["0001_datacore.sql"]),
  });
  expect(await migrate.exited).toBe(0);
});
