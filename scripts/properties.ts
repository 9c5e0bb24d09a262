/**
 * `npm run properties`: the tests that chance has a part in, again and again, each time with another seed. A
 * seed that one of them fails with is printed with what it said, and how to run it again.
 */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Glob } from "bun";
import { Command } from "commander";
import { startServer } from "../test/support/server.ts";
import { failuresIn, isByChance } from "./properties/found.ts";

/** Seeds of nine digits are whole numbers for fast-check, and easily typed. */
const SEEDS = 1_000_000_000;
const MINUTE_MS = 60_000;
const root = join(import.meta.dir, "..");
const say = (line: string) => void process.stdout.write(`${line}\n`);

const program = new Command("npm run properties --")
  .description("try what chance has a part in with many seeds, and say which of them fail")
  .argument("[paths...]", "files or folders; else all")
  .option("--minutes <n>", "begin no other seed after so long", "10")
  .option("--seed <n>", "begin with this one, and take those after it; else any")
  .parse();
const { minutes, seed } = program.opts<{ minutes: string; seed?: string }>();
const files = await filesByChance(program.args);
if (files.length === 0) program.error("error: no test there that chance has a part in");

const until = performance.now() + Number(minutes) * MINUTE_MS;
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
const server = await startServer();
const failed: string[] = [];
let tried = 0;
try {
  do {
    const next = seed ? Number(seed) + tried : Math.floor(Math.random() * SEEDS);
    const found = await trySeed(next);
    if (stop.signal.aborted) break;
    tried += 1;
    if (found.length > 0) failed.push(`PROPERTY_SEED=${next} npm test -- ${found.join(" ")}`);
  } while (performance.now() < until);
} finally {
  await server.stop();
}
for (const again of failed) say(`again: ${again}`);
say(`${files.length} files, ${tried} seeds: ${failed.length} failed`);
process.exit(stop.signal.aborted ? 130 : failed.length === 0 ? 0 : 1);

/** The files that fail with it. */
async function trySeed(next: number) {
  const from = performance.now();
  const child = Bun.spawn(
    [process.execPath, "test", "--timeout=600000", "--no-isolate", "--parallel=2", ...files],
    {
      cwd: root,
      env: {
        ...process.env,
        PROPERTY_SEED: String(next),
        VIVENU_EVENT_MONITOR_TEST_POSTGRES: server.url.href,
        VIVENU_EVENT_MONITOR_TEST_PATIENCE: "4",
      },
      stdio: ["ignore", "pipe", "pipe"],
      signal: stop.signal,
    },
  );
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const all = `${output}${errors}`;
  const failures = failuresIn(all);
  const seconds = Math.round((performance.now() - from) / 1_000);
  const outcome = code === 0 ? "all well" : `${failures.length} FAILED`;
  if (!stop.signal.aborted) say(`seed ${next}: ${outcome}, ${seconds} s`);
  if (code === 0 || stop.signal.aborted) return [];
  // One that ended without a failed test has said why at its end.
  if (failures.length === 0) say(all.slice(-4_000));
  for (const { file, said } of failures) say(`${file}\n${said}`);
  return failures.length === 0 ? [...files] : [...new Set(failures.map(({ file }) => file))];
}

async function filesByChance(paths: readonly string[]) {
  const wanted = paths.map((path) => relative(root, resolve(path)));
  const found: string[] = [];
  for (const folder of ["src", "sandbox", "scripts", "test"])
    for await (const name of new Glob("**/*.test.ts").scan(join(root, folder))) {
      const path = `${folder}/${name}`;
      const isWanted =
        wanted.length === 0 || wanted.some((one) => `${path}/`.startsWith(`${one}/`));
      if (isWanted && isByChance(readFileSync(join(root, path), "utf8"))) found.push(`./${path}`);
    }
  return found.sort();
}
