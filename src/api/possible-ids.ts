import type { ApiReads } from "./reads.ts";
import { possibleIds } from "./request/list-query.ts";
import { isPossibleId } from "./request/query.ts";

type Readers = Pick<ApiReads, "readRows" | "readChanges" | "readSales">;

/** The same readers, of which nothing is asked about an event whose id nobody could have: it is not there. */
export const askingOfPossibleIds = ({ readRows, readChanges, readSales }: Readers): Readers => ({
  readRows: async (of) => (isAskable(of.eventId) ? readRows(of) : { events: [], ticketTypes: [] }),
  async readChanges(wanted) {
    const eventIds = possibleIds(wanted.eventIds);
    const ticketTypeIds = possibleIds(wanted.ticketTypeIds);
    const isNothing = eventIds?.length === 0 || ticketTypeIds?.length === 0;
    if (isNothing) return { rows: [], next: null };
    return readChanges({
      ...wanted,
      ...(eventIds && { eventIds }),
      ...(ticketTypeIds && { ticketTypeIds }),
    });
  },
  readSales: async (eventId, wanted, known) =>
    isAskable(eventId) ? readSales(eventId, wanted, known) : undefined,
});

const isAskable = (eventId: string | undefined) => eventId === undefined || isPossibleId(eventId);
