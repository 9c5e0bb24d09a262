import { Failure } from "../lib/failure.ts";
import { answerFault, withOrigin } from "../lib/http.ts";
import type { Logger } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";

export interface MetricsText {
  contentType: string;
  body: string;
}

/** What Prometheus reads: measured anew each time. */
export async function metricsText(
  metrics: Metrics,
  measure: () => Promise<void>,
): Promise<MetricsText> {
  await measure();
  return { contentType: metrics.registry.contentType, body: await metrics.registry.metrics() };
}

/** A port for Prometheus alone, without a key: the network keeps everybody else away from it. */
export function serveMetrics(
  { port, hostname, log }: { port: number; hostname: string; log: Logger },
  read: () => Promise<MetricsText>,
) {
  try {
    return Bun.serve({
      port,
      hostname,
      development: false,
      error: answerFault(log),
      async fetch(request) {
        if (new URL(withOrigin(request).url).pathname !== "/metrics")
          return new Response("only /metrics is here\n", { status: 404 });
        const { contentType, body } = await read();
        return new Response(body, { headers: { "content-type": contentType } });
      },
    });
  } catch (error) {
    throw new Failure(
      "unavailable",
      `metrics can not be served on port ${port}: set METRICS_PORT to a free one`,
      {},
      error,
    );
  }
}
