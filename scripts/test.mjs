/**
 * `npm test`: type check, lint and the tests that need nothing or PostgreSQL, after `setup`. `--all` runs those
 * that start processes as well, `--verify` only what needs nothing; other arguments go to `bun test`. What failed
 * is said once more at the end. The last line is `N passed, N failed`: the tests as Bun counted them, and each
 * failed check as one more failure.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { getPriority, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { needsPromtool, promtool } from "./promtool.mjs";
import { seedOfRun } from "./seed.mjs";
import { root, setup } from "./setup.mjs";

/**
 * Tests that start processes wait for most of their time, the others compute or wait for PostgreSQL: the
 * two kinds run beside each other, so many files at a time of each.
 */
const AT_A_TIME = { computing: 2, waiting: 4, quietly: 2, strictly: 1 };

/**
 * Who computes has what is left by those who wait for something that should come in its time: its
 * processes, and a PostgreSQL of its own, stand behind all others.
 */
const NICE_OF_COMPUTING = 19;

/** These hold moments of the product to their limits in passing, beside nobody but each other and who computes. */
const QUIETLY = [
  "src/service/status/failing.db.test.ts",
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

/** These hold it to what it promises, without patience: at the end. */
const STRICTLY = [
  "test/main-job.db.test.ts",
  "test/failover/held-up.e2e.test.ts",
  "test/failover/replicas.e2e.test.ts",
];

/** Says how much longer is waited beside others, where everything takes longer, before something counts as missing. */
const PATIENCE_VARIABLE = "VIVENU_EVENT_MONITOR_TEST_PATIENCE";

/** Says to tests where the program is that the run has built: `test/support/program.ts`. */
const PROGRAM_VARIABLE = "VIVENU_EVENT_MONITOR_TEST_PROGRAM";

/**
 * Bun's allocator gives memory back to the system a second after it was used: a thread of its own does nothing
 * else, and what is used again faults page by page. Of tests that compute it took a third of the CPU.
 */
const MEMORY_IS_KEPT = { MIMALLOC_PURGE_DELAY: "-1" };

/**
 * What computes runs for half a minute or some minutes: of that, code that is compiled once more for long runs (by
 * JavaScriptCore's last compiler) costs more than it saves, a sixth of the CPU of what needs nothing and a tenth of the
 * rest.
 */
const LAST_COMPILER_IS_OFF = { BUN_JSC_useFTLJIT: "0" };

/** Folders and files that start no process, and wait all the same, or for what has a limit. */
const WAITING = [
  ...["test/failover/", "test/missing-type.db.test.ts"],
  ...["src/database/", "src/projections/rebuild/"],
  // Not `status`, which computes.
  ...["acts", "http", "loops", "processes", "reads"].map((part) => `src/service/${part}/`),
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

const asked = process.argv.slice(2);
const bun = setup();
const found = needsPromtool(asked) ? promtool() : undefined;
const seed = String(seedOfRun());
const env = {
  ...{ ...process.env, ...MEMORY_IS_KEPT, PROPERTY_SEED: seed },
  ...(found && { PROMTOOL: found }),
};
const folder = mkdtempSync(join(tmpdir(), "vivenu-event-monitor-report-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const results = await resultsOf(asked);
for (const { title, from, to } of results)
  process.stdout.write(`\n> ${title}: from ${from.toFixed(0)} to ${to.toFixed(0)} s`);
process.stdout.write("\n");
const sum = (of) => results.reduce((total, result) => total + of(result), 0);
const failed = sum((result) => result.failed);
for (const { title, failures } of results)
  for (const said of failures) process.stdout.write(`\n> failed, of ${title}:\n${said}\n`);
if (failed > 0)
  process.stdout.write(`\n> chance had the seed of this run: PROPERTY_SEED=${seed}\n`);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`\n${sum((result) => result.passed)} passed, ${failed} failed\n`);

function resultsOf([first, ...others]) {
  if (first === undefined) return inLevels({ processes: false });
  if (first === "--all" && others.length === 0) return inLevels({ processes: true });
  if (first === "--verify" && others.length === 0) return verify();
  return some([first, ...others]);
}

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

function nothing({ env: more = {}, ...options } = {}) {
  const args = inOneProcess(filesOf("nothing"), AT_A_TIME.computing);
  const env = { ...more, ...LAST_COMPILER_IS_OFF };
  return tests("tests that need nothing", args, { ...options, env });
}

/** It starts the PostgreSQL that they need by itself. */
async function some(args) {
  return [await tests("tests", args)];
}

async function inLevels({ processes }) {
  const [ours, theirs] = await Promise.all([
    startPostgres(),
    startPostgres({ nice: NICE_OF_COMPUTING }),
    processes && buildProgram(),
  ]);
  try {
    const [beside, computed, inTime] = await Promise.all([
      Promise.all(checks()),
      compute(theirs),
      inTheirTime({ ...ours, processes }),
    ]);
    return [...beside, ...computed, ...inTime];
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

/** What takes as long as it takes. */
async function compute({ env }) {
  const files = filesOf("postgres").filter((path) => !waits(path));
  const options = {
    env: { ...env, ...LAST_COMPILER_IS_OFF, [PATIENCE_VARIABLE]: "4" },
    nice: NICE_OF_COMPUTING,
  };
  const args = inOneProcess(files, AT_A_TIME.computing);
  return [await tests("tests that compute", args, options), await nothing(options)];
}

/** What waits for something that should come in its time, the more exactly the later. */
async function inTheirTime({ env, processes }) {
  const patience = (times) => ({ env: { ...env, [PATIENCE_VARIABLE]: times }, isAside: true });
  const files = [...(processes ? filesOf("processes") : []), ...filesOf("postgres").filter(waits)];
  const apart = (paths) =>
    asPaths(paths.filter((path) => processes || levelOf(path) === "postgres"));
  const waiting = inOneProcess(files, AT_A_TIME.waiting);
  const quietly = [`--parallel=${AT_A_TIME.quietly}`, ...TIMES, ...apart(QUIETLY)];
  const strictly = [`--parallel=${AT_A_TIME.strictly}`, ...TIMES, ...apart(STRICTLY)];
  return [
    await tests("tests that wait", waiting, patience("4")),
    await tests("tests of moments", quietly, patience("2")),
    await tests("tests of promises", strictly, patience("1")),
  ];
}

function waits(path) {
  return WAITING.some((start) => path.startsWith(`./${start}`));
}

/** With a point in front a path names one file, without it every file whose path contains it. */
function asPaths(files) {
  return files.map((path) => `./${path}`);
}

/** The name of a test's file says what it needs; `test/levels.test.ts` holds that it does. */
function levelOf(path) {
  if (path.endsWith(".e2e.test.ts")) return "processes";
  return path.endsWith(".db.test.ts") ? "postgres" : "nothing";
}

function filesOf(level) {
  const apart = new Set([...QUIETLY, ...STRICTLY]);
  return ["src", "sandbox", "scripts", "test"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((path) => `${folder}/${path}`),
    )
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".test.ts") && !apart.has(path))
    .filter((path) => levelOf(path) === level)
    .map((path) => `./${path}`);
}

/** Its `env` says to processes of the run where it is. It ends when its input does. */
async function startPostgres({ nice = 0 } = {}) {
  const child = spawn(bun, [join("test", "support", "serve-postgres.ts")], {
    ...{ cwd: root, env, stdio: ["pipe", "pipe", "inherit"] },
  });
  standBehind(child, nice);
  const ended = once(child, "close");
  let said = "";
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    said += part;
    if (said.includes("\n")) break;
  }
  if (!said.includes("\n")) throw new Error("PostgreSQL did not start: nothing was tested.");
  return {
    env: { VIVENU_EVENT_MONITOR_TEST_POSTGRES: said.trim() },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Processes of the service that tests start are those of the image: they start in half the time. */
async function buildProgram() {
  const program = join(folder, "program");
  const child = spawn(bun, [join("scripts", "build.ts"), program], {
    ...{ cwd: root, env, stdio: ["ignore", "ignore", "inherit"] },
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error("The program could not be built: nothing was tested.");
  env[PROGRAM_VARIABLE] = join(program, "main.js");
}

function secondsHere() {
  return performance.now() / 1_000;
}

/** Whether it ended well, and when it ran; what runs aside is printed when it has ended. */
async function run(title, args, { isAside = false, nice = 0, env: more = {} } = {}) {
  const head = `\n> ${title}\n`;
  if (!isAside) process.stdout.write(head);
  const from = secondsHere();
  const child = spawn(bun, args, {
    ...{ cwd: root, env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] },
    detached: true,
  });
  running.add(child);
  standBehind(child, nice);
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
  const took = { title, from, to: secondsHere() };
  return { ...took, passed: 0, failed: isWell ? 0 : 1, failures: isWell ? [] : failuresIn(output) };
}

/** What it starts stands there as well. */
function standBehind({ pid }, nice) {
  if (pid && nice > 0) setPriority(pid, Math.min(getPriority() + nice, 19));
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
  const ended = await run(title, ["test", "--timeout=600000", ...reporting, ...args], options);
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
