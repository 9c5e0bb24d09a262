import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { emptyDatabase } from "../../test/database.ts";
import { isCurrent, migrate } from "./migrate.ts";

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

test("a database that does not answer is not current", async () => {
  const database = await emptyDatabase();
  await database.sql.end();
  expect(await isCurrent(database.sql)).toBe(false);
  await database[Symbol.asyncDispose]();
});
