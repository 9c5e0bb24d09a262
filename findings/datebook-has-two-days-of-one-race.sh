#!/bin/sh
# datebook puts one race on 1 July into a calendar file and on 30 June into Google's and Outlook's calendars.
#
# datebook 8.0.1: an entry with a `start` and no `end` lasts the whole day. In the file that ICalendar writes, and for Yahoo, it is
# the day of `start` by the machine's clock. In the links for Google and for Outlook on the web it is that moment's
# day in UTC, so east of Greenwich midnight falls on the day before: of four buttons below one ticket two are a day early.
# In a browser it is the buyer's clock that decides. No time of day is right for all: at noon it is, but for New Zealand's
# summer and the islands beyond.
# Give an all-day entry noon as its start.
#
# Seen on 2026-12-01, of new Date(2026, 6, 1), midnight of 1 July:
#   Berlin: file 20260701, Yahoo 20260701, Google 20260630, Outlook 2026-06-30; at noon all are 1 July
#   New York: all are 1 July
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit datebook@8.0.1
cat >try.cjs <<'JS'
const { GoogleCalendar, ICalendar, OutlookCalendar, YahooCalendar } = require("datebook");

for (const hour of [0, 12]) {
  const entry = { title: "Race", start: new Date(2026, 6, 1, hour) };
  const file = new ICalendar(entry).render().match(/DTSTART;VALUE=DATE:(\d+)/)[1];
  const yahoo = new URL(new YahooCalendar(entry).render()).searchParams.get("st");
  const google = new URL(new GoogleCalendar(entry).render()).searchParams.get("dates").split("/")[0];
  const outlook = new URL(new OutlookCalendar(entry).render()).searchParams.get("startdt");
  console.log(`${process.env.TZ}, ${hour}: file ${file}, Yahoo ${yahoo}, Google ${google}, Outlook ${outlook}`);
}
JS
{ TZ=Europe/Berlin node try.cjs; TZ=America/New_York node try.cjs; } | tee out
grep -qxF 'Europe/Berlin, 0: file 20260701, Yahoo 20260701, Google 20260630, Outlook 2026-06-30' out
grep -qxF 'Europe/Berlin, 12: file 20260701, Yahoo 20260701, Google 20260701, Outlook 2026-07-01' out
grep -qxF 'America/New_York, 0: file 20260701, Yahoo 20260701, Google 20260701, Outlook 2026-07-01' out
