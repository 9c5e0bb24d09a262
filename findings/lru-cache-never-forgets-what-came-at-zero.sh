#!/bin/sh
# By the clock that lru-cache's README gives for tests, what is put in at the beginning is never too old.
#
# lru-cache 11.5.3: README ("Testing") shows a clock of one's own that begins with 0, and fake timers that are set before
# the package is imported, whose `performance.now()` begins with 0 too. 0 is also how the cache marks an entry without
# a time, so what is put in before such a clock is moved on has an endless time to live, whatever `ttl` says: `get` answers
# it for ever and `getRemainingTTL` is Infinity. A test that old answers are not shown fails for no reason that is to be seen, and one
# that asks how often something was loaded anew is green where the limit is far too short or not there.
# Begin a test's clock at 1, or anywhere else.
#
# Seen on 2026-11-30, of an entry with a ttl of 1000, asked for 5000 later:
#   clock from 0: kept, of Infinity left; from 1: gone; fake timers: kept; fake timers moved on by 1 first: gone
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit lru-cache@11.5.3 @sinonjs/fake-timers@15.0.0
cat >try.mjs <<'JS'
import FakeTimers from "@sinonjs/fake-timers";

const clock = FakeTimers.install();
const { LRUCache } = await import("lru-cache");
const shown = (value) => (value === undefined ? "gone" : value);

for (const start of [0, 1]) {
  let now = start;
  const cache = new LRUCache({ max: 10, ttl: 1000, perf: { now: () => now } });
  cache.set("price", "kept");
  now += 5000;
  console.log(`clock from ${start}: ${shown(cache.get("price"))}, ${cache.getRemainingTTL("price")} left`);
}
for (const before of [0, 1]) {
  clock.reset();
  clock.tick(before);
  const cache = new LRUCache({ max: 10, ttl: 1000 });
  cache.set("price", "kept");
  clock.tick(5000);
  console.log(`fake timers at ${before}: ${shown(cache.get("price"))}`);
}
clock.uninstall();
JS
node try.mjs | tee out
grep -qxF 'clock from 0: kept, Infinity left' out
grep -qxF 'clock from 1: gone, 0 left' out
grep -qxF 'fake timers at 0: kept' out
grep -qxF 'fake timers at 1: gone' out
