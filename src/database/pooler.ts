import { Failure } from "../lib/failure.ts";
import { connect, type Pool } from "./connect.ts";
import { LENT, LENT_MEND } from "./lent-sessions.ts";

const ROUNDS = 3;

/**
 * Whether two connections share sessions, or one has several, as behind PgBouncer in transaction mode. The
 * pool needs room for two.
 */
export async function lendsSessions(sql: Pool): Promise<boolean> {
  const kept = [await sql.reserve(), await sql.reserve()];
  try {
    const sessions = kept.map(() => new Set<number>());
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [index, one] of kept.entries()) {
        // Not prepared: such a pooler may not know what was prepared in another session.
        const [row] = await one
          .unsafe<{ pid: number }[]>("select pg_backend_pid() as pid")
          .simple();
        if (row) sessions[index]?.add(row.pid);
      }
    return (
      new Set(sessions.flatMap((pids) => [...pids])).size !== kept.length ||
      sessions.some(({ size }) => size !== 1)
    );
  } finally {
    for (const one of kept) one.release();
  }
}

/** Before work that rests on leases: two replicas would take them from each other without end. */
export async function refuseLentSessions(url: string): Promise<void> {
  const sql = connect(url, { max: 2 });
  try {
    if (await lendsSessions(sql))
      throw new Failure("refused", `DATABASE_URL: ${LENT} -> ${LENT_MEND}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
