#!/bin/sh
# parse-duration reads a day and two hours of ISO 8601 as two hours, and one and a half hours as fifteen.
#
# parse-duration 2.1.9: it has a number and the letters behind it, and drops what it does not know, so that `PT1H30M` and `P1D`, as
# calendars, PostgreSQL and APIs write them, are read. In `P1DT2H` the letters behind the 1 are "DT", which is no unit: the day
# is gone, and nothing is said where a text with no unit that it knows is null. A comma is of thousands
# wherever it stands (README has "27,681 ns"), so `1,5h` and `0,5h` are ten times what they say; with the German locale the point
# is, and `1.5h` is fifteen. `01:30` is a millisecond. That a comma cannot be both is known upstream (issue 35, closed); of
# ISO 8601 nothing is said.
# Read ISO 8601 by a library of dates (luxon 3.7.2), and refuse a comma or a colon.
#
# Seen on 2026-11-30, in hours:
#   PT1H30M 1.5, luxon 1.5; P1D 24, luxon 24; P1DT2H 2, luxon 26; P3DT6H30M 6.5, luxon 78.5
#   1.5h 1.5; 1,5h 15; 0,5h 5; by the German locale 1,5h 1.5 and 1.5h 15
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit parse-duration@2.1.9 luxon@3.7.2
cat >try.mjs <<'JS'
import { Duration } from "luxon";
import parse from "parse-duration";
import german from "parse-duration/locale/de.js";

for (const text of ["PT1H30M", "P1D", "P1DT2H", "P3DT6H30M"]) {
  console.log(`${text}: ${parse(text, "h")}, luxon ${Duration.fromISO(text).as("hours")}`);
}
for (const text of ["1.5h", "1,5h", "0,5h"]) console.log(`${text}: ${parse(text, "h")}`);
console.log(`01:30: ${parse("01:30")} ms`);
parse.unit = german;
console.log(`German: 1,5h ${parse("1,5h", "h")}, 1.5h ${parse("1.5h", "h")}`);
JS
node try.mjs | tee out
grep -qxF 'PT1H30M: 1.5, luxon 1.5' out
grep -qxF 'P1D: 24, luxon 24' out
grep -qxF 'P1DT2H: 2, luxon 26' out
grep -qxF 'P3DT6H30M: 6.5, luxon 78.5' out
grep -qxF '1.5h: 1.5' out
grep -qxF '1,5h: 15' out
grep -qxF '0,5h: 5' out
grep -qxF '01:30: 1.03 ms' out
grep -qxF 'German: 1,5h 1.5, 1.5h 15' out
