import { dayAfter, dayAt, daysBetween, startOfDay } from "../../lib/zones.ts";
import type { SalesBounds, SalesPeriod, SeasonSalesRow } from "./row-types.ts";
import type { SellingEvent } from "./selling-events.ts";
import type { Sold } from "./sold-hours.ts";

/** A row of time: an hour, a day of the event's calendar, or 24 hours from its launch on. */
export type Period = Pick<SeasonSalesRow, "hour" | "date" | "day">;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const hourOf = (at: number) => Math.floor(at / HOUR_MS) * HOUR_MS;

/** Undefined where an event's time cannot be told so. */
export function periodsOf(by: SalesPeriod, { row }: SellingEvent) {
  const { timezone } = row;
  const raceDay = dayAt(new Date(row.eventDate), timezone);
  const launch = row.salesLaunchDate === null ? null : hourOf(Date.parse(row.salesLaunchDate));
  const dayOf = (date: string): Period => ({
    hour: null,
    date,
    day: by === "toRace" ? daysBetween(date, raceDay) : null,
  });
  const beginningAt = (at: number, day: number | null): Period => ({
    hour: new Date(at).toISOString(),
    date: dayAt(new Date(at), timezone),
    day,
  });
  if (by === "hour")
    return { of: (at: number) => beginningAt(at, null), between: () => [], since: sinceDay };
  if (by === "sinceLaunch") {
    if (launch === null) return undefined;
    const numberOf = (at: number) => Math.floor((at - launch) / DAY_MS);
    const numbered = (day: number) => beginningAt(launch + day * DAY_MS, day);
    return {
      of: (at: number) => numbered(numberOf(at)),
      between: (first: number, last: number) =>
        counting(numberOf(first), numberOf(last)).map(numbered),
      since: ({ from, minDay = -Infinity }: SalesBounds) =>
        new Date(Math.max(sinceDay({ from }).getTime() - DAY_MS, launch + minDay * DAY_MS)),
    };
  }
  return {
    of: (at: number) => dayOf(dayAt(new Date(at), timezone)),
    between(first: number, last: number) {
      const day = dayAt(new Date(first), timezone);
      const days = counting(0, daysBetween(day, dayAt(new Date(last), timezone)));
      return days.map((n) => dayOf(dayAfter(day, n)));
    },
    since: ({ from, maxDay = Infinity }: SalesBounds) =>
      maxDay === Infinity
        ? sinceDay({ from })
        : new Date(
            Math.max(
              sinceDay({ from }).getTime(),
              startOfDay(dayAfter(raceDay, -maxDay), timezone).getTime(),
            ),
          ),
  };

  function sinceDay({ from }: SalesBounds) {
    return from === undefined ? new Date(0) : startOfDay(from, timezone);
  }
}

interface Span {
  now: Date;
  since: Date;
}

/**
 * From when on and until when an event has days: from its launch or its first sale, the earlier of the
 * two, to today or its last day. Undefined while nothing was sold and the launch is still to come.
 */
export function spanOf(
  { row }: SellingEvent,
  { hours, firstAt }: Sold,
  { now, since }: Span,
): { first: number; last: number } | undefined {
  const at = now.getTime();
  const launch = row.salesLaunchDate === null ? Infinity : hourOf(Date.parse(row.salesLaunchDate));
  const first = Math.min(firstAt ?? Infinity, launch <= at ? launch : Infinity);
  if (first === Infinity) return undefined;
  const last = Math.min(hourOf(at), hourOf(Date.parse(row.eventEndDate)));
  return {
    first: Math.max(first, since.getTime()),
    last: Math.max(last, hours.at(-1)?.at ?? 0),
  };
}

export const isWithin = ({ date, day }: Period, { from, to, minDay, maxDay }: SalesBounds) =>
  (from === undefined || date >= from) &&
  (to === undefined || date <= to) &&
  (minDay === undefined || (day !== null && day >= minDay)) &&
  (maxDay === undefined || (day !== null && day <= maxDay));

/** What rows are ordered by and told apart by: both sort as time passes. */
export const keyOf = ({ hour, date }: Period) => hour ?? date;

const counting = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);
