import type { Sql } from "../../database/connect.ts";

export interface AccountCount {
  account: string;
  /** Of its events that were counted completely. */
  events: number;
  countedAt: Date;
}

/** When each account's events were last counted completely. */
export const readAccountCounts = (sql: Sql) => sql<AccountCount[]>`
  select account, count(*)::int as events, max(newest.counted_at) as counted_at
  from event, lateral (
    select counted_at from event_count c
    where c.event_id = event.event_id and complete
    order by counted_at desc
    limit 1
  ) newest
  group by account
  order by account
`;
