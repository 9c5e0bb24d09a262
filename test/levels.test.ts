import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");
const FOLDERS = ["src", "sandbox", "scripts", "test"];
const DATABASE = "test/support/database.ts";
const STARTS_A_PROCESS = /\bspawn(Sync)?\(/;
const read = new Bun.Transpiler({ loader: "ts" });
const reading = new Map<string, Promise<{ imports: string[]; starts: boolean }>>();

/** What a file imports as it runs: types are gone by then. */
function about(path: string) {
  const known = reading.get(path);
  if (known) return known;
  const found = Bun.file(join(root, path))
    .text()
    .then((code) => ({
      imports: read
        .scanImports(code)
        .filter((one) => /^\..*\.ts$/.test(one.path))
        .map((one) => relative(root, join(root, dirname(path), one.path))),
      // What the product starts it starts where a test asks for it, and that test names it.
      starts:
        !path.startsWith("src/") || path.endsWith(".test.ts") ? STARTS_A_PROCESS.test(code) : false,
    }));
  reading.set(path, found);
  return found;
}

/** What every test has starts the server that database.ts is given: that is nobody's own need. */
const OF_EVERY_TEST = "test/support/server.ts";

async function reachedFrom(path: string, reached = new Set<string>()): Promise<Set<string>> {
  if (reached.has(path) || path === OF_EVERY_TEST) return reached;
  reached.add(path);
  for (const imported of (await about(path)).imports) await reachedFrom(imported, reached);
  return reached;
}

async function needOf(path: string) {
  const reached = await reachedFrom(path);
  for (const one of reached) if ((await about(one)).starts) return "processes";
  return reached.has(DATABASE) ? "PostgreSQL" : "nothing";
}

const nameSays = (path: string) => {
  const [, level] = /\.(db|e2e)\.test\.ts$/.exec(path) ?? [];
  return level === undefined ? "nothing" : level === "db" ? "PostgreSQL" : "processes";
};

async function* testFiles() {
  for (const folder of FOLDERS)
    for await (const file of new Glob("**/*.test.ts").scan(join(root, folder)))
      yield `${folder}/${file}`;
}

test("a test's name says what it needs: nothing, PostgreSQL (.db), or processes that it starts (.e2e)", async () => {
  const wrong: string[] = [];
  for await (const path of testFiles()) {
    const need = await needOf(path);
    if (need !== nameSays(path)) wrong.push(`${path} needs ${need}`);
  }
  expect(wrong.sort()).toEqual([]);
});
