import type { Pool } from "../database/connect.ts";
import type { Lease } from "../database/lease.ts";

export type Failing = ReturnType<typeof failingLoops>;

/** Between two tries to write what PostgreSQL did not take. */
const AGAIN_MS = 1_000;

interface Word {
  lease: Lease;
  write: () => PromiseLike<unknown>;
}

/** The newest failure of each loop while it lasts: of this process, and of whoever holds the leases. */
export function failingLoops(sql: Pool) {
  const here = new Map<string, string>();
  /** The newest word of each loop that is not written yet: an end that got lost would be told of by nobody. */
  const unwritten = new Map<string, Word>();
  let writing = false;

  /** Waited for by nobody: the log has it as well. */
  function say(loop: string, word: Word) {
    unwritten.set(loop, word);
    if (!writing) void writeAll();
  }

  async function writeAll() {
    writing = true;
    for (const [loop, word] of unwritten) {
      // Nobody reads the words of a lease that has ended, and its pool may be closed: one try is enough.
      const isLast = word.lease.signal.aborted;
      const isDone = await Promise.resolve(word.write()).then(
        () => true,
        () => isLast,
      );
      if (isDone && unwritten.get(loop) === word) unwritten.delete(loop);
    }
    if (unwritten.size > 0) setTimeout(() => void writeAll(), AGAIN_MS).unref();
    else writing = false;
  }

  return {
    note(loop: string, message: string, at: Date, lease?: Lease) {
      here.set(loop, message);
      if (!lease) return;
      const token = String(lease.token);
      const write = () => sql`
        insert into loop_failure (loop, lease, token, message, failed_at)
        values (${loop}, ${lease.name}, ${token}, ${message}, ${at})
        on conflict (loop) do update set
          lease     = excluded.lease,
          token     = excluded.token,
          message   = excluded.message,
          failed_at = excluded.failed_at
        where loop_failure.token <= excluded.token
      `;
      say(loop, { lease, write });
    },

    clear(loop: string, lease?: Lease) {
      if (!here.delete(loop) || !lease) return;
      const token = String(lease.token);
      const write = () => sql`delete from loop_failure where loop = ${loop} and token <= ${token}`;
      say(loop, { lease, write });
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
