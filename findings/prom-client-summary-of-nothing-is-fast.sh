#!/bin/sh
# A summary of prom-client says that an answer takes 0 seconds while nobody asks.
#
# prom-client 15.1.3: with `maxAgeSeconds`, which is there so that quantiles are those of lately, they are 0 as soon as the
# observations have aged out, and before the first one. Prometheus's Go client says NaN there, which a graph leaves out.
# So at night the 99th percentile is better than ever, an average over instances sinks with each one that has nothing
# to do, and a service that answers nobody any more is its fastest. README says nothing of it.
# Leave out what has no new observations (`and rate(..._count[5m]) > 0`), or take a histogram.
#
# Seen on 2026-11-30:
#   before the first: 0.5 is 0, 0.99 is 0, count 0
#   after 3 s and 5 s: 0.5 is 4, 0.99 is 5, count 2
#   later: 0.5 is 0, 0.99 is 0, count 2
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit prom-client@15.1.3
cat >try.mjs <<'JS'
import { setTimeout } from "node:timers/promises";
import { Registry, Summary } from "prom-client";

const register = new Registry();
const summary = new Summary({
  name: "answer_seconds",
  help: "how long an answer takes",
  registers: [register],
  maxAgeSeconds: 1,
  ageBuckets: 2,
  percentiles: [0.5, 0.99],
});
async function told(name) {
  const text = await register.metrics();
  const valueOf = (sample) => text.split("\n").find((line) => line.startsWith(sample)).split(" ")[1];
  const said = ["0.5", "0.99"].map((quantile) => `${quantile} is ${valueOf(`answer_seconds{quantile="${quantile}"}`)}`);
  console.log(`${name}: ${said.join(", ")}, count ${valueOf("answer_seconds_count")}`);
}
await told("before the first");
summary.observe(3);
summary.observe(5);
await told("after 3 s and 5 s");
await setTimeout(3_000);
await told("later");
JS
node try.mjs | tee out
grep -qxF 'before the first: 0.5 is 0, 0.99 is 0, count 0' out
grep -qxF 'after 3 s and 5 s: 0.5 is 4, 0.99 is 5, count 2' out
grep -qxF 'later: 0.5 is 0, 0.99 is 0, count 2' out
