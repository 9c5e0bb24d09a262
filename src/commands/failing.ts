import type { Pool } from "../database/connect.ts";
import type { Lease } from "../database/lease.ts";
import { reportedFailures } from "../service/worker-report.ts";

export type Failing = ReturnType<typeof failingLoops>;

/** Between two tries to write what PostgreSQL did not take. */
const AGAIN_MS = 1_000;

interface Word {
  lease: Lease;
  write: () => PromiseLike<unknown>;
}

export interface FailingLoop {
  loop: string;
  message: string;
}

/**
 * The newest failure of each loop while it lasts: of this process, of whoever holds the leases, and of
 * every process that runs loops and reports. `onChange` is told when one of this process begins or ends.
 */
export function failingLoops(sql: Pool, onChange: () => void = () => {}) {
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
      if (here.get(loop) !== message) {
        here.set(loop, message);
        onChange();
      }
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
      if (!here.delete(loop)) return;
      onChange();
      if (!lease) return;
      const token = String(lease.token);
      const write = () => sql`delete from loop_failure where loop = ${loop} and token <= ${token}`;
      say(loop, { lease, write });
    },

    here: (): FailingLoop[] => [...here].map(([loop, message]) => ({ loop, message })),

    async read(): Promise<FailingLoop[]> {
      const elsewhere = await sql<FailingLoop[]>`
        ${reportedFailures(sql)}
        union all
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
