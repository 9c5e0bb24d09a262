import type { Config } from "../config.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/log.ts";
import { startChild } from "../service/child.ts";
import { poolOf, type Role } from "../service/options.ts";
import { serveBeside, serveHttp, serveLoops } from "../service/serve.ts";
import type { Parent } from "../service/supervised.ts";
import { supervisor } from "../service/supervisor.ts";
import { withParts } from "./run.ts";

export interface ServeCall {
  config: Config;
  log: Logger;
  version: string;
  role: Role;
  /** What the process that runs the loops is given: the environment that `config` was made from. */
  env: Record<string, string | undefined>;
  /** That process's own words, beside `--role worker`. */
  workerArgs?: readonly string[];
  /** Started by a process that answers HTTP, to run the loops beside it. */
  isSupervised?: boolean;
  parent?: Parent | undefined;
  pollOnStart?: boolean;
  onListening?: (port: number) => void;
}

/** HTTP, the loops, or both, until `signal` aborts. */
export function serve(call: ServeCall, signal: AbortSignal): Promise<void> {
  const { config, log, version, role, isSupervised = false, pollOnStart = false } = call;
  const max = poolOf(role, role === "all" || isSupervised, config.database.pool);
  return withParts(
    config,
    log,
    async (parts) => {
      if (role !== "worker") return serveHttp(httpOf(call, { ...parts, version }), signal);
      const options = { ...parts, version, pollOnStart };
      if (!isSupervised) return serveLoops(options, signal);
      return serveBeside({ ...options, parent: parentOf(call) }, signal);
    },
    { max },
  );
}

type Parts = Pick<Parameters<typeof serveHttp>[0], "config" | "sql" | "clock" | "log" | "version">;

function httpOf({ role, env, workerArgs = [], onListening }: ServeCall, parts: Parts) {
  const { clock, log } = parts;
  const args = ["serve", "--role", "worker", "--supervised"];
  let isFirst = true;
  return {
    ...parts,
    ...(onListening && { onListening }),
    ...(role === "all" && {
      startWorker: (failing: Parameters<typeof supervisor>[0]["failing"], signal: AbortSignal) =>
        supervisor(
          {
            ...{ failing, clock, log },
            start(hear) {
              // What it is told for its first start alone, it has done when it is started again.
              const own = isFirst ? workerArgs : workerArgs.filter((arg) => arg !== POLL_ON_START);
              isFirst = false;
              return startChild({ args: [...args, ...own], env }, hear);
            },
          },
          signal,
        ),
    }),
  };
}

export const POLL_ON_START = "--poll-on-start";

function parentOf({ parent }: ServeCall): Parent {
  if (parent) return parent;
  throw new Failure("refused", "--supervised is for the process that `serve` starts by itself");
}
