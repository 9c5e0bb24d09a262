import { expect, test } from "bun:test";
import { emptyDatabase } from "../../test/database.ts";

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no failure",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

test("a transaction's own failure rolls it back and is passed on, and its result comes through", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  await sql`create table note (text text)`;
  const failed = sql.begin(async (tx) => {
    await tx`insert into note values ('undone')`;
    throw Object.assign(new Error("mine"), { code: "ECONNREFUSED" });
  });
  expect(await codeOf(failed)).toBe("ECONNREFUSED");
  const wrong = sql.begin((tx) => tx`select 1 / 0`);
  expect(await codeOf(wrong)).toBe("22012");
  const kept = await sql.begin("read write", async (tx) => {
    const inner = tx.savepoint(async (sp) => {
      await sp`insert into note values ('undone as well')`;
      throw new Error("only this");
    });
    await expect(inner).rejects.toThrow("only this");
    await tx.savepoint("named", (sp) => sp`insert into note values ('kept')`);
    return tx<{ text: string }[]>`select text from note`;
  });
  expect([...kept]).toEqual([{ text: "kept" }]);
  expect([...(await sql`select text from note`)]).toEqual([{ text: "kept" }]);
});

test("columns are read in camel case, and the keys inside a document as they are", async () => {
  await using database = await emptyDatabase();
  const rows = await database.sql`select 1 as one_column, '{"a_key": 1}'::jsonb as two`;
  expect([...rows]).toEqual([{ oneColumn: 1, two: { a_key: 1 } }]);
});

test("a process that freezes in a transaction keeps its locks for a limited time", async () => {
  await using database = await emptyDatabase();
  const [row] = await database.sql`show idle_in_transaction_session_timeout`;
  expect(Object.values(row ?? {})).toEqual(["15s"]);
});
