import type { Sql } from "../../database/connect.ts";
import {
  type DeadLetter,
  lettersOf,
  newestOfEach,
  type Wanted,
} from "../../database/dead-letter.ts";
import { INBOX_CHANNEL } from "./inbox.ts";

const { prefix, numberOf, numbersOf, stateOf } = lettersOf("delivery");

/** The number in the inbox of a delivery that is called `delivery-17`; undefined for any other name. */
export const deliveryIdOf = numberOf;

/** Deliveries that could not be translated, newest first. */
export async function readDeadDeliveries(
  sql: Sql,
  { ids, limit, ofEach, all = false }: Wanted = {},
): Promise<DeadLetter[]> {
  const letters = sql<DeadLetter[]>`
    select
      ${prefix} || delivery_id as id, account, type, coalesce(reason, '') as reason, failures,
      coalesce(first_failed_at, refused_at) as at,
      ${stateOf(sql)} as state
    from inbox
    where translated_at is null and (failures > 0 or refused_at is not null)
      and (${ids === undefined} or delivery_id = any(${numbersOf(ids)}::bigint[]))
      and (${all} or dropped_at is null)
    order by delivery_id desc
    limit ${limit ?? null}
  `;
  return ofEach === undefined ? letters : newestOfEach(sql, letters, ofEach);
}

/** They are due again, as if they had never failed. Returns those that were not dropped for good. */
export async function releaseDeliveries(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update inbox
    set
      failures = 0, first_failed_at = null, next_attempt_at = null, refused_at = null,
      dropped_at = null, reason = null
    where delivery_id = any(${numbersOf(ids)}::bigint[]) and translated_at is null
      and body is not null
    returning ${prefix} || delivery_id as id
  `;
  await sql`select pg_notify(${INBOX_CHANNEL}, '')`;
  return new Set(rows.map(({ id }) => id));
}

/** They are not wanted: their bodies go when those of translated deliveries of their age do. */
export async function dropDeliveries(
  sql: Sql,
  ids: readonly string[],
  at: Date,
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update inbox
    set
      refused_at = coalesce(refused_at, ${at}), next_attempt_at = null,
      dropped_at = coalesce(dropped_at, ${at})
    where delivery_id = any(${numbersOf(ids)}::bigint[]) and translated_at is null
    returning ${prefix} || delivery_id as id
  `;
  return new Set(rows.map(({ id }) => id));
}
