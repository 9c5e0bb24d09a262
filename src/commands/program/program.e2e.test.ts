import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { unzipSync } from "fflate";
import { emptyDatabase } from "../../../test/support/database.ts";
import { inherited, PROGRAM } from "../../../test/support/program.ts";
import { raiseStage, type Stage } from "../../../test/support/stage.ts";
import { transactionPooler } from "../../../test/support/transaction-pooler.ts";
import type { ExitCode } from "../run/outcome.ts";
import { createProgram, runProgram } from "./program.ts";

const PUBLIC = ["--public-url", "https://monitor.example.com"];

/** What each command is told so that it has something to do; every command is here. */
const said: Record<string, string[]> = {
  serve: [],
  dev: [],
  poll: ["--region", "dach"],
  backfill: ["--region", "dach"],
  migrate: [],
  replay: ["--dry-run"],
  export: ["--format", "csv"],
  forecast: ["--backtest"],
  "set-aside list": [],
  "set-aside release": [],
  "set-aside drop": ["--all"],
  "set-aside acts": [],
  "set-aside retry": [],
  notify: [],
  doctor: PUBLIC,
  "datacore apply": [],
  "webhooks list": PUBLIC,
  "webhooks sync": PUBLIC,
  "webhooks remove": PUBLIC,
  completions: ["bash"],
  "api-key": ["dashboard"],
};

const namesOf = ({ commands }: Command, before: string[] = []): string[] =>
  commands.flatMap((command) => {
    const words = [...before, command.name()];
    return command.commands.length > 0 ? namesOf(command, words) : words.join(" ");
  });

const nobody = {
  ...{ env: {}, json: false, stdout: process.stdout, stderr: process.stderr },
  stopSignal: () => new AbortController().signal,
  onEnd: () => {},
};

/** A port's owner that would let others have it as well, as Bun does unless it is told not to. */
const sharing = {
  ...{ port: 0, hostname: "127.0.0.1", development: false, reusePort: true },
  fetch: () => new Response(),
};

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
  folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-export-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await stage[Symbol.asyncDispose]();
});

/** Takes what a stream is given. */
function collected() {
  const texts: string[] = [];
  const stream = new PassThrough().on("data", (chunk) => texts.push(String(chunk)));
  // The cast: the program asks for no more of a stream than to be written to.
  return { stream: stream as unknown as NodeJS.WriteStream, read: () => texts.join("") };
}

const goingOn = () => new AbortController().signal;

async function call(words: string[], env: Record<string, string>, signal = goingOn()) {
  const [stdout, stderr] = [collected(), collected()];
  const stoodBehind: number[] = [];
  const code = await runProgram(words, {
    ...{ env, stdout: stdout.stream, stderr: stderr.stream },
    stopSignal: () => signal,
    // This process has other tests to run.
    giveWay: (nice) => void stoodBehind.push(nice),
  });
  return { code, out: stdout.read(), err: stderr.read(), stoodBehind };
}

const callJson = async (words: string[], env: Record<string, string>, signal = goingOn()) => {
  const { out, ...rest } = await call([...words, "--json"], env, signal);
  return { ...rest, document: JSON.parse(out) };
};

const regions = () => stage.vivenu.accounts.map(({ region }) => region);

test("every command is tried below", () => {
  expect(namesOf(createProgram(nobody)).sort()).toEqual(Object.keys(said).sort());
});

describe("--json", () => {
  /** It needs no environment, and its findings say what is wrong with it. */
  const speaksForItself = ["completions", "doctor", "api-key"];

  test.each(Object.keys(said).filter((name) => !speaksForItself.includes(name)))(
    "of %s in an unusable environment is one document that names what is wrong",
    async (name) => {
      // `dev` needs nothing, but mixes no played Vivenu with a real Flowcore.
      const env: Record<string, string> = name === "dev" ? { FLOWCORE_API_KEY: "fc_a_b" } : {};
      const { code, document } = await callJson([...name.split(" "), ...(said[name] ?? [])], env);
      expect(document).toEqual({
        error: {
          code: 78,
          kind: "configuration",
          message: expect.any(String),
          faults: expect.arrayContaining([expect.any(String)]),
        },
      });
      expect(code).toBe(78);
    },
  );

  test("of doctor in an unusable environment is its findings", async () => {
    const { code, document } = await callJson(["doctor"], {});
    expect(code).toBe(78);
    expect(document).toContainEqual(
      expect.objectContaining({
        check: "settings",
        state: "wrong",
        what: "DATABASE_URL is missing",
      }),
    );
  });

  test("of every command that ends is one document, and nothing else on standard output", async () => {
    const endless = ["serve", "dev"];
    // In this order: what one makes, the next one finds.
    for (const [name, words] of Object.entries(said)) {
      if (endless.includes(name)) continue;
      const more = name === "export" ? ["--folder", folder] : [];
      const { code, document, err } = await callJson(
        [...name.split(" "), ...words, ...more],
        stage.environment,
      );
      expect(document).not.toHaveProperty("error");
      // Nobody has made the listeners before, and a played Vivenu has none at that address.
      const isUnfinished = name === "doctor" || name === "webhooks list";
      expect({ name, code }).toEqual({ name, code: isUnfinished ? 1 : 0 });
      for (const line of err.split("\n").filter(Boolean))
        expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  test("a workbook goes to standard output as it is, from a machine that nobody may write to", async () => {
    const child = Bun.spawn([process.execPath, PROGRAM, "export", "--folder", "-"], {
      env: { ...inherited(), ...stage.environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const workbook = new Uint8Array(await new Response(child.stdout).arrayBuffer());
    expect(await child.exited).toBe(0);
    expect(Object.keys(unzipSync(workbook))).toContain("xl/workbook.xml");
    const csv = await call(["export", "--format", "csv", "--folder", "-"], stage.environment);
    expect(csv).toMatchObject({ code: 2, out: "", err: expect.stringContaining("xlsx") });
  });

  test("of serve is its log, line by line, and a port that is taken is an error in it", async () => {
    const taken = Bun.serve(sharing);
    const child = Bun.spawn([process.execPath, PROGRAM, "serve", "--json"], {
      env: { ...inherited(), ...stage.environment, PORT: String(taken.port) },
      stdout: "pipe",
    });
    const lines = (await new Response(child.stdout).text()).trimEnd().split("\n");
    const documents = lines.map((line) => JSON.parse(line));
    expect(documents.at(-1)).toEqual({
      error: { code: 1, kind: "unavailable", message: expect.stringContaining("set PORT") },
    });
    expect(await child.exited).toBe(1);
    await taken.stop(true);
  });
});

describe("the exit code", () => {
  test.each([
    [["polly"], "unknown command"],
    [["webhooks"], "no command is named"],
    [["webhooks", "list"], "--public-url"],
    [["webhooks", "list", "--public-url", "monitor.example.com"], "https://"],
    [["webhooks", "sync", "--public-url", "http://monitor.example.com"], "https://"],
    [["set-aside", "list", "--fact", "the-first"], "set-aside list"],
    [["set-aside", "list", "--id", "outbox-first"], "set-aside list"],
    [["set-aside", "drop"], "--id"],
    [["notify", "--test", "races"], "NOTIFICATIONS is not set"],
    [["set-aside", "acts", "--limit", "0"], "number"],
    [["export", "--folder", "/dev/null/export"], "--folder"],
    [["replay", "--from", "yesterday"], "20260301110000"],
    [["poll", "--region", "ATLANTIS"], "no account ATLANTIS"],
    [["completions", "tcsh"], "bash, zsh, fish"],
    [["migrate", "--dev"], "start `dev` first"],
  ])("of a wrong call is 2: %p", async (words, what) => {
    const env = { ...stage.environment, DATA_DIR: "/nowhere" };
    const { code, document } = await callJson(words, env);
    expect(document.error).toMatchObject({ code: 2, kind: "usage" });
    expect(document.error.message).toContain(what);
    expect(code).toBe(2);
    expect((await call(words, env)).code).toBe(2);
  });

  const badKey = "key_4c1f0b7d92e65a38d0b7f4621c9e85a3";

  test("of a poll is 78 where nothing but a key was refused, which no second try can mend", async () => {
    const [region = ""] = regions();
    const { code, document } = await callJson(["poll"], {
      ...stage.environment,
      [`${region}_API`]: badKey,
    });
    expect(code).toBe(78);
    const failed = document.accounts.filter(({ complete }: { complete: boolean }) => !complete);
    expect(failed).toMatchObject([{ account: region, failures: [{ kind: "key_refused" }] }]);
  });

  test("of a poll is 1 where something did not answer, whatever else was refused", async () => {
    await using silent = Object.assign(
      Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: ({ headers }) =>
          new Response("", { status: headers.get("authorization")?.includes(badKey) ? 401 : 500 }),
      }),
      { [Symbol.asyncDispose]: async () => void (await silent.stop(true)) },
    );
    const { code, document } = await callJson(["poll", "--region", "DACH", "--region", "FRANCE"], {
      ...stage.environment,
      DACH_API: badKey,
      VIVENU_BASE_URL: silent.url.origin,
    });
    const kinds = document.accounts.flatMap(({ failures }: { failures: { kind: string }[] }) =>
      failures.map(({ kind }) => kind),
    );
    expect([...new Set(kinds)].sort()).toEqual(["key_refused", "unavailable"]);
    expect(code).toBe(1);
  });

  const fromPostgres: [string, string, ExitCode][] = [
    ["a user that PostgreSQL refuses", "user", 78],
    ["a database that is not there", "path", 78],
    ["a PostgreSQL that does not answer", "port", 1],
    ["a host of PostgreSQL that nobody knows", "hostname", 1],
  ];
  test.each(fromPostgres)("of %s", async (_, part, expected) => {
    const url = new URL(stage.environment.DATABASE_URL ?? "");
    if (part === "user") url.username = "nobody-of-this-name";
    if (part === "path") url.pathname = "/no_database_of_this_name";
    if (part === "port") url.port = "1";
    if (part === "hostname") url.hostname = "postgresql.invalid";
    const { code, document } = await callJson(["migrate"], { DATABASE_URL: url.href });
    expect(document.error.code).toBe(expected);
    expect(document.error.message).toContain("DATABASE_URL");
    expect(code).toBe(expected);
  });

  const onRows = ["poll", "backfill", "replay", "export"];
  test.each([
    ...onRows.map((name) => [name]),
    ...["list", "retry", "release", "acts"].map((name) => ["set-aside", name]),
    ["set-aside", "drop", "--all"],
  ])(
    "of %p %p %p on a database that is not migrated is 1, and it says what to do",
    async (...words) => {
      await using empty = await emptyDatabase();
      const { code, document } = await callJson(words, {
        ...stage.environment,
        DATABASE_URL: empty.url,
      });
      expect(document.error).toMatchObject({ code: 1, kind: "unavailable" });
      expect(document.error.message).toContain("run `migrate`");
      expect(code).toBe(1);
    },
  );

  test.each(["poll", "backfill", "replay"])("of %s is 1 when it is stopped", async (name) => {
    const { code, document } = await callJson([name], stage.environment, AbortSignal.abort());
    expect(document.error).toMatchObject({ code: 1, kind: "stopped" });
    expect(code).toBe(1);
  });

  test.each([
    ["poll", []],
    ["replay", [10]],
  ])("of %s comes from a process that stands so far behind others: %p", async (name, nices) => {
    const { stoodBehind } = await call([name], stage.environment, AbortSignal.abort());
    expect(stoodBehind).toEqual(nices);
  });

  test("of serve is 78 where HOST is no address of this machine, and PostgreSQL is not blamed for it", async () => {
    for (const HOST of ["no such host", "192.0.2.1"]) {
      const env = { ...stage.environment, HOST, PORT: "0" };
      const { code, document } = await callJson(["serve"], env);
      expect(document.error).toMatchObject({ code: 78, kind: "refused" });
      expect(document.error.message).toContain(`HOST ${HOST}`);
      expect(document.error.message).not.toContain("PostgreSQL");
      expect(code).toBe(78);
    }
  });

  test("of serve is 1 where the metrics' port is taken, and it is named", async () => {
    await using taken = Object.assign(Bun.serve(sharing), {
      [Symbol.asyncDispose]: async () => void (await taken.stop(true)),
    });
    const { code, document } = await callJson(["serve"], {
      ...stage.environment,
      ...{ HOST: "127.0.0.1", PORT: "0", METRICS_PORT: String(taken.port) },
    });
    expect(document.error).toMatchObject({ code: 1, kind: "unavailable" });
    expect(document.error.message).toContain("METRICS_PORT");
    expect(code).toBe(1);
  });

  test("of serve is 78 where a pooler lends its sessions for a transaction, and what is needed is said", async () => {
    using pooler = await transactionPooler(stage.environment.DATABASE_URL ?? "");
    const env = { ...stage.environment, DATABASE_URL: pooler.url };
    const { code, document } = await callJson(["serve"], env);
    expect(document.error).toMatchObject({ code: 78, kind: "refused" });
    expect(document.error.message).toContain("in session mode");
    expect(code).toBe(78);
  });

  test("of datacore apply with a key that Flowcore refuses is 78", async () => {
    const env = { ...stage.environment, FLOWCORE_API_KEY: "fc_other_key" };
    const { code, document } = await callJson(["datacore", "apply"], env);
    expect(document.error).toMatchObject({ code: 78, kind: "refused" });
    expect(code).toBe(78);
  });

  test("of webhooks is 78 where keys are refused or missing", async () => {
    const words = ["webhooks", "list", ...PUBLIC];
    const env: Record<string, string> = { ...stage.environment };
    for (const region of regions()) env[`${region}_API`] = `${badKey}_${region}`;
    expect((await call(words, env)).code).toBe(78);
  });
});

test("without --json a fault is words on standard error", async () => {
  const { out, err, code } = await call(["migrate"], {});
  expect(out).toBe("");
  expect(err).toContain("DATABASE_URL is missing");
  expect(err).not.toContain("{");
  expect(code).toBe(78);
});
