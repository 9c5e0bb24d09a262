import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { connect } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";

let server: URL | undefined;
/** Migrated once a run, when its server starts. */
const TEMPLATE = "migrated";

export const useServer = (url: URL) => {
  server = url;
};

/** A database of the test's own; `await using` drops it. */
async function createDatabase({
  from = "template0",
  named = `test_${randomUUID().replaceAll("-", "")}`,
} = {}) {
  if (!server) throw new Error("test/setup.ts has not started PostgreSQL");
  const admin = postgres(server.href, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(named)} template ${admin(from)} strategy file_copy`;
  const url = new URL(server);
  url.pathname = named;
  const sql = connect(url.href, { max: 8 });
  return {
    name: named,
    url: url.href,
    sql,
    /** Another pool on the same database, as another process would have; the test ends it. */
    connect: () => connect(url.href, { max: 8 }),
    /** Nobody may be connected to what is copied. */
    async close() {
      await sql.end({ timeout: 5 });
      await admin.end({ timeout: 5 });
    },
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await admin`drop database ${admin(named)} with (force)`;
      await admin.end({ timeout: 5 });
    },
  };
}

export type TestDatabase = Awaited<ReturnType<typeof createDatabase>>;

export const emptyDatabase = () => createDatabase();

/** Migrated: a copy of the run's template. */
export const freshDatabase = () => createDatabase({ from: TEMPLATE });

export async function makeTemplate() {
  const made = await createDatabase({ named: TEMPLATE });
  await migrate(made.sql);
  await made.close();
}
