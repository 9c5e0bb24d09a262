#!/bin/sh
# A mail that liquidjs writes in New York says 30 June of a race on 2026-07-01, and 1 July of one on 2026/07/01.
#
# liquidjs 10.30.1: of its filter `date` the documentation says that "literal values are considered in runtime's time zone by default".
# They are read by `new Date`, which takes a date of ISO 8601 without a time for midnight in UTC, and what was read is shown in
# the machine's zone. West of Greenwich that is the day before, wherever the race is. Shopify's Liquid, which it
# follows, has no midnight in UTC there and shows the day that was written. `preserveTimezones`, by which a literal
# keeps its own zone, leaves a date as it is here. East of Greenwich the day is right and the hour is not midnight.
# Hand over a time with the date (`2026-07-01T12:00`), or set `timezoneOffset: 0` for dates alone.
#
# Seen on 2026-12-01:
#   New York: 2026-07-01 is 30 June 20:00, 2026/07/01 is 1 July 00:00, with preserveTimezones 30 June 20:00, with an offset of 0 1 July
#   Berlin: 2026-07-01 is 1 July 02:00
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit liquidjs@10.30.1
cat >try.mjs <<'JS'
import { Liquid } from "liquidjs";

const shown = (date, options) => new Liquid(options).parseAndRenderSync(`{{ '${date}' | date: '%-d %B %H:%M' }}`);
console.log(`${process.env.TZ}: ${shown("2026-07-01")}`);
console.log(`${process.env.TZ}, slashes: ${shown("2026/07/01")}`);
console.log(`${process.env.TZ}, preserved: ${shown("2026-07-01", { preserveTimezones: true })}`);
console.log(`${process.env.TZ}, offset 0: ${shown("2026-07-01", { timezoneOffset: 0 })}`);
JS
{ TZ=America/New_York node try.mjs; TZ=Europe/Berlin node try.mjs; } | tee out
grep -qxF 'America/New_York: 30 June 20:00' out
grep -qxF 'America/New_York, slashes: 1 July 00:00' out
grep -qxF 'America/New_York, preserved: 30 June 20:00' out
grep -qxF 'America/New_York, offset 0: 1 July 00:00' out
grep -qxF 'Europe/Berlin: 1 July 02:00' out
