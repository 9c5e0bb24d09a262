import { LRUCache } from "lru-cache";
import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, takenOver, typesOf } from "../../database/table-columns.ts";
import { typeKeyColumns } from "./list-keys.ts";
import { type MadeMemory, madeMemory } from "./made-types.ts";
import { recordset } from "./projection.ts";
import { markTypes } from "./row-revisions.ts";

export const shownTypeColumns = [
  ...columns({
    account: "text",
    start_at: "timestamptz",
    place: "integer",
    document: "json",
    digest: "text",
  }),
  ...typeKeyColumns,
];

export interface TypeToKeep {
  event_id: string;
  ticket_type_id: string;
  digest: string;
}

/** What stands of an event, by digests. */
export interface Kept {
  digest: string | null;
  madeOf: string | null;
  /** By ticket type. */
  types: ReadonlyMap<string, string>;
}

/**
 * For who makes the same events' rows again and again. It is never trusted by itself: an event's digest
 * says of all its ticket types what they are, and is read each time.
 */
export interface ShownMemory {
  kept: LRUCache<string, Kept>;
  made: MadeMemory;
}

const MOST_REMEMBERED = 5_000;

export const shownMemory = (): ShownMemory => ({
  made: madeMemory(),
  kept: new LRUCache({
    maxSize: MOST_REMEMBERED,
    sizeCalculation: ({ types }) => types.size + 1,
  }),
});

/** The ticket types' digests come as one value an event, which has hundreds, and only where they are not known. */
export async function readKept(
  sql: Sql,
  eventIds: readonly string[],
  memory?: ShownMemory["kept"],
): Promise<Map<string, Kept>> {
  // What is asked of has to be at hand when it is answered: meanwhile others may put it out of the memory.
  const remembered = new Map(eventIds.map((eventId) => [eventId, memory?.get(eventId)]));
  const known = eventIds.map((eventId) => ({
    event_id: eventId,
    digest: remembered.get(eventId)?.digest ?? null,
  }));
  const found = await sql<
    (Omit<Kept, "types"> & { eventId: string; digests: Record<string, string> | null })[]
  >`
    select known.event_id, event_shown.digest, made_of,
      case when known.digest is null or event_shown.digest is distinct from known.digest then (
        select coalesce(json_object_agg(ticket_type_id, type.digest), '{}')
        from ticket_type_shown type where type.event_id = known.event_id
      ) end as digests
    from jsonb_to_recordset(${JSON.stringify(known)}::text::jsonb) as known (
      event_id text, digest text
    )
    left join event_shown on event_shown.event_id = known.event_id
  `.execute();
  return new Map(
    found.map(({ eventId, digest, madeOf, digests }) => {
      const types = digests ? new Map(Object.entries(digests)) : remembered.get(eventId)?.types;
      return [eventId, { digest, madeOf, types: types ?? new Map() }];
    }),
  );
}

export const keptTypes = (eventId: string, types: Kept["types"] = new Map()): KeptType[] =>
  [...types].map(([ticketTypeId, digest]) => ({ eventId, ticketTypeId, digest }));

interface KeptType {
  eventId: string;
  ticketTypeId: string;
  digest: string;
}

/** The statements that write what differs, sent at once. */
export function writeTypes(sql: Sql, kept: readonly KeptType[], types: readonly TypeToKeep[]) {
  const keyOf = (eventId: string, ticketTypeId: string) => `${eventId} ${ticketTypeId}`;
  const digests = new Map(
    kept.map(({ eventId, ticketTypeId, digest }) => [keyOf(eventId, ticketTypeId), digest]),
  );
  const changed = types.filter((type) => {
    const key = keyOf(type.event_id, type.ticket_type_id);
    const isSame = digests.get(key) === type.digest;
    digests.delete(key);
    return !isSame;
  });
  const gone = kept.filter(({ eventId, ticketTypeId }) =>
    digests.has(keyOf(eventId, ticketTypeId)),
  );
  return [
    ...(gone.length > 0 ? [deleteTypes(sql, gone)] : []),
    ...(changed.length > 0 ? [upsertTypes(sql, changed)] : []),
  ];
}

const deleteTypes = (sql: Sql, gone: readonly KeptType[]) =>
  sql`
  with gone as (
    delete from ticket_type_shown using unnest(
      ${gone.map(({ eventId }) => eventId)}::text[],
      ${gone.map(({ ticketTypeId }) => ticketTypeId)}::text[]
    ) as gone (event_id, ticket_type_id)
    where ticket_type_shown.event_id = gone.event_id
      and ticket_type_shown.ticket_type_id = gone.ticket_type_id
    returning gone.event_id, gone.ticket_type_id, null::text as says
  )
  ${markTypes(sql, sql`gone`)}
`.execute();

const upsertTypes = (sql: Sql, changed: readonly TypeToKeep[]) =>
  sql`
  with new as materialized (
    select *, digest as says from json_to_recordset(${recordset([...changed])}::text::json) as new (
      event_id text, ticket_type_id text, ${typesOf(sql, shownTypeColumns)}
    )
  ), kept as (
    insert into ticket_type_shown (event_id, ticket_type_id, ${namesOf(sql, shownTypeColumns)})
    select event_id, ticket_type_id, ${namesOf(sql, shownTypeColumns)} from new
    on conflict (event_id, ticket_type_id) do update set ${takenOver(sql, shownTypeColumns)}
  )
  ${markTypes(sql, sql`new`)}
`.execute();
