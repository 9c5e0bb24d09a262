#!/bin/sh
# Times as BigQuery writes them lose their microseconds in BigQuery's own client, are the machine's or become null.
#
# @google-cloud/bigquery 8.3.1: `BigQuery.timestamp(text)` makes what is sent as a parameter or inserted. Its microseconds are
# kept for "2026-07-01T12:30:15.123456Z" alone. With a space and " UTC", as BigQuery shows every TIMESTAMP, with "+00:00" or
# any offset they are cut, so a row is not found by the very time that was read. Without a zone BigQuery takes a
# time for UTC ("If a time zone is not explicitly specified, the default time zone, UTC, is used"), the client for that
# of the machine: two hours early in Berlin. And with the name of a zone, which BigQuery takes as well, the value is
# null: what is compared with it is found nowhere, and what is inserted has no time.
# Hand over ISO texts that end in Z.
#
# Seen on 2026-11-30, on a machine in Berlin:
#   2026-07-01T12:30:15.123456Z: 2026-07-01T12:30:15.123456000Z
#   2026-07-01 12:30:15.123456 UTC: 2026-07-01T12:30:15.123Z
#   2026-07-01T12:30:15.123456+00:00: 2026-07-01T12:30:15.123Z
#   2026-07-01 12:30:15.123456: 2026-07-01T10:30:15.123Z
#   2026-07-01 12:30:15 Europe/Berlin: null
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @google-cloud/bigquery@8.3.1
cat >try.mjs <<'JS'
import { BigQuery } from "@google-cloud/bigquery";

for (const text of [
  "2026-07-01T12:30:15.123456Z",
  "2026-07-01 12:30:15.123456 UTC",
  "2026-07-01T12:30:15.123456+00:00",
  "2026-07-01 12:30:15.123456",
  "2026-07-01 12:30:15 Europe/Berlin",
]) {
  console.log(`${text}: ${BigQuery.timestamp(text).value}`);
}
JS
TZ=Europe/Berlin node try.mjs | tee out
grep -qxF '2026-07-01T12:30:15.123456Z: 2026-07-01T12:30:15.123456000Z' out
grep -qxF '2026-07-01 12:30:15.123456 UTC: 2026-07-01T12:30:15.123Z' out
grep -qxF '2026-07-01T12:30:15.123456+00:00: 2026-07-01T12:30:15.123Z' out
grep -qxF '2026-07-01 12:30:15.123456: 2026-07-01T10:30:15.123Z' out
grep -qxF '2026-07-01 12:30:15 Europe/Berlin: null' out
