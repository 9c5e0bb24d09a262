import type { Pool, Sql } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import type { StatusName } from "../../rules/event-status.ts";
import { standingAt } from "../../rules/standings.ts";
import { readEventsInRows } from "../tables/event-state.ts";
import { eventAt, ticketTypeAt } from "../tables/made-rows.ts";
import {
  type ShownEvent,
  type ShownType,
  shownEventColumns,
  shownOf,
  shownTypeColumns,
} from "../tables/shown-rows.ts";
import { type Column, namesOf } from "../tables/table-columns.ts";
import { type Fragment, keysetIn } from "./keyset.ts";
import {
  eventFilters,
  eventKeys,
  type Relations,
  ticketTypeFilters,
  ticketTypeKeys,
} from "./list-columns.ts";
import type { EventRow, Page, TicketTypeRow } from "./row-types.ts";
import { type ReadingOptions, statusIn } from "./shown.ts";
import { readUnplaced } from "./unplaced.ts";
import {
  type EventSort,
  type EventsWanted,
  eventSorts,
  type KeyKind,
  type Place,
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
): Promise<Page<EventRow, Place>> {
  const { now } = options;
  const kind = eventSorts[sortOf(wanted).by];
  const found = await readPage<FoundEvent>(sql, options, (from) => eventPageIn(sql, wanted, from));
  return pageOf(found, wanted.limit, ({ document, key, eventId }) => ({
    row: eventAt(document, standingAt(document.standings, now)),
    place: { key: keyOf(key, kind), ids: [eventId] },
  }));
}

/** Ticket types of all events, in the same way. */
export async function readTicketTypePage(
  sql: Pool,
  wanted: TicketTypesWanted,
  options: ListOptions,
): Promise<Page<TicketTypeRow, Place>> {
  const kind = ticketTypeSorts[sortOf(wanted).by];
  const found = await readPage<FoundType>(sql, options, (from) =>
    ticketTypePageIn(sql, wanted, from),
  );
  return pageOf(found, wanted.limit, ({ document, key, eventId, ticketTypeId, status }) => ({
    row: ticketTypeAt(document, { status }),
    place: { key: keyOf(key, kind), ids: [eventId, ticketTypeId] },
  }));
}

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
    where: eventFilters(sql, wanted, from),
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
    where: ticketTypeFilters(sql, wanted, from),
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
});

/**
 * Reads a page in one statement, and so in one snapshot. Right after an upgrade rows of some events are
 * still to be made: they are made here and stand beside those that are kept, so that none is missing.
 */
async function readPage<Row>(
  sql: Pool,
  options: ListOptions,
  pageIn: (from: Relations) => ReturnType<typeof keysetIn>,
): Promise<Row[]> {
  if (options.tables) return (await readBoth<Row>(sql, pageIn(options.tables))).rows;
  const [kept, unplaced] = await Promise.all([
    readBoth<Row>(sql, pageIn(keptIn(sql, options.now))),
    readUnplaced(sql, options.now),
  ]);
  const eventIds = [...new Set([...kept.unmade, ...unplaced])];
  if (eventIds.length === 0) return kept.rows;
  const { rows } = await readBoth<Row>(sql, pageIn(await madeIn(sql, eventIds, options)));
  return rows;
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

/** All as one value each: hundreds of documents are parsed at once, and not one by one. */
async function readBoth<Row>(sql: Sql, { keyed, keyless }: ReturnType<typeof keysetIn>) {
  const [found] = await sql<{ keyed: Row[]; keyless: Row[]; unmade: string[] }[]>`
    select
      (select coalesce(json_agg(one), '[]') from (${keyed}) one) as keyed,
      (select coalesce(json_agg(one), '[]') from (${keyless}) one) as keyless,
      (
        select coalesce(json_agg(event_id), '[]') from event_shown
        where document is null and fault is null
      ) as unmade
  `;
  if (!found) throw new Error("PostgreSQL answered nothing");
  return { rows: [...found.keyed, ...found.keyless], unmade: found.unmade };
}

/** The tables with the rows of these events as they would be kept now. */
async function madeIn(
  sql: Pool,
  eventIds: readonly string[],
  { now, onFault, ...policy }: ReadingOptions,
): Promise<Relations> {
  // One snapshot: totals and their ticket types must not be of two times.
  const found = await sql.begin(ONE_SNAPSHOT, (tx) => readEventsInRows(tx, eventIds));
  const made = found.map((one) => shownOf(one, { ...policy, onFault: onFault ?? fail }));
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

function pageOf<Found, Row>(
  found: readonly Found[],
  limit: number,
  read: (one: Found) => { row: Row; place: Place },
): Page<Row, Place> {
  const page = found.slice(0, limit).map(read);
  return {
    rows: page.map(({ row }) => row),
    next: found.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
}
