/**
 * Which tests should notice a change: those that run the line. Each test file is run once by itself with
 * coverage, and what it ran of a file is kept until that file or the test changes.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";
import type { Change } from "./change.ts";
import { runTests } from "./run-tests.ts";

/** Held by tests that start processes as well, whose lines nobody counts: they come last. */
const HELD_BY_PROCESSES: Record<string, string[]> = {
  "src/database/lease.ts": ["test/failover/held-up.e2e.test.ts"],
};

type Line = [line: number, ran: 0 | 1];

interface Ran {
  /** Of the test's file. */
  hash: string;
  tookMs: number;
  isWell: boolean;
  /** Of files of the product: lines with code, and whether they ran. */
  files: Record<string, { hash: string; lines: Line[] }>;
}

export interface TestFile {
  path: string;
  tookMs: number;
}

/** Who takes longer looks at the whole, and would take all the time that a change has. */
const MOST_MS = 40_000;
/** What a change's tests may take together on a quiet machine. */
const BUDGET_MS = 30_000;
const PROCESSES_MS = 60_000;
const COVERING_LIMIT_MS = 300_000;

const transpiler = new Bun.Transpiler({ loader: "ts" });

interface Surroundings {
  postgres: string;
  /** What is to be changed. */
  files: Set<string>;
  say: (line: string) => void;
  /** Nothing more is to be begun. */
  isOver: () => boolean;
  signal: AbortSignal;
}

/** Nothing, where there was no time to run all tests once. */
export async function testsByCoverage(
  root: string,
  folder: string,
  { postgres, files, say, isOver, signal }: Surroundings,
) {
  const kept = join(root, "node_modules", ".cache", "mutants-coverage.json");
  const known: Record<string, Ran> = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {};
  const times = timesIn(root);
  const imports = new Map<string, string[]>();
  const all = ["src", "test"].flatMap((under) =>
    (existsSync(join(root, under))
      ? [...new Glob(`${under}/**/*.test.ts`).scanSync(root)]
      : []
    ).filter((path) => !path.endsWith(".e2e.test.ts") && !((times[path] ?? 0) > MOST_MS)),
  );
  const tests: { path: string; ran: Ran; tookMs: number; near: Set<string> }[] = [];
  for (const path of all.sort()) {
    const reached = reachedFrom(root, path, imports);
    const meant = [...reached].filter((one) => files.has(one));
    if (meant.length === 0) continue;
    const hash = hashOf(root, path);
    let ran = known[path];
    if (ran?.hash !== hash || meant.some((one) => ran?.files[one]?.hash !== hashOf(root, one))) {
      if (isOver()) return undefined;
      ran = { hash, ...(await cover(root, folder, path, { postgres, reached, signal })) };
      if (signal.aborted) return undefined;
      say(`${path} took ${Math.round(ran.tookMs)} ms${ran.isWell ? "" : ", and FAILED unchanged"}`);
      known[path] = ran;
      mkdirSync(dirname(kept), { recursive: true });
      writeFileSync(kept, JSON.stringify(known));
    }
    // A busy machine says little of how long a test takes.
    const tookMs = Math.min(ran.tookMs, times[path] ?? ran.tookMs);
    if (ran.isWell) tests.push({ path, ran, tookMs, near: new Set(imports.get(path)) });
  }

  /**
   * Those that run all of it first, then those beside it and of its room, then the quickest, as many as
   * there is time for.
   */
  return (change: Change): TestFile[] => {
    const running = tests
      .filter(({ ran }) => runs(ran.files[change.file]?.lines, change))
      .map(({ path, ran, tookMs, near }) => {
        const isNear = near.has(change.file) || stemOf(path) === stemOf(change.file);
        const isBeside = dirname(path) === dirname(change.file);
        const isWhole = runsAll(ran.files[change.file]?.lines, change);
        const isOfRoom = roomOf(path) === roomOf(change.file);
        const rank =
          tookMs *
          (isNear ? 0.3 : 1) *
          (isBeside ? 0.5 : 1) *
          (isOfRoom ? 0.3 : 1) *
          (isWhole ? 0.1 : 1);
        return { path, tookMs, rank };
      })
      .sort((a, b) => a.rank - b.rank);
    let left = BUDGET_MS;
    const chosen = running.filter(({ tookMs }, i) => {
      left -= tookMs;
      return i === 0 || left >= 0;
    });
    const bigger = HELD_BY_PROCESSES[change.file] ?? [];
    return [...chosen, ...bigger.map((path) => ({ path, tookMs: PROCESSES_MS }))];
  };
}

/** How long tests take, roughly, as the whole run knows it. */
function timesIn(root: string): Record<string, number> {
  const path = "test/times.json";
  return existsSync(join(root, path)) ? JSON.parse(read(root, path)).files : {};
}

const roomOf = (path: string) => path.split("/").slice(0, 2).join("/");

const stemOf = (path: string) =>
  path.replace(/^.*\//, "").replace(/(\.(db|property))*(\.test)?\.ts$/, "");

/** The last line with code at or above the change, within its function. */
function runs(lines: Line[] | undefined, change: Change) {
  if (!lines) return false;
  const within = lines.filter(([line]) => line >= change.functionLine && line <= change.lastLine);
  const own = within.filter(([line]) => line >= change.line);
  const nearest = own.length > 0 ? own : within.slice(-1);
  return nearest.some(([, ran]) => ran === 1);
}

/** Of a guard that is dropped most tests run the question alone. */
const runsAll = (lines: Line[] = [], { line: first, lastLine }: Change) =>
  lines.every(([line, ran]) => line < first || line > lastLine || ran === 1);

async function cover(
  root: string,
  folder: string,
  path: string,
  {
    postgres,
    reached,
    signal,
  }: { postgres: string; reached: ReadonlySet<string>; signal: AbortSignal },
): Promise<Omit<Ran, "hash">> {
  const report = join(folder, ".coverage");
  rmSync(report, { recursive: true, force: true });
  const args = ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${report}`, `./${path}`];
  const { verdict, tookMs } = await runTests(folder, args, {
    ...{ postgres, signal, limitMs: COVERING_LIMIT_MS },
  });
  const linesOf = readLines(join(report, "lcov.info"));
  const files: Ran["files"] = {};
  for (const file of reached)
    if (file.startsWith("src/"))
      files[file] = { hash: hashOf(root, file), lines: linesOf.get(file) ?? [] };
  return { tookMs, isWell: verdict === "passed", files };
}

function readLines(info: string): Map<string, Line[]> {
  const text = existsSync(info) ? readFileSync(info, "utf8") : "";
  const parts = text.matchAll(/^SF:(.*)\n([\s\S]*?)end_of_record/gm);
  return new Map(
    [...parts].map(([, file = "", part = ""]) => [
      file,
      [...part.matchAll(/^DA:(\d+),(\d+)/gm)].map(
        ([, line, times]): Line => [Number(line), times === "0" ? 0 : 1],
      ),
    ]),
  );
}

function reachedFrom(root: string, path: string, imports: Map<string, string[]>) {
  const reached = new Set([path]);
  for (const one of reached) {
    const known = imports.get(one) ?? importsOf(root, one);
    imports.set(one, known);
    for (const imported of known) reached.add(imported);
  }
  return reached;
}

const importsOf = (root: string, path: string) =>
  path.endsWith(".ts")
    ? transpiler
        .scanImports(read(root, path))
        .filter((one) => /^\.{1,2}\//.test(one.path))
        .map((one) => relative(root, join(root, dirname(path), one.path)))
        .filter((one) => existsSync(join(root, one)))
    : [];

const hashOf = (root: string, path: string) => Bun.hash(read(root, path)).toString(36);

const texts = new Map<string, string>();

function read(root: string, path: string) {
  const text = texts.get(path) ?? readFileSync(join(root, path), "utf8");
  texts.set(path, text);
  return text;
}
