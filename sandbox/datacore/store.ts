import type postgres from "postgres";
import type { Metadata } from "./metadata.ts";
import { type EventIds, orderOf } from "./uuid-v1.ts";

export interface NewEvent {
  eventId: string;
  timeBucket: string;
  validTime: string;
  metadata: Metadata;
  /** JSON text. */
  payload: string;
  /** Not read before; at once if it is left out. */
  visibleAt?: Date;
}

/** Who accepts events: each writer has a clock and ids of its own. */
export interface Writer {
  now: () => Date;
  eventIds: EventIds;
}

export type Stamp = (writer: Writer) => NewEvent;

/** All of them or none, and their buckets with them, in one statement. */
export async function storeEvents(
  sql: postgres.ISql,
  eventTypeId: string,
  events: NewEvent[],
  now: Date,
) {
  if (events.length === 0) return;
  const orders = events.map(({ eventId }) => orderOf(eventId));
  await sql`
    with stored as (
      insert into datacore.event
        (event_type_id, event_id, event_ts, event_rest, time_bucket, valid_time, metadata, payload,
         visible_at)
      select
        ${eventTypeId}, event_id, event_ts, event_rest, time_bucket, valid_time,
        metadata::json, payload::json, coalesce(visible_at, '-infinity')
      from unnest(
        ${events.map(({ eventId }) => eventId)}::uuid[],
        ${orders.map(({ ts }) => ts.toString())}::bigint[],
        ${orders.map(({ rest }) => rest.toString())}::bigint[],
        ${events.map(({ timeBucket }) => timeBucket)}::text[],
        ${events.map(({ validTime }) => validTime)}::text[],
        ${events.map(({ metadata }) => JSON.stringify(metadata))}::text[],
        ${events.map(({ payload }) => payload)}::text[],
        ${events.map(({ visibleAt }) => visibleAt?.toISOString() ?? null)}::timestamptz[]
      ) as given(
        event_id, event_ts, event_rest, time_bucket, valid_time, metadata, payload, visible_at
      )
    )
    insert into datacore.time_bucket (event_type_id, time_bucket, first_at)
    select ${eventTypeId}, time_bucket, ${now}
    from unnest(${[...new Set(events.map(({ timeBucket }) => timeBucket))]}::text[]) as touched(time_bucket)
    on conflict do nothing
  `;
}

/** Ends every delay. */
export async function revealEvents(sql: postgres.ISql, now: Date) {
  const { count } = await sql`
    update datacore.event set visible_at = '-infinity' where visible_at > ${now}
  `;
  return { revealed: count };
}

/** Removes every event of these types, and the buckets that held them. */
export async function eraseEvents(sql: postgres.ISql, eventTypeIds: string[]) {
  await sql`
    with erased as (
      delete from datacore.time_bucket where event_type_id = any(${eventTypeIds}::uuid[])
    )
    delete from datacore.event where event_type_id = any(${eventTypeIds}::uuid[])
  `;
}
