import type postgres from "postgres";

/** Of a transaction whose statements all see the rows of one snapshot. */
export const ONE_SNAPSHOT = "isolation level repeatable read read only";

type Transaction = postgres.TransactionSql;

/**
 * Keeps a transaction's body from asking anything once its transaction has failed: postgres.js would
 * send it after the rollback, and so outside of any transaction, or to whoever has the connection next.
 * What a body asks of a session that has ended, the patch of postgres.js rejects.
 */
export function guardTransactions(pool: postgres.Sql): postgres.Sql {
  // The casts: `begin` takes a body, with or without options before it, and gives the body's result.
  const begin = pool.begin.bind(pool) as (...given: unknown[]) => Promise<never>;
  pool.begin = (...given: unknown[]) => {
    const body = given.at(-1) as (tx: Transaction) => unknown;
    const session = { ended: false };
    const safe = async (tx: Transaction) => {
      try {
        return await body(guard(tx, session));
      } catch (error) {
        // A part of the body that was given up may go on: nothing it asks may come after the rollback.
        session.ended = true;
        throw error;
      }
    };
    const running = begin(...given.slice(0, -1), safe);
    running.catch(() => {
      session.ended = true;
    });
    return running;
  };
  return pool;
}

interface Session {
  ended: boolean;
}

/**
 * Fails where it is waited for, and nowhere else: what was thrown between two questions that are to be waited
 * for together would leave the first one's failure to nobody, which ends the process.
 */
function refused() {
  const failure = Promise.reject(new Error("the transaction's session has ended"));
  failure.catch(() => {});
  // What a statement is asked for before it is waited for.
  return Object.assign(failure, { execute: () => failure, cursor: () => failure });
}

const guard = (tx: Transaction, session: Session): Transaction =>
  new Proxy(tx, {
    apply(target, self, given) {
      if (session.ended) return refused();
      return Reflect.apply(target, self, given);
    },
    get(target, name, self) {
      if (name !== "savepoint") return Reflect.get(target, name, self);
      return (...given: unknown[]) => {
        // The casts: a body, with or without a name before it.
        const body = given.at(-1) as (sp: Transaction) => unknown;
        const safe = (sp: Transaction) => body(guard(sp, session));
        const savepoint = target.savepoint as (...args: unknown[]) => Promise<unknown>;
        return savepoint(...given.slice(0, -1), safe);
      };
    },
  });
