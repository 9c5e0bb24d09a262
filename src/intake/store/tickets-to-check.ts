import type { Sql } from "../../database/connect.ts";

interface TicketsToCheck {
  /** How many were created up to then. */
  tickets: number;
  ticketsUntil: Date;
  checkedAt: Date | null;
}

export async function readTicketsToCheck(
  sql: Sql,
  { account, eventId }: { account: string; eventId: string },
): Promise<TicketsToCheck | undefined> {
  const [row] = await sql<TicketsToCheck[]>`
    select a.tickets_until, r.checked_at, (
      select count(*)::int from ticket_state t
      where t.account = r.account and t.event_id = r.event_id and t.created_at <= a.tickets_until
    ) + (
      select count(*)::int from ticket_unread u
      where u.account = r.account and u.event_id = r.event_id
    ) as tickets
    from running_count r
    join account_reading a on a.account = r.account and a.tickets_until is not null
    where r.account = ${account} and r.event_id = ${eventId}
  `;
  return row;
}

export const saveChecked = (sql: Sql, account: string, eventId: string, at: Date) => sql`
  update running_count set checked_at = ${at}
  where account = ${account} and event_id = ${eventId}
`;

/** What is kept of the tickets of one event that were created up to the moment up to which changes are known. */
export interface KeptTotals {
  eventId: string;
  tickets: number;
  /** Of these. */
  sold: number;
  /** Cannot be read, of whatever time; they are among the tickets, and may be sold or not. */
  unread: number;
}

/** The account's counted events that are not over yet; undefined where it was never polled. */
export async function readKeptTotals(
  sql: Sql,
  account: string,
  { sold, at }: { sold: readonly string[]; at: Date },
): Promise<{ until: Date; events: KeptTotals[] } | undefined> {
  const rows = await sql<(KeptTotals & { until: Date })[]>`
    select
      r.event_id, a.tickets_until as until, t.tickets + u.unread as tickets, t.sold, u.unread
    from running_count r
    join account_reading a on a.account = r.account and a.tickets_until is not null
    join event_seen s on s.account = r.account and s.event_id = r.event_id
    cross join lateral (
      select
        count(*)::int as tickets,
        (count(*) filter (where status = any(${[...sold]}::text[])))::int as sold
      from ticket_state t
      where t.account = r.account and t.event_id = r.event_id and t.created_at <= a.tickets_until
    ) t
    cross join lateral (
      select count(*)::int as unread from ticket_unread u
      where u.account = r.account and u.event_id = r.event_id
    ) u
    where r.account = ${account} and s.deleted_at is null
      and (s.description ->> 'end')::timestamptz > ${at}
    order by r.event_id
  `;
  const [first] = rows;
  return first && { until: first.until, events: rows.map(({ until: _, ...event }) => event) };
}
