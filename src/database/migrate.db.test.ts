import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { emptyDatabase, freshDatabase } from "../../test/support/database.ts";
import { isCurrent, migrate, readMigrations } from "./migrate.ts";

const files = async () =>
  (await readdir(new URL("./migrations/", import.meta.url)))
    .filter((f) => f.endsWith(".sql"))
    .sort();

test("migrations are applied once, in order", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  expect(await isCurrent(sql)).toBe(false);
  expect(await migrate(sql)).toEqual(await files());
  expect(await isCurrent(sql)).toBe(true);
  expect(await migrate(sql)).toEqual([]);
});

test("replicas that start together take turns, and each migration is applied by one of them", async () => {
  await using database = await emptyDatabase();
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(database.sql)));
  expect(applied.flat().sort()).toEqual(await files());
  expect(await isCurrent(database.sql)).toBe(true);
});

test("a migration that fails leaves nothing, and the next start tries it again", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  // What the second migration wants to create is in its way.
  await sql`create table poll (in_the_way text)`;
  await expect(migrate(sql)).rejects.toThrow("poll");
  expect(await isCurrent(sql)).toBe(false);
  expect(await sql`select from pg_tables where tablename = 'event'`).toHaveLength(0);
  await sql`drop table poll`;
  expect(await migrate(sql)).toEqual((await files()).slice(1));
});

test("a table that somebody holds is waited for, and whoever reads it does not wait behind", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const last = "0151_projections_fold_behind.sql";
  await sql`delete from migration where name = ${last}`;
  await sql`alter table change_fold drop column is_behind`;
  const isHeld = Promise.withResolvers<void>();
  const isOver = Promise.withResolvers<void>();
  const holding = sql.begin(async (tx) => {
    await tx`select from change_fold limit 1`;
    isHeld.resolve();
    await isOver.promise;
  });
  await isHeld.promise;
  const migrating = migrate(sql);
  // It asks for the table's lock more than once meanwhile.
  for (const until = Date.now() + 2_500; Date.now() < until; )
    await sql.begin(async (tx) => {
      await tx`set local statement_timeout = '2s'`;
      await tx`select from change_fold limit 1`;
    });
  expect(await isCurrent(sql)).toBe(false);
  isOver.resolve();
  await holding;
  expect(await migrating).toEqual([last]);
});

test("a database that does not answer is not current", async () => {
  const database = await emptyDatabase();
  await database.sql.end();
  expect(await isCurrent(database.sql)).toBe(false);
  await database[Symbol.asyncDispose]();
});

/** A folder that holds these migrations and no others. */
async function folderOf(files: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  for (const file of files) await Bun.write(join(folder, file), "select 1;");
  return {
    url: pathToFileURL(`${folder}/`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

test("a migration of which nothing says what it shapes stops the start, whatever it is named", async () => {
  for (const file of ["0099_projections_more.sql", "0099_more.sql"]) {
    await using folder = await folderOf(["0001_first.sql", file]);
    const reading = readMigrations(folder.url, { "0001_first.sql": "service" });
    await expect(reading).rejects.toThrow(`nothing says what the migration ${file} shapes`);
  }
});

test("a listed migration whose file did not come along stops the start", async () => {
  await using folder = await folderOf(["0001_first.sql"]);
  const listed = { "0001_first.sql": "service", "0002_second.sql": "rows" } as const;
  await expect(readMigrations(folder.url, listed)).rejects.toThrow(
    "are not there: 0002_second.sql",
  );
});

test("migrations are in the order of their names, in whatever order a disk lists them", async () => {
  const names = [7, 2, 9, 1, 8, 3, 6, 4, 5].map((n) => `000${n}_step.sql`);
  await using folder = await folderOf(names);
  const listed = Object.fromEntries(names.map((name) => [name, "rows" as const]));
  const read = await readMigrations(folder.url, listed);
  expect(read.map(({ name }) => name)).toEqual(names.toSorted());
});

test("every migration of the program is listed", async () => {
  expect((await readMigrations()).map(({ name }) => name)).toEqual(await files());
});
