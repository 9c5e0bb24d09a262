#!/bin/sh
# OpenTelemetry's sum over regions is that of the region observed last, where the counter is an observable one.
#
# @opentelemetry/sdk-metrics 3.1.0: a view with `createAllowListAttributesProcessor` leaves attributes out, to have fewer
# series. What a counter was given for the attributes that are then alike is added up; of an observable counter, which
# a callback sets to what a database or another library counts, the last one is kept: 5 sold in one region and 7 in
# the other are 7, and by the order of the database's rows 5. An observable up-down counter does the same. OpenTelemetry's
# guidelines for SDKs have the sum there ("attribute removal in a view"), and the SDKs in Go and Python
# mended it; README and the API's documentation say nothing of it.
# Add up in the callback, or leave the attributes to the collector.
#
# Seen on 2026-11-30, for 5 and 7 without their region:
#   counter 12, up-down counter 12, observable counter 7, observable up-down counter 7
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
  createAllowListAttributesProcessor,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const provider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter })],
  views: [
    { instrumentName: "*", attributesProcessors: [createAllowListAttributesProcessor(["event"])] },
  ],
});
const meter = provider.getMeter("sales");
const sold = [
  [5, { event: "a", region: "north" }],
  [7, { event: "a", region: "south" }],
];
const counter = meter.createCounter("counter");
const upDown = meter.createUpDownCounter("up-down counter");
for (const [count, attributes] of sold) {
  counter.add(count, attributes);
  upDown.add(count, attributes);
}
for (const observable of [
  meter.createObservableCounter("observable counter"),
  meter.createObservableUpDownCounter("observable up-down counter"),
]) {
  observable.addCallback((result) => {
    for (const [count, attributes] of sold) result.observe(count, attributes);
  });
}
await provider.forceFlush();
for (const { descriptor, dataPoints } of exporter.getMetrics()[0].scopeMetrics[0].metrics) {
  for (const { attributes, value } of dataPoints) {
    console.log(`${descriptor.name} ${JSON.stringify(attributes)}: ${value}`);
  }
}
await provider.shutdown();
JS
node try.mjs | tee out
grep -qxF 'counter {"event":"a"}: 12' out
grep -qxF 'up-down counter {"event":"a"}: 12' out
grep -qxF 'observable counter {"event":"a"}: 7' out
grep -qxF 'observable up-down counter {"event":"a"}: 7' out
