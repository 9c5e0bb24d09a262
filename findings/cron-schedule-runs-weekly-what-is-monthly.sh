#!/bin/sh
# cron-schedule runs what is for the last Friday of a month on each Friday, and what is for the nearest working day on Sundays.
#
# cron-schedule 6.0.0: it has minutes to weekdays, lists, ranges and steps. Of a letter or a `#` behind a digit, by which
# Quartz, croner 11.0.1 and cron-parser 5.10.6 have the last (`5L`) or a certain weekday of a month (`5#2`) and the nearest
# working day (`15W`), it reads the digits and drops the rest, without an error: an invoice that is monthly goes out four
# or five times. A letter alone, as in `L` for the last day, is refused, so its author takes for understood what was not
# refused. `1.5` is 1 and `1-5x` is 1 to 5.
# Compare `getNextDates` with what is meant before a schedule is saved.
#
# Seen on 2026-11-30, the days of 2026 at 09:00 that come first:
#   0 9 * * 5L: cron-schedule 01-02 01-09 01-16, croner 01-30 02-27 03-27
#   0 9 * * 5#2: cron-schedule 01-02 01-09 01-16, croner 01-09 02-13 03-13
#   0 9 15W * *: cron-schedule 01-15 02-15 03-15, croner 01-15 02-16 03-16
#   0 9 L * *: cron-schedule refused, croner 01-31 02-28 03-31
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit cron-schedule@6.0.0 croner@11.0.1
cat >try.mjs <<'JS'
import { parseCronExpression } from "cron-schedule";
import { Cron } from "croner";

const from = new Date("2026-01-01T00:00Z");
const days = (dates) => dates.map((date) => date.toISOString().slice(5, 10)).join(" ");
function next(expression) {
  try {
    return days(parseCronExpression(expression).getNextDates(3, from));
  } catch {
    return "refused";
  }
}
for (const expression of ["0 9 * * 5L", "0 9 * * 5#2", "0 9 15W * *", "0 9 L * *"]) {
  const other = days(new Cron(expression, { timezone: "UTC" }).nextRuns(3, from));
  console.log(`${expression}: cron-schedule ${next(expression)}, croner ${other}`);
}
for (const [expression, same] of [["0 9 1.5 * *", "0 9 1 * *"], ["0 9 * * 1-5x", "0 9 * * 1-5"]]) {
  console.log(`${expression} is ${next(expression) === next(same) ? same : "another"}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF '0 9 * * 5L: cron-schedule 01-02 01-09 01-16, croner 01-30 02-27 03-27' out
grep -qxF '0 9 * * 5#2: cron-schedule 01-02 01-09 01-16, croner 01-09 02-13 03-13' out
grep -qxF '0 9 15W * *: cron-schedule 01-15 02-15 03-15, croner 01-15 02-16 03-16' out
grep -qxF '0 9 L * *: cron-schedule refused, croner 01-31 02-28 03-31' out
grep -qxF '0 9 1.5 * * is 0 9 1 * *' out
grep -qxF '0 9 * * 1-5x is 0 9 * * 1-5' out
