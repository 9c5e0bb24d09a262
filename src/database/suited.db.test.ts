import { expect, test } from "bun:test";
import { createDatabase, emptyDatabase, freshDatabase } from "../../test/support/database.ts";
import { connect } from "./connect.ts";
import { migrate } from "./migrate.ts";
import { readUnsuited } from "./suited.ts";

const whatOf = async (sql: Parameters<typeof readUnsuited>[0]) =>
  (await readUnsuited(sql)).map(({ what }) => what).join("; ");

/** A user of this database who owns nothing; dropped with `await using`. */
async function stranger({ sql, name, url }: Awaited<ReturnType<typeof createDatabase>>) {
  const role = `stranger_${name}`;
  await sql`create role ${sql(role)} login password 'secret-of-the-stranger'`;
  const address = new URL(url);
  address.username = role;
  address.password = "secret-of-the-stranger";
  const own = connect(address.href, { max: 2 });
  return {
    role,
    own,
    async [Symbol.asyncDispose]() {
      await own.end({ timeout: 1 });
      await sql`drop owned by ${sql(role)} cascade`;
      await sql`drop role ${sql(role)}`;
    },
  };
}

test("a database of its own is suited", async () => {
  await using database = await emptyDatabase();
  expect(await readUnsuited(database.sql)).toEqual([]);
});

test("a database whose encoding cannot keep every name is refused while it is empty", async () => {
  await using database = await createDatabase({ encoding: "LATIN1" });
  await expect(migrate(database.sql)).rejects.toThrow(
    /LATIN1.*create database <name> encoding 'UTF8'/,
  );
  expect(await database.sql`select from pg_tables where schemaname = 'public'`).toHaveLength(0);
});

test("a user who may make no tables is told the grants, and migrates with them", async () => {
  await using database = await emptyDatabase();
  await using someone = await stranger(database);
  const { sql, name } = database;
  const { role, own } = someone;
  await expect(migrate(own)).rejects.toThrow(`grant create on schema public to ${role}`);
  await sql`grant create on schema public to ${sql(role)}`;
  expect((await migrate(own)).length).toBeGreaterThan(1);
  expect(await readUnsuited(own)).toEqual([
    {
      what: "its user may make no schema, which `replay` needs",
      mend: `let ${role} own the database, or: grant create on database ${name} to ${role}`,
    },
  ]);
});

test("tables are made where a replay looks for them, or not at all", async () => {
  await using database = await emptyDatabase();
  await using someone = await stranger(database);
  const { sql, name } = database;
  const { role, own } = someone;
  await sql`grant create on database ${sql(name)} to ${sql(role)}`;
  await sql`grant create on schema public to ${sql(role)}`;
  // The default search path begins with the schema that is called as its user.
  await own`create schema ${own(role)}`;
  await expect(migrate(own)).rejects.toThrow(
    `alter role ${role} in database ${name} set search_path = public`,
  );
});

test("a database without the schema that tables are in is told how to make it", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  await sql`drop schema public`;
  await expect(migrate(sql)).rejects.toThrow(/create schema public authorization \w+$/);
  await sql`create schema public`;
  expect((await migrate(sql)).length).toBeGreaterThan(1);
});

test("a database that takes no writes is told before anything is tried, as what may pass", async () => {
  await using database = await freshDatabase();
  const { sql, name } = database;
  await sql`delete from migration where name like '0001%'`;
  await sql`alter database ${sql(name)} set default_transaction_read_only = on`;
  const reading = database.connect();
  await expect(migrate(reading)).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining(`alter database ${name} reset default_transaction_read_only`),
  });
  await reading.end({ timeout: 1 });
});

test("a limit of transactions, and an isolation in which whoever waited for a lock sees the past, are told", async () => {
  await using database = await freshDatabase();
  const { sql, name } = database;
  await sql`alter database ${sql(name)} set default_transaction_isolation = 'repeatable read'`;
  const [server] = await sql<{ major: number }[]>`
    select current_setting('server_version_num')::int / 10000 as major
  `;
  const isLimited = (server?.major ?? 0) >= 17;
  if (isLimited) await sql`alter database ${sql(name)} set transaction_timeout = '30s'`;
  const strict = database.connect();
  expect((await whatOf(strict)).includes("transaction_timeout is 30s")).toBe(isLimited);
  expect(await whatOf(strict)).toContain("default_transaction_isolation is repeatable read");
  // It is no reason to stop.
  expect(await migrate(strict)).toEqual([]);
  await strict.end({ timeout: 1 });
});
