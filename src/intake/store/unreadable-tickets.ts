import type { Sql } from "../../database/connect.ts";
import { Failure } from "../../lib/failure.ts";
import type { MalformedTicket } from "../../vivenu/list-items.ts";

export interface UnreadableTicket {
  eventId: string;
  broken: MalformedTicket;
}

export interface Noted {
  eventId: string;
  /** Whether this was not known before. */
  isNew: boolean;
}

/** Notes tickets that cannot be read, and forgets what they were before. */
export async function noteUnreadable(
  tx: Sql,
  account: string,
  { tickets, until }: { tickets: readonly UnreadableTicket[]; until: Date },
): Promise<Noted[]> {
  if (tickets.length === 0) return [];
  const rows = tickets.map(({ eventId, broken }) => ({
    event_id: eventId,
    ticket_id: broken.id ?? "",
    reason: broken.reason,
  }));
  return tx<Noted[]>`
    with unreadable as (
      select distinct on (event_id, ticket_id) event_id, ticket_id, reason
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as new (event_id text, ticket_id text, reason text)
    ), forgotten as (
      delete from ticket_state s using unreadable u
      where s.account = ${account} and s.event_id = u.event_id and s.ticket_id = u.ticket_id
    )
    insert into ticket_unread (account, event_id, ticket_id, reason, noted_at)
    select ${account}, event_id, ticket_id, reason, ${until} from unreadable
    on conflict (account, event_id, ticket_id) do update set
      reason   = excluded.reason,
      noted_at = excluded.noted_at
    -- PostgreSQL leaves it empty in a row that is inserted.
    returning event_id, xmax = 0 as is_new
  `;
}

/** Tickets that can be read again; the events that they are of. */
export async function forgetUnreadable(
  tx: Sql,
  account: string,
  tickets: readonly { eventId: string; ticketId: string }[],
): Promise<string[]> {
  const rows = await tx<{ eventId: string }[]>`
    delete from ticket_unread
    where account = ${account} and (event_id, ticket_id) in (
      select * from unnest(
        ${tickets.map(({ eventId }) => eventId)}::text[],
        ${tickets.map(({ ticketId }) => ticketId)}::text[]
      )
    )
    returning event_id
  `;
  return [...new Set(rows.map(({ eventId }) => eventId))];
}

/** A whole reading knows better than all that was noted before it. */
export const forgetUnreadableOf = (
  tx: Sql,
  { account, eventId, until }: { account: string; eventId: string; until: Date },
) => tx`
  delete from ticket_unread
  where account = ${account} and event_id = ${eventId} and noted_at <= ${until}
`;

/** The events that tickets are of, by what is kept of them: where their own word cannot be read. */
export async function readEventsOf(
  sql: Sql,
  account: string,
  ticketIds: readonly string[],
): Promise<Map<string, string>> {
  if (ticketIds.length === 0) return new Map();
  const rows = await sql<{ ticketId: string; eventId: string }[]>`
    select ticket_id, event_id from ticket_state
    where account = ${account} and ticket_id = any(${[...ticketIds]}::text[])
    union
    select ticket_id, event_id from ticket_unread
    where account = ${account} and ticket_id = any(${[...ticketIds]}::text[])
  `;
  return new Map(rows.map(({ ticketId, eventId }) => [ticketId, eventId]));
}

/** An event's tickets that cannot be read, by id. */
export async function readUnreadable(
  sql: Sql,
  account: string,
  eventId: string,
): Promise<Set<string>> {
  const rows = await sql<{ ticketId: string }[]>`
    select ticket_id from ticket_unread where account = ${account} and event_id = ${eventId}
  `;
  return new Set(rows.map(({ ticketId }) => ticketId));
}

/** How many of an event's tickets cannot be read. */
export async function countUnreadable(sql: Sql, account: string, eventId: string): Promise<number> {
  const [row] = await sql<{ unreadable: number }[]>`
    select count(*)::int as unreadable from ticket_unread
    where account = ${account} and event_id = ${eventId}
  `;
  return row?.unreadable ?? 0;
}

/** The watched events that have a ticket which cannot be read. */
export async function readUnreadableEvents(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select distinct event_id from ticket_unread where account = ${account} order by event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

export interface Anomaly {
  eventId: string;
  anomaly: Failure;
}

/** What is wrong with the tickets of an account's events: of each event once, in plain words. */
export async function readAnomalies(sql: Sql, account: string): Promise<Anomaly[]> {
  const unreadable = await sql<{ eventId: string; tickets: number; reason: string }[]>`
    select event_id, count(*)::int as tickets, min(reason) as reason
    from ticket_unread
    where account = ${account}
    group by event_id
    order by event_id
  `;
  // The statuses as they are written here and in their index: PostgreSQL compares the words.
  const unknown = await sql<{ eventId: string; tickets: number; statuses: string[] }[]>`
    select event_id, count(*)::int as tickets, array_agg(distinct status order by status) as statuses
    from ticket_state
    where account = ${account}
      and status not in ('VALID', 'DETAILSREQUIRED', 'RESERVED', 'INVALID', 'BLANK')
    group by event_id
    order by event_id
  `;
  return [
    ...unreadable.map(({ eventId, tickets, reason }) =>
      anomalyOf(
        eventId,
        `its count is not complete: ${tickets} of its tickets cannot be read (${reason})`,
      ),
    ),
    ...unknown.map(({ eventId, tickets, statuses }) =>
      anomalyOf(
        eventId,
        `${tickets} of its tickets have a status that is not known and count as nothing: ${statuses.slice(0, 5).join(", ")}`,
      ),
    ),
  ];
}

const anomalyOf = (eventId: string, reason: string): Anomaly => ({
  eventId,
  anomaly: new Failure("malformed", reason),
});
