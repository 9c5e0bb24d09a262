#!/bin/sh
# On the night that the clocks change an hour of a day is in no day of dayjs's, and in Santiago in none of date-fns's.
#
# dayjs 1.11.23, date-fns 4.4.0 with @date-fns/tz 1.5.0, the machine in UTC: `startOf("day")` and `endOf("day")` of a
# moment in a zone do not have the moment between them. In Sydney dayjs begins the day of 5 April an hour late and ends
# that of 4 October an hour early, so sales of these hours are in no day. In Santiago midnight is where the clocks
# change: 23:30 of 4 April comes twice, and both libraries end the day after the first. Luxon 3.7.2 has all of
# them right, and so has Temporal (temporal-polyfill 1.0.8); Berlin, where such things are tried, is right everywhere.
#
# Seen on 2026-11-30:
#   Sydney 04-05 00:30 (04-04T13:30Z): date-fns holds, dayjs begins at 14:00Z, luxon holds, Temporal holds
#   Sydney 10-04 00:30 (10-03T13:30Z): date-fns holds, dayjs ends at 13:00Z, luxon holds, Temporal holds
#   Santiago 04-04 23:30 (04-05T03:30Z): date-fns ends at 03:00Z, dayjs ends at 03:00Z, luxon holds, Temporal holds
#   Berlin 10-25 02:30 (10-25T01:30Z): date-fns holds, dayjs holds, luxon holds, Temporal holds
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit dayjs@1.11.23 date-fns@4.4.0 @date-fns/tz@1.5.0 luxon@3.7.2 temporal-polyfill@1.0.8
cat >try.mjs <<'JS'
import { tz } from "@date-fns/tz";
import { endOfDay, startOfDay } from "date-fns";
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import { DateTime } from "luxon";
import { Temporal } from "temporal-polyfill";

dayjs.extend(utc);
dayjs.extend(timezone);
// The first and the last moment of the day that a moment is in.
const days = {
  "date-fns": (at, zone) => [startOfDay(at, { in: tz(zone) }), endOfDay(at, { in: tz(zone) })],
  dayjs: (at, zone) => [dayjs(at).tz(zone).startOf("day"), dayjs(at).tz(zone).endOf("day")],
  luxon: (at, zone) => {
    const moment = DateTime.fromMillis(at, { zone });
    return [moment.startOf("day"), moment.endOf("day")];
  },
  Temporal: (at, zone) => {
    const start = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).startOfDay();
    return [start.epochMilliseconds, start.add({ days: 1 }).startOfDay().epochMilliseconds - 1];
  },
};
const clock = (ms) => `${new Date(ms).toISOString().slice(11, 16)}Z`;
function held(at, [from, to]) {
  if (Number(from) > at) return `begins at ${clock(Number(from))}`;
  return Number(to) < at ? `ends at ${clock(Number(to) + 1)}` : "holds";
}
for (const [name, zone, text] of [
  ["Sydney 04-05 00:30", "Australia/Sydney", "2026-04-04T13:30Z"],
  ["Sydney 10-04 00:30", "Australia/Sydney", "2026-10-03T13:30Z"],
  ["Santiago 04-04 23:30", "America/Santiago", "2026-04-05T03:30Z"],
  ["Berlin 10-25 02:30", "Europe/Berlin", "2026-10-25T01:30Z"],
]) {
  const at = Date.parse(text);
  const said = Object.entries(days).map(([library, dayOf]) => `${library} ${held(at, dayOf(at, zone))}`);
  console.log(`${name} (${text.slice(5)}): ${said.join(", ")}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF 'Sydney 04-05 00:30 (04-04T13:30Z): date-fns holds, dayjs begins at 14:00Z, luxon holds, Temporal holds' out
grep -qxF 'Sydney 10-04 00:30 (10-03T13:30Z): date-fns holds, dayjs ends at 13:00Z, luxon holds, Temporal holds' out
grep -qxF 'Santiago 04-04 23:30 (04-05T03:30Z): date-fns ends at 03:00Z, dayjs ends at 03:00Z, luxon holds, Temporal holds' out
grep -qxF 'Berlin 10-25 02:30 (10-25T01:30Z): date-fns holds, dayjs holds, luxon holds, Temporal holds' out
