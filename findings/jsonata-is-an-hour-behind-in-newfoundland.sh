#!/bin/sh
# JSONata's clock for St. John's is an hour behind: "-0330" is 04:30 behind UTC, and it says so itself.
#
# jsonata 2.2.2, Node 20: the third parameter of `$fromMillis` and the second of `$now` are a zone "in the format ±HHMM", by the
# documentation. The hours are what `Math.floor` makes of a hundredth of that number, which below nought is the next hour, and the
# minutes are taken off once more. So each zone that is behind UTC and not by whole hours (Newfoundland in winter and in summer, the
# Marquesas) has times of an hour earlier, sales of the first hour are the day before's, and the offset that is written behind them
# agrees with the wrong hour, so that nobody sees it. Zones ahead of UTC (India, Nepal) are right. So is
# `$toMillis` of an ISO text; by a picture it makes the mistake the other way, and reads an hour early what another program wrote.
# Add the offset to the milliseconds, write without a zone, and read ISO texts without a picture.
#
# Seen on 2026-12-01, of 2026-07-01T10:00Z, and of noon with that offset read by a picture, and without:
#   -0330: 2026-07-01T05:30:00.000-04:30, read 14:30Z, 15:30Z; -0930: 2026-06-30T23:30:00.000-10:30, read 20:30Z, 21:30Z
#   -0300: 2026-07-01T07:00:00.000-03:00, read 15:00Z, 15:00Z; +0530: 2026-07-01T15:30:00.000+05:30, read 06:30Z, 06:30Z
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit jsonata@2.2.2
cat >try.mjs <<'JS'
import jsonata from "jsonata";

const at = Date.parse("2026-07-01T10:00Z");
const run = (expression, input) => jsonata(expression).evaluate(input);
const clock = (ms) => `${new Date(ms).toISOString().slice(11, 16)}Z`;
for (const zone of ["-0330", "-0930", "-0300", "+0530"]) {
  const offset = `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const written = await run("$fromMillis(at, undefined, zone)", { at, zone });
  const read = await run("$toMillis(text, '[Y0001]-[M01]-[D01] [H01]:[m01] [Z]')", { text: `2026-07-01 12:00 ${offset}` });
  const iso = await run("$toMillis(text)", { text: `2026-07-01T12:00:00${offset}` });
  console.log(`${zone}: ${written}, read ${clock(read)}, ${clock(iso)}`);
}
JS
node try.mjs | tee out
grep -qxF -e '-0330: 2026-07-01T05:30:00.000-04:30, read 14:30Z, 15:30Z' out
grep -qxF -e '-0930: 2026-06-30T23:30:00.000-10:30, read 20:30Z, 21:30Z' out
grep -qxF -e '-0300: 2026-07-01T07:00:00.000-03:00, read 15:00Z, 15:00Z' out
grep -qxF -e '+0530: 2026-07-01T15:30:00.000+05:30, read 06:30Z, 06:30Z' out
