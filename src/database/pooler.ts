import { Failure } from "../lib/failure.ts";
import { connect } from "./connect.ts";
import { LENT, LENT_MEND } from "./lent-sessions.ts";

const ROUNDS = 3;

/**
 * Whether two connections share sessions, or one has several, as behind PgBouncer in transaction mode. They
 * are none of a pool's that others use: its `reserve` waits without end where a connection of it is lost.
 */
export async function lendsSessions(url: string): Promise<boolean> {
  const lines = [connect(url, { max: 1 }), connect(url, { max: 1 })];
  try {
    const sessions = lines.map(() => new Set<number>());
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [index, line] of lines.entries()) {
        // Not prepared: such a pooler may not know what was prepared in another session.
        const [row] = await line
          .unsafe<{ pid: number }[]>("select pg_backend_pid() as pid")
          .simple();
        if (row) sessions[index]?.add(row.pid);
      }
    return (
      new Set(sessions.flatMap((pids) => [...pids])).size !== lines.length ||
      sessions.some(({ size }) => size !== 1)
    );
  } finally {
    await Promise.all(lines.map((line) => line.end({ timeout: 1 })));
  }
}

/** Before work that rests on leases: two replicas would take them from each other without end. */
export async function refuseLentSessions(url: string): Promise<void> {
  if (await lendsSessions(url))
    throw new Failure("refused", `DATABASE_URL: ${LENT} -> ${LENT_MEND}`);
}
