#!/bin/sh
# An event without a time has, by CloudEvents' own SDK, the time at which it was read: each replay makes it another day's.
#
# cloudevents 10.0.0 (the SDK for JavaScript), Node 20: `time` is optional, and the specification lets the producer alone put another
# time there: "MAY be set to some other time (such as the current time) by the CloudEvents producer", the same by all producers of
# a source. `HTTP.toEvent`, by which a consumer reads, puts in the time of reading, and nothing tells it from a real
# one: sales that are read again in August are sales of August. A time that is there loses its offset, though that is what says which
# day it was where the race is, and its microseconds, by which two sales of one millisecond are ordered.
# Look for `time` in the message itself before it is handed over, and keep that text.
#
# Seen on 2026-12-01, with a clock that stands at 2026-08-01T12:00Z, and at 2026-08-02T12:00Z for a second reading:
#   without a time: 2026-08-01T12:00:00.000Z, read again 2026-08-02T12:00:00.000Z
#   2026-07-02T00:30:00.123456+02:00: 2026-07-01T22:30:00.123Z, so in binary as in structured mode
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit cloudevents@10.0.0 @sinonjs/fake-timers@15.0.0
cat >try.mjs <<'JS'
import FakeTimers from "@sinonjs/fake-timers";

const clock = FakeTimers.install({ now: Date.parse("2026-08-01T12:00Z"), toFake: ["Date"] });
const { HTTP } = await import("cloudevents");
const sale = { specversion: "1.0", id: "1", source: "/shop", type: "sold" };
const structured = (more) =>
  HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body: JSON.stringify({ ...sale, ...more }) });
const binary = (time) =>
  HTTP.toEvent({
    headers: { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/shop", "ce-type": "sold", "ce-time": time },
    body: "{}",
  });
console.log(`without a time: ${structured({}).time}`);
clock.setSystemTime(Date.parse("2026-08-02T12:00Z"));
console.log(`read again: ${structured({}).time}`);
const time = "2026-07-02T00:30:00.123456+02:00";
console.log(`structured: ${structured({ time }).time}, binary: ${binary(time).time}`);
clock.uninstall();
JS
node try.mjs | tee out
grep -qxF 'without a time: 2026-08-01T12:00:00.000Z' out
grep -qxF 'read again: 2026-08-02T12:00:00.000Z' out
grep -qxF 'structured: 2026-07-01T22:30:00.123Z, binary: 2026-07-01T22:30:00.123Z' out
