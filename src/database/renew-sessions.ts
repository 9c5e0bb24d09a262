import { APPLICATION, type Pool } from "./connect.ts";

/** Where PostgreSQL stays read-only, its sessions are renewed no more often. */
export const RENEW_MS = 20_000;

/**
 * Ends our sessions that do nothing, so that new ones begin as PostgreSQL is by now and where its address leads by now.
 * A session keeps the `default_transaction_read_only` that it began with, and stays at a server that was the primary.
 * Where the one that found it is old, younger ones end with it, because nobody may look through their pools.
 */
export async function renewSessions(sql: Pool, olderThanMs: number): Promise<void> {
  const renewed = sql.begin(async (tx) => {
    const isOld = tx`backend_start < clock_timestamp() - make_interval(secs => ${olderThanMs / 1_000})`;
    const isOwnOld = tx`exists (select from pg_stat_activity where pid = pg_backend_pid() and ${isOld})`;
    await tx`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
        and starts_with(application_name, ${APPLICATION}) and state = 'idle'
        and (${isOld} or ${isOwnOld})
    `;
    await tx`
      select pg_terminate_backend(pid) from pg_stat_activity
      where pid = pg_backend_pid() and ${isOld}
    `;
  });
  // It ends while it asks, which is what it asked for.
  await renewed.catch(() => {});
}
