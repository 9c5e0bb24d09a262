#!/bin/sh
# rrule says "every day at 9" of what is at half past nine, and calls that approximate or not by the order of the rule's parts.
#
# rrule 2.8.1: `toText` is what a page or a message shows of a recurrence. It leaves out BYMINUTE, BYSETPOS and some more;
# "(~ approximate)" at its end and `isFullyConvertibleToText`, by README a hint whether all parts are there, are to say
# so. They do where such a part stands before FREQ. RFC 5545 (3.3.10) has FREQ first for old readers, as calendars write
# it, or DTSTART before it; then the text is called whole whatever it lacks, and `fromText` of it is another rule. Open
# upstream as issue 540. BYDAY of a rule by the minute, for Saturdays alone, is left out as if it were there in any order.
# Compare the occurrences of `fromText` before a text is shown.
#
# Seen on 2026-11-30, with the hint:
#   FREQ=DAILY;BYHOUR=9;BYMINUTE=30: every day at 9 (true); FREQ at the end: every day at 9 (~ approximate) (false)
#   FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1: every month on weekdays (true)
#   INTERVAL=15;BYDAY=SA;FREQ=MINUTELY: every 15 minutes (true)
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit rrule@2.8.1
cat >try.mjs <<'JS'
import rrule from "rrule";

const { RRule, rrulestr } = rrule;
for (const text of [
  "FREQ=DAILY;BYHOUR=9;BYMINUTE=30",
  "BYHOUR=9;BYMINUTE=30;FREQ=DAILY",
  "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
  "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;FREQ=MONTHLY",
  "INTERVAL=15;BYDAY=SA;FREQ=MINUTELY",
  "BYDAY=-1FR;FREQ=MONTHLY",
]) {
  const rule = rrulestr(`RRULE:${text}`);
  console.log(`${text}: ${rule.toText()} (${rule.isFullyConvertibleToText()})`);
}
const again = RRule.fromText(rrulestr("RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=30").toText());
console.log(`by its text: ${again.toString()}`);
JS
node try.mjs | tee out
grep -qxF 'FREQ=DAILY;BYHOUR=9;BYMINUTE=30: every day at 9 (true)' out
grep -qxF 'BYHOUR=9;BYMINUTE=30;FREQ=DAILY: every day at 9 (~ approximate) (false)' out
grep -qxF 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1: every month on weekdays (true)' out
grep -qxF 'BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;FREQ=MONTHLY: every month on weekdays (~ approximate) (false)' out
grep -qxF 'INTERVAL=15;BYDAY=SA;FREQ=MINUTELY: every 15 minutes (true)' out
grep -qxF 'BYDAY=-1FR;FREQ=MONTHLY: every month on the last Friday (true)' out
grep -qxF 'by its text: RRULE:FREQ=DAILY;BYHOUR=9' out
