import type { Config } from "../config/config.ts";
import type { Role } from "../config/service.ts";
import { systemClock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";
import { startChild } from "../service/processes/child.ts";
import { COLLECTS_EARLY, keepHeapSmall } from "../service/processes/heap.ts";
import { type Part, parts, poolOf } from "../service/processes/serve-options.ts";
import type { Parent } from "../service/processes/supervised.ts";
import { supervisor } from "../service/processes/supervisor.ts";
import type { HttpServeOptions, StartBeside } from "../service/serve.ts";
import { startTraces } from "./build/trace.ts";
import { withSurroundings } from "./run/run.ts";

export interface ServeCall {
  config: Config;
  logger: Logger;
  version: string;
  role: Role;
  /** What the processes beside HTTP are given: the environment that `config` was made from. */
  env: Record<string, string | undefined>;
  isDev?: boolean;
  /** Started by a process that answers HTTP, to do this beside it. */
  part?: Part | undefined;
  parent?: Parent | undefined;
  pollOnStart?: boolean;
  onListening?: (port: number) => void;
}

/**
 * Webhooks wait for nobody's loops and reads, and whoever reads waits for no loop. A loop has a third of the
 * share of a CPU that all want, so that leases are still kept.
 */
const nices = { worker: 5, reads: 2 } as const satisfies Record<Part, number>;

export const POLL_ON_START = "--poll-on-start";

/** HTTP, the loops, or both, until `signal` aborts. */
export async function serve(call: ServeCall, signal: AbortSignal): Promise<void> {
  const { config, logger, version, role, part } = call;
  keepHeapSmall(part ?? role, signal);
  const process = part ?? (role === "worker" ? "worker" : "http");
  const traces = await startTraces(config.traces, { logger, version, process });
  await serveRole(call, signal).finally(traces.stop);
}

function serveRole(call: ServeCall, signal: AbortSignal): Promise<void> {
  const { config, logger, version, role, part, pollOnStart = false } = call;
  return withSurroundings(
    config,
    logger,
    async (surroundings) => {
      const options = { ...surroundings, version, pollOnStart };
      // Each process loads what its role needs, and no more.
      if (part) {
        const { servePart } = await import("../service/part.ts");
        return servePart(part, { ...options, parent: parentOf(call) }, signal);
      }
      if (role === "worker") {
        const { serveLoops } = await import("../service/loops/loops-alone.ts");
        return serveLoops(options, signal);
      }
      const { serveHttp } = await import("../service/serve.ts");
      const { onListening } = call;
      return serveHttp(
        { ...options, starts: startsOf(call), ...(onListening && { onListening }) },
        signal,
      );
    },
    { max: poolOf(config.database.pool, role, part) },
  );
}

/** The processes that a role has beside HTTP, each supervised. */
function startsOf(call: ServeCall): HttpServeOptions["starts"] {
  const { role, logger, isDev = false, pollOnStart = false } = call;
  const env = { ...COLLECTS_EARLY, ...call.env };
  const wanted = parts.filter((part) => role === "all" || part === "reads");
  return Object.fromEntries(
    wanted.map((name) => {
      const words = ["serve", "--role", role, "--part", name, ...(isDev ? ["--dev"] : [])];
      // What it is told for its first start alone, it has done when it is started again.
      let once = pollOnStart && name === "worker" ? [POLL_ON_START] : [];
      const start = (hear: (message: unknown) => void) => {
        const args = [...words, ...once];
        once = [];
        return startChild({ args, env, nice: nices[name] }, hear);
      };
      const options = { name, start, logger, clock: systemClock };
      return [
        name,
        ({ failing, signal, stopping }: StartBeside) =>
          supervisor({ ...options, failing }, signal, stopping),
      ];
    }),
  );
}

function parentOf({ parent }: ServeCall): Parent {
  if (parent) return parent;
  throw new Failure("refused", "--part is for a process that `serve` starts by itself");
}
