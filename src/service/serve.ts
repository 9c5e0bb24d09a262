import { aborted } from "../lib/abort.ts";
import type { MetricsJson } from "../lib/metrics.ts";
import { pages } from "../page/pages.ts";
import { listen } from "./http/http-server.ts";
import { type Part, parts, type ServeOptions } from "./processes/serve-options.ts";
import { askerOf } from "./reads/read-elsewhere.ts";
import { type Failing, failingLoops } from "./status/failing.ts";

/** Above what stops the loops, and what then is killed. */
const WORKER_STOP_MS = 4_500;
/** Webhooks wait no longer than that for reads that cannot start. */
const READS_START_MS = 30_000;
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
  /** What runs in processes of their own. */
  starts: Partial<Record<Part, (beside: StartBeside) => Beside>>;
  onListening?: (port: number) => void;
}

/**
 * HTTP, and beside it the loops in a process of their own, so that no answer waits for one. Any number of
 * replicas. Returns when `signal` aborts and everything has been put away.
 */
export async function serveHttp(options: HttpServeOptions, signal: AbortSignal): Promise<void> {
  const { config, sql, clock, logger, starts } = options;
  const failing = failingLoops(sql);
  const beside: Partial<Record<Part, Beside>> = {};
  const readsPort = () => beside.reads?.port?.();
  // A port that is taken ends this before anything is started.
  const http = listen(
    {
      ...options,
      failing,
      readOthersMetrics: () => metricsOf(Object.values(beside)),
      ask: askerOf(readsPort),
      areReadsThere: onceThere(() => !starts.reads || readsPort() !== undefined),
      pages: await pages({ clock }),
    },
    signal,
  );
  for (const note of config.notes) logger.warn({ note }, "settings.unread");
  // Requests are answered until the drain is over.
  const drained = new AbortController();
  for (const part of parts) {
    const until = part === "worker" ? signal : drained.signal;
    const started = starts[part]?.({ failing, signal: until, stopping: signal });
    if (started) beside[part] = started;
  }
  await Promise.race([aborted(signal), ...Object.values(beside).map(({ ended }) => ended)]);
  logger.info({ drainMs: config.http.drainMs }, "service.stopping");
  await Promise.all([
    Promise.race([beside.worker?.ended, clock.pause(WORKER_STOP_MS)]),
    clock.pause(config.http.drainMs),
  ]);
  await http.stop();
  drained.abort();
  await Promise.race([beside.reads?.ended, clock.pause(READS_STOP_MS)]);
  logger.info("service.stopped");
}

async function metricsOf(beside: readonly Beside[]): Promise<MetricsJson[]> {
  const all = await Promise.all(beside.map(({ readMetrics }) => readMetrics()));
  return all.filter((metrics) => metrics !== undefined);
}

/** Whether reads are there, or were since the start; after a while whoever asks is sent here without them. */
function onceThere(isThere: () => boolean): () => boolean {
  const startedAt = performance.now();
  let wasThere = false;
  return () => {
    wasThere ||= isThere() || performance.now() - startedAt > READS_START_MS;
    return wasThere;
  };
}
