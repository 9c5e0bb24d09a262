import type { Sql } from "../../database/connect.ts";
import type { Fragment } from "./keyset.ts";
import { eventFilters, type Relations, ticketTypeFilters } from "./list-columns.ts";
import type { RowFilters, Since } from "./wanted.ts";

/** A moment is somebody's clock, and a transaction writes some seconds before it is committed. */
const EARLIER = "1 minute";

/** The ids of the events whose rows changed since, by what was written or by the clock. */
export const changedEventsIn = (sql: Sql, since: Since, { events, now, made }: Relations) => sql`
  select event_id from event_revision
  where ${isSince(sql, since, "changed")}
  union select event_shown.event_id from ${events} where ${turned(sql, since, now)}
  union select * from unnest(${[...made]}::text[])
`;

/** What of a ticket type can be bought hangs on its event's status: who turns takes all of them along. */
export const changedTypesIn = (
  sql: Sql,
  since: Since,
  { events, types, now, made }: Relations,
) => sql`
  select event_id, ticket_type_id from ticket_type_revision
  where ${isSince(sql, since, "changed")}
  union
  select ticket_type_shown.event_id, ticket_type_shown.ticket_type_id from ${types}
  where ticket_type_shown.event_id in (
    select event_id from event_revision where ${isSince(sql, since, "turns_changed")}
    union all select event_shown.event_id from ${events} where ${turned(sql, since, now)}
    union all select * from unnest(${[...made]}::text[])
  )
`;

const isSince = (sql: Sql, { position, at }: Since, what: "changed" | "turns_changed") =>
  position === undefined
    ? sql`${sql(`${what}_at`)} >= ${at}::timestamptz - ${EARLIER}::interval`
    : sql`${sql(`${what}_in`)} >= ${position}::xid8`;

const turned = (sql: Sql, { at }: Since, now: Date) => sql`
  width_bucket(${at}::timestamptz, event_shown.turns_at)
    <> width_bucket(${now}::timestamptz, event_shown.turns_at)
`;

/** Of what changed since, the ids of rows that the list does not have: gone, or left out by its filters. */
export const removedEventsIn = (
  sql: Sql,
  { since, ...wanted }: RowFilters & { since: Since },
  from: Relations,
): Fragment => sql`
  select changed.event_id as "eventId" from (${changedEventsIn(sql, since, from)}) changed
  where not exists (
    select from ${from.events}
    where event_shown.event_id = changed.event_id and ${eventFilters(sql, wanted, from)}
  )
`;

export const removedTypesIn = (
  sql: Sql,
  { since, ...wanted }: RowFilters & { since: Since },
  from: Relations,
): Fragment => sql`
  select changed.event_id as "eventId", changed.ticket_type_id as "ticketTypeId"
  from (${changedTypesIn(sql, since, from)}) changed
  where not exists (
    select from ${from.types}
    where ticket_type_shown.event_id = changed.event_id
      and ticket_type_shown.ticket_type_id = changed.ticket_type_id
      and ${ticketTypeFilters(sql, wanted, from)}
  )
`;
