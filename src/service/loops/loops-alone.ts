import { RENEW_MS } from "../../database/renew-sessions.ts";
import { writeProbe } from "../../database/write-probe.ts";
import { togetherAsText } from "../../lib/metrics.ts";
import { serveMetrics } from "../processes/metrics-server.ts";
import type { LoopOptions } from "../processes/serve-options.ts";
import { channelNamesOf, measure } from "../status/measure.ts";
import { readiness } from "../status/readiness.ts";
import { type Loops, startLoops } from "./start.ts";

/** The loops alone, in a deployment of their own; what a cluster asks is on the metrics' port. */
export async function serveLoops(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { config, sql, logger, version } = options;
  const leave = (reason: string) => {
    logger.error({ reason }, "service.left");
    process.exit(1);
  };
  const loops = await startLoops({ ...options, leave }, signal);
  const { metricsPort: port, host: hostname } = config.http;
  const readHealth = writeProbe({ sql, renewAfterMs: RENEW_MS });
  const checkReady = readiness({ sql, readHealth, stopping: signal });
  const server =
    port === undefined
      ? undefined
      : serveMetrics({ port, hostname, logger, checkReady }, () => readMetrics(options, loops));
  logger.info({ port, version, environment: config.environment }, "service.started");
  for (const note of config.notes) logger.warn({ note }, "settings.unread");
  await loops.ended;
  await server?.stop(true);
  logger.info("service.stopped");
}

async function readMetrics({ config, sql, clock, logger }: LoopOptions, loops: Loops) {
  const { metrics, failing } = loops;
  const accounts = config.vivenu.accounts.map(({ region }) => region);
  const budget = { accounts, perHour: config.vivenu.budget.perHour };
  const channels = channelNamesOf(config);
  await measure({ sql, clock, logger, metrics, budget, failing, channels });
  const { contentType } = metrics.registry;
  return { contentType, body: await togetherAsText([await loops.readMetrics()]) };
}
