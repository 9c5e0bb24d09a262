#!/bin/sh
# ts-ics brings back a date that was called off, once the clocks have changed, and pays a rent of the 31st on the 28th for ever.
#
# ts-ics 2.4.6, the machine in UTC, as a server is: `extendByRecurrenceRule` adds days on the machine's clock to the start, and has
# no parameter for the zone of the event that `convertIcsCalendar` read it from. RFC 5545 (3.3.5, 3.3.10) recurs in that zone.
# After the change of clocks each date is an hour off, so that none of the EXDATEs, which are read rightly, is found:
# what was called off is there again. Where the evening is the next day in UTC, a rule by days of the week loses its first date and
# has the others on the day before. RFC 5545 leaves out a month without a 31st; here the 28th of February is where
# the rest is counted from. README says nothing of zones or of months. ical.js 2.2.1 has all of them right.
# Read the file by ts-ics, and expand its rules by another library.
#
# Seen on 2026-11-30, in the event's zone:
#   weekly at 09:00 in Berlin, 04-03 called off: ts-ics 03-27 09:00, 04-03 10:00, 04-10 10:00, ical.js 03-27 09:00, 04-10 09:00
#   each Tuesday at 20:00 in Los Angeles: ts-ics Mon 03-30, Mon 04-06, ical.js Tue 03-24, Tue 03-31, Tue 04-07
#   monthly from 01-31: ts-ics 01-31, 02-28, 03-28, 04-28, ical.js 01-31, 03-31, 05-31, 07-31
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit ts-ics@2.4.6 ical.js@2.2.1
cat >try.mjs <<'JS'
import ICAL from "ical.js";
import { convertIcsCalendar, extendByRecurrenceRule } from "ts-ics";

function read(zone, start, ...lines) {
  const text = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Findings//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z",
    "SUMMARY:Sale", `DTSTART;TZID=${zone}:${start}`, ...lines, "END:VEVENT", "END:VCALENDAR", "",
  ].join("\r\n");
  const [event] = convertIcsCalendar(undefined, text).events;
  const dates = extendByRecurrenceRule(event.recurrenceRule, {
    start: event.start.date,
    exceptions: event.exceptionDates?.map(({ date }) => date),
  });
  const iterator = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent")).iterator();
  const others = [];
  for (let next = iterator.next(); next; next = iterator.next()) others.push(next.toString());
  return { dates, others };
}
function inZone(date, zone) {
  return date.toLocaleString("sv-SE", { timeZone: zone }).slice(5, 16);
}
const weekday = (day) => new Date(`2026-${day}T00:00Z`).toUTCString().slice(0, 3);

const weekly = read("Europe/Berlin", "20260327T090000", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260403T090000");
console.log(`weekly: ts-ics ${weekly.dates.map((date) => inZone(date, "Europe/Berlin")).join(", ")}`);
console.log(`weekly: ical.js ${weekly.others.map((text) => text.slice(5, 16).replace("T", " ")).join(", ")}`);
const tuesdays = read("America/Los_Angeles", "20260324T200000", "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3");
const ownDays = tuesdays.dates.map((date) => inZone(date, "America/Los_Angeles").slice(0, 5));
console.log(`Tuesdays: ts-ics ${ownDays.map((day) => `${weekday(day)} ${day}`).join(", ")}`);
const otherDays = tuesdays.others.map((text) => text.slice(5, 10));
console.log(`Tuesdays: ical.js ${otherDays.map((day) => `${weekday(day)} ${day}`).join(", ")}`);
const monthly = read("Europe/Berlin", "20260131T090000", "RRULE:FREQ=MONTHLY;COUNT=4");
console.log(`monthly: ts-ics ${monthly.dates.map((date) => inZone(date, "Europe/Berlin").slice(0, 5)).join(", ")}`);
console.log(`monthly: ical.js ${monthly.others.map((text) => text.slice(5, 10)).join(", ")}`);
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'weekly: ts-ics 03-27 09:00, 04-03 10:00, 04-10 10:00' out
grep -qxF 'weekly: ical.js 03-27 09:00, 04-10 09:00' out
grep -qxF 'Tuesdays: ts-ics Mon 03-30, Mon 04-06' out
grep -qxF 'Tuesdays: ical.js Tue 03-24, Tue 03-31, Tue 04-07' out
grep -qxF 'monthly: ts-ics 01-31, 02-28, 03-28, 04-28' out
grep -qxF 'monthly: ical.js 01-31, 03-31, 05-31, 07-31' out
