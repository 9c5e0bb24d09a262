import type { ApiOptions } from "./app.ts";
import { isPossibleId } from "./query.ts";

type Readers = Pick<ApiOptions, "readRows" | "readChanges" | "readSales">;

/** The same readers, of which nothing is asked about an event whose id nobody could have: it is not there. */
export const askingOfPossibleIds = ({ readRows, readChanges, readSales }: Readers): Readers => ({
  readRows: async (of) => (isAskable(of.eventId) ? readRows(of) : { events: [], ticketTypes: [] }),
  readChanges: async (of) => (isAskable(of.eventId) ? readChanges(of) : { rows: [], next: null }),
  readSales: async (eventId, wanted) =>
    isAskable(eventId) ? readSales(eventId, wanted) : undefined,
});

const isAskable = (eventId: string | undefined) => eventId === undefined || isPossibleId(eventId);
