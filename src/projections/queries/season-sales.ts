import type { Pool } from "../../database/connect.ts";
import { percentOf } from "../../rules/capacity.ts";
import { isParent } from "../../rules/parents.ts";
import type { Relations } from "./list-columns.ts";
import { aloneOf } from "./row-faults.ts";
import type {
  SalesBounds,
  SalesLeftOut,
  SeasonSalesPage,
  SeasonSalesPlace,
  SeasonSalesRow,
  SeasonSalesWanted,
} from "./row-types.ts";
import { totalsAtEnd } from "./sales-curve.ts";
import { isWithin, keyOf, periodsOf, spanOf } from "./sales-periods.ts";
import {
  placeOf,
  readSellingEvents,
  readSellingEventsAt,
  type SellingEvent,
} from "./selling-events.ts";
import type { ReadingOptions } from "./shown.ts";
import { createdBy, readSoldHours, type Sold } from "./sold-hours.ts";

/** A page's rows are often those of a few events: no more are read than are likely answered. */
const FIRST_EVENTS = 8;
const MOST_EVENTS = 128;

export interface SeasonSalesOptions extends ReadingOptions {
  /** The classes of what an event's totals hold. */
  countedClasses: readonly string[];
  /** Of the instant that is asked for, where it is not now. */
  tables?: Relations | undefined;
}

/**
 * What many events sold by hour or day, event by event in the order of their dates, each oldest first.
 * Days without sales are rows, too; hours without are none.
 */
export async function readSeasonSales(
  sql: Pool,
  wanted: SeasonSalesWanted,
  options: SeasonSalesOptions,
): Promise<SeasonSalesPage> {
  const { classes = options.countedClasses } = wanted;
  const [date, firstId, firstKey] = wanted.after ?? [];
  const found: Placed[] = [];
  const leftOut: SalesLeftOut[] = [];
  // The rest of the event that the page before ended with belongs to this one.
  let isAfterIncluded = true;
  let after = date === undefined || firstId === undefined ? undefined : ([date, firstId] as const);
  for (let limit = FIRST_EVENTS; ; limit = Math.min(limit * 2, MOST_EVENTS)) {
    const asked = { ...wanted, classes, after, isAfterIncluded, limit };
    const events = options.tables
      ? await readSellingEventsAt(sql, asked, { ...options, tables: options.tables })
      : await readSellingEvents(sql, asked, options);
    const sold = await readSold(sql, events, wanted);
    for (const event of events) {
      const { eventId } = event.row;
      const ofEvent = sold.get(eventId) ?? NOTHING;
      const made = aloneOf(
        eventId,
        () => [rowsOf(event, ofEvent, { wanted, now: wanted.asOf ?? options.now })],
        options.onFault,
      );
      for (const rows of made)
        if (typeof rows === "string") leftOut.push({ eventId, reason: rows });
        else found.push(...placed(event, rows, eventId === firstId ? firstKey : undefined));
      if (found.length > wanted.limit) return { ...pageOf(found, wanted.limit), leftOut };
    }
    const last = events.at(-1);
    if (!last || events.length < limit) return { ...pageOf(found, wanted.limit), leftOut };
    after = placeOf(last.row);
    isAfterIncluded = false;
  }
}

interface Placed {
  row: SeasonSalesRow;
  place: SeasonSalesPlace;
}

const placed = (event: SellingEvent, rows: readonly SeasonSalesRow[], behind = ""): Placed[] =>
  rows
    .filter((row) => keyOf(row) > behind)
    .map((row) => ({ row, place: [...placeOf(event.row), keyOf(row)] }));

/** Of what was first counted later than the instant that is asked for, what is sold now by its creation. */
async function readSold(sql: Pool, events: readonly SellingEvent[], wanted: SeasonSalesWanted) {
  const { asOf } = wanted;
  const of = (some: readonly SellingEvent[]) =>
    some.map((event) => ({
      eventId: event.row.eventId,
      typeIds: event.typeIds,
      since: periodsOf(wanted.by, event)?.since(wanted) ?? new Date(),
    }));
  const counted = events.filter(({ sold }) => sold !== null);
  const later = asOf ? events.filter(({ sold }) => sold === null) : [];
  const [known, created] = await Promise.all([
    readSoldHours(sql, of(counted), { asOf, isSoldWanted: asOf === undefined }),
    readSoldHours(sql, of(later), { isSoldWanted: true }),
  ]);
  for (const [eventId, sold] of created) if (asOf) known.set(eventId, createdBy(sold, asOf));
  return known;
}

const NOTHING: Sold = { hours: [], firstAt: null, sold: null };

interface RowsWanted {
  wanted: Pick<SeasonSalesWanted, "by" | "classes"> & SalesBounds;
  now: Date;
}

/** One event's rows, or why it has none. */
function rowsOf(
  event: SellingEvent,
  ofEvent: Sold,
  { wanted, now }: RowsWanted,
): SeasonSalesRow[] | SalesLeftOut["reason"] {
  const { row } = event;
  const sold = ofEvent.sold ?? event.sold;
  if (isParent(row)) return "group";
  if (sold === null) return "notCounted";
  const periods = periodsOf(wanted.by, event);
  if (!periods) return "noLaunchDate";
  const span = spanOf(event, ofEvent, { now, since: periods.since(wanted) });
  if (!span) return "notOnSaleYet";
  const none = { newSales: 0, replacements: 0 };
  const perPeriod = new Map(
    periods.between(span.first, span.last).map((period) => [keyOf(period), { ...period, ...none }]),
  );
  for (const { at, newSales, replacements } of ofEvent.hours) {
    const period = periods.of(at);
    const sum = perPeriod.get(keyOf(period)) ?? { ...period, ...none };
    sum.newSales += newSales;
    sum.replacements += replacements;
    perPeriod.set(keyOf(period), sum);
  }
  const oldestFirst = [...perPeriod].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  const newestFirst = oldestFirst.map(({ newSales }) => newSales).reverse();
  const totals = totalsAtEnd(newestFirst, sold).reverse();
  const { eventId, eventName, region, timezone } = row;
  const capacity = wanted.classes ? null : row.totalCapacity;
  return oldestFirst.flatMap((sum, n): SeasonSalesRow[] => {
    if (!isWithin(sum, wanted)) return [];
    const totalSold = totals[n] ?? 0;
    const percentSold = percentOf(totalSold, capacity);
    return [{ eventId, eventName, region, timezone, ...sum, totalSold, percentSold }];
  });
}

function pageOf(found: readonly Placed[], limit: number) {
  const page = found.slice(0, limit);
  return {
    rows: page.map(({ row }) => row),
    next: found.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
}
