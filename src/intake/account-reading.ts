import type { Sql } from "../database/connect.ts";

/** How far an account was read. */
export interface AccountReading {
  /** Every change of a ticket up to then is known; null before the first whole poll. */
  ticketsUntil: Date | null;
  eventsUntil: Date | null;
  eventsListed: number | null;
  followedAt: Date | null;
}

export async function readAccountReading(sql: Sql, account: string): Promise<AccountReading> {
  const [row] = await sql<AccountReading[]>`
    select tickets_until, events_until, events_listed, followed_at
    from account_reading where account = ${account}
  `;
  return row ?? { ticketsUntil: null, eventsUntil: null, eventsListed: null, followedAt: null };
}

/** What is left out stays as it was; no moment goes back. */
export const saveAccountReading = (
  sql: Sql,
  account: string,
  { ticketsUntil, eventsUntil, eventsListed, followedAt }: Partial<AccountReading>,
) => sql`
  insert into account_reading (account, tickets_until, events_until, events_listed, followed_at)
  values (
    ${account}, ${ticketsUntil ?? null}, ${eventsUntil ?? null}, ${eventsListed ?? null},
    ${followedAt ?? null}
  )
  on conflict (account) do update set
    tickets_until = greatest(account_reading.tickets_until, excluded.tickets_until),
    events_until  = greatest(account_reading.events_until, excluded.events_until),
    events_listed = coalesce(excluded.events_listed, account_reading.events_listed),
    followed_at   = greatest(account_reading.followed_at, excluded.followed_at)
`;
