import { Failure } from "../../lib/failure.ts";
import { answerFault, withOrigin } from "../../lib/http.ts";
import type { Logger } from "../../lib/logger.ts";

export interface MetricsText {
  contentType: string;
  body: string;
}

interface MetricsServerOptions {
  port: number;
  hostname: string;
  logger: Logger;
  /** What a cluster asks of a process that answers nothing else. */
  isReady?: () => Promise<boolean>;
}

/** A port for Prometheus alone, without a key: the network keeps everybody else away from it. */
export function serveMetrics(
  { port, hostname, logger, isReady }: MetricsServerOptions,
  read: () => Promise<MetricsText>,
) {
  try {
    return Bun.serve({
      port,
      hostname,
      development: false,
      error: answerFault(logger),
      async fetch(request) {
        const { pathname } = new URL(withOrigin(request).url);
        if (isReady && pathname === "/health") return new Response("ok\n");
        if (isReady && pathname === "/ready")
          return (await isReady())
            ? new Response("ready\n")
            : new Response("the database does not answer or is not migrated yet\n", {
                status: 503,
              });
        if (pathname !== "/metrics")
          return new Response("only /metrics is here\n", { status: 404 });
        const { contentType, body } = await read();
        return new Response(body, { headers: { "content-type": contentType } });
      },
    });
  } catch (error) {
    throw new Failure(
      "unavailable",
      `metrics cannot be served on port ${port}: set METRICS_PORT to a free one`,
      {},
      error,
    );
  }
}
