#!/bin/sh
# A histogram whose limits are not written in order counts wrongly in some of them, without an error.
#
# prom-client 15.1.3, Node 20: `buckets` of a histogram are taken in the order in which they stand, an observation goes
# into the first that is large enough, and the sums for `le` are made in that order too. README says nothing of an
# order, and in Prometheus's format a bucket holds all that is not above its `le`. With [10, 1, 5] two calls that took
# 3 and 7 seconds are both in the bucket of one second, so a dashboard says that nobody waited; count and sum are right,
# and Prometheus takes the text as it is. Where a limit is added at the end of a list this happens of itself.
#
# Seen on 2026-11-30, for 3 and 7:
#   [1,5,10]: 1=0 5=1 10=2 +Inf=2
#   [10,1,5]: 10=2 1=2 5=2 +Inf=2
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit prom-client@15.1.3
cat >try.mjs <<'JS'
import { Histogram, Registry } from "prom-client";

for (const buckets of [[1, 5, 10], [10, 1, 5]]) {
  const register = new Registry();
  const name = "wait_seconds";
  const histogram = new Histogram({ name, help: "wait", buckets, registers: [register] });
  histogram.observe(3);
  histogram.observe(7);
  const text = await register.metrics();
  const counts = [...text.matchAll(/le="([^"]+)"\} (\d+)/g)].map(([, le, count]) => `${le}=${count}`);
  console.log(`${JSON.stringify(buckets)}: ${counts.join(" ")}`);
}
JS
node try.mjs | tee out
grep -qFx '[1,5,10]: 1=0 5=1 10=2 +Inf=2' out
grep -qFx '[10,1,5]: 10=2 1=2 5=2 +Inf=2' out
