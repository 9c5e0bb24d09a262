#!/bin/sh
# node-ical calls off every date of a series of which one was called off, where the file has that one first.
#
# node-ical 0.26.1: a date of a series that was changed is an entry of its own with RECURRENCE-ID (RFC 5545, 3.8.4.4),
# and entries have no order in a file. node-ical says in its source that such an entry may come before its series and
# puts the series over it; what the series itself does not say stays from the changed date: STATUS, DESCRIPTION, URL.
# So all four dates are CANCELLED because the second one is, and each has its note. With the series first one date is
# called off, and ical-expander 3.2.0 says the same of both files.
# Sort the entries before parsing, those with RECURRENCE-ID last.
#
# Seen on 2026-11-30:
#   series first: 07-01 on, 07-08 CANCELLED (ill), 07-15 on, 07-22 on
#   date first: 07-01 CANCELLED (ill), 07-08 CANCELLED (ill), 07-15 CANCELLED (ill), 07-22 CANCELLED (ill)
#   ical-expander, date first: 07-01 on, 07-08 CANCELLED (ill), 07-15 on, 07-22 on
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node-ical@0.26.1 ical-expander@3.2.0
cat >try.mjs <<'JS'
import IcalExpander from "ical-expander";
import ical from "node-ical";

const common = ["UID:doors", "DTSTAMP:20260101T000000Z", "SUMMARY:Doors open"];
const entry = (day, lines) => [
  "BEGIN:VEVENT",
  ...common,
  `DTSTART:202607${day}T160000Z`,
  `DTEND:202607${day}T170000Z`,
  ...lines,
  "END:VEVENT",
];
const series = entry("01", ["RRULE:FREQ=WEEKLY;COUNT=4"]);
const date = entry("08", ["RECURRENCE-ID:20260708T160000Z", "STATUS:CANCELLED", "DESCRIPTION:ill"]);
const file = (entries) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", ...entries.flat(), "END:VCALENDAR", ""].join("\r\n");
const july = [new Date("2026-07-01"), new Date("2026-08-01")];
const said = (start, status, note) => `${start.toISOString().slice(5, 10)} ${status ?? "on"}${note ? ` (${note})` : ""}`;

for (const [name, entries] of [["series first", [series, date]], ["date first", [date, series]]]) {
  const found = Object.values(ical.sync.parseICS(file(entries))).find(({ type }) => type === "VEVENT");
  const dates = ical.expandRecurringEvent(found, { from: july[0], to: july[1] });
  console.log(`${name}: ${dates.map(({ start, event }) => said(start, event.status, event.description)).join(", ")}`);
}
const { events, occurrences } = new IcalExpander({ ics: file([date, series]) }).between(...july);
const dates = [...events.map((item) => [item.startDate, item]), ...occurrences.map(({ startDate, item }) => [startDate, item])]
  .sort(([a], [b]) => a.compare(b))
  .map(([start, { component }]) =>
    said(start.toJSDate(), component.getFirstPropertyValue("status"), component.getFirstPropertyValue("description")),
  );
console.log(`ical-expander, date first: ${dates.join(", ")}`);
JS
node try.mjs | tee out
grep -qxF 'series first: 07-01 on, 07-08 CANCELLED (ill), 07-15 on, 07-22 on' out
grep -qxF 'date first: 07-01 CANCELLED (ill), 07-08 CANCELLED (ill), 07-15 CANCELLED (ill), 07-22 CANCELLED (ill)' out
grep -qxF 'ical-expander, date first: 07-01 on, 07-08 CANCELLED (ill), 07-15 on, 07-22 on' out
