import type { Pool } from "../../database/connect.ts";
import { dayAt, daysBetween } from "../../lib/zones.ts";
import { isParent } from "../../rules/parents.ts";
import { readRevisions } from "./revisions.ts";
import { aloneWithin, type OnEventFault } from "./row-faults.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";
import { readSalesCurve, type SalesCurveOptions, totalsAtEnd } from "./sales-curve.ts";

/** One event's sales on one day of its own calendar. */
export interface SalesDayRow {
  eventId: string;
  eventName: string;
  region: string;
  /** As `2026-03-01`. */
  day: string;
  newSales: number;
  /** At the end of the day; of the newest day the event's own total. Null until it was counted. */
  totalSold: number | null;
  percentSold: number | null;
  daysToEvent: number;
}

export interface SalesByDayOptions {
  /** With what the totals are made of: the same rows, so that the two agree. */
  rows: { events: readonly EventRow[]; ticketTypes: readonly TicketTypeRow[] };
  countedClasses: readonly string[];
  /** How many of each event's newest days with sales. */
  days: number;
  /** Told of each event that has no rows because its days could not be read. */
  onUnread?: (eventId: string) => void;
}

export type ReadSalesByDay = (options: SalesByDayOptions) => Promise<SalesDayRow[]>;

/**
 * The days on which an event sold something, in the event's timezone. A day's total is today's without
 * what was sold since: what was refunded meanwhile is in no total. Who reads again and again keeps one
 * reader: of an event of which nothing became otherwise since, the days are cached.
 */
export function salesByDayReader(sql: Pool, onFault?: OnEventFault): ReadSalesByDay {
  let known = new Map<string, Known>();
  return async ({ rows, countedClasses, days, onUnread }) => {
    // Read before the hours: a count that comes in between is read again at the next look.
    const revisions = await readRevisions(sql);
    const typesOf = Map.groupBy(rows.ticketTypes, ({ eventId }) => eventId);
    const found = new Map<string, Known>();
    const counted = rows.events.filter((event) => !isParent(event));
    const shown: SalesDayRow[] = [];
    const onUnreadDays =
      onFault &&
      ((eventId: string, error: unknown) => {
        onUnread?.(eventId);
        onFault(eventId, error);
      });
    for (const event of counted) {
      const make = async () => daysOf(event, await soldOf(event), days);
      shown.push(...(await aloneWithin(event.eventId, make, onUnreadDays)));
    }
    known = found;
    return shown;

    async function soldOf(event: EventRow) {
      const ticketTypes = typesOf.get(event.eventId) ?? [];
      const ofTotals = ticketTypes.filter((type) => countedClasses.includes(type.class));
      const ids = ofTotals.map(({ ticketTypeId }) => ticketTypeId);
      const madeOf = JSON.stringify([revisions.get(event.eventId), event.timezone, ids]);
      const before = known.get(event.eventId);
      const isKnown = before?.madeOf === madeOf;
      const sold = isKnown
        ? before.sold
        : await readSoldDays(sql, { rows: { event, ticketTypes }, countedClasses });
      found.set(event.eventId, { madeOf, sold });
      return sold;
    }
  };
}

interface Known {
  /** Its revision, its timezone, and what its totals hold. */
  madeOf: string;
  sold: SoldDay[];
}

interface SoldDay {
  day: string;
  tickets: number;
}

/** Newest first. */
async function readSoldDays(
  sql: Pool,
  options: Pick<SalesCurveOptions, "rows" | "countedClasses">,
): Promise<SoldDay[]> {
  const curve = await readSalesCurve(sql, { ...options, by: "day", per: "event" });
  return curve
    .filter(({ newSales }) => newSales > 0)
    .map(({ date, newSales }) => ({ day: date, tickets: newSales }))
    .reverse();
}

function daysOf(event: EventRow, newestFirst: readonly SoldDay[], days: number) {
  const eventDay = dayAt(new Date(event.eventDate), event.timezone);
  const totals = totalsAtEnd(
    newestFirst.map(({ tickets }) => tickets),
    event.totalSold,
  );
  const rows = newestFirst.map(({ day, tickets: newSales }, index): SalesDayRow => {
    const totalSold = totals[index] ?? null;
    const { eventId, eventName, region, totalCapacity } = event;
    return {
      eventId,
      eventName,
      region,
      day,
      newSales,
      totalSold,
      percentSold: percentOf(totalSold, totalCapacity),
      daysToEvent: daysBetween(day, eventDay),
    };
  });
  return rows.slice(0, days).reverse();
}

export const percentOf = (sold: number | null, capacity: number | null) =>
  sold === null || capacity === null || capacity <= 0
    ? null
    : Math.round((sold / capacity) * 10_000) / 100;
