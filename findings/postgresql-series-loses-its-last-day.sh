#!/bin/sh
# A series of days by PostgreSQL begins each day an hour late once midnight was left out, and has no last day.
#
# PGlite 0.5.14 (PostgreSQL 18.6): `generate_series(first, last, '1 day', zone)`, which has had the zone since
# PostgreSQL 16 so that it gets the change of clocks right, adds the step to the value before it and not to the first one.
# In Santiago, Cairo and Beirut the day on which summer time begins has no midnight, so that one is 01:00, and so is
# each day after it: what is sold from midnight to one belongs to the day before, and the last day of a week, whose
# midnight is the end of the series, is missing. From 31 January on by '1 month' it is the 28th from February on, for
# ever. Where clocks change at night, as in Berlin, midnights are right, and a series at 02:30 is one at 03:30 afterwards.
# Count with integers: `first + n * interval '1 day'` (`date_add(first, n * interval '1 day', zone)`), which has all.
#
# Seen on 2026-11-30, from 2026-09-04 to 2026-09-09 in Santiago, and by months:
#   series: 04 00:00, 05 00:00, 06 01:00, 07 01:00, 08 01:00
#   by integers: 04 00:00, 05 00:00, 06 01:00, 07 00:00, 08 00:00, 09 00:00
#   months: 01-31, 02-28, 03-28, 04-28, 05-28; by integers: 01-31, 02-28, 03-31, 04-30, 05-31
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @electric-sql/pglite@0.5.14
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";

const db = await PGlite.create();
async function show(name, sql, values = []) {
  const { rows } = await db.query(sql, values);
  console.log(`${name}: ${rows.map((row) => row.shown).join(", ")}`);
}
const week = ["2026-09-04T00:00-04:00", "2026-09-09T00:00-03:00", "America/Santiago"];
await show(
  "series",
  `select to_char(day at time zone $3, 'DD HH24:MI') as shown
  from generate_series($1::timestamptz, $2::timestamptz, interval '1 day', $3) day`,
  week,
);
await show(
  "by integers",
  `select to_char(day at time zone $3, 'DD HH24:MI') as shown
  from generate_series(0, 5) n, date_add($1::timestamptz, n * interval '1 day', $3) day
  where day <= $2`,
  week,
);
await show(
  "months",
  `select to_char(at, 'MM-DD') as shown
  from generate_series(timestamp '2026-01-31', timestamp '2026-05-31', interval '1 month') at`,
);
await show(
  "months by integers",
  `select to_char(timestamp '2026-01-31' + n * interval '1 month', 'MM-DD') as shown from generate_series(0, 4) n`,
);
await show(
  "at 02:30 in Berlin",
  `select to_char(at at time zone 'Europe/Berlin', 'DD HH24:MI') as shown
  from generate_series(timestamptz '2026-03-28 02:30+01', timestamptz '2026-03-31 12:00+02', interval '1 day', 'Europe/Berlin') at`,
);
await db.close();
JS
node try.mjs | tee out
grep -qxF 'series: 04 00:00, 05 00:00, 06 01:00, 07 01:00, 08 01:00' out
grep -qxF 'by integers: 04 00:00, 05 00:00, 06 01:00, 07 00:00, 08 00:00, 09 00:00' out
grep -qxF 'months: 01-31, 02-28, 03-28, 04-28, 05-28' out
grep -qxF 'months by integers: 01-31, 02-28, 03-31, 04-30, 05-31' out
grep -qxF 'at 02:30 in Berlin: 28 02:30, 29 03:30, 30 03:30, 31 03:30' out
