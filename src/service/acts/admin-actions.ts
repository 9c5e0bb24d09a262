import type { AdminAct, AdminAction, AskedAct } from "../../api/operation/operations.ts";
import type { Pool, Sql } from "../../database/connect.ts";

/** Notified when an operator asked for something. */
export const ACTIONS_CHANNEL = "admin_actions";

const columnsIn = (sql: Sql) => sql`
  action_id::text as id, act, subject, by_whom as "by", asked_at, started_at, ended_at, outcome, result
`;

interface Row {
  id: string;
  act: AdminAct;
  subject: AdminAction["subject"];
  by: string;
  askedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  outcome: string | null;
  result: string[] | null;
}

const shown = ({ askedAt, startedAt, endedAt, outcome, ...row }: Row): AdminAction => ({
  ...row,
  askedAt: askedAt.toISOString(),
  startedAt: startedAt?.toISOString() ?? null,
  endedAt: endedAt?.toISOString() ?? null,
  state: outcome ?? (startedAt ? "running" : "waiting"),
});

/** Undefined where the same key was used for something else. */
export async function askForAct(
  sql: Pool,
  { act, subject, by, idempotencyKey }: AskedAct,
  now: Date,
): Promise<AdminAction | undefined> {
  return sql.begin(async (tx) => {
    const [asked] = await tx<Row[]>`
      insert into admin_action (act, subject, by_whom, asked_at, idempotency_key)
      values (${act}, ${JSON.stringify(subject)}::text::jsonb, ${by}, ${now}, ${idempotencyKey ?? null})
      on conflict (by_whom, idempotency_key) do nothing
      returning ${columnsIn(tx)}
    `;
    await tx`select pg_notify(${ACTIONS_CHANNEL}, '')`;
    if (asked) return shown(asked);
    const [before] = await tx<Row[]>`
      select ${columnsIn(tx)} from admin_action
      where by_whom = ${by} and idempotency_key = ${idempotencyKey ?? null}
        and act = ${act} and subject = ${JSON.stringify(subject)}::text::jsonb
    `;
    return before && shown(before);
  });
}

/** Newest first. */
export async function readActions(sql: Sql, limit: number): Promise<AdminAction[]> {
  const rows = await sql<Row[]>`
    select ${columnsIn(sql)} from admin_action order by admin_action.action_id desc limit ${limit}
  `;
  return rows.map(shown);
}

export async function readAction(sql: Sql, id: string): Promise<AdminAction | undefined> {
  if (!/^\d{1,18}$/.test(id)) return undefined;
  const [row] = await sql<Row[]>`
    select ${columnsIn(sql)} from admin_action where admin_action.action_id = ${id}::bigint
  `;
  return row && shown(row);
}

/** The oldest that waits, for this process alone. */
export async function takeAct(
  sql: Sql,
  { acts, workerId, now }: { acts: readonly AdminAct[]; workerId: string; now: Date },
): Promise<AdminAction | undefined> {
  const [row] = await sql<Row[]>`
    update admin_action set started_at = ${now}, worker_id = ${workerId}
    where action_id = (
      select action_id from admin_action
      where ended_at is null and started_at is null and act = any(${[...acts]}::text[])
      order by action_id limit 1
      for update skip locked
    )
    returning ${columnsIn(sql)}
  `;
  return row && shown(row);
}

export interface ActEnd {
  outcome: "done" | "failed";
  /** In plain words, a line each. */
  result: readonly string[];
}

export const endAct = (sql: Sql, id: string, { outcome, result }: ActEnd, now: Date) => sql`
  update admin_action
  set ended_at = ${now}, outcome = ${outcome}, result = ${JSON.stringify(result)}::text::jsonb
  where action_id = ${id}::bigint and ended_at is null
`;

/** What a process that is gone had begun: nobody knows how far it came. */
export const endAbandoned = (sql: Sql, now: Date) => sql`
  update admin_action
  set ended_at = ${now}, outcome = 'failed',
    result = '["the process that did it is gone; what it had done by then stays done"]'
  where ended_at is null and started_at < ${new Date(now.getTime() - 60_000)}
    and not exists (
      select from worker
      where worker.worker_id = admin_action.worker_id and seen_at > now() - interval '1 minute'
    )
`;
