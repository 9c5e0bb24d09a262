import type { TransactionSql } from "postgres";
import { within } from "../lib/time-limit.ts";
import { limitStatements, type Pool } from "./connect.ts";

/**
 * A transaction that is given up after `ms`, whatever hangs in it: a statement that waits for a lock is
 * cancelled before that, and with it go the locks that others wait for.
 */
export const beginWithin = <Result>(
  sql: Pool,
  ms: number,
  work: (tx: TransactionSql) => Promise<Result>,
): Promise<Result> =>
  within(ms, async () => {
    // The cast: postgres.js unwraps arrays of promises, and no transaction gives one.
    const result = await sql.begin(async (tx) => {
      await limitStatements(tx, ms);
      return work(tx);
    });
    return result as Result;
  });
