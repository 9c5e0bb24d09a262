import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A checkout with two rules, of which the tests hold one. */
const FILES = {
  ".gitignore": "node_modules\n",
  "tsconfig.json": JSON.stringify({ compilerOptions: { noEmit: true }, include: ["src"] }),
  "src/rules/price.ts": "export const isDear = (price: number) => price > 100;\n",
  "src/rules/price.test.ts": `
    import { expect, test } from "bun:test";
    import { writeFileSync } from "node:fs";
    import { isDear } from "./price.ts";
    test("a hundred is not dear", async () => {
      if (isDear(100) && process.env.HANGING) {
        writeFileSync(process.env.HANGING, String(process.pid));
        await new Promise(() => setInterval(() => {}, 1_000));
      }
      expect(isDear(100)).toBe(false);
    });
  `,
  "src/rules/young.ts": "export const isYoung = (age: number) => age < 16;\n",
  "src/rules/young.test.ts": `
    import { expect, test } from "bun:test";
    import { isYoung } from "./young.ts";
    test("a child is young, a grown-up is not", () => {
      expect([isYoung(3), isYoung(40)]).toEqual([true, false]);
    });
  `,
};

let folder: string;
let root: string;
let copies: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-checkout-"));
  root = join(folder, "checkout");
  copies = join(folder, "copies");
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await Bun.write(join(root, path), text);
  }
  await mkdir(join(root, "node_modules"));
  await mkdir(copies);
  execFileSync("git", ["init", "--quiet"], { cwd: root });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function mutants(args: string[], more: Record<string, string> = {}) {
  const command = ["scripts/mutants.ts", "--root", root, ...args];
  return Bun.spawn([process.execPath, ...command], {
    // Nothing of what it runs here asks for a database.
    env: { ...process.env, TMPDIR: copies, VIVENU_EVENT_MONITOR_TEST_POSTGRES: "none", ...more },
    stdout: "pipe",
  });
}

async function expectAllAsItWas() {
  for (const [path, text] of Object.entries(FILES))
    expect(await Bun.file(join(root, path)).text()).toBe(text);
  expect(await readdir(copies)).toEqual([]);
}

const linesOf = (said: string, file: string) =>
  said.split("\n").filter((line) => line.includes(file));

/** It moves both boundaries. */
const SEED = ["--seed", "2"];

test("a change that a test notices is told from one that none does, which is a failure until somebody says why", async () => {
  const first = mutants(["src/rules", ...SEED]);
  const said = await new Response(first.stdout).text();
  expect(await first.exited).toBe(1);
  expect(linesOf(said, "price.ts").filter((line) => line.includes("boundary"))).toEqual([
    expect.stringMatching(/^noticed /),
  ]);
  expect(said).toContain("by: a hundred is not dear");
  expect(linesOf(said, "young.ts")).toContainEqual(
    expect.stringMatching(/^not noticed .*boundary/),
  );
  expect(said).toContain("NOBODY HAS SAID WHY");
  await expectAllAsItWas();

  const survivors = join(root, "scripts", "mutants", "survivors.json");
  const why = "Nobody is asked on the birthday itself.";
  const line = "export const isYoung = (age: number) => age < 16;";
  await mkdir(dirname(survivors), { recursive: true });
  await Bun.write(
    survivors,
    JSON.stringify([{ file: "src/rules/young.ts", line, before: "<", replacement: "<=", why }]),
  );
  const second = mutants(["src/rules", "--go-on", ...SEED]);
  expect(await new Response(second.stdout).text()).toContain(why);
  expect(await second.exited).toBe(0);
  await rm(survivors);
});

function isThere(pid: number) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("interrupted in the middle of a change it ends the tests under way and leaves nothing behind", async () => {
  const hanging = join(folder, "hanging");
  const program = mutants(["src/rules/price.ts", ...SEED], { HANGING: hanging });
  // The file is there a moment before the number is in it.
  const readPid = () => (existsSync(hanging) ? Number(readFileSync(hanging, "utf8")) : 0);
  while (readPid() === 0 && program.exitCode === null) await Bun.sleep(20);
  program.kill("SIGINT");
  expect(await program.exited).toBe(130);
  const pid = readPid();
  expect(pid).toBeGreaterThan(0);
  // What was killed is a process until the system has put it away.
  while (isThere(pid)) await Bun.sleep(20);
  await expectAllAsItWas();
});
