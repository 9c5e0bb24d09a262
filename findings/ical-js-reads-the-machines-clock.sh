#!/bin/sh
# A calendar entry that ical-generator writes with a zone is read by ical.js as a time of the machine's own clock.
#
# ical-generator 11.1.2, ical.js 2.2.1: an entry with `timezone: "Europe/Berlin"` is written as
# `DTSTART;TZID=Europe/Berlin:...`, and no VTIMEZONE says what that name means, as RFC 5545 asks for. ical.js takes a
# TZID that the file does not describe for a floating time, without a word: `toJSDate()` is right in Berlin, two hours
# late on a server in UTC and six in New York. `zone.tzid` is "floating" then, while the property still says
# Europe/Berlin.
# ical-generator writes a VTIMEZONE where it is handed a generator of them (here timezones-ical-library 2.3.2), and then
# all three read one instant. So does an entry that is written in UTC.
#
# Seen on 2026-11-29, for 2026-07-01T10:00:00Z:
#   UTC: as written TZID=Europe/Berlin, floating, 2026-07-01T12:00:00.000Z
#   UTC: with a VTIMEZONE TZID=Europe/Berlin, Europe/Berlin, 2026-07-01T10:00:00.000Z
#   America/New_York: as written TZID=Europe/Berlin, floating, 2026-07-01T16:00:00.000Z
#   America/New_York: with a VTIMEZONE TZID=Europe/Berlin, Europe/Berlin, 2026-07-01T10:00:00.000Z
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit ical-generator@11.1.2 ical.js@2.2.1 moment-timezone@0.6.6 timezones-ical-library@2.3.2
cat >try.mjs <<'JS'
import ICAL from "ical.js";
import ical from "ical-generator";
import moment from "moment-timezone";
import { tzlib_get_ical_block } from "timezones-ical-library";

const zone = "Europe/Berlin";
function told(name, generator) {
  const timezone = generator ? { name: zone, generator } : zone;
  const calendar = ical({ name: "launches", timezone });
  calendar.createEvent({ id: "1", summary: "launch", start: moment("2026-07-01T10:00:00Z"), timezone: zone });
  const event = new ICAL.Component(ICAL.parse(calendar.toString())).getFirstSubcomponent("vevent");
  const { startDate } = new ICAL.Event(event);
  const written = event.getFirstProperty("dtstart").getParameter("tzid");
  console.log(`${process.env.TZ}: ${name} TZID=${written}, ${startDate.zone.tzid}, ${startDate.toJSDate().toISOString()}`);
}
told("as written");
told("with a VTIMEZONE", (name) => tzlib_get_ical_block(name)[0]);
JS
{
  TZ=UTC node try.mjs
  TZ=America/New_York node try.mjs
} | tee out
grep -qx 'UTC: as written TZID=Europe/Berlin, floating, 2026-07-01T12:00:00.000Z' out
grep -qx 'America/New_York: as written TZID=Europe/Berlin, floating, 2026-07-01T16:00:00.000Z' out
for zone in UTC America/New_York; do
  grep -qx "$zone: with a VTIMEZONE TZID=Europe/Berlin, Europe/Berlin, 2026-07-01T10:00:00.000Z" out
done
