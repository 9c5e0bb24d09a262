import type { Sql } from "../../database/connect.ts";

/** How far an account was read. */
export interface AccountReading {
  /** Every change of a ticket up to then is known; null before the first full poll. */
  ticketsUntil: Date | null;
  eventsUntil: Date | null;
  /** The ids of all events that were listed, empty where one could not be read. */
  listedEvents: string[] | null;
  followedAt: Date | null;
}

export async function readAccountReading(sql: Sql, account: string): Promise<AccountReading> {
  const [row] = await sql<AccountReading[]>`
    select tickets_until, events_until, listed_events, followed_at
    from account_reading where account = ${account}
  `;
  return row ?? { ticketsUntil: null, eventsUntil: null, listedEvents: null, followedAt: null };
}

/** What is left out stays as it was; no time goes back. */
export const saveAccountReading = (
  sql: Sql,
  account: string,
  { ticketsUntil, eventsUntil, listedEvents, followedAt }: Partial<AccountReading>,
) => sql`
  insert into account_reading (account, tickets_until, events_until, listed_events, followed_at)
  values (
    ${account}, ${ticketsUntil ?? null}, ${eventsUntil ?? null}, ${listedEvents ?? null},
    ${followedAt ?? null}
  )
  on conflict (account) do update set
    tickets_until = greatest(account_reading.tickets_until, excluded.tickets_until),
    events_until  = greatest(account_reading.events_until, excluded.events_until),
    listed_events = coalesce(excluded.listed_events, account_reading.listed_events),
    followed_at   = greatest(account_reading.followed_at, excluded.followed_at)
`;

/** The next look at what changed reads the whole list. */
export const forgetList = (sql: Sql, account: string) => sql`
  update account_reading set listed_events = null where account = ${account}
`;
