import type { Sql } from "../../database/connect.ts";
import { factsOf, projection, recordset } from "./projection.ts";

export const polls = projection({
  tables: ["poll"],
  async keep(sql, facts, { again = false }) {
    const finished = factsOf(facts, "poll.finished.0").map(({ payload }) => payload);
    if (finished.length === 0) return;
    if (again)
      await sql`
        delete from poll
        where account = any(${finished.map(({ account }) => account)}::text[])
          and fact_key = any(${finished.map(({ idempotencyKey }) => idempotencyKey)}::text[])
      `;
    await sql`
      insert into poll (
        account, fact_key, started_at, finished_at, complete, events_read, events_counted,
        tickets_read, requests, failures
      )
      select
        account, "idempotencyKey", "startedAt", "finishedAt", complete, "eventsRead",
        "eventsCounted", "ticketsRead", requests, failures
      from jsonb_to_recordset(${recordset(finished)}::text::jsonb) as new (
        account text, "idempotencyKey" text, "startedAt" timestamptz, "finishedAt" timestamptz,
        complete boolean, "eventsRead" integer, "eventsCounted" integer, "ticketsRead" integer,
        requests integer, failures jsonb
      )
      on conflict do nothing
    `;
  },
  refresh: async () => {},
  rebuild: async () => {},
});

export interface PollRow {
  account: string;
  startedAt: Date;
  finishedAt: Date;
  complete: boolean;
  eventsRead: number;
  eventsCounted: number;
  ticketsRead: number;
  requests: number;
  failures: { eventId: string | null; kind: string; reason: string }[];
}

/** The last poll of each account. */
export const readLastPolls = (sql: Sql) => sql<PollRow[]>`
  select distinct on (account)
    account, started_at, finished_at, complete, events_read, events_counted, tickets_read, requests,
    failures
  from poll
  order by account, finished_at desc, fact_key desc
`;

/** When each account's last complete poll ended. */
export const readLastCompletePolls = (sql: Sql) => sql<{ account: string; finishedAt: Date }[]>`
  select account, max(finished_at) as finished_at
  from poll where complete
  group by account
`;
