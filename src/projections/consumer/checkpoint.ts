import type { Sql } from "../../database/connect.ts";
import { rowsSince, rowsVersion } from "../../database/migrations.ts";
import { storedAt } from "../../datacore/time-uuid.ts";

/** How far a flow type was read; the table is called `reader_position`. */
export interface ReaderCheckpoint {
  flowType: string;
  /** Everything stored before this instant was read. */
  checkpoint: Date;
  /** When the newest fact read so far was stored. */
  newestSeen: Date;
  /** When the last pass that came to its end began. */
  readAt: Date;
}

/** How far a start has read that has not come to its end: what is stored in `[from, reached)`. */
export interface StartPlace {
  from: Date;
  reached: Date;
  notedAt: Date;
}

export async function readCheckpoint(
  sql: Sql,
  flowType: string,
): Promise<ReaderCheckpoint | undefined> {
  const [reached] = await sql<ReaderCheckpoint[]>`
    select flow_type, checkpoint, newest_seen, read_at
    from reader_position where flow_type = ${flowType}
  `;
  return reached;
}

/** Where a start was ended; undefined where the last one came to its end. */
export async function readStartPlace(sql: Sql, flowType: string): Promise<StartPlace | undefined> {
  const [place] = await sql<StartPlace[]>`
    select start_from as "from", start_reached as reached, start_noted_at as noted_at
    from reader_position where flow_type = ${flowType} and start_noted_at is not null
  `;
  return place;
}

/** Behind `moveCheckpoint`, whose row it is noted in: a replay that swaps takes it away with the rows. */
export const noteStartPlace = (sql: Sql, flowType: string, place: StartPlace | null) => sql`
  update reader_position set
    start_from     = ${place?.from ?? null},
    start_reached  = ${place?.reached ?? null},
    start_noted_at = ${place?.notedAt ?? null}
  where flow_type = ${flowType}
`;

export const readCheckpoints = (sql: Sql) => sql<ReaderCheckpoint[]>`
  select flow_type, checkpoint, newest_seen, read_at from reader_position order by flow_type
`;

/** The newest fact that was applied or set aside; undefined before the first. */
export async function readNewestFactId(sql: Sql, flowType: string): Promise<string | undefined> {
  const [newest] = await sql<{ factId: string }[]>`
    select fact_id from applied_fact where flow_type = ${flowType}
    order by stored_at desc, fact_id desc limit 1
  `;
  return newest?.factId;
}

/** Forward only, so that a slow pass or a clock set back cannot undo a faster one. */
export const moveCheckpoint = (
  sql: Sql,
  { flowType, checkpoint, newestSeen, readAt }: ReaderCheckpoint,
) => sql`
  insert into reader_position (flow_type, checkpoint, newest_seen, read_at)
  values (${flowType}, ${checkpoint}, ${newestSeen}, ${readAt})
  on conflict (flow_type) do update set
    checkpoint  = greatest(reader_position.checkpoint, excluded.checkpoint),
    newest_seen = greatest(reader_position.newest_seen, excluded.newest_seen),
    read_at     = greatest(reader_position.read_at, excluded.read_at)
`;

export interface Fresh {
  /** Which facts are still to be applied. */
  ids: Set<string>;
  /** An older program applied some of these: they are told anew. */
  isAnyAgain: boolean;
}

/** Which of these facts were neither applied nor dead-lettered yet, or by an older program only. */
export async function readFresh(sql: Sql, factIds: string[]): Promise<Fresh> {
  const rows = await sql<{ factId: string; isAgain: boolean }[]>`
    select distinct seen.fact_id, applied_fact.fact_id is not null as is_again
    from unnest(${factIds}::uuid[]) as seen (fact_id)
    left join applied_fact on applied_fact.fact_id = seen.fact_id
    where applied_fact.fact_id is null or (${isReadByOlder(sql)})
  `;
  return {
    ids: new Set(rows.map(({ factId }) => factId)),
    isAnyAgain: rows.some(({ isAgain }) => isAgain),
  };
}

/**
 * Deduplication: notes facts as done with. Returns those that were not yet: only they may be applied. It is
 * sent at once.
 */
export async function dedupe(sql: Sql, flowType: string, factIds: string[]) {
  const times = factIds.map((factId) => storedAt(factId).toISOString());
  const rows = await sql<{ factId: string }[]>`
    insert into applied_fact (fact_id, flow_type, stored_at, read_by)
    select fact_id, ${flowType}, stored_at, ${rowsVersion.number}
    from unnest(${factIds}::uuid[], ${times}::timestamptz[]) as new (fact_id, stored_at)
    on conflict do nothing
    returning fact_id
  `.execute();
  return new Set(rows.map(({ factId }) => factId));
}

/** Of facts that an older program applied: notes that this one does, and returns which they are. */
export async function takeOver(sql: Sql, factIds: string[]) {
  const rows = await sql<{ factId: string }[]>`
    update applied_fact set read_by = ${rowsVersion.number}
    where fact_id = any(${factIds}::uuid[]) and ${isReadByOlder(sql)}
    returning fact_id
  `.execute();
  return rows.map(({ factId }) => factId);
}

/** When the oldest fact was stored that an older program read without something; null without any. */
export async function readOldestByOlder(sql: Sql, flowType: string): Promise<Date | null> {
  const [oldest] = await sql<{ storedAt: Date | null }[]>`
    select min(stored_at) as stored_at from applied_fact
    where flow_type = ${flowType} and ${isReadByOlder(sql)}
  `;
  return oldest?.storedAt ?? null;
}

/**
 * A program from before reads a newer one's facts without what it does not know: while both run, and after a
 * way back. What was stored since rows could hold something that their reader had no column for is read once
 * more.
 */
const isReadByOlder = (sql: Sql) => sql`
  coalesce(applied_fact.read_by, 0) < ${rowsVersion.number}
  and applied_fact.stored_at >= (select min(${begins(sql)}) from migration where ${isNoted(sql)})
  and exists (
    select from migration
    where ${isNoted(sql)}
      and split_part(name, '_', 1)::integer > coalesce(applied_fact.read_by, ${BEFORE_NOTED})
      and ${begins(sql)} <= applied_fact.stored_at
  )
`;

/** The newest migration of rows that a program knew which noted nothing of itself. */
const BEFORE_NOTED = 149;

/** Those of rows that came since readers note which they know. */
const isNoted = (sql: Sql) => sql`name = any(${rowsSince(BEFORE_NOTED)}::text[])`;

/** Facts are stamped by Flowcore's clock, and a migration by PostgreSQL's. */
const begins = (sql: Sql) => sql`applied_at - '10 minutes'::interval`;
