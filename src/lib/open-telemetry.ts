import {
  type Context,
  DiagLogLevel,
  diag,
  isSpanContextValid,
  type Span as RecordedSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { isFailure } from "./failure.ts";
import type { Logger } from "./logger.ts";
import { redactText } from "./redact.ts";
import { traceFetch } from "./trace-fetch.ts";
import type { TraceSettings } from "./trace-settings.ts";
import { readTraceparent, recordSpans, type SpanOptions, type Tracer } from "./tracing.ts";

const SHUTDOWN_MS = 1_500;
/** A collector that is away is told of so often. */
const WARN_MS = 60_000;
const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/**
 * Records this process's spans and hands them to a collector, in the background: one that is away costs
 * spans and nothing else. The packages are loaded with this file, so it is imported where that is wished for.
 */
export function startTracing(settings: TraceSettings, logger: Logger) {
  const exporter = new OTLPTraceExporter({ url: settings.url, headers: settings.headers });
  const provider = new TracerProvider({
    resource: resourceFromAttributes(settings.resource),
    sampler: samplerOf(settings),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  });
  let warnedAt = Number.NEGATIVE_INFINITY;
  const warn = (message: string) => {
    const now = performance.now();
    if (now - warnedAt < WARN_MS) return;
    warnedAt = now;
    logger.warn({ reason: redactText(reasonIn(message)) }, "traces.not_exported");
  };
  diag.setLogger(
    { error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const stopRecording = recordSpans(tracerOf(provider));
  const stopFetch = traceFetch(new URL(settings.url).origin);
  return {
    async stop() {
      stopFetch();
      stopRecording();
      await Promise.race([provider.shutdown().catch(() => {}), Bun.sleep(SHUTDOWN_MS)]);
      diag.disable();
    },
  };
}

function tracerOf(provider: TracerProvider): Tracer {
  const tracer = provider.getTracer("vivenu-event-monitor");
  return {
    flush: () => provider.forceFlush(),
    begin(name, { parent, kind = "internal", attributes = {}, startedAt }: SpanOptions) {
      const options = {
        kind: kinds[kind],
        attributes,
        ...(startedAt !== undefined && { startTime: startedAt }),
      };
      const span = tracer.startSpan(name, options, contextOf(parent));
      return {
        traceparent: traceparentOf(span),
        set: (more) => void span.setAttributes(more),
        end({ error, endedAt } = {}) {
          if (error !== undefined) {
            span.setAttribute("error.type", typeOf(error));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end(endedAt);
        },
      };
    },
  };
}

/** The packages write an error as JSON, with its stack and what the collector answered. */
function reasonIn(message: string): string {
  const [, reason = message] = /^\{"message":"((?:[^"\\]|\\.)*)"/.exec(message) ?? [];
  return reason.slice(0, 200);
}

function contextOf(parent: string | null | undefined): Context {
  const known = readTraceparent(parent);
  if (known === undefined) return ROOT_CONTEXT;
  const [, traceId = "", spanId = "", flags = ""] = known.split("-");
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** Of a trace that nobody records nothing is kept. */
function traceparentOf(span: RecordedSpan): string | undefined {
  const context = span.spanContext();
  const isSampled = (context.traceFlags & TraceFlags.SAMPLED) !== 0;
  if (!isSampled || !isSpanContextValid(context)) return undefined;
  return `00-${context.traceId}-${context.spanId}-01`;
}

/** An error's text may quote what it failed at. */
const typeOf = (error: unknown) =>
  isFailure(error) ? error.kind : error instanceof Error ? error.name : typeof error;

function samplerOf({ sampler, share }: TraceSettings): Sampler {
  const root = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(share),
  };
  // The cast: each name is one of these three, with or without what goes by its parent.
  const name = sampler.replace("parentbased_", "") as keyof typeof root;
  const own = root[name]();
  return sampler.startsWith("parentbased_") ? new ParentBasedSampler({ root: own }) : own;
}
