import type { Pool, Sql } from "../../database/connect.ts";
import { type Column, namesOf } from "../../database/table-columns.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import type { StatusName } from "../../rules/event-status.ts";
import { standingAt } from "../../rules/standings.ts";
import { readEventsInRows } from "../tables/event-state.ts";
import { eventAt, ticketTypeAt } from "../tables/made-rows.ts";
import { type ShownEvent, type ShownType, shownOnceOf } from "../tables/made-shown.ts";
import { shownEventColumns } from "../tables/shown-rows.ts";
import { shownTypeColumns } from "../tables/shown-types.ts";
import {
  changedEventsIn,
  changedTypesIn,
  removedEventsIn,
  removedTypesIn,
} from "./changed-since.ts";
import { type Fragment, keysetIn } from "./keyset.ts";
import {
  eventFilters,
  eventKeys,
  type Relations,
  ticketTypeFilters,
  ticketTypeKeys,
} from "./list-columns.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";
import { type ReadingOptions, statusIn } from "./shown.ts";
import { readUnplaced } from "./unplaced.ts";
import {
  type EventSort,
  type EventsWanted,
  eventSorts,
  type KeyKind,
  type ListPage,
  type Place,
  type TicketTypeIds,
  type TicketTypeSort,
  type TicketTypesWanted,
  ticketTypeSorts,
} from "./wanted.ts";

/** Reads what stands for the two tables, as of another instant than now. */
export interface ListOptions extends ReadingOptions {
  tables?: Relations | undefined;
}

/** Events, by their dates or by any other column: filters, order, place and limit are PostgreSQL's work. */
export async function readEventPage(
  sql: Pool,
  wanted: EventsWanted,
  options: ListOptions,
): Promise<ListPage<EventRow, string>> {
  const { now } = options;
  const kind = eventSorts[sortOf(wanted).by];
  const found = await readPage<FoundEvent, { eventId: string }>(sql, options, (from) => ({
    ...eventPageIn(sql, wanted, from),
    removed: isFirst(wanted) ? removedEventsIn(sql, wanted, from) : undefined,
  }));
  const removed = found.removed.map(({ eventId }) => eventId);
  return pageOf({ ...found, removed }, { ...wanted, now }, ({ document, key, eventId }) => ({
    row: eventAt(document, standingAt(document.standings, now)),
    place: { key: keyOf(key, kind), ids: [eventId] },
  }));
}

/** The ids of all events that are wanted, in their order, by what stands for their table. */
export async function readEventPlaces(
  sql: Pool,
  wanted: Omit<EventsWanted, "limit">,
  from: Relations,
): Promise<string[]> {
  const all = { ...wanted, limit: MOST_EVENTS };
  const { rows } = await readTogether<FoundEvent, never>(sql, {
    ...eventPageIn(sql, all, from),
    removed: undefined,
  });
  return rows.map(({ eventId }) => eventId);
}

/** More than anybody has. */
const MOST_EVENTS = 1_000_000;

/** Ticket types of all events, in the same way. */
export async function readTicketTypePage(
  sql: Pool,
  wanted: TicketTypesWanted,
  options: ListOptions,
): Promise<ListPage<TicketTypeRow, TicketTypeIds>> {
  const kind = ticketTypeSorts[sortOf(wanted).by];
  const found = await readPage<FoundType, TicketTypeIds>(sql, options, (from) => ({
    ...ticketTypePageIn(sql, wanted, from),
    removed: isFirst(wanted) ? removedTypesIn(sql, wanted, from) : undefined,
  }));
  return pageOf(
    found,
    { ...wanted, now: options.now },
    ({ document, key, eventId, ticketTypeId, status }) => ({
      row: ticketTypeAt(document, { status }),
      place: { key: keyOf(key, kind), ids: [eventId, ticketTypeId] },
    }),
  );
}

/** What went is told once, before everything else. */
const isFirst = <Wanted extends Pick<EventsWanted, "since" | "after">>(
  wanted: Wanted,
): wanted is Wanted & Required<Pick<EventsWanted, "since">> & { since: object } =>
  wanted.since !== undefined && wanted.after === undefined;

const BY_DATE = { by: "eventDate", isDescending: false } as const;

const sortOf = <Name extends EventSort | TicketTypeSort>({
  sort = BY_DATE,
}: {
  sort?: { by: Name | "eventDate"; isDescending: boolean } | undefined;
}) => sort;

/** Columns that every row has. */
const never: readonly string[] = ["eventId", "ticketTypeId", "eventDate"];

/** One row more than the page has tells whether there is another page. */
export function eventPageIn(sql: Sql, wanted: EventsWanted, from: Relations) {
  const { by, isDescending } = sortOf(wanted);
  return keysetIn(sql, {
    select: sql`event_id as "eventId", document`,
    from: from.events,
    where: sql`${eventFilters(sql, wanted, from)} ${
      wanted.since ? sql`and event_id in (${changedEventsIn(sql, wanted.since, from)})` : sql``
    }`,
    key: eventKeys[by](sql, from),
    kind: eventSorts[by],
    isNullable: !never.includes(by),
    ids: [sql`event_id`],
    isDescending,
    after: wanted.after,
    limit: wanted.limit + 1,
  });
}

export function ticketTypePageIn(sql: Sql, wanted: TicketTypesWanted, from: Relations) {
  const { by, isDescending } = sortOf(wanted);
  const { keyed, keyless } = keysetIn(sql, {
    select: sql`event_id, ticket_type_id, document`,
    from: from.types,
    where: sql`${ticketTypeFilters(sql, wanted, from)} ${
      wanted.since
        ? sql`and (event_id, ticket_type_id) in (${changedTypesIn(sql, wanted.since, from)})`
        : sql``
    }`,
    key: ticketTypeKeys[by](sql, from),
    kind: ticketTypeSorts[by],
    isNullable: !never.includes(by),
    ids: [sql`event_id`, sql`ticket_type_id`],
    isDescending,
    after: wanted.after,
    limit: wanted.limit + 1,
  });
  // Of the page's rows alone.
  const withStatus = (page: Fragment) => sql`
    select event_id as "eventId", ticket_type_id as "ticketTypeId", document, key, (
      select ${statusIn(sql, from.now)} from ${from.events}
      where event_shown.event_id = page.event_id
    ) as status
    from (${page}) page
  `;
  return { keyed: withStatus(keyed), keyless: withStatus(keyless) };
}

interface FoundEvent {
  eventId: string;
  document: ShownEvent;
  /** As PostgreSQL writes it into JSON. */
  key: Place["key"];
}

interface FoundType {
  eventId: string;
  ticketTypeId: string;
  document: ShownType;
  key: Place["key"];
  status: StatusName;
}

/** What is kept, and nothing else. */
export const keptIn = (sql: Sql, now: Date): Relations => ({
  events: sql`event_shown`,
  types: sql`ticket_type_shown`,
  now,
  made: [],
});

interface PageQueries extends ReturnType<typeof keysetIn> {
  removed: Fragment | undefined;
}

interface Found<Row, RowIds> {
  rows: Row[];
  removed: RowIds[];
  position: string;
  database: string;
}

/**
 * Reads a page in one statement, and so in one snapshot. Right after an upgrade rows of some events are
 * still to be made: they are made here and stand beside those that are kept, so that none is missing.
 */
async function readPage<Row, RowIds>(
  sql: Pool,
  options: ListOptions,
  pageIn: (from: Relations) => PageQueries,
): Promise<Found<Row, RowIds>> {
  if (options.tables) return readTogether<Row, RowIds>(sql, pageIn(options.tables));
  const [kept, unplaced] = await Promise.all([
    readTogether<Row, RowIds>(sql, pageIn(keptIn(sql, options.now))),
    readUnplaced(sql, options.now),
  ]);
  const eventIds = [...new Set([...kept.unmade, ...unplaced])];
  if (eventIds.length === 0) return kept;
  const from = await madeIn(sql, eventIds, options);
  // Of the earlier snapshot: what is committed between the two is told again rather than never.
  const { position } = kept;
  return { ...(await readTogether<Row, RowIds>(sql, pageIn(from))), position };
}

/** What stands for the tables now: these, and the rows that are still to be made. */
export async function tablesNow(sql: Pool, options: ReadingOptions): Promise<Relations> {
  const [unmade, unplaced] = await Promise.all([
    sql<{ eventId: string }[]>`
      select event_id from event_shown where document is null and fault is null
    `,
    readUnplaced(sql, options.now),
  ]);
  const eventIds = [...new Set([...unmade.map(({ eventId }) => eventId), ...unplaced])];
  return eventIds.length === 0 ? keptIn(sql, options.now) : madeIn(sql, eventIds, options);
}

/** Rows as one value: hundreds of documents are parsed at once, and not one by one. */
async function readTogether<Row, RowIds>(sql: Sql, { keyed, keyless, removed }: PageQueries) {
  const all = (query: Fragment) => sql`(select coalesce(json_agg(one), '[]') from (${query}) one)`;
  const [found] = await sql<
    {
      keyed: Row[];
      keyless: Row[];
      removed: RowIds[];
      unmade: string[];
      position: string;
      database: string;
    }[]
  >`
    select ${all(keyed)} as keyed, ${all(keyless)} as keyless,
      ${removed ? all(removed) : sql`json_build_array()`} as removed,
      (
        select coalesce(json_agg(event_id), '[]') from event_shown
        where document is null and fault is null
      ) as unmade,
      pg_snapshot_xmin(pg_current_snapshot())::text as position,
      'lease'::regclass::oid::text as database
  `;
  if (!found) throw new Error("PostgreSQL answered nothing");
  return { ...found, rows: [...found.keyed, ...found.keyless] };
}

/** The tables with the rows of these events as they would be kept now. */
async function madeIn(
  sql: Pool,
  eventIds: readonly string[],
  { now, onFault, ...policy }: ReadingOptions,
): Promise<Relations> {
  // One snapshot: totals and their ticket types must not be of two times.
  const found = await sql.begin(ONE_SNAPSHOT, (tx) => readEventsInRows(tx, eventIds));
  const made = found.map((one) => shownOnceOf(one, { ...policy, onFault: onFault ?? fail }));
  const withMade = (name: "event_shown" | "ticket_type_shown", ids: string, rows: object[]) => {
    const columns: Column[] = name === "event_shown" ? shownEventColumns : shownTypeColumns;
    return sql`(
      select ${sql.unsafe(ids)}, ${namesOf(sql, columns)} from ${sql(name)}
      where event_id <> all(${[...eventIds]}::text[])
      union all
      select ${sql.unsafe(ids)}, ${namesOf(sql, columns)}
      from json_populate_recordset(null::${sql(name)}, ${JSON.stringify(rows)}::text::json)
    ) as ${sql(name)}`;
  };
  return {
    now,
    made: eventIds,
    events: withMade(
      "event_shown",
      "event_id",
      made.map(({ event }) => event),
    ),
    types: withMade(
      "ticket_type_shown",
      "event_id, ticket_type_id",
      made.flatMap(({ types }) => types),
    ),
  };
}

function fail(_eventId: string, error: unknown): never {
  throw error;
}

/** A cursor holds an instant in milliseconds, which is all that JavaScript and these rows know of it. */
const keyOf = (key: Place["key"], kind: KeyKind) =>
  kind === "instant" && typeof key === "string" ? Date.parse(key) : key;

function pageOf<One, Row, RowIds>(
  { rows: found, removed, position, database }: Found<One, RowIds>,
  { limit, now }: { limit: number; now: Date },
  read: (one: One) => { row: Row; place: Place },
): ListPage<Row, RowIds> {
  const page = found.slice(0, limit).map(read);
  return {
    rows: page.map(({ row }) => row),
    next: found.length > limit ? (page.at(-1)?.place ?? null) : null,
    removed,
    position,
    database,
    at: now,
  };
}
