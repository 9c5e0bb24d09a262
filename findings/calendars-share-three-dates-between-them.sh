#!/bin/sh
# Of a race on three dates node-ical has the first, and ical.js has the other two.
#
# node-ical 0.26.1, ical.js 2.2.1: RFC 5545 (3.8.5.2) has RDATE for dates that follow no rule, and says that the set of an entry's
# dates is "the initial DTSTART property along with the RRULE, RDATE, and EXDATE". node-ical keeps RDATE as the text that it is
# in the file: `expandRecurringEvent`, by README with "proper handling of EXDATE, RECURRENCE-ID", has the first date alone, also
# beside a rule. ical.js has the named dates, and drops the first where there is no rule. So one file shows a race on the 1st to
# one reader, and on the 5th and the 9th to another. Where a rule has the first date too, ical.js has all.
# When writing, give each date an entry of its own; when reading, take `DTSTART` and what ical.js has.
#
# Seen on 2026-11-30, of entries that begin on 1 July 2026 at 09:00 UTC:
#   RDATE 5 and 9 July: node-ical 07-01; ical.js 07-05, 07-09
#   weekly twice, and RDATE 5 July: node-ical 07-01, 07-08; ical.js 07-01, 07-05, 07-08
#   weekly twice, without 8 July: 07-01 by both
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node-ical@0.26.1 ical.js@2.2.1
cat >try.mjs <<'JS'
import ICAL from "ical.js";
import nodeIcal from "node-ical";

function calendar(...lines) {
  const entry = ["UID:race", "DTSTAMP:20260101T000000Z", "DTSTART:20260701T090000Z", "DTEND:20260701T170000Z", ...lines];
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:races", "BEGIN:VEVENT", ...entry, "END:VEVENT", "END:VCALENDAR", ""].join("\r\n");
}
const day = (text) => text.slice(5, 10);
function byNodeIcal(text) {
  const [event] = Object.values(nodeIcal.sync.parseICS(text)).filter(({ type }) => type === "VEVENT");
  const range = { from: new Date("2026-01-01Z"), to: new Date("2027-01-01Z") };
  const found = nodeIcal.expandRecurringEvent(event, range);
  return found.map(({ start }) => day(start.toISOString())).join(", ");
}
function byIcalJs(text) {
  const entry = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent");
  const dates = new ICAL.Event(entry).iterator();
  const days = [];
  for (let at = dates.next(); at; at = dates.next()) days.push(day(at.toString()));
  return days.join(", ");
}
function tell(name, ...lines) {
  const text = calendar(...lines);
  console.log(`${name}: node-ical ${byNodeIcal(text)}; ical.js ${byIcalJs(text)}`);
}
tell("dates alone", "RDATE:20260705T090000Z,20260709T090000Z");
tell("a rule and a date", "RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20260705T090000Z");
tell("a rule without a date", "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE:20260708T090000Z");
JS
node try.mjs | tee out
grep -qxF 'dates alone: node-ical 07-01; ical.js 07-05, 07-09' out
grep -qxF 'a rule and a date: node-ical 07-01, 07-08; ical.js 07-01, 07-05, 07-08' out
grep -qxF 'a rule without a date: node-ical 07-01; ical.js 07-01' out
