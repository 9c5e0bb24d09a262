/**
 * `npm test`: type check, lint and all tests, after `setup`. Arguments go to `bun test`. The last line
 * is `N passed, N failed`: the tests as Bun counted them, and each failed check as one more failure.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promtool } from "./promtool.mjs";
import { root, setup } from "./setup.mjs";

/** Most tests wait, for PostgreSQL or for a clock: more files at a time than there are cores. */
const AT_A_TIME = 3;

/** These start many processes or measure what others would disturb: one after the other. */
const ALONE = [
  ...["test/crash.test.ts", "test/dev.test.ts", "test/main-job.test.ts"],
  ...["test/failover", "test/strangers"],
];

const bun = setup();
const found = promtool();
const env = { ...process.env, ...(found && { PROMTOOL: found }) };
const folder = mkdtempSync(join(tmpdir(), "vivenu-event-monitor-report-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const only = process.argv.slice(2);
const results = only.length > 0 ? [await tests("tests", only)] : await everything();
const sum = (of) => results.reduce((total, result) => total + of(result), 0);
const failed = sum((result) => result.failed);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`\n${sum((result) => result.passed)} passed, ${failed} failed\n`);

async function everything() {
  const postgres = await startPostgres();
  try {
    const checks = Promise.all([
      run("type check", ["x", "tsc", "--noEmit"], { isAside: true }),
      run("lint", ["x", "biome", "ci"], { isAside: true }),
    ]);
    const most = await tests("tests", [
      `--parallel=${AT_A_TIME}`,
      ...ALONE.map((path) => `--path-ignore-patterns=${path}${path.endsWith(".ts") ? "" : "/**"}`),
    ]);
    const alone = await tests(
      "tests, one file after the other",
      ALONE.map((path) => `./${path}${path.endsWith(".ts") ? "" : "/"}`),
    );
    return [...(await checks), most, alone];
  } finally {
    await postgres.stop();
  }
}

/** One for all processes of the run, which find it by their environment. It ends when its input does. */
async function startPostgres() {
  const child = spawn(bun, [join("test", "serve-postgres.ts")], {
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
async function run(title, args, { isAside = false } = {}) {
  const head = `\n> ${title}\n`;
  if (!isAside) process.stdout.write(head);
  const output = isAside ? "pipe" : "inherit";
  const child = spawn(bun, args, { cwd: root, env, stdio: ["ignore", output, output] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part) => said.push(part));
  const isWell = await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
  if (isAside) process.stdout.write(`${head}${Buffer.concat(said)}`);
  return { passed: 0, failed: isWell ? 0 : 1 };
}

async function tests(title, args, options) {
  const report = join(folder, `${title.replace(/\W/g, "-")}.xml`);
  const reporting = ["--reporter=junit", `--reporter-outfile=${report}`];
  const ended = await run(title, ["test", "--timeout=90000", ...reporting, ...args], options);
  const counts = countTests(report);
  // A run that ended badly without a failed test failed all the same.
  return { ...counts, failed: Math.max(counts.failed, ended.failed) };
}

function countTests(report) {
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  const total = /<testsuites [^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(total)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return { passed: number("tests") - failed - number("skipped"), failed };
}
