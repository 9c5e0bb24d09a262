#!/bin/sh
# Two of RFC 5545's own examples of yearly entries are weekly ones in ical.js.
#
# ical.js 2.2.1: "every 20th Monday of the year" (`FREQ=YEARLY;BYDAY=20MO`) and "Monday of week number 20"
# (`FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO`), both with three dates in section 3.8.5.3, come as every Monday, the second from a
# week too late on. A yearly entry of 29 February comes on 1 March in years that have no such day, where the RFC (3.3.10)
# has none. Nothing is thrown, and `COUNT=3` is used up within three weeks. rrule 2.8.1 has the dates of the RFC in all
# three; ical.js too has those of its monthly and weekly examples.
# Where an entry repeats by such a rule, have it expanded by rrule.
#
# Seen on 2026-11-30:
#   BYDAY=20MO: ical.js 1997-05-19 1997-05-26 1997-06-02, rrule 1997-05-19 1998-05-18 1999-05-17
#   BYWEEKNO=20;BYDAY=MO: ical.js 1997-05-19 1997-05-26 1997-06-02, rrule 1997-05-12 1998-05-11 1999-05-17
#   of 29 February: ical.js 2024-02-29 2025-03-01 2026-03-01, rrule 2024-02-29 2028-02-29 2032-02-29
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit ical.js@2.2.1 rrule@2.8.1
cat >try.mjs <<'JS'
import ICAL from "ical.js";
import rrule from "rrule";

function told(name, start, rule) {
  const dates = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString(`${start}T09:00:00`));
  const byIcal = Array.from({ length: 3 }, () => dates.next().toString().slice(0, 10));
  const text = `DTSTART:${start.replaceAll("-", "")}T090000Z\nRRULE:${rule}`;
  const byRrule = rrule.rrulestr(text).all((_, index) => index < 3).map((date) => date.toISOString().slice(0, 10));
  console.log(`${name}: ical.js ${byIcal.join(" ")}, rrule ${byRrule.join(" ")}`);
}
told("BYDAY=20MO", "1997-05-19", "FREQ=YEARLY;BYDAY=20MO");
told("BYWEEKNO=20;BYDAY=MO", "1997-05-12", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO");
told("of 29 February", "2024-02-29", "FREQ=YEARLY");
JS
node try.mjs | tee out
grep -qxF 'BYDAY=20MO: ical.js 1997-05-19 1997-05-26 1997-06-02, rrule 1997-05-19 1998-05-18 1999-05-17' out
grep -qxF 'BYWEEKNO=20;BYDAY=MO: ical.js 1997-05-19 1997-05-26 1997-06-02, rrule 1997-05-12 1998-05-11 1999-05-17' out
grep -qxF 'of 29 February: ical.js 2024-02-29 2025-03-01 2026-03-01, rrule 2024-02-29 2028-02-29 2032-02-29' out
