import type { Sql } from "../../database/connect.ts";

export interface RecountPace {
  /** A burst of webhooks is waited out. */
  debounceMs: number;
  /** Between two recounts of one event. */
  intervalMs: number;
}

export interface RecountRequest {
  account: string;
  eventId: string;
}

/** Something happened to an event that may have changed what it sold. */
export interface NewRecountRequest extends RecountRequest {
  at: Date;
  /** Of the span that asks for it. */
  traceparent?: string | undefined;
}

/** One whose turn has come. */
export interface DueRecount extends RecountRequest {
  traceparent: string | null;
}

export interface RecountRequestOptions {
  pace: RecountPace;
  /** Also events that are deleted as far as we know: somebody has to look. */
  evenDeleted?: boolean;
}

/** Requests recounts of events; those we do not watch are left alone. The table is called `count_hint`. */
export const requestRecounts = (
  sql: Sql,
  requests: NewRecountRequest[],
  { pace, evenDeleted = false }: RecountRequestOptions,
) => sql`
  insert into count_hint (account, event_id, hinted_at, not_before, traceparent)
  select
    seen.account, seen.event_id,
    max(new.at), max(new.at) + ${`${pace.debounceMs} milliseconds`}::interval,
    max(new.traceparent)
  from unnest(
    ${requests.map(({ account }) => account)}::text[],
    ${requests.map(({ eventId }) => eventId)}::text[],
    ${requests.map(({ at }) => at.toISOString())}::timestamptz[],
    ${requests.map(({ traceparent = null }) => traceparent)}::text[]
  ) as new (account, event_id, at, traceparent)
  join event_seen seen on seen.account = new.account and seen.event_id = new.event_id
  where seen.deleted_at is null or ${evenDeleted}
  group by seen.account, seen.event_id
  -- In one order everywhere, so that two transactions never wait for each other.
  order by seen.account, seen.event_id
  on conflict (account, event_id) do update set
    hinted_at  = greatest(count_hint.hinted_at, excluded.hinted_at),
    -- Of several that one count serves the newest is followed.
    traceparent = coalesce(excluded.traceparent, count_hint.traceparent),
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

export const readDueRecounts = (sql: Sql, at: Date, limit: number) => sql<DueRecount[]>`
  select account, event_id, traceparent from count_hint
  where not done and not_before <= ${at}
  order by not_before, account, event_id
  limit ${limit}
`;

export interface Recount {
  startedAt: Date;
  /** Tickets that were created later are not in the count. */
  until: Date;
}

/** An event was counted: a request that the count covers is served, a newer one waits for its turn. */
export const serveRecount = (
  sql: Sql,
  { account, eventId }: RecountRequest,
  { startedAt, until }: Recount,
  pace: RecountPace,
) => sql`
  update count_hint set
    counted_at = ${startedAt},
    done       = hinted_at <= ${until},
    traceparent = case when hinted_at <= ${until} then null else traceparent end,
    not_before = ${startedAt}::timestamptz + ${`${pace.intervalMs} milliseconds`}::interval
  where account = ${account} and event_id = ${eventId}
`;

/** It could not be counted now: later, so that it does not stand in the others' way. */
export const postponeRecount = (sql: Sql, { account, eventId }: RecountRequest, until: Date) => sql`
  update count_hint set not_before = ${until}
  where account = ${account} and event_id = ${eventId} and not done
`;

export const dropRecount = (sql: Sql, { account, eventId }: RecountRequest) => sql`
  delete from count_hint where account = ${account} and event_id = ${eventId}
`;
