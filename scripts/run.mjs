/**
 * `node scripts/run.mjs ARGS...` runs `bun ARGS...` after `setup`, passes signals on, and ends as
 * Bun ended. A terminal's Ctrl-C reaches both processes by itself; this one only waits.
 */
import { spawn } from "node:child_process";
import { root, setup } from "./setup.mjs";

const child = spawn(setup(), process.argv.slice(2), { cwd: root, stdio: "inherit" });
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// With a terminal the whole foreground group gets SIGINT; without one only this process does.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
