import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { connect } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";

let server: URL | undefined;
let template: Promise<string> | undefined;

export const useServer = (url: URL) => {
  server = url;
};

/** A database of the test's own; `await using` drops it. */
async function createDatabase({ from = "template0" } = {}) {
  if (!server) throw new Error("test/setup.ts has not started PostgreSQL");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const admin = postgres(server.href, { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)} template ${admin(from)}`;
  const url = new URL(server);
  url.pathname = name;
  const sql = connect(url.href, { max: 8 });
  return {
    name,
    url: url.href,
    sql,
    /** Another pool on the same database, as another process would have; the test ends it. */
    connect: () => connect(url.href, { max: 8 }),
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await admin`drop database ${admin(name)} with (force)`;
      await admin.end();
    },
  };
}

export type TestDatabase = Awaited<ReturnType<typeof createDatabase>>;

export const emptyDatabase = () => createDatabase();

/** Migrated: copied from a template that is migrated once a run. */
export async function freshDatabase() {
  template ??= createDatabase().then(async ({ name, sql }) => {
    await migrate(sql);
    await sql.end();
    return name;
  });
  return createDatabase({ from: await template });
}
