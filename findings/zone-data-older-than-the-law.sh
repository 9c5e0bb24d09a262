#!/bin/sh
# On one day, four pinned sources of zone data give two answers for Vancouver, and the runtime cannot say
# which release it has.
#
# British Columbia stays at UTC-7 from 2026 on (tzdata 2026b), so 2027-01-16T07:30:00Z is 00:30 there. With
# the newest releases of 2026-11-28:
#   - Bun 1.4.5's Intl says 23:30 of the day before. Its zone data is compiled in, so a newer tzdata package
#     in the image changes nothing, and `process.versions.tz`, where Node names its release, is undefined.
#   - @js-joda/timezone 2.25.2 has 2026a as well (its first lines name the release).
#   - timezonecomplete 5.15.1 pins tzdata 1.0.49 exactly, so a newer `tzdata` beside it is not used.
#   - moment-timezone 0.6.6 has 2026f, and `moment.tz.dataVersion` says so.
# A sale of the first hour after midnight is on the wrong day, and the event's date is a day early.
#
# Seen on 2026-11-28:
#   bun 1.4.5, tz undefined: 2027-01-15 23:30
#   @js-joda/timezone 2.25.2-2026a
#   timezonecomplete asks for tzdata 1.0.49
#   moment-timezone 2026f: offset -07:00
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit bun@1.4.5 @js-joda/core @js-joda/timezone@2.25.2 \
  timezonecomplete@5.15.1 moment-timezone@0.6.6
cat >bun.mjs <<'JS'
const clock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "America/Vancouver", dateStyle: "short", timeStyle: "short",
});
const shown = clock.format(new Date("2027-01-16T07:30:00Z"));
console.log(`bun ${Bun.version}, tz ${process.versions.tz}: ${shown}`);
JS
cat >moment.cjs <<'JS'
const moment = require("moment-timezone");
const offset = moment.tz("2027-01-16T07:30:00Z", "America/Vancouver").format("Z");
console.log(`moment-timezone ${moment.tz.dataVersion}: offset ${offset}`);
const { dependencies } = require("timezonecomplete/package.json");
console.log(`timezonecomplete asks for tzdata ${dependencies.tzdata}`);
JS
{
  npx bun bun.mjs
  grep -om1 '@js-joda/timezone - .*' node_modules/@js-joda/timezone/dist/js-joda-timezone.js
  node moment.cjs
} | tee out
grep -q '^bun 1.4.5, tz undefined: 2027-01-15 23:30$' out
grep -q '2.25.2-2026a$' out
grep -q 'asks for tzdata 1.0.49$' out
grep -q '^moment-timezone 2026f: offset -07:00$' out
