import { isDeepStrictEqual } from "node:util";
import { LRUCache } from "lru-cache";
import { typeKeysOf, typeKeysOfEvent } from "./list-keys.ts";
import type { Made, RowsMade } from "./made-rows.ts";
import type { EventRow, TicketTypeRow } from "./shown-row-types.ts";

/** Of a ticket type what is kept of it for people. */
export type MadeType = ReturnType<typeof typeOf>;

/** Of an event, by ticket type, with what all of them have of the event. */
interface MadeTypes {
  ofEvent: OfEvent;
  types: ReadonlyMap<string, MadeType>;
  rows: RowsMade;
}

/** What was made of which rows: it holds for the same rows whoever made others since. */
export type MadeMemory = LRUCache<string, MadeTypes>;

const MOST_REMEMBERED = 5_000;

/** For who makes the same events' rows again and again: of hundreds of ticket types few differ. */
export const madeMemory = (): MadeMemory =>
  new LRUCache({
    maxSize: MOST_REMEMBERED,
    sizeCalculation: ({ types }) => types.size + 1,
  });

export interface TypesToMake {
  event: EventRow;
  account: string;
  startAt: string;
  deleted: boolean;
  /** In the order of the event. */
  documents: readonly Made<TicketTypeRow>[];
  /** With which the documents were made. */
  rows: RowsMade;
}

interface OfEvent {
  account: string;
  start_at: string;
  keys: ReturnType<typeof typeKeysOfEvent>;
}

/** The columns of an event's ticket types; a digest tells two of one type apart. */
export function makeTypes(
  { event, account, startAt, deleted, documents, rows }: TypesToMake,
  digestOf: (columns: object) => string,
  memory?: MadeMemory,
): MadeType[] {
  const ofEvent = { account, start_at: startAt, keys: typeKeysOfEvent(event, deleted) };
  const remembered = memory?.get(event.eventId);
  const known = remembered && isDeepStrictEqual(remembered.ofEvent, ofEvent) && remembered.types;
  const made = documents.map((document, place) => {
    const before = known ? known.get(document.row.ticketTypeId) : undefined;
    const isSame = before?.place === place && isSameMade(before.document, document);
    return isSame ? before : typeOf(ofEvent, { document, place }, digestOf);
  });
  const types = new Map(made.map((type) => [type.ticket_type_id, type]));
  memory?.set(event.eventId, { ofEvent, types, rows });
  return made;
}

function typeOf(
  { account, start_at, keys }: OfEvent,
  { document, place }: { document: Made<TicketTypeRow>; place: number },
  digestOf: (columns: object) => string,
) {
  const { eventId, ticketTypeId } = document.row;
  const columns = { account, start_at, place, document, ...typeKeysOf(keys, document) };
  return { event_id: eventId, ticket_type_id: ticketTypeId, ...columns, digest: digestOf(columns) };
}

const isSameMade = (one: Made<TicketTypeRow>, other: Made<TicketTypeRow>) =>
  one === other || (one.toBuyWhenShut === other.toBuyWhenShut && isSameRow(one.row, other.row));

/** Field by field, for each row has the same. */
function isSameRow(one: TicketTypeRow, other: TicketTypeRow): boolean {
  for (const field in one) {
    // The cast: it is a field of a row.
    const name = field as keyof TicketTypeRow;
    if (one[name] !== other[name] && !isDeepStrictEqual(one[name], other[name])) return false;
  }
  return true;
}
