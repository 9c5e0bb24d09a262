import { giveWay } from "../../lib/give-way.ts";
import type { Child } from "./supervisor.ts";

interface ChildOptions {
  /** Behind the program: `["serve", "--role", "worker"]`. */
  args: readonly string[];
  env: Record<string, string | undefined>;
  program?: string;
  /** How far it stands behind this process where both want the same CPU: a nice value. */
  nice: number;
}

/** This program once more, beside this process and in its group; it writes where this one writes. */
export function startChild(
  { args, env, nice, program = Bun.main }: ChildOptions,
  hear: (message: unknown) => void,
): Child {
  const child = Bun.spawn([process.execPath, ...process.execArgv, program, ...args], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    serialization: "json",
    ipc: hear,
  });
  giveWay(nice, child.pid);
  const ended = child.exited.then((code) => String(child.signalCode ?? `code ${code}`));
  return { pid: child.pid, ended, send: (message) => child.send(message), kill };

  function kill(signal: "SIGTERM" | "SIGKILL") {
    child.kill(signal);
  }
}
