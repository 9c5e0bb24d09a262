import type { Sql } from "../../database/connect.ts";

export interface HintPace {
  /** A burst of webhooks is waited out. */
  debounceMs: number;
  /** Between two early counts of one event. */
  intervalMs: number;
}

export interface Hint {
  account: string;
  eventId: string;
}

/** Something happened to an event that may have changed what it sold. */
export interface Mark extends Hint {
  at: Date;
}

export interface MarkOptions {
  pace: HintPace;
  /** Also events that are deleted as far as we know: somebody has to look. */
  evenDeleted?: boolean;
}

/** Marks events for an early count; those we do not watch are left alone. */
export const markEvents = (
  sql: Sql,
  marks: Mark[],
  { pace, evenDeleted = false }: MarkOptions,
) => sql`
  insert into count_hint (account, event_id, hinted_at, not_before)
  select
    seen.account, seen.event_id,
    max(mark.at), max(mark.at) + ${`${pace.debounceMs} milliseconds`}::interval
  from unnest(
    ${marks.map(({ account }) => account)}::text[],
    ${marks.map(({ eventId }) => eventId)}::text[],
    ${marks.map(({ at }) => at.toISOString())}::timestamptz[]
  ) as mark (account, event_id, at)
  join event_seen seen on seen.account = mark.account and seen.event_id = mark.event_id
  where seen.deleted_at is null or ${evenDeleted}
  group by seen.account, seen.event_id
  -- In one order everywhere, so that two transactions never wait for each other.
  order by seen.account, seen.event_id
  on conflict (account, event_id) do update set
    hinted_at  = greatest(count_hint.hinted_at, excluded.hinted_at),
    not_before = case
      when count_hint.done
      then greatest(
        excluded.not_before,
        count_hint.counted_at + ${`${pace.intervalMs} milliseconds`}::interval
      )
      else count_hint.not_before
    end,
    done = false
`;

export const readDueHints = (sql: Sql, at: Date, limit: number) => sql<Hint[]>`
  select account, event_id from count_hint
  where not done and not_before <= ${at}
  order by not_before, account, event_id
  limit ${limit}
`;

export interface EarlyCount {
  startedAt: Date;
  /** Tickets that were created later are not in the count. */
  until: Date;
}

/** An event was counted: marks that the count covers are served, newer ones wait for their turn. */
export const serveHint = (
  sql: Sql,
  { account, eventId }: Hint,
  { startedAt, until }: EarlyCount,
  pace: HintPace,
) => sql`
  update count_hint set
    counted_at = ${startedAt},
    done       = hinted_at <= ${until},
    not_before = ${startedAt}::timestamptz + ${`${pace.intervalMs} milliseconds`}::interval
  where account = ${account} and event_id = ${eventId}
`;

/** It could not be counted now: later, so that it does not stand in the others' way. */
export const postponeHint = (sql: Sql, { account, eventId }: Hint, until: Date) => sql`
  update count_hint set not_before = ${until}
  where account = ${account} and event_id = ${eventId} and not done
`;

export const dropHint = (sql: Sql, { account, eventId }: Hint) => sql`
  delete from count_hint where account = ${account} and event_id = ${eventId}
`;
