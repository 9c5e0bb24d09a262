import { contracts } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import {
  DEAD,
  type DeadLetter,
  DROPPED,
  FAILING,
  type Wanted,
} from "../../database/dead-letter.ts";
import { NO_CONTRACT, type Unreadable } from "../../datacore/datacore.ts";

/** A fact of the log that could not be applied, and where it is in the log. */
export interface DeadFact extends DeadLetter {
  /** The same as `id`. */
  factId: string;
  flowType: string;
  timeBucket: string;
}

export interface NewDeadLetter extends Unreadable {
  flowType: string;
  timeBucket: string;
  /** When it is tried again by itself; null where a person has to look. */
  nextAttemptAt: Date | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isFactId = (id: string) => UUID.test(id);

/**
 * Keeps dead letters: where in the log a fact that could not be applied is found, so that it can be applied
 * after a mend. The table is called `set_aside`.
 */
export const keepDeadLetters = (sql: Sql, facts: NewDeadLetter[], at: Date) => sql`
  insert into set_aside (
    fact_id, flow_type, event_type, time_bucket, account, reason, set_aside_at, next_attempt_at
  )
  select
    "factId", "flowType", "eventType", "timeBucket", account, reason, ${at}::timestamptz,
    "nextAttemptAt"
  from jsonb_to_recordset(${JSON.stringify(facts.map(storable))}::text::jsonb) as new (
    "factId" uuid, "flowType" text, "eventType" text, "timeBucket" text, account text, reason text,
    "nextAttemptAt" timestamptz
  )
  on conflict (fact_id) do nothing
`;

/** What broke its contract may hold any text, and PostgreSQL has no place for NUL or half a character. */
const storable = ({ idempotencyKey: _, account, ...fact }: NewDeadLetter) => ({
  ...fact,
  eventType: plain(fact.eventType),
  reason: plain(fact.reason),
  account: account !== undefined && LIKE_A_REGION.test(account) ? account : null,
});

const plain = (text: string) => text.replaceAll("\u0000", "").toWellFormed();

/** What broke its contract may hold anything in the place of its account. */
const LIKE_A_REGION = /^[A-Z][A-Z0-9_]{0,39}$/;

/** They are applied now. */
export const forgetDeadLetters = (sql: Sql, facts: readonly { factId: string }[]) => sql`
  delete from set_aside where fact_id = any(${facts.map(({ factId }) => factId)}::uuid[])
`;

/** Newest first. */
export async function readDeadFacts(
  sql: Sql,
  { ids, limit, all = false }: Wanted = {},
): Promise<DeadFact[]> {
  return sql<DeadFact[]>`
    select
      fact_id::text as id, fact_id, account, event_type as type, reason, set_aside_at as at, failures,
      flow_type, time_bucket,
      case
        when dropped_at is not null then ${DROPPED}
        when next_attempt_at is not null then ${FAILING}
        else ${DEAD}
      end as state
    from set_aside left join dropped_fact using (fact_id)
    where (${ids === undefined} or fact_id = any(${(ids ?? []).filter(isFactId)}::uuid[]))
      and (${all} or dropped_at is null)
    order by set_aside_at desc, fact_id desc
    limit ${limit ?? null}
  `;
}

/** Those whose next try is due. */
export async function readDueFacts(sql: Sql, at: Date, limit: number): Promise<DeadFact[]> {
  return sql<DeadFact[]>`
    select
      fact_id::text as id, fact_id, account, event_type as type, reason, set_aside_at as at, failures,
      flow_type, time_bucket, ${FAILING} as state
    from set_aside
    where next_attempt_at <= ${at}
      and not exists (select from dropped_fact where dropped_fact.fact_id = set_aside.fact_id)
    order by next_attempt_at, fact_id
    limit ${limit}
  `;
}

/** Facts of types that an older program did not know are due where this one does. */
export const makeKnownDue = (sql: Sql, at: Date) => sql`
  update set_aside set next_attempt_at = ${at}
  where next_attempt_at is null and reason = ${NO_CONTRACT}
    and event_type = any(${Object.keys(contracts)})
`;

/** It could not be applied this time either. */
export const noteFailedTry = (
  sql: Sql,
  { id }: { id: string },
  { reason, nextAttemptAt }: { reason: string; nextAttemptAt: Date | null },
) => sql`
  update set_aside
  set failures = failures + 1, reason = ${plain(reason)}, next_attempt_at = ${nextAttemptAt}
  where fact_id = ${id}
`;

/** They are not wanted: whatever reads them again, a replay too, says nothing of them any more. */
export async function dropFacts(sql: Sql, ids: readonly string[], at: Date): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    insert into dropped_fact (fact_id, dropped_at)
    select fact_id, ${at} from set_aside
    where fact_id = any(${ids.filter(isFactId)}::uuid[])
    on conflict (fact_id) do update set dropped_at = dropped_fact.dropped_at
    returning fact_id::text as id
  `;
  return new Set(rows.map(({ id }) => id));
}

/** They are wanted again. */
export const undropFacts = (sql: Sql, ids: readonly string[]) => sql`
  delete from dropped_fact where fact_id = any(${ids.filter(isFactId)}::uuid[])
`;

/** How many wait for a fix, those that nobody wants left out. */
export async function countDeadLetters(sql: Sql): Promise<number> {
  const byFlowType = await countDeadLettersByFlowType(sql);
  return byFlowType.reduce((sum, { facts }) => sum + facts, 0);
}

export const countDeadLettersByFlowType = (sql: Sql) => sql<{ flowType: string; facts: number }[]>`
  select flow_type, count(*)::int as facts
  from set_aside
  where not exists (select from dropped_fact where dropped_fact.fact_id = set_aside.fact_id)
  group by flow_type
`;
