/**
 * `npm run upgrade`: this checkout against an earlier commit, as a rolling update and its way back have them side
 * by side on one database. The dependencies are those that are here.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { startServer } from "../test/support/server.ts";
import { tryUpgrade } from "../test/upgrade/upgrade.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

const { from, webhooks } = new Command("npm run upgrade --")
  .description("an upgrade from an earlier commit and the way back, with real processes")
  .option("--from <commit>", "of the older release", "HEAD~50")
  .option("--webhooks <n>", "to each process in each phase", "20")
  .parse()
  .opts<{ from: string; webhooks: string }>();

const parent = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-older-"));
const older = join(parent, "older");
git("worktree", "add", "--detach", older, from);
await symlink(join(process.cwd(), "node_modules"), join(older, "node_modules"));
const server = await startServer();
const undo = async () => {
  await server.stop();
  git("worktree", "remove", "--force", older);
  await rm(parent, { recursive: true, force: true });
};
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => void undo().finally(() => process.exit(130)));
let failures = 1;
try {
  say(`from ${git("log", "-1", "--format=%h %s", from)}`);
  const options = { older, newer: process.cwd(), webhooks: Number(webhooks), say };
  const { faults, sent, logPath } = await tryUpgrade(options);
  for (const fault of faults) say(`fault: ${fault}`);
  if (logPath !== undefined) say(`what the processes said: ${logPath}`);
  failures = faults.length;
  say(`${failures} faults, ${sent} webhooks`);
} finally {
  await undo();
}
process.exit(failures === 0 ? 0 : 1);

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
  return stdout.trim();
}
