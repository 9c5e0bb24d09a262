import { dayAt, daysBetween } from "../../lib/zones.ts";
import type { SheetDay, SheetRows } from "./sheet-rows.ts";

/**
 * What Sales by Day should say of a day that stands there and is in no row any more: an event's days
 * are otherwise when its timezone is, and its sales when it was counted anew. Nothing was sold on
 * such a day. Undefined where nobody knows that: of days older than the newest `limit` ones, of an
 * event that is not listed or not counted yet, and of one whose days could not be read.
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
    const isWhole = shown.length < days.limit;
    const before = shown.findLast((one) => one.day < day);
    if (!before && !isWhole) return undefined;
    const { eventName, region, totalCapacity } = event;
    return {
      eventId,
      eventName,
      region,
      day,
      newSales: 0,
      totalSold: before ? before.totalSold : 0,
      percentSold: before ? before.percentSold : totalCapacity ? 0 : null,
      daysToEvent: daysBetween(day, dayAt(new Date(event.eventDate), event.timezone)),
    };
  };
}
