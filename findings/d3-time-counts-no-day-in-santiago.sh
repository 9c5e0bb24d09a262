#!/bin/sh
# By d3-time no day passes from a Sunday to the Monday after it, where clocks go forward at midnight.
#
# d3-time 3.1.1: `timeDay.count(start, end)` says how many days lie between, and `timeDay.range` lists them. In Santiago,
# Cairo and Beirut the day on which summer time begins has no midnight and begins at 01:00, so it is 23 hours long.
# `range` has that day; `count` divides what lies between by 24 hours and rounds down: 0 from that day to the next, and
# from it on to any later day one less than there are. `timeWeek.count` does the same from such a Sunday on. Bars are
# as many as `range` says and as wide as `count` says. Where summer time begins at 02:00, as in Berlin, it is right.
# Count in UTC, or take the length of the range.
#
# Seen on 2026-11-30:
#   America/Santiago: days from 2026-09-06 to 2026-09-07 count 0, range 1
#   America/Santiago: days from 2026-09-06 to 2026-10-06 count 29, range 30
#   America/Santiago: weeks from 2026-09-06 to 2026-09-13 count 0, range 1
#   Africa/Cairo: days from 2026-04-24 to 2026-04-25 count 0, range 1
#   Europe/Berlin: days from 2026-03-29 to 2026-03-30 count 1, range 1
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit d3-time@3.1.1
cat >try.mjs <<'JS'
import { timeDay, timeWeek } from "d3-time";

// The beginning of a day on the machine's clock.
function day(text) {
  const [year, month, date] = text.split("-").map(Number);
  return new Date(year, month - 1, date);
}
const told = (name, interval, from, to) =>
  console.log(
    `${process.env.TZ}: ${name} from ${from} to ${to} ` +
      `count ${interval.count(day(from), day(to))}, range ${interval.range(day(from), day(to)).length}`,
  );
if (process.env.TZ === "America/Santiago") {
  told("days", timeDay, "2026-09-06", "2026-09-07");
  told("days", timeDay, "2026-09-06", "2026-10-06");
  told("weeks", timeWeek, "2026-09-06", "2026-09-13");
}
if (process.env.TZ === "Africa/Cairo") told("days", timeDay, "2026-04-24", "2026-04-25");
if (process.env.TZ === "Europe/Berlin") told("days", timeDay, "2026-03-29", "2026-03-30");
JS
for zone in America/Santiago Africa/Cairo Europe/Berlin; do
  TZ=$zone node try.mjs
done | tee out
grep -qxF 'America/Santiago: days from 2026-09-06 to 2026-09-07 count 0, range 1' out
grep -qxF 'America/Santiago: days from 2026-09-06 to 2026-10-06 count 29, range 30' out
grep -qxF 'America/Santiago: weeks from 2026-09-06 to 2026-09-13 count 0, range 1' out
grep -qxF 'Africa/Cairo: days from 2026-04-24 to 2026-04-25 count 0, range 1' out
grep -qxF 'Europe/Berlin: days from 2026-03-29 to 2026-03-30 count 1, range 1' out
