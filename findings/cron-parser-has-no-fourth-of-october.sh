#!/bin/sh
# By cron-parser a daily job on Lord Howe has no 4 October, and in the Azores it runs an hour after the day has begun.
#
# cron-parser 5.10.6: what falls into the hour that clocks leave out runs once they have gone forward, and what comes twice runs at the
# first; so it is in Berlin, and README says of `tz` no more. On Lord Howe clocks go by half an hour: a job
# for 02:00, or 02:15, is not moved there and is left out for that day, without an error; in autumn what is for each half
# hour lacks the second half past one, and what is for each hour raises "loop limit exceeded". In the Azores clocks go back from
# 01:00 to midnight: a job for midnight runs at the second one, an hour into the day that it is to begin.
# croner 11.0.1 has each day once, and the first midnight.
# For a zone that changes by less than an hour, or at midnight, take croner.
#
# Seen on 2026-11-30, in UTC (Lord Howe changes on 2026-10-03T15:30, the Azores on 2026-10-25T01:00):
#   0 2 * * * on Lord Howe: cron-parser 10-02T15:30, 10-04T15:00; croner 10-02T15:30, 10-03T15:30, 10-04T15:00
#   0 0 * * * in the Azores: cron-parser 10-24T00:00, 10-25T01:00; croner 10-24T00:00, 10-25T00:00
#   30 2 * * * in Berlin: cron-parser 03-28T01:30, 03-29T01:30, 03-30T00:30
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit cron-parser@5.10.6 croner@11.0.1
cat >try.mjs <<'JS'
import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";

const short = (instants) => instants.map((instant) => instant.toISOString().slice(5, 16)).join(", ");
function tell(expression, zone, from, until) {
  const next = CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(from) });
  const end = new Date(until);
  const found = [];
  for (let at = next.next().toDate(); at < end; at = next.next().toDate()) found.push(at);
  const others = new Cron(expression, { timezone: zone }).nextRuns(20, new Date(from)).filter((at) => at < end);
  console.log(`${expression} ${zone}: cron-parser ${short(found)}; croner ${short(others)}`);
}
tell("0 2 * * *", "Australia/Lord_Howe", "2026-10-02T12:00Z", "2026-10-05T00:00Z");
tell("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T12:00Z", "2026-10-05T00:00Z");
tell("*/30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:20Z", "2026-04-04T16:00Z");
tell("0 0 * * *", "Atlantic/Azores", "2026-10-23T12:00Z", "2026-10-25T12:00Z");
tell("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00Z", "2026-03-30T12:00Z");
tell("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-26T12:00Z");
JS
node try.mjs | tee out
grep -qF '0 2 * * * Australia/Lord_Howe: cron-parser 10-02T15:30, 10-04T15:00; croner 10-02T15:30, 10-03T15:30, 10-04T15:00' out
grep -qF '15 2 * * * Australia/Lord_Howe: cron-parser 10-02T15:45, 10-04T15:15; croner' out
grep -qF '*/30 * * * * Australia/Lord_Howe: cron-parser 04-04T14:30, 04-04T15:30; croner 04-04T14:30, 04-04T15:00, 04-04T15:30' out
grep -qF '0 0 * * * Atlantic/Azores: cron-parser 10-24T00:00, 10-25T01:00; croner 10-24T00:00, 10-25T00:00' out
grep -qF '30 2 * * * Europe/Berlin: cron-parser 03-28T01:30, 03-29T01:30, 03-30T00:30; croner' out
grep -qF '30 2 * * * Europe/Berlin: cron-parser 10-25T00:30, 10-26T01:30; croner 10-25T00:30, 10-26T01:30' out
