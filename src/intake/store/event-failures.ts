import type { Sql } from "../../database/connect.ts";
import { type DeadLetter, FAILING, newestOfEach, type Wanted } from "../../database/dead-letter.ts";
import { type Blame, blameOf, causeOf } from "../../database/fault.ts";
import { isFailure } from "../../lib/failure.ts";
import { nextTryAt } from "../../lib/tries.ts";
import { requestRecounts } from "./recount-requests.ts";

/** An event's description, or its tickets. */
export type Work = "describe" | "count";

export interface EventWork {
  account: string;
  eventId: string;
  work: Work;
}

/** It may be counted well again at any time: it is tried for ever, though not often. */
const LAST_PAUSE_MS = 3_600_000;

/** What an outage kept from being worked on waits for nothing but its end. */
const pauseFrom = (blame: Blame, failures: number, at: Date) =>
  blame === "outage" ? at : (nextTryAt(failures, at) ?? new Date(at.getTime() + LAST_PAUSE_MS));

/** Notes why an event could not be worked on, and when it is to be tried again. */
export async function noteEventFailure(
  sql: Sql,
  { account, eventId, work }: EventWork,
  { error, at }: { error: unknown; at: Date },
): Promise<void> {
  const blame = blameOf(error);
  // PostgreSQL itself is to blame: nothing is to be noted, nor could it be.
  if (blame === "outage" && !isFailure(error)) return;
  const [known] = await sql<{ failures: number }[]>`
    select failures from event_failure
    where account = ${account} and event_id = ${eventId} and work = ${work}
  `;
  const failures = (known?.failures ?? 0) + 1;
  const nextAt = pauseFrom(blame, failures, at);
  await sql`
    insert into event_failure
      (account, event_id, work, reason, own, failures, first_failed_at, next_attempt_at)
    values (
      ${account}, ${eventId}, ${work}, ${causeOf(error)}, ${blame !== "outage"}, ${failures}, ${at},
      ${nextAt}
    )
    on conflict (account, event_id, work) do update set
      reason          = excluded.reason,
      own             = excluded.own,
      failures        = event_failure.failures + 1,
      next_attempt_at = excluded.next_attempt_at
  `;
}

export const forgetEventFailure = (sql: Sql, { account, eventId, work }: EventWork) => sql`
  delete from event_failure
  where account = ${account} and event_id = ${eventId} and work = ${work}
`;

/** It is gone. */
export const forgetFailuresOf = (sql: Sql, { account, eventId }: Omit<EventWork, "work">) => sql`
  delete from event_failure where account = ${account} and event_id = ${eventId}
`;

/** Those that an account no longer has, or that are not watched any more. */
export const forgetFailuresOfOthers = (
  sql: Sql,
  account: string,
  eventIds: readonly string[],
) => sql`
  delete from event_failure
  where account = ${account} and event_id <> all(${[...eventIds]}::text[])
`;

/** Since when an event fails at this work; null where it does not. */
export async function readFailingSince(sql: Sql, { account, eventId, work }: EventWork) {
  const [row] = await sql<{ firstFailedAt: Date }[]>`
    select first_failed_at from event_failure
    where account = ${account} and event_id = ${eventId} and work = ${work}
  `;
  return row?.firstFailedAt ?? null;
}

/** An account's events that failed at this work; `isPaused` for those whose turn has not come. */
export async function readFailing(
  sql: Sql,
  account: string,
  { work, at }: { work: Work; at: Date },
) {
  const rows = await sql<{ eventId: string; isPaused: boolean }[]>`
    select event_id, next_attempt_at > ${at} as is_paused from event_failure
    where account = ${account} and work = ${work}
  `;
  return new Map(rows.map(({ eventId, isPaused }) => [eventId, isPaused]));
}

const NAME = /^event-([A-Z0-9_]+)-(.+)$/;

export function eventOfLetter(id: string): { account: string; eventId: string } | undefined {
  const [, account, eventId] = NAME.exec(id) ?? [];
  return account === undefined || eventId === undefined ? undefined : { account, eventId };
}

/** Events that fail, newest first. */
export async function readFailingEvents(
  sql: Sql,
  { ids, limit }: Wanted = {},
): Promise<DeadLetter[]> {
  return sql<DeadLetter[]>`
    select
      'event-' || account || '-' || event_id as id, account, work || ' an event' as type, reason,
      first_failed_at as at, failures, ${FAILING} as state
    from event_failure
    where ${ids === undefined} or 'event-' || account || '-' || event_id = any(${[...(ids ?? [])]}::text[])
    order by first_failed_at desc, account, event_id, work
    limit ${limit ?? null}
  `;
}

export interface Worrying {
  /** Those that are read; what failed of others is nobody's worry. */
  accounts: readonly string[];
  /** Event ids that are never read. */
  exclude: readonly string[];
  /** Of each account so many of the newest. */
  ofEach: number;
}

/** Those of which /status says something: another system may fail at one event once in a while. */
export const readWorryingEvents = (sql: Sql, { ofEach, ...worrying }: Worrying) =>
  newestOfEach(sql, lettersOfWorry(sql, worrying), ofEach);

const lettersOfWorry = (sql: Sql, { accounts, exclude }: Omit<Worrying, "ofEach">) => sql<
  DeadLetter[]
>`
  select
    'event-' || account || '-' || event_id as id, account, work || ' an event' as type, reason,
    first_failed_at as at, failures, ${FAILING} as state
  from event_failure f
  where (own or failures > 2)
    and account = any(${[...accounts]}::text[]) and event_id <> all(${[...exclude]}::text[])
    and not exists (
      select from event_seen s
      where s.account = f.account and s.event_id = f.event_id and s.deleted_at is not null
    )
`;

/** What an outage kept from being worked on is due at its end. */
export async function retryAfterOutage(sql: Sql, account: string, at: Date): Promise<void> {
  const rows = await sql<{ id: string }[]>`
    select distinct 'event-' || account || '-' || event_id as id from event_failure
    where account = ${account} and not own
  `;
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await retryEvents(sql, ids, at);
}

/** Due at once; returns those that were failing. */
export async function retryEvents(
  sql: Sql,
  ids: readonly string[],
  at: Date,
): Promise<Set<string>> {
  const events = ids.flatMap((id) => eventOfLetter(id) ?? []);
  const rows = await sql<{ account: string; eventId: string }[]>`
    update event_failure set next_attempt_at = ${at}
    where (account, event_id) in (
      select * from unnest(
        ${events.map(({ account }) => account)}::text[],
        ${events.map(({ eventId }) => eventId)}::text[]
      )
    )
    returning account, event_id
  `;
  const requests = rows.map(({ account, eventId }) => ({ account, eventId, at }));
  await requestRecounts(sql, requests, {
    pace: { debounceMs: 0, intervalMs: 0 },
    evenDeleted: true,
  });
  // A request that was postponed, for it failed, has its turn as well.
  await sql`
    update count_hint set not_before = ${at}
    where not done and (account, event_id) in (
      select * from unnest(
        ${requests.map(({ account }) => account)}::text[],
        ${requests.map(({ eventId }) => eventId)}::text[]
      )
    )
  `;
  return new Set(rows.map(({ account, eventId }) => `event-${account}-${eventId}`));
}
