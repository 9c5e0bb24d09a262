import type { Sql } from "../../database/connect.ts";

/** Clocks of two machines differ by less. */
const CLOCK_ERROR_MS = 10 * 60_000;

/**
 * What was noted under a clock that ran ahead would keep everything standing still until that time comes:
 * no poll is due, changes pass for read, a budget for used up. It is taken for not noted, so that the account
 * is read whole once more. PostgreSQL's clock has to agree with ours: else ours may be the one that is
 * wrong. Says of which accounts anything was forgotten.
 */
export async function forgetNotedAhead(sql: Sql, now: Date): Promise<string[]> {
  const ahead = new Date(now.getTime() + CLOCK_ERROR_MS);
  const isRight = sql`abs(extract(epoch from (now() - ${now}::timestamptz))) * 1000 <= ${CLOCK_ERROR_MS}`;
  const rows = await sql<{ account: string }[]>`
    with readings as (
      update account_reading set tickets_until = null, events_until = null, followed_at = null
      where greatest(tickets_until, events_until, followed_at) > ${ahead} and ${isRight}
      returning account
    ), polls as (
      delete from poll_state
      where (started_at > ${ahead} or account in (select account from readings)) and ${isRight}
      returning account
    ), begun as (
      delete from ticket_reading where until > ${ahead} and ${isRight} returning account
    ), requests as (
      delete from request_budget where minute > ${ahead} and ${isRight} returning account
    ), recounts as (
      update count_hint
      set hinted_at = ${now}, not_before = ${now}, counted_at = null, done = false
      where greatest(hinted_at, counted_at) > ${ahead} and ${isRight}
      returning account
    ), failures as (
      update event_failure set first_failed_at = ${now}, next_attempt_at = ${now}
      where first_failed_at > ${ahead} and ${isRight}
      returning account
    )
    select distinct account from (
      select account from readings union all select account from polls
      union all select account from begun union all select account from requests
      union all select account from recounts union all select account from failures
    ) forgotten
    order by account
  `;
  return rows.map(({ account }) => account);
}
