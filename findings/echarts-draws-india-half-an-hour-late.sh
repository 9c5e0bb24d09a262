#!/bin/sh
# On the time axis of ECharts a sale of 10:00 in India is half an hour late, and one of half a second later is five thousandths later.
#
# echarts 6.1.0, Node 20: a time may be a text in a part of ISO 8601, offset included, and is not read by `Date.parse` but by a pattern of its
# own. Of an offset it takes the hours: +05:30 (India), +09:30 (Adelaide), +05:45 (Nepal) and -03:30 (Newfoundland) are +05, +09, +05
# and -03, so that one moment in two notations is two points of a line, and days that begin at 18:30Z begin at 19:00Z, with what was sold
# between them on the other day. What is behind the seconds is a number of milliseconds, so ".5" and ".25", as PostgreSQL
# writes fractions without zeros at the end, are 5 and 25 ms, and the later one is the earlier: a line goes back. The same reader is
# behind `echarts.time.parse`, the limits of an axis, and `parser: "time"` of a filter. Nothing is refused. More than three digits were
# taken for so many milliseconds, too, until pull request 15410.
# Hand over numbers: `Date.parse(text)`.
#
# Seen on 2026-12-01, in brackets by Date.parse:
#   10:00+05:30 05:00Z (04:30Z); 10:00+09:30 01:00Z (00:30Z); 10:00+05:45 05:00Z (04:15Z); 10:00-03:30 13:00Z (13:30Z); 10:00+02:00 08:00Z (08:00Z)
#   10:00:00.5Z .005 (.500); 10:00:00.25Z .025 (.250); 10:00:00.123456Z .123 (.123)
#   drawn: the text is 30 minutes behind the Date of the same text
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit echarts@6.1.0
cat >try.mjs <<'JS'
import * as echarts from "echarts";

const clock = (ms) => new Date(ms).toISOString().slice(11);
for (const time of ["10:00+05:30", "10:00+09:30", "10:00+05:45", "10:00-03:30", "10:00+02:00", "10:00:00.5Z", "10:00:00.25Z", "10:00:00.123456Z"]) {
  const text = `2026-07-01T${time}`;
  console.log(`${time}: ${clock(echarts.time.parse(text))} (${clock(Date.parse(text))})`);
}

const text = "2026-07-01T10:00+05:30";
const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 576, height: 300 });
chart.setOption({
  animation: false,
  xAxis: { type: "time", min: Date.UTC(2026, 6, 1), max: Date.UTC(2026, 6, 2) },
  yAxis: { show: false },
  series: [
    { type: "scatter", symbolSize: 3, data: [[text, 5]] },
    { type: "scatter", symbolSize: 3, data: [[new Date(text), 5]] },
  ],
});
const pixel = (time) => chart.convertToPixel({ xAxisIndex: 0 }, time);
const hour = pixel(Date.UTC(2026, 6, 1, 5)) - pixel(Date.UTC(2026, 6, 1, 4));
console.log(`drawn: the text ${Math.round(((pixel(text) - pixel(new Date(text))) / hour) * 60)} minutes behind its Date`);
process.exit(0);
JS
TZ=UTC node try.mjs | tee out
grep -qxF '10:00+05:30: 05:00:00.000Z (04:30:00.000Z)' out
grep -qxF '10:00+09:30: 01:00:00.000Z (00:30:00.000Z)' out
grep -qxF '10:00+05:45: 05:00:00.000Z (04:15:00.000Z)' out
grep -qxF -e '10:00-03:30: 13:00:00.000Z (13:30:00.000Z)' out
grep -qxF '10:00+02:00: 08:00:00.000Z (08:00:00.000Z)' out
grep -qxF '10:00:00.5Z: 10:00:00.005Z (10:00:00.500Z)' out
grep -qxF '10:00:00.25Z: 10:00:00.025Z (10:00:00.250Z)' out
grep -qxF '10:00:00.123456Z: 10:00:00.123Z (10:00:00.123Z)' out
grep -qxF 'drawn: the text 30 minutes behind its Date' out
