import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { connect } from "../../src/database/connect.ts";
import { migrate } from "../../src/database/migrate.ts";

let find: (() => Promise<URL>) | undefined;
/** Migrated once a run, when its server starts. */
const TEMPLATE = "migrated";

/**
 * A table above it is truncated, below it its rows are deleted, which is quicker. Nothing is vacuumed: what was
 * deleted would be read again by each look that goes through the table.
 */
export const LARGE_BYTES = 64 * 1024;

/** It is looked for when a test asks for a database, and not before. */
export const useServer = (found: () => Promise<URL>) => {
  find = found;
};

/** The first level runs where there is no PostgreSQL; `test/levels.test.ts` says the same of names alone. */
async function findServer() {
  if (/(?<!\.db|\.e2e)\.test\.ts$/.test(Bun.main))
    throw new Error(`${Bun.main} asks for PostgreSQL: a file that does is called *.db.test.ts`);
  if (!find) throw new Error("nobody has said where PostgreSQL is: test/support/setup.ts does");
  return find();
}

const admins = new Map<string, postgres.Sql>();

/** Makes and drops databases of a server: one connection a process, for each costs as much as what it does. */
function adminOf({ href }: URL) {
  const known = admins.get(href);
  if (known) return known;
  const admin = postgres(href, {
    ...{ max: 1, fetch_types: false, onnotice: () => {} },
    // A script ends, and would else wait for it.
    idle_timeout: 3,
  });
  admins.set(href, admin);
  return admin;
}

/** A database of the test's own; `await using` drops it. */
export async function createDatabase({
  from = "template0",
  named = `test_${randomUUID().replaceAll("-", "")}`,
  on,
  encoding = "UTF8",
  open = (url) => connect(url, { max: 8 }),
}: {
  from?: string;
  named?: string;
  on?: URL;
  encoding?: "UTF8" | "LATIN1";
  open?: (url: string) => postgres.Sql;
} = {}) {
  const server = on ?? (await findServer());
  const admin = adminOf(server);
  const encoded = encoding === "UTF8" ? admin`` : admin`encoding ${admin(encoding)} locale 'C'`;
  await admin`create database ${admin(named)} template ${admin(from)} strategy file_copy ${encoded}`;
  const url = new URL(server);
  url.pathname = named;
  const sql = open(url.href);
  return {
    name: named,
    url: url.href,
    sql,
    /** Another pool on the same database, as another process would have; the test ends it. */
    connect: () => open(url.href),
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await admin`drop database ${admin(named)} with (force)`;
    },
  };
}

export type TestDatabase = Awaited<ReturnType<typeof createDatabase>>;

export const emptyDatabase = () => createDatabase();

/** Migrated: a copy of the run's template. */
export const freshDatabase = () => createDatabase({ from: TEMPLATE });

export async function makeTemplate(on: URL) {
  const made = await createDatabase({ named: TEMPLATE, on });
  await migrate(made.sql);
  // Nobody may be connected to what is copied.
  await made.sql.end({ timeout: 5 });
}
