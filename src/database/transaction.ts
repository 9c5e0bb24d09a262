import type postgres from "postgres";

type Transaction = postgres.TransactionSql;

/** What postgres.js and the system call it when a connection breaks. */
const BROKEN = /^(CONNECTION_|E[A-Z]+$)/;

/**
 * Makes a pool's transactions outlive the end of their session. postgres.js sends the rollback, and
 * whatever the transaction's body still asks, to a connection that is gone, which throws where nobody
 * can catch it and ends the process, or to the session that has taken the connection's place.
 */
export function guardTransactions(pool: postgres.Sql): postgres.Sql {
  // The casts: `begin` takes a body, with or without options before it, and gives the body's result.
  const begin = pool.begin.bind(pool) as (...given: unknown[]) => Promise<never>;
  pool.begin = (...given: unknown[]) => {
    const body = given.at(-1) as (tx: Transaction) => unknown;
    const session = { ended: false };
    const safe = async (tx: Transaction) => {
      try {
        return await untilEnd(session, () => body(guard(tx, session)));
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

/** Never settles once the session has ended: `begin` is told by the connection itself, and rejects. */
async function untilEnd<Result>(session: Session, body: () => Result) {
  try {
    return await body();
  } catch (error) {
    if (!session.ended && !isBroken(error)) throw error;
    return new Promise<never>(() => {});
  }
}

const guard = (tx: Transaction, session: Session): Transaction =>
  new Proxy(tx, {
    apply(target, self, given) {
      if (session.ended) throw new Error("the transaction's session has ended");
      return Reflect.apply(target, self, given);
    },
    get(target, name, self) {
      if (name !== "savepoint") return Reflect.get(target, name, self);
      return (...given: unknown[]) => {
        // The casts: a body, with or without a name before it.
        const body = given.at(-1) as (sp: Transaction) => unknown;
        const safe = (sp: Transaction) => untilEnd(session, () => body(guard(sp, session)));
        const savepoint = target.savepoint as (...args: unknown[]) => Promise<unknown>;
        return savepoint(...given.slice(0, -1), safe);
      };
    },
  });

/** Told by the query that it hit from an error of the body's own making. */
const isBroken = (error: unknown) =>
  error instanceof Error &&
  error.name !== "PostgresError" &&
  "query" in error &&
  "code" in error &&
  BROKEN.test(String(error.code));
