/**
 * `npm test`: type check, lint and all tests, after `setup`. Arguments go to `bun test`; `--verify` leaves
 * out what needs PostgreSQL or processes. What failed is said once more at the end. The last line is
 * `N passed, N failed`: the tests as Bun counted them, and each failed check as one more failure.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { getPriority, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { promtool } from "./promtool.mjs";
import { seedOfRun } from "./seed.mjs";
import { root, setup } from "./setup.mjs";

/**
 * Tests that start processes wait for most of their time, the others compute or wait for PostgreSQL: the
 * two kinds run beside each other, so many files at a time of each.
 */
const AT_A_TIME = { computing: 2, waiting: 2 };

/** Who computes gives way to who waits for something that should come in its time. */
const NICE_OF_COMPUTING = 5;

/** These hold moments of the product to their limits in passing: two at a time, when nobody computes any more. */
const QUIETLY = [
  "src/commands/failing.db.test.ts",
  "src/database/false-silence.db.test.ts",
  "src/database/lease.db.test.ts",
  "src/database/silence.db.test.ts",
  "src/datacore/flowcore.db.test.ts",
  "src/intake/events/failing-events.db.test.ts",
  "src/intake/webhooks/body.db.test.ts",
  "src/intake/webhooks/failing-deliveries.db.test.ts",
  "src/intake/webhooks/receive.db.test.ts",
  "src/projections/consumer/failing-facts.db.test.ts",
  "test/browser/docs.e2e.test.ts",
  "test/browser/pages.e2e.test.ts",
  "test/failover/outage.db.test.ts",
  "test/failover/told.db.test.ts",
  "test/failover/webhooks-first.db.test.ts",
  "test/strangers/memory.e2e.test.ts",
];

/** These measure how quick the service is, which others would disturb: one after the other, at the end. */
const ALONE = [
  "test/main-job.db.test.ts",
  "test/failover/held-up.e2e.test.ts",
  "test/failover/replicas.e2e.test.ts",
];

/** Beside others everything takes longer: so many times as long is waited before something counts as missing. */
const PATIENCE_BESIDE_OTHERS = "4";
const PATIENCE_VARIABLE = "VIVENU_EVENT_MONITOR_TEST_PATIENCE";

/** Folders and files that start no process, and wait all the same, or for what has a limit. */
const WAITING = [
  ...["test/failover/", "test/missing-type.db.test.ts"],
  ...["src/database/", "src/service/", "src/projections/rebuild/"],
];

/** How long files take, roughly: what is not in it starts first, and then the slowest. */
const TIMES = existsSync(join(root, "test", "times.json")) ? ["--timings=test/times.json"] : [];

/** Tests that are told to stop put away what they started. */
const STOP_MS = 3_000;

/** So many lines of what a failed test said are repeated at the end. */
const LINES_REPEATED = 60;

/** What runs at the moment, each with all that it starts in a process group of its own. */
const running = new Set();
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
  process.once(signal, () => {
    for (const child of running) endGroup(child, "SIGTERM");
    setTimeout(() => {
      for (const child of running) endGroup(child, "SIGKILL");
      process.exit(code);
    }, STOP_MS);
  });

const bun = setup();
const found = promtool();
const seed = String(seedOfRun());
const env = { ...process.env, ...(found && { PROMTOOL: found }), PROPERTY_SEED: seed };
const folder = mkdtempSync(join(tmpdir(), "vivenu-event-monitor-report-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const asked = process.argv.slice(2);
const isVerify = asked[0] === "--verify";
const results = await (isVerify ? verify() : asked.length > 0 ? some(asked) : everything());
const sum = (of) => results.reduce((total, result) => total + of(result), 0);
const failed = sum((result) => result.failed);
for (const { title, failures } of results)
  for (const said of failures) process.stdout.write(`\n> failed, of ${title}:\n${said}\n`);
if (failed > 0)
  process.stdout.write(`\n> chance had the seed of this run: PROPERTY_SEED=${seed}\n`);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`\n${sum((result) => result.passed)} passed, ${failed} failed\n`);

function checks() {
  return [
    // By default it checks with several threads, each of which works out most types for itself.
    run("type check", ["x", "tsc", "--noEmit", "--singleThreaded"], { isAside: true }),
    run(
      "type check of what browsers run",
      ["x", "tsc", "--noEmit", "--singleThreaded", "-p", "src/page/client"],
      { isAside: true },
    ),
    run("lint", ["x", "biome", "ci"], { isAside: true }),
  ];
}

/** What needs neither PostgreSQL nor processes. */
function verify() {
  return Promise.all([...checks(), nothing()]);
}

/** Files that leave nothing behind in their process share what they import: a third of their time. */
function inOneProcess(files, atATime) {
  return ["--no-isolate", `--parallel=${atATime}`, ...TIMES, ...files];
}

function nothing() {
  return tests("tests that need nothing", inOneProcess(filesOf("nothing"), AT_A_TIME.computing));
}

/** It starts the PostgreSQL that they need by itself. */
async function some(args) {
  return [await tests("tests", args)];
}

async function everything() {
  env[PATIENCE_VARIABLE] = PATIENCE_BESIDE_OTHERS;
  const postgres = await startPostgres();
  const needPostgres = filesOf("postgres");
  const waits = (path) => WAITING.some((start) => path.startsWith(`./${start}`));
  const waiting = [...filesOf("processes"), ...needPostgres.filter(waits)];
  const computing = needPostgres.filter((path) => !waits(path));
  try {
    const beside = await Promise.all([
      ...checks(),
      tests("tests that wait", inOneProcess(waiting, AT_A_TIME.waiting), { isAside: true }),
      tests("tests that compute", inOneProcess(computing, AT_A_TIME.computing), {
        nice: NICE_OF_COMPUTING,
      }).then(async (counts) => [counts, await nothing()]),
    ]);
    env[PATIENCE_VARIABLE] = "2";
    const apart = [`--parallel=${AT_A_TIME.waiting}`, ...TIMES, ...asPaths(QUIETLY)];
    const quietly = await tests("tests of moments", apart);
    env[PATIENCE_VARIABLE] = "1";
    const alone = await tests("tests, one file after the other", asPaths(ALONE));
    return [...beside.flat(), quietly, alone];
  } finally {
    await postgres.stop();
  }
}

/** With a point in front a path names one file, without it every file whose path contains it. */
function asPaths(files) {
  return files.map((path) => `./${path}`);
}

/** The name of a test's file says what it needs; `test/levels.test.ts` holds that it does. */
function filesOf(level) {
  const apart = new Set([...QUIETLY, ...ALONE]);
  const ends = { nothing: "", postgres: ".db", processes: ".e2e" };
  return ["src", "sandbox", "scripts", "test"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((path) => `${folder}/${path}`),
    )
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".test.ts") && !apart.has(path))
    .filter((path) => (/\.(db|e2e)\.test\.ts$/.exec(path)?.[1] ?? "") === ends[level].slice(1))
    .map((path) => `./${path}`);
}

/** One for all processes of the run, which find it by their environment. It ends when its input does. */
async function startPostgres() {
  const child = spawn(bun, [join("test", "support", "serve-postgres.ts")], {
    ...{ cwd: root, env, stdio: ["pipe", "pipe", "inherit"] },
  });
  const ended = once(child, "close");
  let said = "";
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    said += part;
    if (said.includes("\n")) break;
  }
  if (!said.includes("\n")) throw new Error("PostgreSQL did not start: nothing was tested.");
  env.VIVENU_EVENT_MONITOR_TEST_POSTGRES = said.trim();
  return {
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Whether it ended well; what runs aside is printed when it has ended. */
async function run(title, args, { isAside = false, nice = 0 } = {}) {
  const head = `\n> ${title}\n`;
  if (!isAside) process.stdout.write(head);
  const child = spawn(bun, args, {
    ...{ cwd: root, env, stdio: ["ignore", "pipe", "pipe"] },
    detached: true,
  });
  running.add(child);
  if (child.pid && nice > 0) setPriority(child.pid, Math.min(getPriority() + nice, 19));
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part) => {
      said.push(part);
      if (!isAside) process.stdout.write(part);
    });
  }
  const isWell = await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
  running.delete(child);
  const output = Buffer.concat(said).toString();
  if (isAside) process.stdout.write(`${head}${output}`);
  return { title, passed: 0, failed: isWell ? 0 : 1, failures: isWell ? [] : failuresIn(output) };
}

function endGroup({ pid }, signal) {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

/** What was said of each failed test, or the end of all that was said where no test failed. */
function failuresIn(output) {
  // Where files ran beside each other, those that failed are listed at the end.
  const [run] = output.split(/^\d+ tests? failed:$/m);
  const ends = run.split(/^(?=\((?:pass|fail)\))/m);
  const failures = ends.flatMap((part, index) => {
    if (!part.startsWith("(fail)")) return [];
    const before = ends[index - 1]?.split("\n").slice(1) ?? [];
    return [[...before.slice(-LINES_REPEATED), part.split("\n", 1)[0]].join("\n").trim()];
  });
  return failures.length > 0 ? failures : [output.split("\n").slice(-LINES_REPEATED).join("\n")];
}

async function tests(title, args, options) {
  const report = join(folder, `${title.replace(/\W/g, "-")}.xml`);
  const reporting = ["--reporter=junit", `--reporter-outfile=${report}`];
  const ended = await run(title, ["test", "--timeout=300000", ...reporting, ...args], options);
  const counts = countTests(report);
  // A run that ended badly without a failed test failed all the same.
  return { ...ended, ...counts, failed: Math.max(counts.failed, ended.failed) };
}

function countTests(report) {
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  const total = /<testsuites [^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(total)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return { passed: number("tests") - failed - number("skipped"), failed };
}
