#!/bin/sh
# An hour and a half that ics writes into a calendar is one hour to one reader, and five hours to another.
#
# ics 3.12.0: an entry has an `end` or a `duration` ("{ hours: 6, minutes: 30 }"), whose parts are numbers. What it writes of
# `{ hours: 1.5 }` is `PT1.5H`, without an error; RFC 5545 has whole numbers alone there. ical.js 2.2.1 reads one hour
# of it, and node-ical 0.26.1 the five behind the point. A whole day is `P1DT`, with the mark of a time that does not
# come, which the RFC's grammar has not either; these two readers forgive it.
# Give whole hours and minutes, or the `end`.
#
# Seen on 2026-11-30, of what begins at 14:30:
#   {"hours":1,"minutes":30}: PT1H30M, ends by ical.js 16:00, by node-ical 16:00
#   {"hours":1.5}: PT1.5H, ends by ical.js 15:30, by node-ical 19:30
#   {"minutes":90}: PT90M, ends by ical.js 16:00, by node-ical 16:00
#   {"days":1}: P1DT, ends by ical.js 14:30, by node-ical 14:30
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit ics@3.12.0 ical.js@2.2.1 node-ical@0.26.1
cat >try.mjs <<'JS'
import ICAL from "ical.js";
import ics from "ics";
import nodeIcal from "node-ical";

for (const duration of [{ hours: 1, minutes: 30 }, { hours: 1.5 }, { minutes: 90 }, { days: 1 }]) {
  const { value, error } = ics.createEvent({ title: "Briefing", start: [2026, 7, 1, 14, 30], duration });
  if (error) {
    console.log(`${JSON.stringify(duration)}: ${error.message}`);
    continue;
  }
  const written = value.match(/DURATION:(.*)/)[1].trim();
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(value)).getFirstSubcomponent("vevent"));
  const { end } = Object.values(nodeIcal.sync.parseICS(value)).find(({ type }) => type === "VEVENT");
  const clock = (at) => at.toISOString().slice(11, 16);
  console.log(`${JSON.stringify(duration)}: ${written}, ends by ical.js ${clock(event.endDate.toJSDate())}, by node-ical ${clock(end)}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF '{"hours":1,"minutes":30}: PT1H30M, ends by ical.js 16:00, by node-ical 16:00' out
grep -qxF '{"hours":1.5}: PT1.5H, ends by ical.js 15:30, by node-ical 19:30' out
grep -qxF '{"minutes":90}: PT90M, ends by ical.js 16:00, by node-ical 16:00' out
grep -qxF '{"days":1}: P1DT, ends by ical.js 14:30, by node-ical 14:30' out
