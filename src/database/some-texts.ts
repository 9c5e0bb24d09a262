import type { Sql } from "./connect.ts";

/**
 * A list of which PostgreSQL knows nothing while it plans. It counts the texts of a parameter, and as it takes
 * ten for those of a plan that it would keep, it never keeps one: a statement for one event is planned anew each
 * time. Only for statements whose plan is to be the same for one text and for hundreds.
 */
export const someTexts = (sql: Sql, texts: readonly string[]) =>
  sql`(select ${[...texts]}::text[])::text[]`;
