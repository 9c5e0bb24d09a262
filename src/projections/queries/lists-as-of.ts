import type { Pool } from "../../database/connect.ts";
import type { InstantAsOf } from "./as-of.ts";
import { readEventPage, readEventPlaces, readTicketTypePage } from "./lists.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";
import type { ReadingOptions } from "./shown.ts";
import type {
  EventSort,
  EventsWanted,
  ListPage,
  RowFilters,
  TicketTypeIds,
  TicketTypesWanted,
} from "./wanted.ts";

export interface AsOfOptions extends ReadingOptions {
  instant: InstantAsOf;
}

/** What an event says by itself. Events in such an order are made from the first on, and the others never. */
const ofHeads = [
  ...(["eventId", "region", "eventName", "eventType", "eventDate", "eventEndDate"] as const),
  ...(["timezone", "location", "salesLaunchDate", "salesEndDate", "currency"] as const),
] satisfies EventSort[];

const isOfHeads = (name: string) => ofHeads.some((one) => one === name);

/** Some more each time, where too few of those before are wanted. */
const TIMES_MORE = 4;

/** As `readEventPage`, of an instant: rows are made of those events alone that may be on the page. */
export async function readEventPageAt(
  sql: Pool,
  wanted: Omit<EventsWanted, "since">,
  { instant, ...options }: AsOfOptions,
): Promise<ListPage<EventRow, string>> {
  const { sort, limit } = wanted;
  const read = async (eventIds?: readonly string[]) =>
    readEventPage(sql, wanted, { ...options, tables: await instant.tables("events", eventIds) });
  const isInOrder = isOfHeads(sort?.by ?? "eventDate");
  const eventIds = await readEventPlaces(
    sql,
    headsWanted(wanted, isInOrder),
    await instant.heads(),
  );
  return readUntilFull(isInOrder ? limit + 1 : eventIds.length, eventIds, read);
}

/** Which of an event's ticket types there are nobody knows: of so many events at first. */
const FIRST_EVENTS = 8;

/** As `readTicketTypePage`, in the same way. */
export async function readTicketTypePageAt(
  sql: Pool,
  wanted: Omit<TicketTypesWanted, "since">,
  { instant, ...options }: AsOfOptions,
): Promise<ListPage<TicketTypeRow, TicketTypeIds>> {
  const read = async (eventIds?: readonly string[]) =>
    readTicketTypePage(sql, wanted, {
      ...options,
      tables: await instant.tables("ticket types", eventIds),
    });
  const { by = "eventDate", isDescending = false } = wanted.sort ?? {};
  const { regions, eventTypes, fromDay, toDay, eventIds: ids, after } = wanted;
  const isInOrder = by === "eventDate" || by === "eventId";
  const [ofEvent] = after?.ids ?? [];
  const eventIds = await readEventPlaces(
    sql,
    {
      ...{ regions, eventTypes, fromDay, toDay, ids },
      ...(isInOrder && { sort: { by, isDescending } }),
    },
    await instant.heads(),
  );
  // The page before ended within this one.
  const from = isInOrder && ofEvent !== undefined ? Math.max(0, eventIds.indexOf(ofEvent)) : 0;
  const behind = eventIds.slice(from);
  return readUntilFull(isInOrder ? FIRST_EVENTS : behind.length, behind, read);
}

/** Of events in their order so many, and more until there is a page or no other event. */
async function readUntilFull<Page extends ListPage<unknown, unknown>>(
  first: number,
  eventIds: readonly string[],
  read: (some: readonly string[]) => Promise<Page>,
): Promise<Page> {
  for (let many = first; ; many *= TIMES_MORE) {
    const page = await read(eventIds.slice(0, many));
    if (page.next !== null || many >= eventIds.length) return page;
  }
}

/** Without what hangs on ticket types and counts: some events more than are wanted. */
function headsWanted(wanted: EventsWanted, isInOrder: boolean) {
  const { regions, eventTypes, words, fromDay, toDay, isCurrent, ids, sort, after } = wanted;
  const heads: RowFilters = { regions, eventTypes, words, fromDay, toDay, isCurrent, ids };
  return isInOrder ? { ...heads, sort, after } : heads;
}
