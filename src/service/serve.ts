import { type Failing, failingLoops } from "../commands/failing.ts";
import { measure } from "../commands/measure.ts";
import { serveMetrics } from "../commands/metrics-server.ts";
import { isCurrent } from "../database/migrate.ts";
import { aborted } from "../lib/abort.ts";
import { type MetricsJson, togetherAsText } from "../lib/metrics.ts";
import { listen } from "./http.ts";
import { type Loops, startLoops } from "./loops/start.ts";
import type { LoopOptions, ServeOptions } from "./options.ts";
import { type Parent, supervised } from "./supervised.ts";

/** Above what stops the loops, and what then is killed. */
const WORKER_STOP_MS = 4_500;

/** Whatever runs the loops beside HTTP, until the signal aborts. */
export interface Worker {
  ended: Promise<void>;
  readMetrics: () => Promise<MetricsJson | undefined>;
}

export interface HttpServeOptions extends ServeOptions {
  /** Without it HTTP is all that this process answers for. */
  startWorker?: (failing: Failing, signal: AbortSignal) => Worker;
  onListening?: (port: number) => void;
}

/**
 * HTTP, and beside it the loops in a process of their own, so that no answer waits for one. Any number of
 * replicas. Returns when `signal` aborts and everything has been put away.
 */
export async function serveHttp(options: HttpServeOptions, signal: AbortSignal): Promise<void> {
  const { config, sql, clock, log } = options;
  const failing = failingLoops(sql);
  let worker: Worker | undefined;
  const readWorkerMetrics = async () => worker?.readMetrics();
  // A port that is taken ends this before anything is started.
  const http = listen({ ...options, failing, readWorkerMetrics }, signal);
  for (const note of config.notes) log.warn({ note }, "settings.unread");
  worker = options.startWorker?.(failing, signal);
  await Promise.race([aborted(signal), ...(worker ? [worker.ended] : [])]);
  log.info({ drainMs: config.http.drainMs }, "service.stopping");
  await Promise.all([
    Promise.race([worker?.ended, clock.pause(WORKER_STOP_MS)]),
    clock.pause(config.http.drainMs),
  ]);
  await http.stop();
  log.info("service.stopped");
}

/** The loops beside a process that answers HTTP and started this one. */
export async function serveBeside(
  options: LoopOptions & { parent: Parent },
  signal: AbortSignal,
): Promise<void> {
  const { parent, log } = options;
  const loops = await startLoops(options, signal);
  const link = supervised({
    parent,
    readMetrics: loops.readMetrics,
    leave(reason) {
      log.error({ reason }, "worker.left");
      process.exit(1);
    },
  });
  await loops.ended;
  link.end();
}

/** The loops alone, in a deployment of their own; what a cluster asks is on the metrics' port. */
export async function serveLoops(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { config, sql, log, version } = options;
  const loops = await startLoops(options, signal);
  const { metricsPort: port, host: hostname } = config.http;
  const isReady = async () => !signal.aborted && isCurrent(sql);
  const server =
    port === undefined
      ? undefined
      : serveMetrics({ port, hostname, log, isReady }, () => readMetrics(options, loops));
  log.info({ port, version, environment: config.environment }, "service.started");
  for (const note of config.notes) log.warn({ note }, "settings.unread");
  await loops.ended;
  await server?.stop(true);
  log.info("service.stopped");
}

async function readMetrics({ config, sql, clock, log }: LoopOptions, loops: Loops) {
  const { metrics, failing } = loops;
  const accounts = config.vivenu.accounts.map(({ region }) => region);
  const budget = { accounts, perHour: config.vivenu.budget.perHour };
  await measure({ sql, clock, log, metrics, budget, failing });
  const { contentType } = metrics.registry;
  return { contentType, body: await togetherAsText([await loops.readMetrics()]) };
}
