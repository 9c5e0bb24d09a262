import type { Sql } from "../database/connect.ts";

export interface AccountCount {
  account: string;
  /** Of its events that were counted completely. */
  events: number;
  countedAt: Date;
}

/** When each account's events were last counted completely. */
export const readAccountCounts = (sql: Sql) => sql<AccountCount[]>`
  select e.account, count(distinct c.event_id)::int as events, max(c.counted_at) as counted_at
  from event_count c
  join event e on e.event_id = c.event_id
  where c.complete
  group by e.account
  order by e.account
`;
