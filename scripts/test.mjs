/**
 * `npm test`: type check, lint and all tests, after `setup`. Arguments go to `bun test`. The last line
 * is `N passed, N failed`: the tests as Bun counted them, and each failed check as one more failure.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promtool } from "./promtool.mjs";
import { root, setup } from "./setup.mjs";

/** These mostly wait, for locks of dead and frozen processes to end: they run beside the others. */
const WAITING = "test/failover";

const bun = setup();
const found = promtool();
const env = { ...process.env, ...(found && { PROMTOOL: found }) };
const folder = mkdtempSync(join(tmpdir(), "vivenu-event-monitor-report-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const only = process.argv.slice(2);
const checks = [
  await run("type check", ["x", "tsc", "--noEmit"]),
  await run("lint", ["x", "biome", "ci"]),
];
const runs =
  only.length > 0
    ? [tests("tests", only)]
    : [
        tests("tests", [`--path-ignore-patterns=${WAITING}/**`]),
        tests(`tests, ${WAITING}`, [`./${WAITING}/`], { isAside: true }),
      ];
const results = [...checks, ...(await Promise.all(runs))];
const sum = (of) => results.reduce((total, result) => total + of(result), 0);
const failed = sum((result) => result.failed);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`\n${sum((result) => result.passed)} passed, ${failed} failed\n`);

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
  const ended = await run(title, ["test", "--timeout=30000", ...reporting, ...args], options);
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
