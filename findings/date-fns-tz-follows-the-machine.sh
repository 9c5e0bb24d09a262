#!/bin/sh
# The same local time in the same zone is one instant on a laptop and another on the server, where the clocks go
# back.
#
# date-fns-tz 3.2.0 (with date-fns 4.4.0): `fromZonedTime("2026-10-25T02:30", "Europe/Berlin")` names its zone, and still depends on the
# zone of the machine: with TZ=UTC it is the second 02:30 of that night (01:30Z), with TZ=America/New_York the first
# one (00:30Z). In the hour that is left out in spring it gives 01:30 local, an hour before what was asked for, where
# luxon, dayjs, moment-timezone and js-joda all go on to 03:30. Of those four, two take the first 02:30 in autumn and
# two the second, but each the same everywhere.
# So a launch set for such an hour needs an offset in its text, and a choice written down.
#
# Seen on 2026-11-28:
#   autumn, TZ=UTC: date-fns-tz 01:30Z luxon 01:30Z dayjs 01:30Z moment-timezone 00:30Z js-joda 00:30Z
#   autumn, TZ=America/New_York: date-fns-tz 00:30Z luxon 01:30Z dayjs 01:30Z moment-timezone 00:30Z js-joda 00:30Z
#   spring, TZ=UTC: date-fns-tz 00:30Z luxon 01:30Z dayjs 01:30Z moment-timezone 01:30Z js-joda 01:30Z
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit date-fns-tz@3.2.0 date-fns@4.4.0 luxon@3.7.2 \
  dayjs@1.11.23 @js-joda/core@6.3.2 @js-joda/timezone@2.25.2 moment-timezone@0.6.6
cat >try.mjs <<'JS'
import { LocalDateTime, ZoneId } from "@js-joda/core";
import "@js-joda/timezone";
import { fromZonedTime } from "date-fns-tz";
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import { DateTime } from "luxon";
import moment from "moment-timezone";

dayjs.extend(utc);
dayjs.extend(timezone);
const instants = {
  "date-fns-tz": (text, zone) => fromZonedTime(text, zone),
  luxon: (text, zone) => DateTime.fromISO(text, { zone }).toJSDate(),
  dayjs: (text, zone) => dayjs.tz(text, zone).toDate(),
  "moment-timezone": (text, zone) => moment.tz(text, zone).toDate(),
  "js-joda": (text, zone) => new Date(LocalDateTime.parse(text).atZone(ZoneId.of(zone)).toInstant().toString()),
};
const say = (name, text) => {
  const said = Object.entries(instants).map(
    ([library, instantOf]) => `${library} ${instantOf(text, "Europe/Berlin").toISOString().slice(11, 16)}Z`,
  );
  console.log(`${name}, TZ=${process.env.TZ}: ${said.join(" ")}`);
};
say("autumn", "2026-10-25T02:30");
say("spring", "2026-03-29T02:30");
JS
{
  TZ=UTC node try.mjs
  TZ=America/New_York node try.mjs
} | tee out
grep -q '^autumn, TZ=UTC: date-fns-tz 01:30Z luxon 01:30Z dayjs 01:30Z moment-timezone 00:30Z js-joda 00:30Z$' out
grep -q '^autumn, TZ=America/New_York: date-fns-tz 00:30Z luxon 01:30Z dayjs 01:30Z moment-timezone 00:30Z js-joda 00:30Z$' out
grep -q '^spring, TZ=UTC: date-fns-tz 00:30Z luxon 01:30Z dayjs 01:30Z moment-timezone 01:30Z js-joda 01:30Z$' out
