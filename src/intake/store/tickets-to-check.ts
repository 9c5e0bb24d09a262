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
