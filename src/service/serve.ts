import { type Failing, failingLoops } from "../commands/failing.ts";
import { measure } from "../commands/measure.ts";
import { serveMetrics } from "../commands/metrics-server.ts";
import { isCurrent } from "../database/migrate.ts";
import { aborted } from "../lib/abort.ts";
import { type MetricsJson, togetherAsText } from "../lib/metrics.ts";
import { listen } from "./http.ts";
import { type Loops, startLoops } from "./loops/start.ts";
import { type LoopOptions, type Part, parts, type ServeOptions } from "./options.ts";
import { askerOf, startReads } from "./reads-server.ts";
import { type Parent, supervised } from "./supervised.ts";

/** Above what stops the loops, and what then is killed. */
const WORKER_STOP_MS = 4_500;
/** Nobody waits for its answers any more. */
const READS_STOP_MS = 500;

/** Whatever runs beside HTTP, until the signal aborts. */
export interface Beside {
  ended: Promise<void>;
  readMetrics: () => Promise<MetricsJson | undefined>;
  /** Where it answers on this machine, while it does. */
  port?: () => number | undefined;
}

export interface StartBeside {
  failing: Failing;
  /** Ends it. */
  signal: AbortSignal;
  /** The service is stopping: what has ended is not started again. */
  stopping: AbortSignal;
}

export interface HttpServeOptions extends ServeOptions {
  /** What runs in processes of their own. Without `reads` this one reads by itself. */
  starts: Partial<Record<Part, (beside: StartBeside) => Beside>>;
  onListening?: (port: number) => void;
}

/**
 * HTTP, and beside it the loops in a process of their own, so that no answer waits for one. Any number of
 * replicas. Returns when `signal` aborts and everything has been put away.
 */
export async function serveHttp(options: HttpServeOptions, signal: AbortSignal): Promise<void> {
  const { config, sql, clock, log } = options;
  const failing = failingLoops(sql);
  const beside: Partial<Record<Part, Beside>> = {};
  const readOthersMetrics = async () =>
    (await Promise.all(Object.values(beside).map(({ readMetrics }) => readMetrics()))).filter(
      (metrics) => metrics !== undefined,
    );
  const ask = askerOf(() => beside.reads?.port?.());
  // A port that is taken ends this before anything is started.
  const http = listen(
    { ...options, failing, readOthersMetrics, ...(options.starts.reads && { ask }) },
    signal,
  );
  for (const note of config.notes) log.warn({ note }, "settings.unread");
  // Requests are answered until the drain is over.
  const drained = new AbortController();
  for (const part of parts) {
    const until = part === "worker" ? signal : drained.signal;
    const started = options.starts[part]?.({ failing, signal: until, stopping: signal });
    if (started) beside[part] = started;
  }
  const others = Object.values(beside).map(({ ended }) => ended);
  await Promise.race([aborted(signal), ...others]);
  log.info({ drainMs: config.http.drainMs }, "service.stopping");
  await Promise.all([
    Promise.race([beside.worker?.ended, clock.pause(WORKER_STOP_MS)]),
    clock.pause(config.http.drainMs),
  ]);
  await http.stop();
  drained.abort();
  await Promise.race([beside.reads?.ended, clock.pause(READS_STOP_MS)]);
  log.info("service.stopped");
}

/** The loops, or what is under `/api`, beside the process that answers HTTP and started this one. */
export async function servePart(
  part: Part,
  options: LoopOptions & { parent: Parent },
  signal: AbortSignal,
): Promise<void> {
  const { parent, log } = options;
  const run = part === "worker" ? startLoops : startReads;
  const { readMetrics, ended } = await run(options, signal);
  const link = supervised({
    parent,
    readMetrics,
    leave(reason) {
      log.error({ part, reason }, "part.left");
      process.exit(1);
    },
  });
  await ended;
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
