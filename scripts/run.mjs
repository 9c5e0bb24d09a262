/**
 * `node scripts/run.mjs ARGS...` runs `bun ARGS...` after `setup`, with `.env.local` where there is
 * one, passes signals on, and ends as Bun ended. A terminal's Ctrl-C reaches both processes by itself; this one only waits.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, setup } from "./setup.mjs";

const local = join(root, ".env.local");
const env = existsSync(local) ? [`--env-file=${local}`] : [];
const child = spawn(setup(), [...env, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
let isAsked = false;
for (const signal of ["SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    isAsked = true;
    child.kill(signal);
  });
// With a terminal the whole foreground group gets SIGINT; without one only this process does.
process.on("SIGINT", () => {
  isAsked = true;
  if (!process.stdin.isTTY) child.kill("SIGINT");
});
// A killed npm takes its shell with it, and nobody tells this process.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    // A terminal that is closed ends npm too: to ask twice would end the child at once.
    if (!isAsked) child.kill("SIGTERM");
  }, 500);
}
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
