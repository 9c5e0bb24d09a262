import type { Sql } from "../../database/connect.ts";
import { isParent } from "../../rules/parents.ts";
import { lockTickets } from "./locks.ts";

/** Its tickets or its description changed; an event without a baseline stays so. */
export const markDirty = (tx: Sql, account: string, eventIds: readonly string[]) => tx`
  update running_count set dirty = true
  where account = ${account} and event_id = any(${[...eventIds]}::text[]) and not dirty
`;

/** It was read up to the cutoff `until`, and is to be counted. */
export const saveBaseline = (
  tx: Sql,
  { account, eventId, until }: { account: string; eventId: string; until: Date },
) => tx`
  insert into running_count (account, event_id, based_at) values (${account}, ${eventId}, ${until})
  on conflict (account, event_id) do update set
    based_at   = excluded.based_at,
    dirty      = true,
    doubted_at = null
`;

/** Since when an event's full counts are not believed, from now on where they were until now. */
export async function saveDoubt(
  sql: Sql,
  { account, eventId, at }: { account: string; eventId: string; at: Date },
): Promise<Date> {
  const [row] = await sql<{ doubtedAt: Date }[]>`
    update running_count set doubted_at = least(doubted_at, ${at})
    where account = ${account} and event_id = ${eventId}
    returning doubted_at
  `;
  return row?.doubtedAt ?? at;
}

/** Nothing changed since it was counted. */
export const markCounted = (tx: Sql, account: string, eventId: string) => tx`
  update running_count set dirty = false where account = ${account} and event_id = ${eventId}
`;

/** The events that changed since they were counted. */
export async function readDirty(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select r.event_id from running_count r
    join event_seen s on s.account = r.account and s.event_id = r.event_id
    where r.account = ${account} and r.dirty and s.deleted_at is null
    order by r.event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

/** The events of which something is kept. */
export async function readEventsWithBaseline(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select event_id from running_count where account = ${account} order by event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

/** The watched events without a baseline, those that hold others left out. */
export async function readEventsWithoutBaseline(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string; eventType: string; childEventIds: string[] }[]>`
    select
      s.event_id, s.description ->> 'eventType' as event_type,
      coalesce(s.description -> 'childEventIds', '[]') as child_event_ids
    from event_seen s
    left join running_count r on r.account = s.account and r.event_id = s.event_id
    where s.account = ${account} and s.deleted_at is null and r.event_id is null
    order by s.event_id
  `;
  return rows.filter((event) => !isParent(event)).map(({ eventId }) => eventId);
}

/** An event is gone from its account, and with it what was kept of its tickets. */
export async function forgetTickets(tx: Sql, account: string, eventId: string): Promise<void> {
  await lockTickets(tx, account);
  await tx`delete from ticket_state where account = ${account} and event_id = ${eventId}`;
  await tx`delete from running_count where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_unread where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_clock where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_reading where account = ${account} and event_id = ${eventId}`;
}

/** Whether an event had a full count. */
export async function hasBaseline(sql: Sql, account: string, eventId: string): Promise<boolean> {
  const rows = await sql`
    select from running_count where account = ${account} and event_id = ${eventId}
  `;
  return rows.length > 0;
}

/**
 * The oldest baseline of an account's events, those under way included: changes
 * are to be read from there on. Undefined where there is none.
 */
export async function readOldestBaseline(sql: Sql, account: string): Promise<Date | undefined> {
  const [row] = await sql<{ basedAt: Date | null }[]>`
    select min(based_at) as based_at
    from (
      select account, event_id, based_at from running_count
      union all
      select account, event_id, until from ticket_reading
    ) r
    join event_seen s using (account, event_id)
    where account = ${account} and s.deleted_at is null
  `;
  return row?.basedAt ?? undefined;
}
