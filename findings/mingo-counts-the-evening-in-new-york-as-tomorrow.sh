#!/bin/sh
# By mingo what is sold in New York in the evening is of the next day, and a month after the 31st of January is the 3rd of March.
#
# mingo 7.2.7 (MongoDB's queries and pipelines without a server), Node 20, the machine in UTC: `$dateTrunc` with a `timezone` truncates
# what it is in UTC, and then writes that in the zone. `$dateToString` of the same moment and zone has the right day, so a
# report that groups by the one and prints by the other puts the evening's sales beside another date; in Berlin it is the hours after
# midnight, which are yesterday's, and on the first of a month last month's. MongoDB's manual has "the last day of the month" for
# `$dateAdd` and `$dateSubtract` where the day does not exist, here it runs over. A time of day in `$dateFromString` or
# `$dateFromParts` is read with the zone's offset in winter all year. And the week of `%G-W%V` is of another year at New Year, since
# `$isoWeekYear` is the year of the calendar. README's "Differences from MongoDB" has nothing of dates.
# Group by `$dateToString`, and add months and read times elsewhere.
#
# Seen on 2026-12-01, in brackets what MongoDB's manual says, or the same moment by `$dateToString`:
#   day of 20:30 on 3 July in New York: 2026-07-04 (2026-07-03); of 01:00 on 1 July in Berlin: 2026-06-30, month 2026-06 (2026-07-01)
#   31 January and a month: 2026-03-03 (2026-02-28); 31 March less a month: 2026-03-03 (2026-02-28)
#   noon of 1 July in Berlin: 13:00 by its text, 13:00 by its parts (12:00); of 1 January 12:00
#   1 January 2027: 2027-W53 (2026-W53)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit mingo@7.2.7
cat >try.mjs <<'JS'
import { Aggregator } from "mingo";

/** What an expression is, in a pipeline of one step. */
const valueOf = (expression) => new Aggregator([{ $project: { value: expression } }]).run([{ _id: 1 }])[0].value;
const shown = (date, timezone, format) => valueOf({ $dateToString: { date, format, timezone } });
const day = "%Y-%m-%d";

for (const [place, timezone, text] of [
  ["20:30 on 3 July in New York", "America/New_York", "2026-07-04T00:30Z"],
  ["01:00 on 1 July in Berlin", "Europe/Berlin", "2026-06-30T23:00Z"],
  ["noon on 1 July in Berlin", "Europe/Berlin", "2026-07-01T10:00Z"],
]) {
  const date = new Date(text);
  const truncated = (unit) => shown(valueOf({ $dateTrunc: { date, unit, timezone } }), timezone, day);
  console.log(`day of ${place}: ${truncated("day")}, month ${truncated("month").slice(0, 7)} (${shown(date, timezone, day)})`);
}
const moved = (operator, text) =>
  valueOf({ [operator]: { startDate: new Date(text), unit: "month", amount: 1 } }).toISOString().slice(0, 10);
console.log(`a month after 31 January: ${moved("$dateAdd", "2026-01-31T12:00Z")}`);
console.log(`a month before 31 March: ${moved("$dateSubtract", "2026-03-31T12:00Z")}`);
for (const month of [1, 7]) {
  const timezone = "Europe/Berlin";
  const byText = valueOf({ $dateFromString: { dateString: `2026-0${month}-01T12:00:00`, timezone } });
  const byParts = valueOf({ $dateFromParts: { year: 2026, month, day: 1, hour: 12, timezone } });
  console.log(`noon in Berlin in month ${month}: ${[byText, byParts].map((date) => shown(date, timezone, "%H:%M")).join(", ")}`);
}
const newYear = new Date("2027-01-01T12:00Z");
console.log(`New Year 2027: ${shown(newYear, "+00:00", "%G-W%V")}, of ${valueOf({ $isoWeekYear: newYear })}`);
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'day of 20:30 on 3 July in New York: 2026-07-04, month 2026-07 (2026-07-03)' out
grep -qxF 'day of 01:00 on 1 July in Berlin: 2026-06-30, month 2026-06 (2026-07-01)' out
grep -qxF 'day of noon on 1 July in Berlin: 2026-07-01, month 2026-07 (2026-07-01)' out
grep -qxF 'a month after 31 January: 2026-03-03' out
grep -qxF 'a month before 31 March: 2026-03-03' out
grep -qxF 'noon in Berlin in month 1: 12:00, 12:00' out
grep -qxF 'noon in Berlin in month 7: 13:00, 13:00' out
grep -qxF 'New Year 2027: 2027-W53, of 2027' out
