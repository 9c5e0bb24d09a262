import { expect, test } from "bun:test";
import { playCollector } from "../../sandbox/traces/collector.ts";
import { Failure } from "./failure.ts";
import { createLogger } from "./logger.ts";
import { startTracing } from "./open-telemetry.ts";
import type { TraceSettings } from "./trace-settings.ts";
import {
  beginSpan,
  currentTraceparent,
  flushSpans,
  inSpan,
  readTraceparent,
  traced,
} from "./tracing.ts";

const settings = (url: string, more: Partial<TraceSettings> = {}): TraceSettings => ({
  url: `${url}/v1/traces`,
  headers: {},
  resource: { "service.name": "tried" },
  sampler: "parentbased_always_on",
  share: 1,
  ...more,
});
const silent = createLogger("silent");
const PARENT = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

test("a span that fails says the failure's kind and none of its words", async () => {
  await using collector = disposable(await playCollector());
  const tracing = startTracing(settings(collector.url), silent);
  const failing = traced("work", { parent: PARENT, attributes: { n: 1 } }, async () => {
    throw new Failure("unavailable", "the words of a person");
  });
  await expect(failing).rejects.toThrow("the words of a person");
  await tracing.stop();
  const [span] = collector.spans();
  expect(span).toMatchObject({
    ...{ traceId: "a".repeat(32), parentSpanId: "b".repeat(16), name: "work", isError: true },
    attributes: { n: 1, "error.type": "unavailable" },
  });
  expect(JSON.stringify(collector.spans())).not.toContain("words");
});

test("of a share of the traces all spans are recorded, and of the others none, and nothing is kept for them", async () => {
  await using collector = disposable(await playCollector());
  const share = { sampler: "parentbased_traceidratio", share: 0.25 } as const;
  const tracing = startTracing(settings(collector.url, share), silent);
  let kept = 0;
  for (let n = 0; n < 400; n += 1) {
    const root = beginSpan("root");
    await inSpan(root, () => traced("within", {}, async () => {}));
    root.end();
    if (root.traceparent !== undefined) kept += 1;
  }
  await tracing.stop();
  const byTrace = Map.groupBy(collector.spans(), ({ traceId }) => traceId);
  expect([...byTrace.values()].map((spans) => spans.length)).toEqual(Array(kept).fill(2));
  expect(kept).toBeGreaterThan(40);
  expect(kept).toBeLessThan(180);
});

test("requests within a trace are spans that name the host alone; those to the collector are none", async () => {
  await using collector = disposable(await playCollector());
  await using other = disposable(await playCollector());
  const plain = globalThis.fetch;
  const tracing = startTracing(settings(collector.url), silent);
  await fetch(`${other.url}/sandbox/spans?a=secret`);
  await traced("work", { parent: PARENT }, async () => {
    await fetch(`${other.url}/sandbox/spans?b=secret`);
    await fetch(new Request(`${other.url}/nowhere`, { method: "POST" }));
    await fetch(`${collector.url}/sandbox/spans`);
    await fetch("http://127.0.0.1:1/").catch(() => {});
  });
  await tracing.stop();
  expect(globalThis.fetch).toBe(plain);
  const found: unknown[] = collector
    .spans()
    .map(({ name, attributes }) => ({ name, ...attributes }));
  const host = { "server.address": "127.0.0.1" };
  const at = { ...host, "server.port": Number(new URL(other.url).port) };
  expect(found).toEqual([
    { name: "GET", "http.request.method": "GET", ...at, "http.response.status_code": 200 },
    { name: "POST", "http.request.method": "POST", ...at, "http.response.status_code": 404 },
    {
      name: "GET",
      "http.request.method": "GET",
      ...host,
      "server.port": 1,
      "error.type": "TypeError",
    },
    { name: "work" },
  ]);
});

test("a collector that is away keeps no process from ending", async () => {
  const tracing = startTracing(settings("http://127.0.0.1:1"), silent);
  beginSpan("work").end();
  const startedAt = performance.now();
  await tracing.stop();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test("a collector that refuses is told of in the log by its status, once in a while", async () => {
  const lines: string[] = [];
  const logger = createLogger("warn", { write: (line) => void lines.push(line) });
  await using refusing = disposable(await refusingCollector());
  const tracing = startTracing(settings(refusing.url), logger);
  for (let n = 0; n < 3; n += 1) {
    beginSpan("work").end();
    await flushSpans().catch(() => {});
  }
  beginSpan("work").end();
  while (lines.length === 0) await Bun.sleep(20);
  await tracing.stop();
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ event: "traces.not_exported", reason: "Unauthorized" }),
  ]);
});

async function refusingCollector() {
  const fetch = () => new Response("who are you, with a secret?", { status: 401 });
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

test("without a tracer work runs as it is, and a trace of another process is handed on", async () => {
  expect(await traced("work", {}, async () => currentTraceparent())).toBeUndefined();
  expect(await traced("work", { parent: PARENT }, async () => currentTraceparent())).toBe(PARENT);
});

test("what is no trace context is not taken for one", () => {
  const wrong = [
    ...[
      undefined,
      17,
      "",
      "a".repeat(100_000),
      PARENT.toUpperCase(),
      `${PARENT}; drop table inbox`,
    ],
    `00-${"0".repeat(32)}-${"b".repeat(16)}-01`,
  ];
  expect(wrong.map(readTraceparent)).toEqual(wrong.map(() => undefined));
  expect(readTraceparent(PARENT)).toBe(PARENT);
});

const disposable = <P extends { stop(): Promise<void> }>(played: P) => ({
  ...played,
  [Symbol.asyncDispose]: () => played.stop(),
});
