import type { LoopOptions, Part } from "./processes/serve-options.ts";
import { type Parent, supervised } from "./processes/supervised.ts";

/** The loops, or what is under `/api`, beside the process that answers HTTP and started this one. */
export async function servePart(
  part: Part,
  options: LoopOptions & { parent: Parent },
  signal: AbortSignal,
): Promise<void> {
  const { parent, logger } = options;
  // Each loads what it needs: the packages of the loops alone take 30 MB.
  const start =
    part === "worker"
      ? (await import("./loops/start.ts")).startLoops
      : (await import("./reads/reads-server.ts")).startReads;
  const leave = (reason: string) => {
    logger.error({ part, reason }, "part.left");
    process.exit(1);
  };
  const { readMetrics, ended } = await start({ ...options, leave }, signal);
  const link = supervised({ parent, readMetrics, leave, stopping: signal });
  await ended;
  link.end();
}
