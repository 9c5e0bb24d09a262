import type { Pool } from "../database/connect.ts";
import type { Lease } from "../database/lease.ts";

export type Failing = ReturnType<typeof failingLoops>;

/** The newest failure of each loop while it lasts: of this process, and of whoever holds the leases. */
export function failingLoops(sql: Pool) {
  const here = new Map<string, string>();
  let written: Promise<unknown> = Promise.resolve();
  /** In order, and waited for by nobody: the log has it as well. */
  const write = (change: () => PromiseLike<unknown>) => {
    written = written.then(change).catch(() => {});
  };

  return {
    note(loop: string, message: string, at: Date, lease?: Lease) {
      here.set(loop, message);
      if (!lease) return;
      const token = String(lease.token);
      write(
        () => sql`
          insert into loop_failure (loop, lease, token, message, failed_at)
          values (${loop}, ${lease.name}, ${token}, ${message}, ${at})
          on conflict (loop) do update set
            lease     = excluded.lease,
            token     = excluded.token,
            message   = excluded.message,
            failed_at = excluded.failed_at
          where loop_failure.token <= excluded.token
        `,
      );
    },

    clear(loop: string, lease?: Lease) {
      if (!here.delete(loop) || !lease) return;
      const token = String(lease.token);
      write(() => sql`delete from loop_failure where loop = ${loop} and token <= ${token}`);
    },

    async read(): Promise<{ loop: string; message: string }[]> {
      const elsewhere = await sql<{ loop: string; message: string }[]>`
        select loop, message
        from loop_failure join lease on lease.name = loop_failure.lease
        where lease.token = loop_failure.token
      `;
      const all = new Map(elsewhere.map(({ loop, message }) => [loop, message]));
      for (const [loop, message] of here) all.set(loop, message);
      return [...all].map(([loop, message]) => ({ loop, message }));
    },
  };
}
