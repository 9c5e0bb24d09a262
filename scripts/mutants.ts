/**
 * `npm run mutants -- [path]`: changes one thing of the product at a time, in a copy, and runs the tests
 * that should notice. `scripts/mutants/survivors.json` says of those that nobody notices why they change
 * nothing.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { startServer } from "../test/support/server.ts";
import { type Change, nameOf, oneLine } from "./mutants/change.ts";
import { choose } from "./mutants/choice.ts";
import { copyTree } from "./mutants/copy.ts";
import { findChanges } from "./mutants/find.ts";
import { type TestFile, testsByCoverage } from "./mutants/tests-of.ts";
import { tryOne, type Verdict } from "./mutants/try-one.ts";

interface Result {
  name: string;
  verdict: Verdict;
  by: string;
}

/** What is changed, told as `Change` tells it, and why nothing comes of it. */
interface Survivor {
  file: string;
  line: string;
  before: string;
  replacement: string;
  why: string;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

const program = new Command("npm run mutants --")
  .description("change one thing of the product at a time and see whether the tests notice")
  .argument("[path]", "a file or a folder of src; else the rooms that answers hang on")
  .option("--seed <n>", "decides what is changed", "1")
  .option("--count <n>", "try so many; else each room has its share")
  .option("--for <seconds>", "begin nothing more after so long; --go-on takes up the rest")
  .option("--go-on", "keep what the last run found, and try only what it did not come to")
  .option("--again", "try those again that were not noticed, also where somebody said why")
  .option("--list", "say what would be changed, and run nothing")
  .option("--at-a-time <n>", "try so many beside each other, each in a copy of its own", "1")
  .option("--root <folder>", "of another checkout", join(import.meta.dir, ".."))
  .parse();
const options = program.opts<{
  seed: string;
  count?: string;
  for?: string;
  goOn?: boolean;
  again?: boolean;
  list?: boolean;
  atATime: string;
  root: string;
}>();
const [path] = program.args;
const root = resolve(options.root);
const survivors = join(root, "scripts", "mutants", "survivors.json");
const kept = join(root, "node_modules", ".cache", "mutants-results.jsonl");
/** Whoever interrupts it ends the tests under way as well; everything is put away on the way out. */
const interrupt = new AbortController();
const { signal } = interrupt;
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());

const until =
  performance.now() + (options.for ? Number(options.for) * 1_000 : Number.POSITIVE_INFINITY);
const isOver = () => signal.aborted || performance.now() > until;
const count = options.count ? Number(options.count) : undefined;
const chosen = choose(await findChanges(root, path?.replace(/\/$/, "")), {
  seed: Number(options.seed),
  count,
});

if (options.list) for (const change of chosen) say(wordsOf(change));
else process.exitCode = await tryAll();

async function tryAll() {
  const reasons = readReasons();
  const results = new Map(readKept().map((result) => [result.name, result]));
  // Whoever said why a change comes to nothing has seen it unnoticed.
  if (!options.again)
    for (const name of chosen.map(nameOf).filter((one) => reasons.has(one)))
      results.set(name, { name, verdict: "not noticed", by: "" });
  const left = chosen.filter((change) => !results.has(nameOf(change)));
  using copies = new DisposableStack();
  const trees = Array.from({ length: Number(options.atATime) }, () => copies.use(copyTree(root)));
  const own = process.env.VIVENU_EVENT_MONITOR_TEST_POSTGRES ? undefined : await startServer();
  const postgres = process.env.VIVENU_EVENT_MONITOR_TEST_POSTGRES ?? own?.url.href ?? "";
  try {
    const files = new Set(left.map(({ file }) => file));
    const testsOf = await testsByCoverage(root, trees[0]?.folder ?? root, {
      ...{ postgres, files, say, isOver, signal },
    });
    if (testsOf) await Promise.all(trees.map(({ folder }) => tryInTurn(folder, testsOf)));
    return signal.aborted ? 130 : report(results, reasons);
  } finally {
    await own?.stop();
  }

  async function tryInTurn(folder: string, testsOf: (change: Change) => TestFile[]) {
    while (!isOver()) {
      const change = left.shift();
      if (!change) return;
      const found = await tryOne({ folder, postgres, signal }, change, testsOf(change));
      if (signal.aborted) return;
      const result = { name: nameOf(change), ...found };
      results.set(result.name, result);
      appendFileSync(kept, `${JSON.stringify(result)}\n`);
      say(
        `${result.verdict.padEnd(15)} ${wordsOf(change)}${result.by && `\n${" ".repeat(16)}by: ${result.by}`}`,
      );
    }
  }
}

function readKept(): Result[] {
  if (!options.goOn) rmSync(kept, { force: true });
  mkdirSync(dirname(kept), { recursive: true });
  const lines = existsSync(kept) ? readFileSync(kept, "utf8").split("\n").filter(Boolean) : [];
  const results: Result[] = lines.map((line) => JSON.parse(line));
  const isDone = ({ verdict }: Result) => !options.again || verdict === "noticed";
  const done = results.filter(isDone);
  writeFileSync(kept, done.map((result) => `${JSON.stringify(result)}\n`).join(""));
  return done;
}

function readReasons(): ReadonlyMap<string, string> {
  const said: Survivor[] = existsSync(survivors) ? JSON.parse(readFileSync(survivors, "utf8")) : [];
  return new Map(said.map((one) => [nameOf({ ...one, context: one.line }), one.why]));
}

/** What nobody noticed, and why that may be so; fails where nobody has said why. */
function report(results: Map<string, Result>, reasons: ReadonlyMap<string, string>) {
  const tried = chosen.flatMap((change) => {
    const result = results.get(nameOf(change));
    return result && result.verdict !== "broken" ? [{ change, result }] : [];
  });
  const isNoticed = ({ verdict }: Result) => verdict === "noticed" || verdict === "out of time";
  const unnoticed = tried.filter(({ result }) => !isNoticed(result));
  const unexplained = unnoticed.filter(({ change }) => !reasons.has(nameOf(change)));
  if (unnoticed.length > 0) say("\nNot noticed:");
  for (const { change } of unnoticed)
    say(`${wordsOf(change)}\n    ${reasons.get(nameOf(change)) ?? "NOBODY HAS SAID WHY"}`);
  const noticed = tried.length - unnoticed.length;
  const percent = tried.length > 0 ? Math.floor((1_000 * noticed) / tried.length) / 10 : 100;
  const rest = chosen.length - tried.length;
  say(
    `\n${tried.length} changes, ${noticed} noticed (${percent} %), ${unnoticed.length} not, ` +
      `${unexplained.length} of these without a reason; ${rest} not tried`,
  );
  return unexplained.length === 0 ? 0 : 1;
}

function wordsOf({ file, line, kind, context, before, replacement }: Change) {
  const after = oneLine(replacement);
  return `${file}:${line} ${kind}: ${context === before ? "" : `in \`${context}\` `}\`${before}\` to \`${after}\``;
}
