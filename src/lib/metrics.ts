import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";
import { containerMemory, OWN_GROUP } from "./container-memory.ts";

const PREFIX = "vivenu_event_monitor_";
/**
 * Gauges that are named like counters and always 0, V8's parts of a heap, collections that nobody tells of, and a
 * heap that is what Bun reserves of addresses: gigabytes where a hundred megabytes are used.
 */
const NOT_ON_BUN = [
  ...["handles", "requests", "resources"].flatMap((what) => [
    `nodejs_active_${what}`,
    `nodejs_active_${what}_total`,
  ]),
  ...["total", "used", "available"].map((what) => `nodejs_heap_space_size_${what}_bytes`),
  "nodejs_gc_duration_seconds",
  "process_heap_bytes",
];

export type Metrics = ReturnType<typeof createMetrics>;

const measured = new Map<string, Registry>();

/**
 * What is measured of this process under a name, once however many services run in it: Bun walks the whole
 * heap to begin, and a timer of ten milliseconds looks for how late the loop is from then on.
 */
function measuresOf(process: string): Registry {
  const known = measured.get(process);
  if (known) return known;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: PREFIX, labels: { process } });
  for (const name of NOT_ON_BUN) registry.removeSingleMetric(`${PREFIX}${name}`);
  measured.set(process, registry);
  return registry;
}

/**
 * Every metric of one process, in a registry of its own so that two services in one process do not share.
 * What is measured of the process itself carries its name.
 */
export function createMetrics({ version = "unknown", process = "serve", group = OWN_GROUP } = {}) {
  const registry = Registry.merge([measuresOf(process)]);
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers });
  new Gauge({
    name: `${PREFIX}build_info`,
    help: "1; its label says which version runs.",
    labelNames: ["version"],
    // Of two processes of one service it is 1 all the same.
    aggregator: "first",
    registers,
  }).set({ version }, 1);
  measureContainer(registry, group);
  return {
    registry,
    /** The loops that ever failed here: one that works again is said to. */
    knownLoops: new Set<string>(),
    inboxWaiting: gauge("inbox_waiting_deliveries", "Webhooks that are not translated yet.", []),
    inboxOldest: gauge("inbox_oldest_waiting_seconds", "Age of the oldest of them.", []),
    inboxRefused: gauge("inbox_refused_deliveries", "Webhooks that cannot be translated.", []),
    outboxRefused: gauge("outbox_refused_facts", "Facts that Flowcore will not take.", []),
    logHeld: gauge("log_held", "1 while its reading is held on purpose.", ["flow_type"]),
    logLag: gauge("log_lag_seconds", "Since the log was last read to its end.", ["flow_type"]),
    streams: gauge("streams", "Streams of /api/stream that are open.", []),
    loopFailing: gauge("loop_failing", "1 while a loop fails.", ["loop"]),
    sheetLastSync: gauge(
      "sheet_last_sync_timestamp_seconds",
      "When the sheet was last found or made to be what the rows say.",
      [],
    ),
    webhooks: counter("webhooks_total", "Webhook requests by outcome.", ["account", "outcome"]),
    factsApplied: counter("facts_applied_total", "Facts that became rows.", ["flow_type"]),
    factsSetAside: counter("facts_set_aside_total", "Facts that could not be applied.", [
      "flow_type",
    ]),
    factsResent: counter("facts_resent_total", "Facts sent again, unconfirmed or unanswered.", []),
    setAside: gauge("set_aside_facts", "Facts that wait for a fix, to be put back.", ["flow_type"]),
    outboxWaiting: gauge("outbox_waiting_facts", "Facts that nobody has read back yet.", []),
    outboxOldest: gauge("outbox_oldest_waiting_seconds", "Age of the oldest of them.", []),
    leaseHeld: gauge("lease_held", "1 where this process runs the loops of a lease.", ["lease"]),
    factAge: new Histogram({
      name: `${PREFIX}fact_age_seconds`,
      help: "From when a fact was stored to when it was read, by the pass that found it.",
      labelNames: ["flow_type", "pass"],
      buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 86_400],
      registers,
    }),
    countDifferences: counter(
      "count_differences_total",
      "Tickets by which a full count found the incremental count wrong.",
      ["account", "field"],
    ),
    vivenuRequests: counter("vivenu_requests_total", "Requests to Vivenu by outcome.", [
      "account",
      "outcome",
    ]),
    budgetRemaining: gauge(
      "vivenu_budget_remaining_requests",
      "Requests that an account has left in this hour, over all processes.",
      ["account"],
    ),
    sheetRequests: counter("sheet_requests_total", "Requests to Google Sheets by outcome.", [
      "outcome",
    ]),
    keyRefused: gauge(
      "account_key_refused",
      "1 where Vivenu refused an account's key when it was last asked, by whichever process.",
      ["account"],
    ),
    notices: counter("notices_total", "Messages to people, by what came of a try.", [
      "channel",
      "outcome",
    ]),
    noticesWaiting: gauge(
      "notices_oldest_waiting_seconds",
      "For how long the oldest message has been due that a channel was not told.",
      ["channel"],
    ),
    noticesRefused: gauge("notices_given_up", "Messages that a channel never took.", ["channel"]),
    cellsWritten: counter("sheet_cells_written_total", "Cells written to the sheet.", []),
    lastPoll: gauge(
      "last_complete_poll_timestamp_seconds",
      "When an account's last complete poll ended; 0 before the first.",
      ["account"],
    ),
  };
}

/** Processes share their container: each says of all what another would. Where there is no limit there are no such metrics. */
function measureContainer(registry: Registry, group: string) {
  if (!containerMemory(group)) return;
  const own = (name: string, help: string, of: "usedBytes" | "limitBytes") =>
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      aggregator: "max",
      registers: [registry],
      collect() {
        const memory = containerMemory(group);
        if (memory) this.set(memory[of]);
      },
    });
  own("container_memory_bytes", "What all processes of the container take together.", "usedBytes");
  own("container_memory_limit_bytes", "What they may take.", "limitBytes");
}

export type MetricsJson = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** Prometheus' text of several processes' metrics: what has the same labels in both is added up. */
export function togetherAsText(parts: MetricsJson[]): Promise<string> {
  // prom-client would leave these out: a process has one start, and it is not another's.
  const kept = parts.map((part) =>
    part.map((metric) => ({
      ...metric,
      aggregator: String(metric.aggregator) === "omit" ? "first" : metric.aggregator,
    })),
  );
  return AggregatorRegistry.aggregate(kept).metrics();
}
