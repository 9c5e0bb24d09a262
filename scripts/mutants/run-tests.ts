import { spawn } from "node:child_process";

export interface TestRun {
  verdict: "passed" | "failed" | "out of time";
  /** The first test that failed, or what else the run said last. */
  said: string;
  output: string;
  tookMs: number;
}

/**
 * Runs `bun test` in a folder until the first failure, for so long at most. Whatever it started ends with
 * it, and with the signal.
 */
export async function runTests(
  folder: string,
  args: readonly string[],
  { postgres, limitMs, signal }: { postgres: string; limitMs: number; signal: AbortSignal },
): Promise<TestRun> {
  const from = performance.now();
  const child = spawn(process.execPath, ["test", "--timeout=60000", "--bail=1", ...args], {
    cwd: folder,
    env: { ...process.env, VIVENU_EVENT_MONITOR_TEST_POSTGRES: postgres },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what it started ends with it.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part) => {
      output += part;
    });
  let isOut = false;
  const stop = () => {
    isOut = true;
    end(child.pid);
  };
  const timer = setTimeout(stop, limitMs);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  const tookMs = performance.now() - from;
  const verdict = isOut ? "out of time" : code === 0 ? "passed" : "failed";
  const failed = /^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(output)?.[1];
  const error = /^.*error: .*$/m.exec(output)?.[0];
  return { verdict, said: failed ?? error ?? "", output, tookMs };
}

function end(pid: number | undefined) {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}
