import postgres from "postgres";
import { guardTransactions } from "./transaction.ts";

/** What a query needs: a pool or a transaction. */
export type Sql = postgres.ISql;
export type Pool = postgres.Sql;

export interface ConnectOptions {
  /** Connections at most. */
  max?: number;
  applicationName?: string;
  /** The schemas in which names are looked up, the first of them where tables are made. */
  searchPath?: string[];
}

/** A frozen process keeps the locks of its open transaction, and with them whoever takes over, no longer. */
const FROZEN_MS = 15_000;

/**
 * A pool on PostgreSQL. Columns are read in camel case; the keys inside a jsonb value are left as
 * they are, which `postgres.camel` would not do.
 */
export const connect = (
  url: string,
  { max = 10, applicationName, searchPath }: ConnectOptions = {},
): Pool =>
  guardTransactions(
    postgres(url, {
      max,
      onnotice: () => {},
      connect_timeout: 5,
      connection: {
        application_name: applicationName ?? "vivenu-event-monitor",
        idle_in_transaction_session_timeout: FROZEN_MS,
        ...(searchPath && { search_path: searchPath.join(",") }),
      },
      transform: { column: { from: postgres.toCamel } },
    }),
  );

/**
 * Until the transaction ends, none of its statements takes longer than its work may: what waits for a
 * lock is given up before the work is, and with it the locks that others wait for.
 */
export const limitStatements = (tx: Sql, workMs: number) =>
  tx`select set_config('statement_timeout', ${String(Math.ceil(0.8 * workMs))}, true)`;
