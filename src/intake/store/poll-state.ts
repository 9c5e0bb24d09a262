import type { Sql } from "../../database/connect.ts";

/** What the schedule needs to know of an account's last poll of everything. */
export interface PollState {
  account: string;
  startedAt: string;
  finishedAt: string;
  /** Whether another poll would read no more than this one could. */
  complete: boolean;
}

export const savePollState = (
  sql: Sql,
  { account, startedAt, finishedAt, complete }: PollState,
) => sql`
  insert into poll_state (account, started_at, finished_at, complete)
  values (${account}, ${startedAt}, ${finishedAt}, ${complete})
  on conflict (account) do update set
    started_at  = excluded.started_at,
    finished_at = excluded.finished_at,
    complete    = excluded.complete
  where poll_state.started_at <= excluded.started_at
`;

/** Of everything. */
export interface LastPoll {
  startedAt: Date;
  complete: boolean;
}

/** When each account's last poll began, and whether another would bring more. */
export async function readLastPolls(sql: Sql): Promise<Map<string, LastPoll>> {
  const rows = await sql<{ account: string; startedAt: Date; complete: boolean | null }[]>`
    select account, started_at, complete from poll_state
  `;
  return new Map(
    rows.map(({ account, startedAt, complete }) => [
      account,
      { startedAt, complete: complete === true },
    ]),
  );
}
