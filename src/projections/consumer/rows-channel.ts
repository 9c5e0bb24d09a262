import type { Sql } from "../../database/connect.ts";

/** Told on commit when rows may have changed. */
export const ROWS_CHANNEL = "rows";

export const tellRowsChanged = (sql: Sql) => sql`select pg_notify(${ROWS_CHANNEL}, '')`;
