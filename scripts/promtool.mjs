/**
 * Where `promtool` is, which the alert rules are tested with: on PATH, or taken out of Debian's package
 * `prometheus`, which is neither installed nor started. Needs no root and touches nothing of the
 * system's; where it cannot be had, one line says why, and the tests that need it are skipped.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { root } from "./setup.mjs";

const LIMIT_MS = 90_000;
const cache = join(root, "node_modules", ".cache", "promtool");
const kept = join(cache, "promtool");

/** The only test that needs it. */
const ALERTS = "test/deploy/monitoring.e2e.test.ts";

/** Whether a run of tests with these arguments comes to the alert rules: all tests do, and what names no path. */
export function needsPromtool(asked) {
  if (asked.length === 0 || asked[0] === "--verify") return false;
  const paths = asked.filter((word) => existsSync(join(root, word)));
  const isUnder = (path) => ALERTS.startsWith(relative(root, resolve(root, path)));
  return paths.length === 0 || paths.some(isUnder);
}

const runs = (program, ...args) => spawnSync(program, args, { stdio: "ignore" }).status === 0;

/** Its path; undefined, and a word on standard error, where it cannot be had. */
export function promtool() {
  for (const path of ["promtool", kept]) if (runs(path, "--version")) return path;
  const why = ["apt-get", "dpkg-deb"].every((tool) => runs(tool, "--version"))
    ? fetchPromtool()
    : "this machine has no apt";
  if (why === undefined) return kept;
  process.stderr.write(`promtool: ${why}; the tests of the alert rules are skipped\n`);
  return undefined;
}

/** Undefined when it is there now, else why it is not. */
function fetchPromtool() {
  process.stderr.write("promtool: fetching it from Debian's package prometheus\n");
  mkdirSync(cache, { recursive: true });
  // A folder of its own: another run may be at it as well.
  const folder = mkdtempSync(join(cache, "fetch-"));
  const until = Date.now() + LIMIT_MS;
  const run = (program, ...args) => {
    const timeout = Math.max(1, until - Date.now());
    const { status, error } = spawnSync(program, args, { cwd: folder, timeout, stdio: "ignore" });
    return status === 0 && error === undefined;
  };
  const apt = (...args) => run("apt-get", ...options, ...args);
  try {
    const isThere = apt("download", "prometheus") || downloadByOwnLists(folder, apt);
    const [deb] = readdirSync(folder).filter((name) => name.endsWith(".deb"));
    if (!isThere || !deb)
      return Date.now() < until
        ? "apt cannot get the package prometheus"
        : `apt did not get the package prometheus within ${LIMIT_MS / 1_000} s`;
    const unpacked = join(folder, "usr", "bin", "promtool");
    if (!run("dpkg-deb", "--extract", deb, ".") || !existsSync(unpacked))
      return "the package prometheus has no promtool";
    renameSync(unpacked, kept);
    return runs(kept, "--version") ? undefined : "the package's promtool does not run here";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As root apt would give up its rights, and then could not write where the test may. */
const asRoot = process.getuid?.() === 0 ? ["-o", "APT::Sandbox::User=root"] : [];
const options = [...asRoot, "-o", "Acquire::http::Timeout=15", "-o", "Acquire::Languages=none"];

/** A fresh machine has no lists of packages, and only root may fetch the system's. */
function downloadByOwnLists(folder, apt) {
  for (const path of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(folder, path), { recursive: true });
  const own = ["lists", "cache"].map((name) => join(folder, name));
  const places = ["-o", `Dir::State::Lists=${own[0]}`, "-o", `Dir::Cache=${own[1]}`];
  // A hook of the system's that may fail without root is no reason to give up.
  apt(...places, "update");
  return apt(...places, "download", "prometheus");
}
