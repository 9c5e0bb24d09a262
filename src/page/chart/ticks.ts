import { scaleLinear } from "d3-scale";
import { MONTHS } from "../../lib/months.ts";
import { dayAt, startOfDay, wallClock } from "../../lib/zones.ts";
import type { Extent } from "./paths.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MOST_TICKS = 9;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export interface Tick {
  at: number;
  label: string;
}

const stepOf = (length: number, steps: readonly number[]) =>
  steps.find((step) => length / step <= MOST_TICKS) ?? Math.ceil(length / MOST_TICKS);

/** Days of the zone's calendar, as `9 Nov`, from where it begins. */
export function dateTicks({ from, to }: Extent, zone: string | null): Tick[] {
  if (!isExtent({ from, to })) return [];
  const step = stepOf((to - from) / DAY_MS, [1, 2, 7, 14, 28, 56, 91, 182, 364]);
  const first = Date.parse(dayAt(new Date(from), zone));
  const ticks: Tick[] = [];
  for (let day = first; ticks.length <= MOST_TICKS + 1; day += step * DAY_MS) {
    const at = startOfDay(new Date(day).toISOString().slice(0, 10), zone).getTime();
    if (at > to) break;
    if (at >= from) ticks.push({ at, label: dayLabel(at, zone) });
  }
  return ticks;
}

/** Numbers of days or minutes, in steps that people count in. */
export function countTicks({ from, to }: Extent, label: (value: number) => string): Tick[] {
  if (!isExtent({ from, to })) return [];
  const step = stepOf(to - from, [1, 2, 5, 10, 20, 30, 50, 100, 200, 500]);
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push({ at, label: label(at) });
  return ticks;
}

/** From none to about all, in steps of round numbers. */
export const roundTicks = (all: number, label: (value: number) => string): Tick[] =>
  scaleLinear([0, all], [0, 1])
    .ticks(4)
    .filter((at) => Number.isInteger(at))
    .map((at) => ({ at, label: label(at) }));

/** What clocks there show, on quarters, halves and whole hours. */
export function clockTicks({ from, to }: Extent, zone: string | null): Tick[] {
  if (!isExtent({ from, to })) return [];
  const step = stepOf((to - from) / MINUTE_MS, [5, 15, 30, 60, 120, 360]) * MINUTE_MS;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push({ at, label: clock(at, zone) });
  return ticks;
}

const isExtent = ({ from, to }: Extent) =>
  Number.isFinite(from) && Number.isFinite(to) && to > from && isInstant(from) && isInstant(to);

/** What JavaScript's dates can be, and a day around it. */
const isInstant = (ms: number) => Math.abs(ms) < 8.64e15 - 2 * DAY_MS;

/** `9 Nov` */
export function dayLabel(ms: number, zone: string | null): string {
  const shown = wallClock(new Date(ms), zone);
  return `${shown.getUTCDate()} ${MONTHS[shown.getUTCMonth()]?.slice(0, 3)}`;
}

/** `Sat 21` */
export function weekdayLabel(ms: number, zone: string | null): string {
  const shown = wallClock(new Date(ms), zone);
  return `${WEEKDAYS[shown.getUTCDay()]} ${shown.getUTCDate()}`;
}

/** `11:45` */
export const clock = (ms: number, zone: string | null) =>
  wallClock(new Date(ms), zone).toISOString().slice(11, 16);
