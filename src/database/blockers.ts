import { redactText } from "../lib/redact.ts";
import type { Sql } from "./connect.ts";

interface Blocker {
  pid: number;
  application: string;
  state: string;
  since: Date | null;
  tables: string[];
}

/**
 * The sessions for whose locks others wait, in words. Those that wait themselves are left out: they
 * only stand in the same queue. It reads no table that anybody can lock.
 */
export async function readBlockers(sql: Sql): Promise<string[]> {
  const blockers = await sql<Blocker[]>`
    select
      blocker.pid,
      coalesce(nullif(max(blocker.application_name), ''), 'unnamed') as application,
      coalesce(max(blocker.state), 'unknown') as state,
      max(blocker.xact_start) as since,
      array_agg(distinct waiting.relation::regclass::text) as tables
    from pg_locks waiting
    cross join lateral unnest(pg_blocking_pids(waiting.pid)) as found (pid)
    join pg_stat_activity blocker on blocker.pid = found.pid
    where not waiting.granted
      and waiting.relation is not null
      and waiting.database = (select oid from pg_database where datname = current_database())
      and not exists (select from pg_locks own where own.pid = found.pid and not own.granted)
    group by blocker.pid
    order by blocker.pid
  `;
  return blockers.map(({ pid, application, state, since, tables }) => {
    const from = since === null ? "" : ` since ${since.toISOString()}`;
    return `Another session of PostgreSQL (pid ${pid}, ${redactText(application)}, ${state}) holds a lock on ${tables.join(", ")}${from}, and others wait for it: end it, or \`select pg_terminate_backend(${pid})\`.`;
  });
}
