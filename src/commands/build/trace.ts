import { pairsOf, type TraceConfig } from "../../config/traces.ts";
import type { Logger } from "../../lib/logger.ts";

/** Records the process's traces where that is configured: only then the packages for it are loaded. */
export async function startTraces(
  traces: TraceConfig | undefined,
  { logger, version, process }: { logger: Logger; version: string; process: string },
): Promise<{ stop: () => Promise<void> }> {
  if (!traces) return { stop: async () => {} };
  const { startTracing } = await import("../../lib/open-telemetry.ts");
  const { headers, resource, ...settings } = traces;
  const own = { "service.version": version, "vivenu_event_monitor.process": process };
  const all = headers.map((one) => pairsOf(one.reveal()));
  return startTracing(
    { ...settings, headers: Object.assign({}, ...all), resource: { ...own, ...resource } },
    logger,
  );
}
