/**
 * `npm test`: type check, lint and all tests, after `setup`. Arguments go to `bun test`. The last line
 * is `N passed, N failed`: the tests as Bun counted them, and each failed check as one more failure.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promtool } from "./promtool.mjs";
import { root, setup } from "./setup.mjs";

const bun = setup();
const found = promtool();
const env = { ...process.env, ...(found && { PROMTOOL: found }) };
const run = (title, args) => {
  process.stdout.write(`\n> ${title}\n`);
  const { status } = spawnSync(bun, args, { cwd: root, env, stdio: "inherit" });
  return status === 0;
};

const folder = mkdtempSync(join(tmpdir(), "vivenu-event-monitor-report-"));
const report = join(folder, "junit.xml");
try {
  const checks = [run("type check", ["x", "tsc", "--noEmit"]), run("lint", ["x", "biome", "ci"])];
  const only = process.argv.slice(2);
  const reporting = ["--reporter=junit", `--reporter-outfile=${report}`];
  const passed = run("tests", ["test", "--timeout=30000", ...reporting, ...only]);
  const counts = countTests();
  // A run that ended badly without a failed test failed all the same.
  const unseen = !passed && counts.failed === 0 ? 1 : 0;
  const failed = counts.failed + unseen + checks.filter((check) => !check).length;
  process.exitCode = failed === 0 ? 0 : 1;
  process.stdout.write(`\n${counts.passed} passed, ${failed} failed\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function countTests() {
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  const total = /<testsuites [^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(total)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return { passed: number("tests") - failed - number("skipped"), failed };
}
