import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "./support/stage.ts";

test("a bench that is told to stop leaves no PostgreSQL and no folder behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-ended-"));
  await chmod(folder, 0o755);
  const bench = spawn(process.execPath, ["bench/main.ts", "replay", "--facts", "100000"], {
    env: { PATH: process.env.PATH ?? "", TMPDIR: folder },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  bench.once("exit", resolve);
  let postmaster: number | undefined;
  try {
    // From here on it fills the log, which takes minutes.
    for await (const line of createInterface({ input: bench.stdout }))
      if (line.startsWith("100000 facts")) break;
    const [made] = await readdir(folder);
    const pidFile = join(folder, made ?? "", "cluster", "postmaster.pid");
    const started = Number((await readFile(pidFile, "utf8")).split("\n")[0]);
    postmaster = started;
    expect(isRunning(started)).toBe(true);
    bench.kill("SIGTERM");
    expect(await ended).toBe(1);
    await until(async () => !isRunning(started), { withinMs: 10_000, what: "it has stopped" });
    expect(await readdir(folder)).toEqual([]);
  } finally {
    bench.kill("SIGKILL");
    if (postmaster !== undefined && isRunning(postmaster)) process.kill(postmaster, "SIGINT");
    await rm(folder, { recursive: true, force: true });
  }
});

function isRunning(pid: number) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
