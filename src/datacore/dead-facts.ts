import type { Sql } from "../database/connect.ts";
import { type DeadLetter, lettersOf, newestOfEach, type Wanted } from "../database/dead-letter.ts";
import { OUTBOX_CHANNEL } from "./outbox.ts";

const { prefix, numberOf, numbersOf, stateOf } = lettersOf("outbox");

/** The number in the outbox of a fact that is called `outbox-17`; undefined for any other name. */
export const outboxIdOf = numberOf;

/** Facts that Flowcore did not take, newest first. */
export async function readUnsentFacts(
  sql: Sql,
  { ids, limit, ofEach, all = false }: Wanted = {},
): Promise<DeadLetter[]> {
  const letters = sql<DeadLetter[]>`
    select
      ${prefix} || outbox_id as id, payload ->> 'account' as account, event_type as type,
      coalesce(reason, '') as reason, greatest(failures, attempts) as failures,
      coalesce(first_failed_at, refused_at) as at,
      ${stateOf(sql)} as state
    from outbox
    where confirmed_at is null and (failures > 0 or refused_at is not null)
      and (${ids === undefined} or outbox_id = any(${numbersOf(ids)}::bigint[]))
      and (${all} or dropped_at is null)
    order by outbox_id desc
    limit ${limit ?? null}
  `;
  return ofEach === undefined ? letters : newestOfEach(sql, letters, ofEach);
}

/** They are due again, as if they had never failed. */
export async function releaseUnsent(
  sql: Sql,
  ids: readonly string[],
  at: Date,
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update outbox
    set
      refused_at = null, dropped_at = null, reason = null, attempts = 0, failures = 0,
      first_failed_at = null, next_attempt_at = ${at}
    where outbox_id = any(${numbersOf(ids)}::bigint[]) and confirmed_at is null
    returning ${prefix} || outbox_id as id
  `;
  await sql`select pg_notify(${OUTBOX_CHANNEL}, '')`;
  return new Set(rows.map(({ id }) => id));
}

/** They are not wanted. Their keys stay, so that what would say the same says nothing new. */
export async function dropUnsent(sql: Sql, ids: readonly string[], at: Date): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update outbox
    set refused_at = coalesce(refused_at, ${at}), dropped_at = coalesce(dropped_at, ${at})
    where outbox_id = any(${numbersOf(ids)}::bigint[]) and confirmed_at is null
    returning ${prefix} || outbox_id as id
  `;
  return new Set(rows.map(({ id }) => id));
}
