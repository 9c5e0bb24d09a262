import type { Pool } from "../../database/connect.ts";
import type { Lease } from "../../database/lease.ts";
import { reportedFailures } from "./worker-report.ts";

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
  /** Whose work it is; null where it is of no account alone. */
  account: string | null;
}

/** A loop by its name, which says whose it is where it works for one account. */
type Loop = string | { loop: string; account: string };

const namedOf = (loop: Loop) => (typeof loop === "string" ? { loop, account: null } : loop);

/**
 * The newest failure of each loop while it lasts: of this process, of whoever holds the leases, and of
 * every process that runs loops and reports. `onChange` is told when one of this process begins or ends.
 */
export function failingLoops(sql: Pool, onChange: () => void = () => {}) {
  const here = new Map<string, Omit<FailingLoop, "loop">>();
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
    note(of: Loop, message: string, at: Date, lease?: Lease) {
      const { loop, account } = namedOf(of);
      if (here.get(loop)?.message !== message) {
        here.set(loop, { message, account });
        onChange();
      }
      if (!lease) return;
      const token = String(lease.token);
      const write = () => sql`
        insert into loop_failure (loop, account, lease, token, message, failed_at)
        values (${loop}, ${account}, ${lease.name}, ${token}, ${message}, ${at})
        on conflict (loop) do update set
          account   = excluded.account,
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

    here: (): FailingLoop[] => [...here].map(([loop, failure]) => ({ loop, ...failure })),

    async read(): Promise<FailingLoop[]> {
      const elsewhere = await sql<FailingLoop[]>`
        ${reportedFailures(sql)}
        union all
        select loop, message, loop_failure.account
        from loop_failure join lease on lease.name = loop_failure.lease
        where lease.token = loop_failure.token
      `;
      const all = new Map(elsewhere.map(({ loop, ...failure }) => [loop, failure]));
      for (const [loop, failure] of here) all.set(loop, failure);
      return [...all].map(([loop, failure]) => ({ loop, ...failure }));
    },
  };
}
