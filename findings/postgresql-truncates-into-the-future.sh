#!/bin/sh
# PostgreSQL's `date_trunc('day', ...)` can be later than the time that it truncates.
#
# PGlite 0.5.14 (PostgreSQL 18.6): in the Azores clocks go back from 01:00 to midnight, so the day begins at the first of
# two midnights. `date_trunc('day', at, 'Atlantic/Azores')` answers the second, also for what is before it, for an
# ambiguous time is taken for standard time, as is `day at time zone ...`. Grouping by that value is right, for all of
# the day have the same; `at >= date_trunc('day', now(), zone)` leaves out what was sold between the two midnights.
# `date_trunc('hour', ...)` is right. Luxon 3.7.2 answers by which of the two hours it is asked for, so that one day
# has two beginnings; Temporal (temporal-polyfill 1.0.8) has the first.
# To ask for a day's rows compare days: `(at at time zone zone)::date = day`.
#
# Seen on 2026-11-30, for 2026-10-25 in the Azores:
#   00:30Z, 00:30 there: PostgreSQL 01:00Z (later), hour 00:00Z, luxon 00:00Z, Temporal 00:00Z
#   01:30Z, 00:30 there: PostgreSQL 01:00Z, hour 01:00Z, luxon 01:00Z, Temporal 00:00Z
#   sold on that day: 2, since its beginning by PostgreSQL: 1
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @electric-sql/pglite@0.5.14 luxon@3.7.2 temporal-polyfill@1.0.8
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { DateTime } from "luxon";
import { Temporal } from "temporal-polyfill";

const zone = "Atlantic/Azores";
const db = await PGlite.create();
const clock = (instant) => `${new Date(Number(instant)).toISOString().slice(11, 16)}Z`;
const sold = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"];
for (const text of sold) {
  const { rows } = await db.query(
    "select date_trunc('day', $1::timestamptz, $2) as day, date_trunc('hour', $1::timestamptz, $2) as hour",
    [text, zone],
  );
  const [{ day, hour }] = rows;
  const there = Temporal.Instant.from(text).toZonedDateTimeISO(zone);
  const luxon = DateTime.fromISO(text, { zone }).startOf("day");
  const later = day > new Date(text) ? " (later)" : "";
  console.log(
    `${clock(new Date(text))}, ${there.toPlainTime().toString().slice(0, 5)} there: PostgreSQL ${clock(day)}${later}, ` +
      `hour ${clock(hour)}, luxon ${clock(luxon)}, Temporal ${clock(there.startOfDay().epochMilliseconds)}`,
  );
}
const { rows } = await db.query(
  `select
    count(*)::int as sold,
    count(*) filter (where at >= date_trunc('day', timestamptz '2026-10-25 12:00Z', $2))::int as since
  from unnest($1::timestamptz[]) at
  where (at at time zone $2)::date = '2026-10-25'`,
  [sold, zone],
);
console.log(`sold on that day: ${rows[0].sold}, since its beginning by PostgreSQL: ${rows[0].since}`);
await db.close();
JS
node try.mjs | tee out
grep -qxF '00:30Z, 00:30 there: PostgreSQL 01:00Z (later), hour 00:00Z, luxon 00:00Z, Temporal 00:00Z' out
grep -qxF '01:30Z, 00:30 there: PostgreSQL 01:00Z, hour 01:00Z, luxon 01:00Z, Temporal 00:00Z' out
grep -qxF 'sold on that day: 2, since its beginning by PostgreSQL: 1' out
