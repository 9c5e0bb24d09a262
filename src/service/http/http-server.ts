import type { Ask } from "../../api/answer/forward.ts";
import { api } from "../../api/app.ts";
import type { Pages } from "../../api/pages.ts";
import { buildWebhooks } from "../../commands/build/build-webhooks.ts";
import { connect, limitFor } from "../../database/connect.ts";
import { RENEW_MS } from "../../database/renew-sessions.ts";
import { writeProbe } from "../../database/write-probe.ts";
import { answerFault, withOrigin } from "../../lib/http.ts";
import type { MetricsJson } from "../../lib/metrics.ts";
import { namedIn } from "../../projections/queries/named-ids.ts";
import { emptyMirrorState } from "../../sheets/sync/mirror-state.ts";
import { operationsOf } from "../acts/operations.ts";
import { listening } from "../processes/listening.ts";
import { serveMetrics } from "../processes/metrics-server.ts";
import { type ServeOptions, webhookPoolOf } from "../processes/serve-options.ts";
import { handoverOf, sealSecretOf } from "../reads/handover.ts";
import { readElsewhere } from "../reads/read-elsewhere.ts";
import { eventFaults } from "../status/event-faults.ts";
import type { Failing } from "../status/failing.ts";
import { readiness } from "../status/readiness.ts";
import { statusReader } from "../status/status.ts";
import { webhookCounts } from "../status/webhook-counts.ts";
import { webhookProblems } from "../status/webhook-problems.ts";
import { isAnyWorking, readMirrorState } from "../status/worker-report.ts";
import { httpMetrics, metricsReader } from "./all-metrics.ts";
import { keepingOf } from "./keeping.ts";
import { keyRing } from "./key-ring.ts";
import { rowFeedOf } from "./stream.ts";

const REQUESTS_STOP_MS = 2_000;
const COUNTS_STOP_MS = 500;
/** Whoever runs the loops has said so by then. */
const STARTING_MS = 60_000;

export interface HttpOptions extends ServeOptions {
  failing: Failing;
  /** The metrics of the processes beside this one, of those that answer. */
  readOthersMetrics: () => Promise<MetricsJson[]>;
  /** Where reads are worked on. */
  ask: Ask;
  /** Whether they are, or were since the start. */
  areReadsThere: () => boolean;
  pages: Pages;
  onListening?: (port: number) => void;
}

/**
 * Webhooks, API and status: nothing here waits for a loop. `/ready` answers 503 once `signal` aborts, and
 * everything else is answered until `stop`.
 */
export function listen(options: HttpOptions, signal: AbortSignal) {
  const { config, sql, clock, logger, version, failing } = options;
  const metrics = httpMetrics(options);
  const readMetrics = metricsReader({ ...options, metrics });
  const faults = eventFaults({ sql, clock, logger });
  const webhookTroubles = webhookProblems(clock);
  const counts = webhookCounts({ sql, clock });
  const startedAt = performance.now();
  const keys = keyRing({ settings: config.http, regions: config.vivenu.regions, clock, logger });
  // A webhook waits behind no statement of others, and its own end before its answer is due.
  const webhookSql = connect(config.database.url.reveal(), {
    max: webhookPoolOf(config.database.pool),
    limitMs: Math.min(config.database.limitMs, limitFor(config.vivenu.webhooks.answerWithinMs)),
    logger,
  });

  const readHealth = writeProbe({ sql, renewAfterMs: RENEW_MS });
  const streams = new AbortController();

  const app = api({
    ...readElsewhere(config),
    // A stream is worked on here.
    named: namedIn(sql),
    version,
    clock,
    logger,
    ask: options.ask,
    regions: config.vivenu.regions,
    keys,
    limits: config.http.limits,
    handover: handoverOf(config),
    sealSecret: sealSecretOf(config),
    origins: config.http.origins,
    isLoopbackLetIn: config.http.isLoopbackLetIn,
    bounds: config.http.bounds,
    keeping: keepingOf(options),
    readStatus: statusReader({
      ...options,
      failing,
      faults,
      webhooks: webhookTroubles,
      counts,
      worker: workerProblems,
      keys,
      database: readHealth,
      mirror: () => (config.google ? readMirror() : null),
    }),
    checkReady: readiness({
      sql,
      readHealth,
      areReadsThere: options.areReadsThere,
      stopping: signal,
    }),
    metrics: readMetrics,
    operations: operationsOf(options),
    pages: options.pages,
    stream: {
      feed: rowFeedOf(options),
      most: config.http.streams,
      signal: streams.signal,
      onOpen: (open) => metrics.streams.set(open),
    },
    webhooks: buildWebhooks({ ...options, sql: webhookSql }, metrics, (verdict) => {
      webhookTroubles.note(verdict);
      counts.note(verdict);
    }),
  });
  const { host, port: httpPort } = config.http;
  const place = { host, port: httpPort, variable: "PORT", what: "the API" } as const;
  const server = listening(place, () =>
    Bun.serve({
      port: config.http.port,
      hostname: config.http.host,
      // The webhooks have limits of their own, told in an answer and a metric; Bun only hangs up.
      maxRequestBodySize: 4 * config.vivenu.webhooks.bodyLimitBytes,
      idleTimeout: 30,
      development: false,
      // Without it Bun shares a taken port with whoever has it, an earlier start of this service say.
      reusePort: false,
      error: answerFault(logger),
      fetch: async (request, own) => {
        const response = await app.fetch(withOrigin(request), own);
        // Who keeps a connection open would send its next request to a process that is gone.
        if (signal.aborted) response.headers.set("connection", "close");
        return response;
      },
    }),
  );
  const { metricsPort: port, host: hostname } = config.http;
  const metricsServer =
    port === undefined ? undefined : serveMetrics({ port, hostname, logger }, readMetrics);
  logger.info({ port: server.port, version, environment: config.environment }, "service.started");
  options.onListening?.(server.port ?? config.http.port);

  return {
    async stop() {
      // By now nobody is sent here any more: who comes again finds another replica.
      streams.abort();
      await Promise.race([server.stop(), clock.pause(REQUESTS_STOP_MS)]);
      await Promise.all([
        server.stop(true),
        metricsServer?.stop(true),
        webhookSql.end({ timeout: 1 }),
        Promise.race([counts.flush(), clock.pause(COUNTS_STOP_MS)]),
      ]);
    },
  };

  async function readMirror() {
    return (await readMirrorState(sql)) ?? emptyMirrorState();
  }

  async function workerProblems() {
    if (performance.now() - startedAt < STARTING_MS || (await isAnyWorking(sql))) return [];
    return [
      "No process runs the loops: webhooks are kept, and nothing is translated, read, polled or written to the sheet. Start `serve`, or `serve --role worker` beside `serve --role http`.",
    ];
  }
}
