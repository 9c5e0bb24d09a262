import type { Pool } from "../../database/connect.ts";
import { codeOf, NO_SUCH_TABLE } from "../../database/fault.ts";
import { readLacking } from "../../database/migrate.ts";
import { outageWords } from "../../database/outage-words.ts";
import { Failure } from "../../lib/failure.ts";

const MEANWHILE = "Webhooks get 503 and come again.";

/** What is read, or an outage that says what PostgreSQL lacks where that is known. */
export const inWords = <Read>(sql: Pool, read: Promise<Read>): Promise<Read> =>
  read.catch(async (error: unknown) => {
    const words = (await isNotMigrated(sql, error)) ? NOT_MIGRATED : outageWords(codeOf(error));
    if (words === undefined) throw error;
    throw new Failure("unavailable", `PostgreSQL: ${words}. ${MEANWHILE}`, {}, error);
  });

const NOT_MIGRATED =
  "the database is not at this version's schema, so it was emptied or replaced: run `migrate`, then `poll`";

/** A table that is not there although all migrations are is a defect of ours. */
const isNotMigrated = async (sql: Pool, error: unknown) =>
  codeOf(error) === NO_SUCH_TABLE && (await readLacking(sql)).length > 0;
