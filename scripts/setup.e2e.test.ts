import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmod, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../src/lib/root.ts";

/** Nobody's: root may write everywhere. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

let folder: string;

/** A checkout in which nothing is installed yet. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-setup-"));
  for (const name of ["scripts", "package.json", "bun.lock", "patches"])
    await cp(join(projectRoot(), name), join(folder, name), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Without a Bun on the way, and with a registry that nobody answers at. */
function setUp(as = {}) {
  const node = Bun.which("node") ?? "node";
  const { status, stdout, stderr } = spawnSync(
    node,
    [join(folder, "scripts/run.mjs"), "--version"],
    {
      ...as,
      encoding: "utf8",
      env: {
        PATH: [dirname(node), "/usr/bin", "/bin"].join(":"),
        HOME: folder,
        npm_config_registry: "http://127.0.0.1:1/",
        npm_config_fetch_retries: "0",
      },
    },
  );
  return { status, stdout, lines: stderr.trim().split("\n") };
}

test("in a checkout that nobody may write to it says so in a sentence", async () => {
  await chmod(folder, 0o555);
  const { status, stdout, lines } = setUp(NOBODY);
  await chmod(folder, 0o755);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(lines).toEqual([
    expect.stringMatching(/^setup: installing Bun [\d.]+$/),
    expect.stringMatching(
      /^setup: \S+node_modules\S* cannot be written to: run `npm run setup` once as somebody who may write there$/,
    ),
  ]);
});

test("where nothing can be fetched it says so behind what npm says", () => {
  const { status, lines } = setUp();
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe(
    "setup: what was to be installed could not be (exit code 1); the lines above say why",
  );
  // Where npm failed it says itself, and nobody asks where in our script that was.
  expect(lines.join("\n")).not.toContain("setup.mjs");
});
