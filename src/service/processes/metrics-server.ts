import { isFailure } from "../../lib/failure.ts";
import { answerFault, withOrigin } from "../../lib/http.ts";
import type { Logger } from "../../lib/logger.ts";
import { listening } from "./listening.ts";

export interface MetricsText {
  contentType: string;
  body: string;
}

interface MetricsServerOptions {
  port: number;
  hostname: string;
  logger: Logger;
  /** What a cluster asks of a process that answers nothing else: throws what keeps it from being ready. */
  checkReady?: () => Promise<void>;
}

/** A port for Prometheus alone, without a key: the network keeps everybody else away from it. */
export function serveMetrics(
  { port, hostname, logger, checkReady }: MetricsServerOptions,
  read: () => Promise<MetricsText>,
) {
  const place = { host: hostname, port, variable: "METRICS_PORT", what: "metrics" } as const;
  return listening(place, () =>
    Bun.serve({
      port,
      hostname,
      development: false,
      // Without it Bun shares a taken port with whoever has it, an earlier start of this service say.
      reusePort: false,
      error: answerFault(logger),
      async fetch(request) {
        const { pathname } = new URL(withOrigin(request).url);
        if (checkReady && pathname === "/health") return new Response("ok\n");
        if (checkReady && pathname === "/ready") return await readyOr503(checkReady);
        if (pathname !== "/metrics")
          return new Response("only /metrics is here\n", { status: 404 });
        const { contentType, body } = await read();
        return new Response(body, { headers: { "content-type": contentType } });
      },
    }),
  );
}

const readyOr503 = (checkReady: () => Promise<void>) =>
  checkReady().then(
    () => new Response("ready\n"),
    (error: unknown) => {
      if (!isFailure(error)) throw error;
      return new Response(`${error.message}\n`, { status: 503 });
    },
  );
