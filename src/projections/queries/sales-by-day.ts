import type { Pool } from "../../database/connect.ts";
import { dayAfter, dayAt, daysBetween, startOfDay } from "../../lib/zones.ts";
import { percentOf } from "../../rules/capacity.ts";
import { isParent } from "../../rules/parents.ts";
import { type CreatedDay, dayGroups, type SalesDay, salesDays } from "../../rules/sales-days.ts";
import { readDerivedRevisions } from "./derived-revisions.ts";
import { aloneWithin, type OnEventFault } from "./row-faults.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";
import { readSoldAt } from "./sold-at.ts";
import { readSoldHours, type SoldHour } from "./sold-hours.ts";

const HOUR_MS = 3_600_000;

/** One event's sales on one day of its own calendar, or in several days that are told together. */
export interface SalesDayRow {
  eventId: string;
  eventName: string;
  region: string;
  /** As `2026-03-01`; the first of several. */
  day: string;
  /** How many it is of. */
  days: number;
  newSales: number;
  replacements: number;
  /** Null where no count knows. */
  refunds: number | null;
  /** At the end of the last day. Null until it was counted. */
  totalSold: number | null;
  percentSold: number | null;
  /** By `counts` as it was then, or by the `creation` of what is sold now. */
  knownBy: "counts" | "creation";
  /** Null without a launch; below 0 before it. */
  daysSinceLaunch: number | null;
  daysToEvent: number;
}

export interface SalesByDayOptions {
  /** With what the totals are made of: the same rows, so that the two agree. */
  rows: { events: readonly EventRow[]; ticketTypes: readonly TicketTypeRow[] };
  countedClasses: readonly string[];
  /** How many rows an event has at most, as far as its launch allows. */
  days: number;
  now: Date;
  /** Told of each event that has no rows because its days could not be read. */
  onUnread?: (eventId: string) => void;
}

export type ReadSalesByDay = (options: SalesByDayOptions) => Promise<SalesDayRow[]>;

/**
 * The days of each event from its launch or first sale on, in the event's timezone, those without sales
 * too. Who reads again and again keeps one reader: of an event of which nothing became otherwise since,
 * they are cached for the day.
 */
export function salesByDayReader(sql: Pool, onFault?: OnEventFault): ReadSalesByDay {
  let known = new Map<string, Known>();
  return async ({ rows, countedClasses, days, now, onUnread }) => {
    // Read before the hours: a count that comes in between is read again at the next look.
    const revisions = await readDerivedRevisions(sql);
    const typesOf = Map.groupBy(rows.ticketTypes, ({ eventId }) => eventId);
    const found = new Map<string, Known>();
    const shown: SalesDayRow[] = [];
    const onUnreadDays =
      onFault &&
      ((eventId: string, error: unknown) => {
        onUnread?.(eventId);
        onFault(eventId, error);
      });
    for (const event of rows.events.filter((one) => !isParent(one)))
      shown.push(...(await aloneWithin(event.eventId, () => rowsOf(event), onUnreadDays)));
    known = found;
    return shown;

    async function rowsOf(event: EventRow) {
      const { eventId, timezone, ...row } = event;
      const typeIds = (typesOf.get(eventId) ?? [])
        .filter((type) => countedClasses.includes(type.class))
        .map(({ ticketTypeId }) => ticketTypeId);
      const said = [row.totalSold, row.totalCapacity, row.eventName, row.region];
      const dates = [row.salesLaunchDate, row.eventDate, row.eventEndDate, dayAt(now, timezone)];
      const madeOf = JSON.stringify([revisions.get(eventId), timezone, typeIds, said, dates, days]);
      const before = known.get(eventId);
      const made =
        before?.madeOf === madeOf
          ? before
          : { madeOf, rows: await readDays(sql, event, { typeIds, most: days, now }) };
      found.set(eventId, made);
      return made.rows;
    }
  };
}

interface Known {
  /** Its revision, and what else its rows are made of. */
  madeOf: string;
  rows: SalesDayRow[];
}

interface DaysWanted {
  /** Of the ticket types that the event's totals hold. */
  typeIds: readonly string[];
  most: number;
  now: Date;
}

async function readDays(sql: Pool, event: EventRow, { typeIds, most, now }: DaysWanted) {
  const { eventId, timezone } = event;
  const sold = await readSoldHours(sql, [{ eventId, typeIds, since: new Date(0) }]);
  const { hours = [] } = sold.get(eventId) ?? {};
  const days = daysOf(event, hours, now);
  const launch = event.salesLaunchDate && dayAt(new Date(event.salesLaunchDate), timezone);
  const [first] = days;
  if (first === undefined) return [];
  const isCounted = event.totalSold !== null;
  const ends = isCounted
    ? await readEnds(sql, event, { typeIds, days, hours, now })
    : days.map(none);
  const made = salesDays(
    createdOn(days, hours, timezone).map((day, n) => ({ ...day, counted: ends[n] })),
    event.totalSold ?? 0,
  );
  const since = launch && launch >= first ? daysBetween(first, launch) : 0;
  const eventDay = dayAt(new Date(event.eventDate), timezone);
  return dayGroups({ days: days.length, launch: since, most }).map((group): SalesDayRow => {
    const some = made.slice(group.first, group.first + group.days);
    const day = days[group.first] ?? first;
    const { eventName, region, totalCapacity } = event;
    const totalSold = isCounted ? (some.at(-1)?.total ?? null) : null;
    return {
      eventId,
      eventName,
      region,
      day,
      days: group.days,
      ...together(some),
      totalSold,
      percentSold: percentOf(totalSold, totalCapacity),
      daysSinceLaunch: launch ? daysBetween(launch, day) : null,
      daysToEvent: daysBetween(day, eventDay),
    };
  });
}

const none = () => undefined;

function together(days: readonly SalesDay[]) {
  const sum = (of: (day: SalesDay) => number) => days.reduce((total, day) => total + of(day), 0);
  const isKnown = days.every(({ refunds }) => refunds !== null);
  const knownBy: SalesDayRow["knownBy"] = days.every((day) => day.isCounted)
    ? "counts"
    : "creation";
  return {
    newSales: sum((day) => day.newSales),
    replacements: sum((day) => day.replacements),
    refunds: isKnown ? sum((day) => day.refunds ?? 0) : null,
    knownBy,
  };
}

/** More would be of a date that somebody mistyped. */
const MOST_DAYS = 4_000;

/** From the launch or the first sale on, to today or the event's last day, or to its last sale. */
function daysOf(event: EventRow, hours: readonly SoldHour[], now: Date): string[] {
  const { timezone, salesLaunchDate, eventEndDate } = event;
  const dayOf = (at: number) => dayAt(new Date(at), timezone);
  const launch = salesLaunchDate === null ? undefined : Date.parse(salesLaunchDate);
  const firsts = [
    ...hours.slice(0, 1).map(({ at }) => dayOf(at)),
    ...(launch !== undefined && launch <= now.getTime() ? [dayOf(launch)] : []),
  ].sort();
  const [first] = firsts;
  if (first === undefined) return [];
  const end = dayOf(Math.min(now.getTime(), Date.parse(eventEndDate)));
  const lasts = [first, end, ...hours.slice(-1).map(({ at }) => dayOf(at))].sort();
  const count = daysBetween(first, lasts.at(-1) ?? first) + 1;
  // What was sold is told, however far apart the dates are.
  if (count > MOST_DAYS) return [...new Set(hours.map(({ at }) => dayOf(at)))];
  return Array.from({ length: count }, (_, n) => dayAfter(first, n));
}

function createdOn(
  days: readonly string[],
  hours: readonly SoldHour[],
  timezone: string | null,
): Omit<CreatedDay, "counted">[] {
  const found = new Map(days.map((day) => [day, { day, newSales: 0, replacements: 0 }]));
  for (const { at, newSales, replacements } of hours) {
    const day = found.get(dayAt(new Date(at), timezone));
    if (!day) continue;
    day.newSales += newSales;
    day.replacements += replacements;
  }
  return [...found.values()];
}

interface EndsWanted extends Omit<DaysWanted, "most"> {
  days: readonly string[];
  hours: readonly SoldHour[];
}

/**
 * Between which numbers the total was at the end of each day, by the last count before it and what was
 * created since that: the hour of the count itself may be of before it or after it. Today is as it is now.
 */
async function readEnds(
  sql: Pool,
  { eventId, timezone, totalSold }: EventRow,
  { typeIds, days, hours, now }: EndsWanted,
): Promise<CreatedDay["counted"][]> {
  const today = dayAt(now, timezone);
  const instants = days.map((day) => startOfDay(dayAfter(day), timezone).getTime());
  const found = await readSoldAt(sql, [{ eventId, typeIds, instants }]);
  const levels = found.get(eventId);
  const from = levels?.countedFrom ?? Number.POSITIVE_INFINITY;
  return days.map((day, n) => {
    const end = instants[n] ?? 0;
    if (end <= from) return undefined;
    const level = levels?.sold[n] ?? 0;
    if (day >= today) return { low: totalSold ?? level, high: totalSold ?? level };
    const counted = levels?.countedAt[n] ?? from;
    const hour = Math.floor(counted / HOUR_MS) * HOUR_MS;
    const since = hours.filter(({ at }) => at > hour && at < end).reduce(soldIn, 0);
    const within = hours.filter(({ at }) => at === hour && at < end).reduce(soldIn, 0);
    return { low: level + since, high: level + since + within };
  });
}

const soldIn = (sum: number, { newSales, replacements }: SoldHour) => sum + newSales + replacements;
