#!/bin/sh
# An observable gauge of OpenTelemetry tells for ever of an event that its callback does not name any more.
#
# @opentelemetry/sdk-metrics 3.1.0, with the temporality that Prometheus and most exporters have (cumulative): what a
# callback observed once is exported at each collection until the process ends, with its last value and a new time. The
# specification ("observations inside asynchronous callbacks") has a set of attributes that was not observed left out,
# which is how an instrument says that something ended, and this SDK does so itself with delta temporality. An event that is
# over keeps its "tickets left", a shard that went to another process is counted in both, and `sum()` only grows, until a
# restart, after which everything is right again.
# Observe what is gone as 0 once more, or count in a way that forgets what is 0.
#
# Seen on 2026-11-30, of two events of which the second one is over:
#   cumulative: a=3 b=5, then a=2 b=5, for a counter as for a gauge; delta: a=3 b=5, then a=2
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.0
cat >try.mjs <<'JS'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";

for (const temporality of ["CUMULATIVE", "DELTA"]) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality[temporality]);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  let left = { a: 3, b: 5 };
  const gauge = provider.getMeter("sales").createObservableGauge("left");
  gauge.addCallback((result) => {
    for (const [event, count] of Object.entries(left)) result.observe(count, { event });
  });
  const collected = async () => {
    exporter.reset();
    await provider.forceFlush();
    const [metric] = exporter.getMetrics()[0].scopeMetrics[0].metrics;
    return metric.dataPoints.map(({ attributes, value }) => `${attributes.event}=${value}`).join(" ");
  };
  const first = await collected();
  left = { a: 2 };
  console.log(`${temporality}: ${first}, then ${await collected()}, then ${await collected()}`);
  await provider.shutdown();
}
JS
node try.mjs | tee out
grep -qxF 'CUMULATIVE: a=3 b=5, then a=2 b=5, then a=2 b=5' out
grep -qxF 'DELTA: a=3 b=5, then a=2, then a=2' out
