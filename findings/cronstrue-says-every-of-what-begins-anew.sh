#!/bin/sh
# cRonstrue says "Every 45 minutes" of what runs 45 and 15 minutes apart, and "on day 13, and on Friday" of what needs one of both.
#
# cronstrue 3.39.0: it "outputs a human readable description of the cron schedule", for a page or before a schedule is saved. A step
# (`*/45`) begins anew with each hour, day or month, by crontab(5) as by croner 11.0.1, so it is "every 45 minutes" only where
# it divides 60. And of a day of the month and a weekday cron takes either: an e-mail "on day 13 of the month, and on Friday"
# goes out every Friday, which "every 2 days" does on the 31st and on the 1st.
# Show the next runs beside the words.
#
# Seen on 2026-12-01, from 2026-01-29T08:00Z on:
#   */45 * * * *: "Every 45 minutes", 08:45 09:00 09:45 10:00
#   0 */5 * * *: "On the hour, every 5 hours", 10:00 15:00 20:00 00:00
#   0 9 */2 * *: "At 09:00 AM, every 2 days in a month", 01-29 01-31 02-01 02-03
#   0 9 13 * 5: "At 09:00 AM, on day 13 of the month, and on Friday", 01-30 02-06 02-13 02-20
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit cronstrue@3.39.0 croner@11.0.1
cat >try.mjs <<'JS'
import cronstrue from "cronstrue";
import { Cron } from "croner";

const from = new Date("2026-01-29T08:00Z");
const show = (expression, [start, end]) => {
  const runs = new Cron(expression, { timezone: "UTC" }).nextRuns(4, from);
  const next = runs.map((run) => run.toISOString().slice(start, end)).join(" ");
  console.log(`${expression}: "${cronstrue.toString(expression)}", ${next}`);
};
for (const expression of ["*/45 * * * *", "0 */5 * * *"]) show(expression, [11, 16]);
for (const expression of ["0 9 */2 * *", "0 9 13 * 5"]) show(expression, [5, 10]);
JS
node try.mjs | tee out
grep -qxF '*/45 * * * *: "Every 45 minutes", 08:45 09:00 09:45 10:00' out
grep -qxF '0 */5 * * *: "On the hour, every 5 hours", 10:00 15:00 20:00 00:00' out
grep -qxF '0 9 */2 * *: "At 09:00 AM, every 2 days in a month", 01-29 01-31 02-01 02-03' out
grep -qxF '0 9 13 * 5: "At 09:00 AM, on day 13 of the month, and on Friday", 01-30 02-06 02-13 02-20' out
