import type { Pool } from "../database/connect.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";

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
}

/**
 * The days on which an event sold something, in the event's timezone. A day's total is today's without
 * what was sold since: what was refunded meanwhile is in no total.
 */
export async function readSalesByDay(
  sql: Pool,
  { rows, countedClasses, days }: SalesByDayOptions,
): Promise<SalesDayRow[]> {
  const counted = new Set(
    rows.ticketTypes
      .filter((type) => countedClasses.includes(type.class))
      .map(({ eventId, ticketTypeId }) => `${eventId} ${ticketTypeId}`),
  );
  const sold = await sql<{ eventId: string; ticketTypeId: string; day: string; tickets: number }[]>`
    select
      h.event_id, h.ticket_type_id,
      to_char(h.hour at time zone coalesce(zone.name, 'UTC'), 'YYYY-MM-DD') as day,
      sum(h.tickets)::int as tickets
    from sales_hour h
    join event e on e.event_id = h.event_id
    -- A name that PostgreSQL does not know would fail the query for every event.
    left join pg_timezone_names zone on zone.name = e.timezone
    where h.kind = 'new_sale'
    group by 1, 2, 3
  `;
  const perEvent = Map.groupBy(
    sold.filter(({ eventId, ticketTypeId }) => counted.has(`${eventId} ${ticketTypeId}`)),
    ({ eventId }) => eventId,
  );
  return rows.events.flatMap((event) => daysOf(event, perEvent.get(event.eventId) ?? [], days));
}

function daysOf(event: EventRow, sold: readonly { day: string; tickets: number }[], days: number) {
  const perDay = new Map<string, number>();
  for (const { day, tickets } of sold) perDay.set(day, (perDay.get(day) ?? 0) + tickets);
  const newestFirst = [...perDay]
    .filter(([, tickets]) => tickets > 0)
    .sort(([a], [b]) => (a < b ? 1 : -1));
  const totals = totalsAtEnd(
    newestFirst.map(([, tickets]) => tickets),
    event.totalSold,
  );
  const rows = newestFirst.map(([day, newSales], index): SalesDayRow => {
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
      daysToEvent: daysBetween(day, dayOf(event)),
    };
  });
  return rows.slice(0, days).reverse();
}

/** What was sold at the end of each of these hours or days, newest first, given what is sold today. */
export function totalsAtEnd(newSales: readonly number[], today: number | null): (number | null)[] {
  let total = today;
  return newSales.map((tickets) => {
    const atEnd = total;
    if (total !== null) total = Math.max(0, total - tickets);
    return atEnd;
  });
}

const percentOf = (sold: number | null, capacity: number | null) =>
  sold === null || capacity === null || capacity <= 0
    ? null
    : Math.round((sold / capacity) * 10_000) / 100;

/** Swedes write dates as ISO does. */
function dayOf({ eventDate, timezone }: EventRow) {
  const date = new Date(eventDate);
  try {
    return date.toLocaleDateString("sv-SE", { timeZone: timezone ?? "UTC" });
  } catch {
    return date.toISOString().slice(0, 10);
  }
}

const daysBetween = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
