import { dayAt, daysBetween } from "../../lib/zones.ts";
import type { SheetDay, SheetEvent, SheetRows } from "./sheet-rows.ts";

/**
 * What Sales by Day should say of a day that stands there and is in no row any more. One that has grown old
 * is told in its week's row by now, so that its own is empty, or its sales would be there twice; of any
 * other nothing was sold: an event's days are otherwise when its timezone is, and its sales when it was
 * counted anew. Undefined where nobody knows that: of an event that is not listed or not counted yet, and of
 * one whose days could not be read.
 */
export function quietDays({ events, salesByDay = [], days }: SheetRows) {
  if (!days) return () => undefined;
  const unreadable = new Set(days.unreadable);
  const eventOf = new Map(events.map((event) => [event.eventId, event]));
  const shownOf = Map.groupBy(salesByDay, ({ eventId }) => eventId);
  return (eventId: string, day: string): SheetDay | undefined => {
    const event = eventOf.get(eventId);
    if (!event || event.totalSold === null || unreadable.has(eventId)) return undefined;
    const shown = shownOf.get(eventId) ?? [];
    const before = shown.findLast((one) => one.day < day);
    const isTold = before !== undefined && daysBetween(before.day, day) < (before.days ?? 1);
    return isTold ? toldIn(before, event, day) : nothingSold(before, event, day);
  };
}

const toldIn = (row: SheetDay, event: SheetEvent, day: string): SheetDay => ({
  ...ofDay(event, day),
  days: 0,
  newSales: null,
  totalSold: null,
  percentSold: null,
  knownBy: `in the row of ${row.day}`,
});

const nothingSold = (before: SheetDay | undefined, event: SheetEvent, day: string): SheetDay => ({
  ...ofDay(event, day),
  newSales: 0,
  replacements: 0,
  refunds: 0,
  totalSold: before ? before.totalSold : 0,
  percentSold: before ? before.percentSold : event.totalCapacity ? 0 : null,
  ...(before?.knownBy !== undefined && { knownBy: before.knownBy }),
});

function ofDay({ timezone, salesLaunchDate, eventDate, ...event }: SheetEvent, day: string) {
  const { eventId, eventName, region } = event;
  const dayOf = (at: string) => dayAt(new Date(at), timezone);
  return {
    eventId,
    eventName,
    region,
    day,
    daysSinceLaunch: salesLaunchDate === null ? null : daysBetween(dayOf(salesLaunchDate), day),
    daysToEvent: daysBetween(day, dayOf(eventDate)),
  };
}
