import type { Config } from "../../config/config.ts";
import { leases } from "../../database/lease-names.ts";
import {
  createMetrics,
  type Metrics,
  type MetricsJson,
  togetherAsText,
} from "../../lib/metrics.ts";
import type { ServeOptions } from "../processes/serve-options.ts";
import type { Failing } from "../status/failing.ts";
import { channelNamesOf, measure } from "../status/measure.ts";

/** The metrics of the process that answers HTTP. It holds no lease, which has to be said while no other process says it. */
export function httpMetrics({ config, version }: { config: Config; version: string }): Metrics {
  const metrics = createMetrics({ version, process: "http" });
  // Where nobody is to be told anything, or there is no sheet, nobody is missing.
  const unwanted = [...(config.notify ? [] : ["notifier"]), ...(config.google ? [] : ["mirror"])];
  for (const lease of leases) if (!unwanted.includes(lease)) metrics.leaseHeld.set({ lease }, 0);
  return metrics;
}

interface AllMetrics extends Pick<ServeOptions, "config" | "sql" | "clock" | "logger"> {
  metrics: Metrics;
  failing: Failing;
  readOthersMetrics: () => Promise<MetricsJson[]>;
}

/** Of this process and of those beside it, in one text. */
export function metricsReader({ metrics, readOthersMetrics, config, ...given }: AllMetrics) {
  const { accounts, budget } = config.vivenu;
  const measured = {
    ...given,
    metrics,
    budget: { accounts: accounts.map(({ region }) => region), perHour: budget.perHour },
    channels: channelNamesOf(config),
  };
  return async () => {
    const [others] = await Promise.all([readOthersMetrics(), measure(measured)]);
    const own = await metrics.registry.getMetricsAsJSON();
    const body = await togetherAsText([own, ...others]);
    return { contentType: metrics.registry.contentType, body };
  };
}
