/**
 * `npm run check:supply`: what this is made of, and what it must not tell. The licences of all packages that
 * an image holds, from what is installed here; known security holes of the packages, as the registry tells
 * them; and secrets in the files that are kept, by secretlint, which is installed in a temporary folder. The last two
 * need a registry, and say so where there is none; `--offline` leaves them out.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { licenceFaults, shippedPackages } from "./licences.ts";

const SECRETLINT = {
  secretlint: "13.0.6",
  "@secretlint/secretlint-rule-preset-recommend": "13.1.0",
};
/** They are about secrets, and hold some that are made up. */
const MADE_UP = [
  ...["src/config/notify.test.ts", "src/config/config.test.ts", "src/commands/dev/dev.test.ts"],
  "src/lib/logger.test.ts",
];

const root = join(import.meta.dir, "..");
const failures: string[] = [];
const say = (line: string) => void process.stdout.write(`${line}\n`);

const shipped = await shippedPackages(root);
const faults = licenceFaults(shipped);
for (const fault of faults) say(fault);
note(`licences of the ${shipped.length} packages that an image holds`, faults.length === 0);

if (!process.argv.includes("--offline")) {
  const audit = await run(root, ["audit", "--audit-level=high"]);
  if (/error: (POST|GET|Connection|Unable)/.test(audit.said))
    say(`? the registry tells no security holes: ${audit.said.trim().split("\n").at(-1)}`);
  else {
    if (audit.code !== 0) say(audit.said);
    note("no known security hole that is high or critical", audit.code === 0);
  }
  await secrets();
}
say(
  failures.length === 0 ? "\nAll is well." : `\n${failures.length} failed: ${failures.join(", ")}`,
);
process.exit(failures.length === 0 ? 0 : 1);

async function secrets() {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-supply-"));
  try {
    await writeFile(join(folder, "package.json"), JSON.stringify({ dependencies: SECRETLINT }));
    const installed = await run(folder, ["install", "--ignore-scripts", "--silent"]);
    if (installed.code !== 0)
      return say("? secretlint cannot be installed; no secret was looked for");
    const rules = [{ id: "@secretlint/secretlint-rule-preset-recommend" }];
    await writeFile(join(folder, ".secretlintrc.json"), JSON.stringify({ rules }));
    const kept = Bun.spawnSync(["git", "ls-files", "-z"], { cwd: root });
    const files = kept.stdout
      .toString()
      .split("\0")
      .filter((file) => file !== "" && !MADE_UP.includes(file));
    const looked = await run(root, [
      ...["--bun", join(folder, "node_modules/.bin/secretlint"), "--no-color", "--no-glob"],
      ...["--secretlintrc", join(folder, ".secretlintrc.json")],
      ...files,
    ]);
    if (looked.code !== 0) say(looked.said);
    note(`no secret in the ${files.length} files that are kept`, looked.code === 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function note(what: string, isWell: boolean) {
  say(`${isWell ? "ok" : "failed"}: ${what}`);
  if (!isWell) failures.push(what);
}

async function run(cwd: string, words: string[]) {
  const child = Bun.spawn([process.execPath, ...words], { cwd, stdout: "pipe", stderr: "pipe" });
  const said = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, said: said.join("") };
}
