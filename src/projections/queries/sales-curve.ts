import type { Pool } from "../../database/connect.ts";
import { dayAt, startOfDay } from "../../lib/zones.ts";
import { isParent } from "../../rules/parents.ts";
import { NEW_SALE, REPLACEMENT } from "../tables/hours.ts";
import type { EventRow, SalesRow, TicketTypeRow } from "./row-types.ts";
import { hoursAt } from "./sold-hours.ts";

export interface SalesCurveOptions {
  /** With what the totals are made of: the same rows, so that the two agree. */
  rows: { event: EventRow; ticketTypes: readonly TicketTypeRow[] };
  countedClasses: readonly string[];
  by: "hour" | "day";
  /** The ticket types that the event's totals hold, together; or every ticket type by itself. */
  per: "event" | "ticketType";
  /** A day of the event's own calendar, before which nothing is read. */
  from?: string | undefined;
  /** Up to this instant, which the rows are of. */
  asOf?: Date | undefined;
}

const HOUR_MS = 3_600_000;

/** PostgreSQL and JavaScript write years outside of these differently, and nothing was sold in them. */
const [EARLIEST_MS, LATEST_MS] = [0, Date.UTC(9_000, 0)];

/**
 * The hours or days in which an event sold something, oldest first. A total is today's without what was
 * sold since: what was refunded meanwhile is in no total.
 */
export async function readSalesCurve(
  sql: Pool,
  { rows: { event, ticketTypes }, countedClasses, by, per, from, asOf }: SalesCurveOptions,
): Promise<SalesRow[]> {
  if (isParent(event)) return [];
  const ofTotals = ticketTypes.filter((type) => countedClasses.includes(type.class));
  const wanted = per === "event" ? ofTotals : ticketTypes;
  const typeId = per === "event" ? sql`null::text` : sql`ticket_type_id`;
  const begin = from === undefined ? EARLIEST_MS : startOfDay(from, event.timezone).getTime();
  const since = new Date(Math.min(Math.max(begin, EARLIEST_MS), LATEST_MS));
  const typeIds = sql`${wanted.map(({ ticketTypeId }) => ticketTypeId)}::text[]`;
  // What was first counted later than that is by creation: of all that is sold now.
  const isCountedLater = asOf !== undefined && event.totalSold === null;
  const upTo = isCountedLater ? undefined : asOf;
  // With what was sold by now of the same moment: the event may have been read before another count.
  const found = await sql<(HourColumns | SoldColumns)[]>`
    select
      ${typeId} as ticket_type_id, hour,
      coalesce(sum(tickets) filter (where kind = ${NEW_SALE}), 0)::float8 as new_sales,
      coalesce(sum(tickets) filter (where kind = ${REPLACEMENT}), 0)::float8 as replacements,
      null::float8 as sold
    from sales_hour
    where event_id = ${event.eventId} and tickets > 0 and hour >= ${since} ${hoursAt(sql, upTo)}
      and ticket_type_id = any(${typeIds})
    group by 1, 2
    union all
    select ${typeId}, null, 0, 0, sum(sold)::float8 from ticket_type_shown
    where event_id = ${event.eventId} and ticket_type_id = any(${typeIds}) and ${upTo === undefined}
    group by 1
  `;
  const isOver = ({ hour }: HourColumns) =>
    !isCountedLater || hour.getTime() + HOUR_MS <= asOf.getTime();
  const hoursOf = Map.groupBy(
    found.filter((row) => row.hour !== null),
    ({ ticketTypeId }) => ticketTypeId,
  );
  const soldNow = new Map(
    found.flatMap((row) => (row.hour === null ? [[row.ticketTypeId, row.sold]] : [])),
  );
  const dateOf = (hour: Date) => dayAt(hour, event.timezone);
  const subjects =
    per === "event"
      ? [{ ticketTypeId: null, ticketName: null, sold: event.totalSold }]
      : ticketTypes;
  return subjects.flatMap(({ ticketTypeId, ticketName, sold: today }) => {
    const hours = hoursOf.get(ticketTypeId) ?? [];
    const newestFirst = periods(hours.filter(isOver), by, dateOf);
    const later = hours.filter((hour) => !isOver(hour)).map(({ newSales }) => newSales);
    const known = today === null && !isCountedLater ? null : (soldNow.get(ticketTypeId) ?? today);
    const totals = totalsAtEnd([...later, ...newestFirst.map(({ newSales }) => newSales)], known);
    return newestFirst
      .map((period, n) => ({
        ...period,
        ticketTypeId,
        ticketName,
        totalSold: totals[later.length + n] ?? null,
      }))
      .reverse();
  });
}

interface HourColumns {
  ticketTypeId: string | null;
  hour: Date;
  newSales: number;
  replacements: number;
}

interface SoldColumns {
  ticketTypeId: string | null;
  hour: null;
  /** Null where no row says it. */
  sold: number | null;
}

type Period = Pick<SalesRow, "hour" | "date" | "newSales" | "replacements">;

/** Newest first. Hours as they are written sort as they follow one another, and so do days. */
function periods(
  sold: readonly HourColumns[],
  by: "hour" | "day",
  dateOf: (hour: Date) => string,
): Period[] {
  const perPeriod = new Map<string, Period>();
  for (const one of sold) {
    const date = dateOf(one.hour);
    const hour = by === "hour" ? one.hour.toISOString() : null;
    const period = perPeriod.get(hour ?? date) ?? { hour, date, newSales: 0, replacements: 0 };
    period.newSales += one.newSales;
    period.replacements += one.replacements;
    perPeriod.set(hour ?? date, period);
  }
  return [...perPeriod].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, period]) => period);
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
