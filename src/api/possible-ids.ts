import type { ApiReads } from "./reads.ts";
import { possibleIds } from "./request/list-query.ts";
import { isPossibleId } from "./request/query.ts";

type Readers = Pick<
  ApiReads,
  "named" | "readRows" | "readChanges" | "readSales" | "readLevels" | "readForecast"
>;

/** The same readers, of which nothing is asked about an event whose id nobody could have: it is not there. */
export const askingOfPossibleIds = (readers: Readers): Readers => {
  const { named, readRows, readChanges, readSales, readLevels, readForecast } = readers;
  return {
    named: {
      events: (ids, asOf) => ofPossible(ids, (some) => named.events(some, asOf)),
      ticketTypes: (ids, asOf) => ofPossible(ids, (some) => named.ticketTypes(some, asOf)),
    },
    readRows: async (of) =>
      isPossibleId(of.eventId) ? readRows(of) : { events: [], ticketTypes: [] },
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
      isPossibleId(eventId) ? readSales(eventId, wanted, known) : undefined,
    readLevels: async (eventId, wanted, known) =>
      isPossibleId(eventId) ? readLevels(eventId, wanted, known) : undefined,
    readForecast: async (eventId, wanted, known) =>
      isPossibleId(eventId) ? readForecast(eventId, wanted, known) : undefined,
  };
};

async function ofPossible<Row>(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const possible = ids.filter(isPossibleId);
  return possible.length > 0 ? read(possible) : [];
}
