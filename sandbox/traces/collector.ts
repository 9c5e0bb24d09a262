/**
 * A collector of traces: it takes OTLP over HTTP in JSON, keeps the newest spans until it ends, and shows them
 * trace by trace.
 */
import { Hono } from "hono";
import type { Played } from "../played.ts";
import { tracesPage } from "./page.ts";
import { ExportRequest, type ReceivedSpan, spansIn } from "./span.ts";

export interface PlayedCollector extends Played {
  spans(): readonly ReceivedSpan[];
  /** Headers of each request that was taken. */
  headers(): readonly Record<string, string>[];
}

const MOST = 5_000;

export function collector() {
  const spans: ReceivedSpan[] = [];
  const headers: Record<string, string>[] = [];
  const app = new Hono();

  app.post("/v1/traces", async (c) => {
    if (!c.req.header("content-type")?.startsWith("application/json"))
      return c.json({ code: 3, message: "only application/json is taken" }, 415);
    const parsed = ExportRequest.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success)
      return c.json({ code: 3, message: parsed.error.issues[0]?.message ?? "" }, 400);
    spans.push(...spansIn(parsed.data));
    spans.splice(0, Math.max(0, spans.length - MOST));
    headers.push(Object.fromEntries(c.req.raw.headers));
    headers.splice(0, Math.max(0, headers.length - MOST));
    return c.json({ partialSuccess: {} });
  });
  app.get("/traces", (c) => c.html(tracesPage(spans)));
  app.get("/sandbox/spans", (c) => c.json(spans));
  return { app, spans: () => spans, headers: () => headers };
}

export async function playCollector({ port = 0 } = {}): Promise<PlayedCollector> {
  const { app, spans, headers } = collector();
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: app.fetch });
  return {
    ...{ url: `http://127.0.0.1:${server.port}`, spans, headers },
    stop: () => server.stop(true),
  };
}
