#!/bin/sh
# To Luxon a race from 10:00 to 18:00 on 1 July, as ISO 8601 writes it, goes on until today at 18:00.
#
# luxon 3.7.2: `Interval.fromISO` takes "<start>/<end>", by its documentation, which refers to a page on ISO 8601. There what the end
# leaves out is that of the start ("2026-07-01T10:00/18:00", "2026-07-01/05", "2026-06-30/07-02"). Luxon reads each side by itself, as
# `DateTime.fromISO` does, to which "18:00" is of today, "05" is five o'clock of today, and "07-02" is "07" with an offset of two hours
# behind. The interval is valid, as long as it was not written for a later day than today: each day it is longer by one, and so a
# race is on sale until now, and its days are counted by the hundred. The zone is not carried over either. Open as issue 907;
# pull request 1720 of 2025 is merged and in no release. @0dep/piso 3.1.0 reads all of them, and Luxon's own `toISO` writes both in full.
# Split at the "/", and fill in what is missing before; or ask for both in full.
#
# Seen on 2026-12-01, with a clock at 08:00Z on that day, the machine in UTC:
#   2026-07-01T10:00/18:00: luxon until 2026-12-01T18:00Z, 154 days; piso until 2026-07-01T18:00Z
#   2026-07-01/05: luxon 2026-12-01T05:00Z, 154 days; piso 2026-07-05T00:00Z; 2026-06-30/07-02: luxon 2026-12-01T09:00Z, 155 days; piso 2026-07-02T00:00Z
#   2026-07-01T10:00+02:00/2026-07-01T18:00: luxon 18:00Z; piso 16:00Z
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit luxon@3.7.2 @0dep/piso@3.1.0
cat >try.mjs <<'JS'
import { parseInterval } from "@0dep/piso";
import { Interval, Settings } from "luxon";

Settings.now = () => Date.parse("2026-12-01T08:00Z");
const clock = (ms) => `${new Date(ms).toISOString().slice(0, 16)}Z`;
for (const text of [
  "2026-07-01T10:00/18:00",
  "2026-07-01/05",
  "2026-06-30/07-02",
  "2026-07-01T10:00+02:00/2026-07-01T18:00",
  "2026-07-01T10:00Z/2026-07-01T18:00Z",
]) {
  const interval = Interval.fromISO(text, { zone: "UTC" });
  const until = interval.isValid ? `until ${clock(interval.end.toMillis())}, ${Math.ceil(interval.length("days"))} days` : "invalid";
  console.log(`${text}: luxon ${until}; piso until ${clock(parseInterval(text).endDate)}`);
}
JS
TZ=UTC node try.mjs | tee out
grep -qxF '2026-07-01T10:00/18:00: luxon until 2026-12-01T18:00Z, 154 days; piso until 2026-07-01T18:00Z' out
grep -qxF '2026-07-01/05: luxon until 2026-12-01T05:00Z, 154 days; piso until 2026-07-05T00:00Z' out
grep -qxF '2026-06-30/07-02: luxon until 2026-12-01T09:00Z, 155 days; piso until 2026-07-02T00:00Z' out
grep -qxF '2026-07-01T10:00+02:00/2026-07-01T18:00: luxon until 2026-07-01T18:00Z, 1 days; piso until 2026-07-01T16:00Z' out
grep -qxF '2026-07-01T10:00Z/2026-07-01T18:00Z: luxon until 2026-07-01T18:00Z, 1 days; piso until 2026-07-01T18:00Z' out
