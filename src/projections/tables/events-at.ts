import type { Category } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { namesOf, withListsAsJson } from "../../database/table-columns.ts";
import { countNumbers } from "./count-tables.ts";
import { salesOf } from "./counts.ts";
import { describedBy, formerOf } from "./described-types.ts";
import { headColumns } from "./description-tables.ts";
import { eventsOf, itemsOf, ticketTypes, underShops } from "./event-rows.ts";
import {
  type EventAlone,
  type EventColumns,
  type EventInRows,
  eventOf,
  type KeptEvent,
  onlyOf,
  readEventsAlone,
  readThings,
  type SalesColumns,
  type ShopColumns,
  type Things,
} from "./event-state.ts";
import type { RowsMemory } from "./remembered-rows.ts";
import { readThingsAt, type ThingsThen } from "./things-at.ts";

interface Then {
  at: Date;
  /** Of what is so now. Without it all of an event's things are read, as the history has them. */
  memory?: RowsMemory | undefined;
}

/**
 * Some events as they were at an instant, by all that is known now: those that had been described by
 * then. The same statements, over what the history says that the tables held. Whoever calls holds a snapshot.
 */
export async function readEventsAt(
  tx: Sql,
  eventIds: readonly string[],
  { at, memory }: Then,
): Promise<EventInRows[]> {
  const only = onlyOf(tx, eventIds);
  const readWhole = (ids: readonly string[]) =>
    readThings(tx, { tables: tablesIn(tx, ids, at), only: onlyOf(tx, ids) });
  const [known, whole, events] = await Promise.all([
    memory && readThingsAt(tx, eventIds, { at, memory }),
    memory ? undefined : readWhole(eventIds),
    readEventsAlone(tx, { tables: tx`with ${eventsIn(tx, eventIds, at)}`, only }),
  ]);
  if (whole) return events.map((one) => ({ ...one, ...whole(one.event.eventId) }));
  const unknown = events.flatMap(({ event }) => (known?.(event.eventId) ? [] : event.eventId));
  const [formersOf, othersOf] = await Promise.all([
    known && readFormers(tx, goneOf(events, known), at),
    unknown.length === 0 ? undefined : readWhole(unknown),
  ]);
  return events.flatMap((one) => {
    const { eventId } = one.event;
    const things = known?.(eventId);
    const found = things ? thingsOf(things, formersOf?.get(eventId)) : othersOf?.(eventId);
    return found ? [{ ...one, ...found }] : [];
  });
}

/** Of some events those that had been described by then, each by itself. */
export async function readHeadsAt(
  tx: Sql,
  eventIds: readonly string[],
  at: Date,
): Promise<EventColumns[]> {
  const found = await tx<KeptEvent[]>`
    select event_id, ${withListsAsJson(tx, headColumns)}, deleted_at, changed_at
    from (${eventsOf(tx, eventIds, at)}) event
  `;
  return found.map(eventOf);
}

const thingsOf = (
  { types, sales, shops }: ThingsThen,
  formers: readonly Former[] = [],
): Things => ({
  ...describedBy(types),
  formerCategories: new Map(
    formers.flatMap(({ ticketTypeId, former }) =>
      former === null ? [] : [[ticketTypeId, former]],
    ),
  ),
  // The casts: the columns are those of a row.
  sales: sales as unknown as SalesColumns[],
  shops: shops as unknown as ShopColumns[],
});

interface Gone {
  eventId: string;
  ticketTypeId: string;
}

interface Former extends Gone {
  former: Category[] | null;
}

/** The ticket types that were in a category, and that their event did not have any more. */
const goneOf = (
  events: readonly EventAlone[],
  thenOf: (eventId: string) => ThingsThen | undefined,
): Gone[] =>
  events.flatMap(({ event: { eventId, ticketTypeIds } }) => {
    const present = new Set(ticketTypeIds);
    return (thenOf(eventId)?.types ?? []).flatMap(({ ticketTypeId, categoryRef }) => {
      // The cast: it is the type's name.
      const id = ticketTypeId as string;
      return categoryRef === null || present.has(id) ? [] : [{ eventId, ticketTypeId: id }];
    });
  });

async function readFormers(sql: Sql, gone: readonly Gone[], at: Date) {
  const found =
    gone.length === 0
      ? []
      : await sql<Former[]>`
          with ${headsIn(sql, at)}
          select event_id, ticket_type_id, (${formerOf(sql)}) as former
          from unnest(
            ${gone.map(({ eventId }) => eventId)}::text[],
            ${gone.map(({ ticketTypeId }) => ticketTypeId)}::text[]
          ) as ticket_type (event_id, ticket_type_id)
        `.execute();
  return Map.groupBy(found, ({ eventId }) => eventId);
}

/** In place of the tables that are read, so that each statement is that of the present. */
function tablesIn(sql: Sql, eventIds: readonly string[], at: Date) {
  const only = onlyOf(sql, eventIds);
  const pairs = (table: string, item: string) => sql`(
    select event_id, ${sql(item)} from ${sql(table)} ${only}
  )`;
  const { row, item } = ticketTypes;
  const countedSince = sql`(
    select event_id, ticket_type_id from ticket_type_sales ${only} and changed_at > ${at}
  )`;
  return sql`
    with ${eventsIn(sql, eventIds, at)},
    ticket_type as (${itemsOf(sql, pairs(row, item), ticketTypes, at)}),
    under_shop as (${itemsOf(sql, pairs(underShops.row, underShops.item), underShops, at)}),
    ticket_type_sales as (
      -- What no later count has changed is what was counted by then.
      select event_id, ticket_type_id, ${namesOf(sql, countNumbers)}, changed_at
      from ticket_type_sales ${only} and changed_at <= ${at}
      union all
      ${salesOf(sql, countedSince, at)}
    ),
    ${headsIn(sql, at)}
  `;
}

const eventsIn = (sql: Sql, eventIds: readonly string[], at: Date) => sql`
  event as (${eventsOf(sql, eventIds, at)}),
  event_count as not materialized (select * from event_count where counted_at <= ${at})
`;

const headsIn = (sql: Sql, at: Date) => sql`
  event_head_version as not materialized (
    select * from event_head_version where version_at <= ${at}
  )
`;
