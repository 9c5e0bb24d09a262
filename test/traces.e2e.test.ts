import { afterAll, beforeAll, expect, test } from "bun:test";
import { type PlayedCollector, playCollector } from "../sandbox/traces/collector.ts";
import type { ReceivedSpan } from "../sandbox/traces/span.ts";
import { API_KEY } from "./support/outside.ts";
import { inherited } from "./support/program.ts";
import { type Served, serveApart } from "./support/served.ts";
import { until } from "./support/stage.ts";

let collector: PlayedCollector;
let service: Served;

beforeAll(async () => {
  collector = await playCollector();
  service = await serveApart({
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=races,authorization=Bearer%20of-the-collector",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      // What was never polled is due at once.
      POLL_SCHEDULE: "0 2 * * *",
      SHEET_GATHER: "1",
    },
    environment: inherited(),
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await collector.stop();
});

const readEvents = async () => {
  const answer = await fetch(`${service.url}/api/events`, { headers: { "x-api-key": API_KEY } });
  // The cast: what the API promises is held by its own tests.
  return ((await answer.json()) as { events?: { eventId: string; region: string }[] }).events ?? [];
};

const named = (name: string, spans: readonly ReceivedSpan[] = collector.spans()) =>
  spans.filter((span) => span.name === name);

/** From the first span of its trace to this one. */
function wayTo(span: ReceivedSpan | undefined): string[] {
  const parent = collector.spans().find(({ spanId }) => spanId === span?.parentSpanId);
  return span ? [...(parent ? wayTo(parent) : []), span.name] : [];
}

const NAME = "HYROX that was renamed for its trace";

test("a webhook's trace goes through inbox, outbox, log and rows to the cell that it changes", async () => {
  const { vivenu } = service.outside;
  const [event] = await until(async () => (await readEvents()).length > 0 && readEvents(), {
    withinMs: 60_000,
    what: "events",
  });
  if (!event) throw new Error("there is no event");
  await fetch(`${vivenu.url}/sandbox/events/${event.eventId}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: NAME }),
  });
  await until(
    async () =>
      (await service.outside.readTab("Events").catch(() => [])).some(
        (row) => row["Event Name"] === NAME,
      ) && named("sheet.sync").length > 0,
    { withinMs: 60_000, what: "the cell, and the span of it" },
  );

  const [shown] = named("sheet.sync");
  expect(wayTo(shown)).toEqual([
    ...["webhook", "inbox.keep", "delivery.translate", "fact.send", "fact.apply", "sheet.sync"],
  ]);
  const own = collector.spans().filter(({ traceId }) => traceId === shown?.traceId);
  const processes = new Set(own.map((span) => span.resource["vivenu_event_monitor.process"]));
  expect([...processes].sort()).toEqual(["http", "worker"]);
  expect(own.find(({ name }) => name === "webhook")).toMatchObject({
    ...{ parentSpanId: null, kind: 2, isError: false },
    attributes: { outcome: "accepted", "http.response.status_code": 200, account: event.region },
    resource: {
      "service.name": "vivenu-event-monitor",
      "deployment.environment.name": "test",
    },
  });
  // Flowcore's client takes the global `fetch`, which no package wraps on Bun.
  const [post] = named("POST", own);
  expect(wayTo(post)).toEqual([
    ...["webhook", "inbox.keep", "delivery.translate", "fact.send", "POST"],
  ]);
  expect(post?.attributes).toMatchObject({
    "server.address": "127.0.0.1",
    "http.response.status_code": 200,
  });
  for (const { startedAt, endedAt } of own) expect(endedAt).toBeGreaterThanOrEqual(startedAt);
});

test("no span says a secret, an address or a name, and who cannot sign begins none", async () => {
  const before = named("webhook").length;
  const answer = await fetch(`${service.url}/webhooks/vivenu/dach`, {
    method: "POST",
    headers: {
      "x-vivenu-signature": "a".repeat(64),
      traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01`,
    },
    body: "{}",
  });
  expect(answer.status).toBe(401);
  await Bun.sleep(1_500);
  expect(named("webhook")).toHaveLength(before);
  const said = JSON.stringify(collector.spans());
  const { environment } = service.outside;
  const secrets = Object.entries(environment).filter(([name]) =>
    /_(API|SECRET|KEY|ID)$/.test(name),
  );
  expect(secrets.filter(([, value]) => said.includes(value)).map(([name]) => name)).toEqual([]);
  expect(said).not.toContain(NAME);
  expect(said).not.toMatch(/https?:|@/);
  expect(collector.headers()[0]).toMatchObject({
    ...{ "x-tenant": "races", authorization: "Bearer of-the-collector" },
  });
});
