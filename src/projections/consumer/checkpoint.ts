import type { Sql } from "../../database/connect.ts";
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

/** Which of these facts were neither applied nor dead-lettered yet, each id once. */
export async function readFresh(sql: Sql, factIds: string[]): Promise<Set<string>> {
  const rows = await sql<{ factId: string }[]>`
    select distinct fact_id
    from unnest(${factIds}::uuid[]) as seen (fact_id)
    where not exists (select from applied_fact where applied_fact.fact_id = seen.fact_id)
  `;
  return new Set(rows.map(({ factId }) => factId));
}

/**
 * Deduplication: notes facts as done with. Returns those that were not yet: only they may be applied. It is
 * sent at once.
 */
export async function dedupe(sql: Sql, flowType: string, factIds: string[]) {
  const times = factIds.map((factId) => storedAt(factId).toISOString());
  const rows = await sql<{ factId: string }[]>`
    insert into applied_fact (fact_id, flow_type, stored_at)
    select fact_id, ${flowType}, stored_at
    from unnest(${factIds}::uuid[], ${times}::timestamptz[]) as new (fact_id, stored_at)
    on conflict do nothing
    returning fact_id
  `.execute();
  return new Set(rows.map(({ factId }) => factId));
}
