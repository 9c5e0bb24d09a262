#!/bin/sh
# One instant, given to ical-generator as a Date or as a moment, is two different times of one calendar entry.
#
# ical-generator 11.1.2: with `timezone` set on an entry, a moment or a Luxon DateTime is converted to that zone, and a
# plain Date is not: its time on the machine's own clock gets the zone's name. So in a container, whose clock is UTC,
# a launch at 14:00 in Berlin is written as 12:00 in Berlin, and on a desk in New York as 08:00. No error, and where
# it was written, in Berlin, all is right.
# Without `timezone` a Date is written in UTC and right, as is a moment.
#
# Seen on 2026-11-29, for 2026-03-29T12:00:00Z:
#   UTC: Date DTSTART;TZID=Europe/Berlin:20260329T120000
#   UTC: moment DTSTART;TZID=Europe/Berlin:20260329T140000
#   UTC: Date, no zone DTSTART:20260329T120000Z
#   America/New_York: Date DTSTART;TZID=Europe/Berlin:20260329T080000
#   America/New_York: moment DTSTART;TZID=Europe/Berlin:20260329T140000
#   America/New_York: Date, no zone DTSTART:20260329T120000Z
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit ical-generator@11.1.2 moment-timezone@0.6.6
cat >try.mjs <<'JS'
import ical from "ical-generator";
import moment from "moment-timezone";

const at = "2026-03-29T12:00:00Z";
const told = (name, start, timezone) => {
  const calendar = ical({ name: "launches" });
  calendar.createEvent({ id: "1", summary: "launch", start, ...(timezone && { timezone }) });
  console.log(`${process.env.TZ}: ${name} ${/DTSTART.*/.exec(calendar.toString())[0].trim()}`);
};
told("Date", new Date(at), "Europe/Berlin");
told("moment", moment(at), "Europe/Berlin");
told("Date, no zone", new Date(at));
JS
{
  TZ=UTC node try.mjs
  TZ=America/New_York node try.mjs
} | tee out
grep -qx 'UTC: Date DTSTART;TZID=Europe/Berlin:20260329T120000' out
grep -qx 'America/New_York: Date DTSTART;TZID=Europe/Berlin:20260329T080000' out
for zone in UTC America/New_York; do
  grep -qx "$zone: moment DTSTART;TZID=Europe/Berlin:20260329T140000" out
  grep -qx "$zone: Date, no zone DTSTART:20260329T120000Z" out
done
