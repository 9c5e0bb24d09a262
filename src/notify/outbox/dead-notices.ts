import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";
import {
  type DeadLetter,
  lettersOf,
  newestOfEach,
  type Wanted,
} from "../../database/dead-letter.ts";

const { prefix, numberOf, numbersOf, stateOf } = lettersOf("notice");

/** The number of a message that is called `notice-17`; undefined for any other name. */
export const noticeIdOf = numberOf;

/** Messages that a channel did not take, newest first. */
export async function readDeadNotices(
  sql: Sql,
  { ids, limit, all = false }: Wanted = {},
): Promise<DeadLetter[]> {
  return lettersIn(sql, {
    isMeant: sql`
      (attempts > 0 or refused_at is not null)
      and (${ids === undefined} or notice_id = any(${numbersOf(ids)}::bigint[]))
      and (${all} or dropped_at is null)
    `,
    limit,
  });
}

/** Of each account the newest few that are not tried any more and that nobody dropped. */
export const readGivenUp = (sql: Sql, ofEach: number) =>
  newestOfEach(
    sql,
    lettersIn(sql, { isMeant: sql`refused_at is not null and dropped_at is null` }),
    ofEach,
  );

interface Letters {
  isMeant: PendingQuery<Row[]>;
  limit?: number | undefined;
}

const lettersIn = (sql: Sql, { isMeant, limit }: Letters) => sql<DeadLetter[]>`
  select
    ${prefix} || notice_id as id, content #>> '{notice,region}' as account,
    concat('message to ', channel) as type, coalesce(reason, '') as reason, attempts as failures,
    coalesce(refused_at, wanted_at) as at,
    ${stateOf(sql)} as state
  from notice
  where sent_at is null and ${isMeant}
  order by notice_id desc
  limit ${limit ?? null}
`;

/** They are due again, and have another day. */
export async function releaseNotices(
  sql: Sql,
  ids: readonly string[],
  at: Date,
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update notice
    set refused_at = null, dropped_at = null, reason = null, attempts = 0, wanted_at = ${at}, due_at = ${at}
    where notice_id = any(${numbersOf(ids)}::bigint[]) and sent_at is null
    returning ${prefix} || notice_id as id
  `;
  return new Set(rows.map(({ id }) => id));
}

export async function dropNotices(
  sql: Sql,
  ids: readonly string[],
  at: Date,
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update notice
    set refused_at = coalesce(refused_at, ${at}), dropped_at = coalesce(dropped_at, ${at})
    where notice_id = any(${numbersOf(ids)}::bigint[]) and sent_at is null
    returning ${prefix} || notice_id as id
  `;
  return new Set(rows.map(({ id }) => id));
}

export interface NoticesOfChannel {
  channel: string;
  waiting: number;
  refused: number;
  /** When the oldest that waits was to be told; null where none is due. */
  oldestAt: Date | null;
}

/** Of each channel that has any. What quiet hours hold back waits for nothing that is wrong. */
export const readNoticesByChannel = (sql: Sql, now: Date) => sql<NoticesOfChannel[]>`
  select
    channel,
    count(*) filter (where refused_at is null)::int as waiting,
    count(*) filter (where refused_at is not null)::int as refused,
    min(wanted_at) filter (where refused_at is null and wanted_at <= ${now}) as oldest_at
  from notice
  where sent_at is null and dropped_at is null
  group by channel
  order by channel
`;
