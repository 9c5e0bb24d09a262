import type { Pool, Sql } from "../../database/connect.ts";
import type { StatusName } from "../../rules/event-status.ts";
import { standingAt } from "../../rules/standings.ts";
import { eventAt, ticketTypeAt } from "../tables/made-rows.ts";
import type { ShownEvent, ShownType } from "../tables/shown-rows.ts";
import type {
  EventPlace,
  EventRow,
  EventsWanted,
  Page,
  TicketTypePlace,
  TicketTypeRow,
  Wanted,
} from "./row-types.ts";
import { readRows } from "./rows.ts";
import { type ReadingOptions, readAtOnce, statusIn } from "./shown.ts";
import { readUnplaced } from "./unplaced.ts";

/** Events by their dates. */
export async function readEventPage(
  sql: Pool,
  wanted: EventsWanted,
  options: ReadingOptions,
): Promise<Page<EventRow, EventPlace>> {
  const { now } = options;
  const [found, unplaced] = await Promise.all([
    readAtOnce<Found<ShownEvent>>(
      sql,
      sql`(${eventPageIn(sql, wanted, now)}) union all ${unmadeIn(sql)}`,
    ),
    readUnplaced(sql, now),
  ]);
  const kept = found.flatMap(({ document, startAt }): Placed<EventRow, EventPlace>[] => {
    if (!document || !startAt) return [];
    const row = eventAt(document, standingAt(document.standings, now));
    return [{ row, place: [Date.parse(startAt), row.eventId] }];
  });
  const unmade = await makeNow(sql, idsToMake(found, unplaced), options);
  const made = unmade.events
    .filter((row) => wanted.status === undefined || row.status === wanted.status)
    .map((row) => ({ row, place: [Date.parse(row.eventDate), row.eventId] as const }));
  return pageOf(kept, made, wanted);
}

/** Ticket types of all events, by the event's date. */
export async function readTicketTypePage(
  sql: Pool,
  wanted: Wanted<TicketTypePlace>,
  options: ReadingOptions,
): Promise<Page<TicketTypeRow, TicketTypePlace>> {
  const [found, unplaced] = await Promise.all([
    readAtOnce<Found<ShownType>>(
      sql,
      sql`(${ticketTypePageIn(sql, wanted, options.now)}) union all ${unmadeIn(sql)}`,
    ),
    readUnplaced(sql, options.now),
  ]);
  const kept = found.flatMap(({ document, startAt, status }): TypePlaced[] => {
    if (!document || !startAt || !status) return [];
    const row = ticketTypeAt(document, { status });
    return [{ row, place: [Date.parse(startAt), row.eventId, row.ticketTypeId] }];
  });
  const unmade = await makeNow(sql, idsToMake(found, unplaced), options);
  const dates = new Map(unmade.events.map((row) => [row.eventId, Date.parse(row.eventDate)]));
  const made = unmade.ticketTypes.map(
    (row): TypePlaced => ({
      row,
      place: [dates.get(row.eventId) ?? 0, row.eventId, row.ticketTypeId],
    }),
  );
  return pageOf(kept, made, wanted);
}

/**
 * The page of kept rows and one row more. PostgreSQL takes what it has no statistics of for rare, and
 * would sort all events of a status: `coalesce` is as likely true as not, and so the index is followed.
 */
export const eventPageIn = (
  sql: Sql,
  { limit, after, region, status }: EventsWanted,
  now: Date,
) => sql`
  select event_id as "eventId", start_at as "startAt", document, null as status from event_shown
  where document is not null
    ${region === undefined ? sql`` : sql`and account = ${region}`}
    ${status === undefined ? sql`` : sql`and coalesce(${statusIn(sql, now)} = ${status}, false)`}
    ${after ? sql`and (start_at, event_id) > (${instantOf(after)}, ${after[1]})` : sql``}
  order by start_at, event_id
  limit ${limit + 1}
`;

export const ticketTypePageIn = (
  sql: Sql,
  { limit, after, region }: Wanted<TicketTypePlace>,
  now: Date,
) => sql`
  select event_id as "eventId", start_at as "startAt", document, (
    select ${statusIn(sql, now)} from event_shown where event_shown.event_id = page.event_id
  ) as status
  from (
    select event_id, ticket_type_id, start_at, document from ticket_type_shown
    where true
      ${region === undefined ? sql`` : sql`and account = ${region}`}
      ${
        after
          ? sql`and (start_at, event_id, ticket_type_id)
              > (${instantOf(after)}, ${after[1]}, ${after[2]})`
          : sql``
      }
    order by start_at, event_id, ticket_type_id
    limit ${limit + 1}
  ) page
  order by start_at, event_id, ticket_type_id
`;

/** A cursor holds milliseconds, which is all that JavaScript and these rows know of an instant. */
const instantOf = ([at]: readonly [number, ...unknown[]]) => new Date(at);

/** The events of which nobody has tried to make rows. */
const unmadeIn = (sql: Sql) => sql`
  select event_id, null, null, null from event_shown where document is null and fault is null
`;

interface Found<Document> {
  eventId: string;
  /** As PostgreSQL writes an instant into JSON. */
  startAt: string | null;
  document: Document | null;
  status: StatusName | null;
}

interface Placed<Row, Place> {
  row: Row;
  place: Place;
}

type TypePlaced = Placed<TicketTypeRow, TicketTypePlace>;

/** Right after an upgrade rows are still being made: no event is missing for that long. */
async function makeNow(sql: Pool, eventIds: string[], options: ReadingOptions) {
  if (eventIds.length === 0) return { events: [], ticketTypes: [] };
  return readRows(sql, { ...options, eventIds });
}

/** What was placed and made between two looks is a kept row. */
function idsToMake(found: readonly Found<unknown>[], unplaced: readonly string[]): string[] {
  const kept = new Set(found.flatMap(({ document, eventId }) => (document ? eventId : [])));
  const unmade = found.flatMap(({ document, eventId }) => (document ? [] : eventId));
  return [...new Set([...unmade, ...unplaced])].filter((eventId) => !kept.has(eventId));
}

function pageOf<Row extends { region: string }, Place extends readonly (string | number)[]>(
  kept: readonly Placed<Row, Place>[],
  made: readonly Placed<Row, Place>[],
  { limit, after, region }: Wanted<Place>,
): Page<Row, Place> {
  const fitting = made.filter(
    ({ row, place }) =>
      (region === undefined || row.region === region) && (!after || compare(place, after) > 0),
  );
  const all = [...kept, ...fitting].sort((a, b) => compare(a.place, b.place));
  const page = all.slice(0, limit);
  return {
    rows: page.map(({ row }) => row),
    next: all.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
}

function compare(one: readonly (string | number)[], other: readonly (string | number)[]) {
  for (const [index, part] of one.entries()) {
    const counterpart = other[index] ?? "";
    if (part !== counterpart) return part < counterpart ? -1 : 1;
  }
  return 0;
}
