#!/bin/sh
# On the night that clocks go back, date-fns and dayjs put two hours of sales into one, and one hour has none.
#
# date-fns 4.4.0 with @date-fns/tz 1.5.0, dayjs 1.11.23, Node 20, the machine in UTC, as a server is: `startOf("hour")` of a moment
# in a zone is what a table of sales by the hour is grouped by. In Berlin the hour from 02:00 comes twice, at 00:00 and at 01:00
# UTC. Both set the minutes on the clock of the zone, and take the second of the two whichever it was: the hour of a sale at 00:30
# begins at 01:00, after the sale. dayjs moves the hour before it as well. `eachHourOfInterval` lacks the first of the two, and of
# an interval that begins in it. Their documentation says "the start of an hour for the given date", and nothing of this.
# luxon 3.7.2 has each of them.
# An hour of a zone that is a whole number of hours from UTC is one of UTC: group by that, or take luxon.
#
# Seen on 2026-11-30, sales at 23:30, 00:30, 01:30 and 02:30 UTC, in the night to 2026-10-25 in Berlin:
#   date-fns: 23:00 1, 01:00 2, 02:00 1; dayjs: 00:00 1, 01:00 2, 02:00 1; luxon: 23:00 1, 00:00 1, 01:00 1, 02:00 1
#   eachHourOfInterval: 23:00, 01:00, 02:00
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit date-fns@4.4.0 @date-fns/tz@1.5.0 dayjs@1.11.23 luxon@3.7.2
cat >try.mjs <<'JS'
import { TZDate } from "@date-fns/tz";
import { eachHourOfInterval, startOfHour } from "date-fns";
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import { DateTime } from "luxon";

dayjs.extend(utc);
dayjs.extend(timezone);
const zone = "Europe/Berlin";
const sales = ["2026-10-24T23:30Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z"];
const clock = (moment) => new Date(+moment).toISOString().slice(11, 16);
const startOf = {
  "date-fns": (at) => startOfHour(new TZDate(at, zone)),
  dayjs: (at) => dayjs.utc(at).tz(zone).startOf("hour"),
  luxon: (at) => DateTime.fromISO(at, { zone }).startOf("hour"),
};
for (const [name, start] of Object.entries(startOf)) {
  const sold = new Map();
  for (const at of sales) {
    const hour = clock(start(at).valueOf());
    sold.set(hour, (sold.get(hour) ?? 0) + 1);
  }
  console.log(`${name}: ${[...sold].map(([hour, count]) => `${hour} ${count}`).join(", ")}`);
}
const hours = eachHourOfInterval({ start: new TZDate(sales[0], zone), end: new TZDate(sales[3], zone) });
console.log(`eachHourOfInterval: ${hours.map(clock).join(", ")}`);
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'date-fns: 23:00 1, 01:00 2, 02:00 1' out
grep -qxF 'dayjs: 00:00 1, 01:00 2, 02:00 1' out
grep -qxF 'luxon: 23:00 1, 00:00 1, 01:00 1, 02:00 1' out
grep -qxF 'eachHourOfInterval: 23:00, 01:00, 02:00' out
