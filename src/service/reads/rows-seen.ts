import { withoutOthers } from "../../sheets/layout/filter.ts";
import type { SheetRows } from "../../sheets/layout/sheet-rows.ts";

/** A sheet's rows for who may see some of them; what is of everybody, the status and its faults, is left out. */
export function rowsSeen(
  { events, ticketTypes, overview, changes, salesByDay, days }: SheetRows,
  sees: (row: { region: string; eventId: string }) => boolean,
): SheetRows {
  return {
    events: events.filter(sees),
    ticketTypes: ticketTypes.filter(sees),
    ...(overview && { overview: overview.filter(sees).map(withoutOthers) }),
    ...(changes && { changes: changes.filter(sees) }),
    ...(salesByDay && { salesByDay: salesByDay.filter(sees) }),
    ...(days && { days: { ...days, unreadable: [] } }),
  };
}
