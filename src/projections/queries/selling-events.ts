import type { Pool, Sql } from "../../database/connect.ts";
import { isCalledOff } from "../../rules/called-off.ts";
import { isParent } from "../../rules/parents.ts";
import type { ShownEvent } from "../tables/made-shown.ts";
import type { Relations } from "./list-columns.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";
import { readRows } from "./rows.ts";
import { readRowsAt } from "./rows-at.ts";
import { type ReadingOptions, readAtOnce, statusIn } from "./shown.ts";
import { readUnplaced } from "./unplaced.ts";

/** What is known of an event's sale, apart from the hours. */
export interface SellingEvent {
  row: SellingRow;
  /** Of the ticket types that are summed. */
  typeIds: string[];
  /** What these sold; null where they were not counted. */
  sold: number | null;
  isCalledOff: boolean;
}

export type SellingRow = Pick<
  EventRow,
  | "eventId"
  | "eventName"
  | "region"
  | "eventType"
  | "childEventIds"
  | "eventDate"
  | "eventEndDate"
  | "timezone"
  | "salesLaunchDate"
  | "salesEndDate"
  | "totalCapacity"
  | "totalSold"
  | "totalAvailable"
  | "countedAt"
>;

export interface SellingWanted {
  eventIds?: readonly string[] | undefined;
  regions?: readonly string[] | undefined;
  statuses?: readonly string[] | undefined;
  /** The classes of the ticket types that are summed. */
  classes: readonly string[];
  /** Events behind this place, or with the one that is there. */
  after?: EventPlace | undefined;
  isAfterIncluded?: boolean;
  limit: number;
}

/** By their dates. */
export type EventPlace = readonly [eventDate: number, eventId: string];

export const placeOf = ({ eventDate, eventId }: SellingRow): EventPlace => [
  Date.parse(eventDate),
  eventId,
];

/** Events by their dates, each with the ticket types that are summed: one statement, and so one snapshot. */
export async function readSellingEvents(
  sql: Pool,
  wanted: SellingWanted,
  options: ReadingOptions,
): Promise<SellingEvent[]> {
  const [found, unplaced] = await Promise.all([
    readAtOnce<Found>(sql, sql`${sellingIn(sql, wanted, options.now)}`),
    readUnplaced(sql, options.now),
  ]);
  const unmade = found.flatMap(({ eventId, document }) => (document ? [] : eventId));
  const kept = found.flatMap(({ document, types }) =>
    document
      ? sellingOf(document.row, {
          types,
          classes: wanted.classes,
          isCalledOff: isCalledOff({ ...document.row, status: document.standings[0]?.status }),
        })
      : [],
  );
  const made = await makeNow(sql, [...new Set([...unmade, ...unplaced])], { wanted, options });
  const keptIds = new Set(kept.map(({ row }) => row.eventId));
  return [...kept, ...made.filter(({ row }) => !keptIds.has(row.eventId))]
    .sort((one, other) => compare(placeOf(one.row), placeOf(other.row)))
    .slice(0, wanted.limit);
}

/** The same as they were at an instant: their places by its tables, and what they sold by the history. */
export async function readSellingEventsAt(
  sql: Pool,
  wanted: SellingWanted,
  { tables, ...options }: ReadingOptions & { tables: Relations },
): Promise<SellingEvent[]> {
  const at = tables.now;
  const found = await readAtOnce<{ eventId: string }>(
    sql,
    sql`
      select event_id as "eventId" from ${tables.events}
      where ${isWanted(sql, wanted, at)} order by start_at, event_id limit ${wanted.limit}
    `,
  );
  const eventIds = found.map(({ eventId }) => eventId);
  if (eventIds.length === 0) return [];
  const { events, ticketTypes } = await readRowsAt(sql, { ...options, at, eventIds });
  return sellingOfRows(events, ticketTypes, wanted.classes);
}

/** Conditions over `event_shown`. */
const isWanted = (
  sql: Sql,
  { eventIds, regions, statuses, after, isAfterIncluded = false }: SellingWanted,
  now: Date,
) => sql`
  document is not null
  ${eventIds === undefined ? sql`` : sql`and event_id = any(${[...eventIds]}::text[])`}
  ${regions === undefined ? sql`` : sql`and account = any(${[...regions]}::text[])`}
  ${
    statuses === undefined
      ? sql``
      : sql`and coalesce(${statusIn(sql, now)} = any(${[...statuses]}::text[]), false)`
  }
  ${after && !isAfterIncluded ? sql`and (start_at, event_id) > (${new Date(after[0])}, ${after[1]})` : sql``}
  ${after && isAfterIncluded ? sql`and (start_at, event_id) >= (${new Date(after[0])}, ${after[1]})` : sql``}
`;

/** What is yet to be made comes with any page: nobody knows where it belongs. */
const sellingIn = (sql: Sql, wanted: SellingWanted, now: Date) => sql`
  select event_id as "eventId", document, (
    select coalesce(json_agg(json_build_array(
      type.ticket_type_id, type.class, type.sold
    )), '[]')
    from ticket_type_shown type where type.event_id = page.event_id
  ) as types
  from (
    select event_id, document from event_shown
    where ${isWanted(sql, wanted, now)}
    order by start_at, event_id
    limit ${wanted.limit}
  ) page
  union all
  select event_id, null, '[]' from event_shown
  where document is null and fault is null
    ${wanted.eventIds === undefined ? sql`` : sql`and event_id = any(${[...wanted.eventIds]}::text[])`}
`;

interface Found {
  eventId: string;
  document: ShownEvent | null;
  types: TypeFound[];
}

type TypeFound = [ticketTypeId: string, ticketClass: string, sold: number | null];

interface Sale {
  types: readonly TypeFound[];
  classes: readonly string[];
  isCalledOff: boolean;
}

function sellingOf(row: EventRow, { types, classes, isCalledOff }: Sale): SellingEvent {
  const summed = isParent(row) ? [] : types.filter(([, name]) => classes.includes(name));
  const isCounted = !isParent(row) && row.totalSold !== null;
  return {
    row,
    typeIds: summed.map(([id]) => id),
    isCalledOff,
    sold: isCounted ? summed.reduce((sum, [, , sold]) => sum + (sold ?? 0), 0) : null,
  };
}

/** Right after an upgrade rows are still being made: no event is missing for that long. */
async function makeNow(
  sql: Pool,
  eventIds: readonly string[],
  { wanted, options }: { wanted: SellingWanted; options: ReadingOptions },
): Promise<SellingEvent[]> {
  if (eventIds.length === 0) return [];
  const { events, ticketTypes } = await readRows(sql, { ...options, eventIds });
  const { regions, statuses, after, isAfterIncluded = false } = wanted;
  const fitting = events.filter(
    (row) =>
      (wanted.eventIds?.includes(row.eventId) ?? true) &&
      (regions?.includes(row.region) ?? true) &&
      (statuses?.includes(row.status) ?? true) &&
      (!after || compare(placeOf(row), after) >= (isAfterIncluded ? 0 : 1)),
  );
  return sellingOfRows(fitting, ticketTypes, wanted.classes);
}

function sellingOfRows(
  events: readonly EventRow[],
  ticketTypes: readonly TicketTypeRow[],
  classes: readonly string[],
): SellingEvent[] {
  const typesOf = Map.groupBy(ticketTypes, ({ eventId }) => eventId);
  return events.map((row) =>
    sellingOf(row, {
      types: (typesOf.get(row.eventId) ?? []).map(foundOf),
      classes,
      isCalledOff: isCalledOff(row),
    }),
  );
}

const foundOf = (type: TicketTypeRow): TypeFound => [type.ticketTypeId, type.class, type.sold];

function compare([date, id]: EventPlace, [otherDate, otherId]: EventPlace) {
  if (date !== otherDate) return date - otherDate;
  return id < otherId ? -1 : id > otherId ? 1 : 0;
}
