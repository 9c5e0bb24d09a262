#!/bin/sh
# By spacetime the last two weeks of 2026 both are week 52, and the first three days of 2027 are in another week than their Monday.
#
# spacetime 7.15.0: `week()` counts by Mondays, as ISO 8601 and its own `startOf("week")` do, and has no week 53, which
# 2026 has as 2020 had. So what was sold from 21 December to 3 January is one week of 52, or, from 1 January on, part of
# week 1 of 2027: the week that `startOf("week")` gives, from 28 December on, has two numbers, and so has each week
# in which a year begins on a Friday, Saturday or Sunday. Luxon 3.7.2 has 53 for all of it. Reported twice upstream
# (issues 262 and 386) and closed as mended.
# Group by the date of `startOf("week")`.
#
# Seen on 2026-11-30:
#   2026-12-27: spacetime 52 (from 2026-12-21), luxon 52
#   2026-12-28: spacetime 52 (from 2026-12-28), luxon 53
#   2027-01-01: spacetime 1 (from 2026-12-28), luxon 53
#   2027-01-04: spacetime 1 (from 2027-01-04), luxon 1
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit spacetime@7.15.0 luxon@3.7.2
cat >try.mjs <<'JS'
import { DateTime } from "luxon";
import spacetime from "spacetime";

for (const day of ["2026-12-27", "2026-12-28", "2027-01-01", "2027-01-04"]) {
  const moment = spacetime(`${day}T12:00:00Z`, "UTC");
  const monday = moment.startOf("week").format("iso-short");
  const { weekNumber } = DateTime.fromISO(day, { zone: "UTC" });
  console.log(`${day}: spacetime ${moment.week()} (from ${monday}), luxon ${weekNumber}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF '2026-12-27: spacetime 52 (from 2026-12-21), luxon 52' out
grep -qxF '2026-12-28: spacetime 52 (from 2026-12-28), luxon 53' out
grep -qxF '2027-01-01: spacetime 1 (from 2026-12-28), luxon 53' out
grep -qxF '2027-01-04: spacetime 1 (from 2027-01-04), luxon 1' out
