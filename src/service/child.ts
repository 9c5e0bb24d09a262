import { setPriority } from "node:os";
import type { Child } from "./supervisor.ts";

/**
 * Behind whoever answers webhooks, which wait for nobody's loops and reads: a third of its share of a CPU
 * that all want, so that leases are still kept.
 */
const NICE = 5;

interface ChildOptions {
  /** Behind the program: `["serve", "--role", "worker"]`. */
  args: readonly string[];
  env: Record<string, string | undefined>;
  program?: string;
}

/** This program once more, beside this process and in its group; it writes where this one writes. */
export function startChild(
  { args, env, program = Bun.main }: ChildOptions,
  hear: (message: unknown) => void,
): Child {
  const child = Bun.spawn([process.execPath, ...process.execArgv, program, ...args], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
    serialization: "json",
    ipc: hear,
  });
  try {
    setPriority(child.pid, NICE);
  } catch {
    // It has ended already, or the system does not let us: it runs as we do.
  }
  const ended = child.exited.then((code) => String(child.signalCode ?? `code ${code}`));
  return { pid: child.pid, ended, send: (message) => child.send(message), kill };

  function kill(signal: "SIGTERM" | "SIGKILL") {
    child.kill(signal);
  }
}
