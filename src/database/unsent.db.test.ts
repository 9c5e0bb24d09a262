import { describe, expect, test } from "bun:test";
import type { TransactionSql } from "postgres";
import { emptyDatabase } from "../../test/support/database.ts";
import type { Pool } from "./connect.ts";

/** A value that no parameter can be made of: it fails on our side of the line, and nothing is sent. */
const unreadable = {
  toString() {
    throw new Error("not a parameter");
  },
};
// The cast: what the type checker would keep from a query and a parser of outside data may not.
const bad = unreadable as unknown as string;
const missing = undefined as unknown as string;
const tooMany = Array.from({ length: 65_600 }, (_, n) => n);

const codeOf = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => "no failure",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

/** What is left when it neither succeeds nor fails. */
const soon = <Result>(promise: PromiseLike<Result>) =>
  Promise.race([promise, Bun.sleep(2_000).then(() => "never settles")]);

type Ways = Record<string, [(tx: TransactionSql) => unknown, string]>;

const ways: Ways = {
  "that cannot be serialised": [(tx) => tx`select ${bad}::text`, "not a parameter"],
  "that is undefined": [(tx) => tx`select ${missing}::text`, "UNDEFINED_VALUE"],
  "of which there are too many": [
    (tx) => tx`select 1 where 1 in ${tx(tooMany)}`,
    "MAX_PARAMETERS_EXCEEDED",
  ],
  "in a savepoint": [(tx) => tx.savepoint((sp) => sp`select ${bad}::text`), "not a parameter"],
  "behind another query": [
    (tx) => Promise.all([tx`select pg_sleep(0.05)`, tx`select ${missing}::text`]),
    "UNDEFINED_VALUE",
  ],
  "between other queries": [
    (tx) => Promise.all([tx`select 1`, tx`select ${missing}::text`, tx`select 2`, tx`select 3`]),
    "UNDEFINED_VALUE",
  ],
  "behind another query in a savepoint": [
    (tx) => tx.savepoint((sp) => Promise.all([sp`select 1`, sp`select ${missing}::text`])),
    "UNDEFINED_VALUE",
  ],
  "of a statement that is prepared already": [
    async (tx) => {
      await tx`select ${"good"}::text as one`;
      return Promise.all([tx`select 1`, tx`select ${bad}::text as one`]);
    },
    "not a parameter",
  ],
  "of unsafe": [
    (tx) => Promise.all([tx.unsafe("select 1"), tx.unsafe("select $1", [missing])]),
    "UNDEFINED_VALUE",
  ],
  "of a cursor": [
    (tx) => tx`select ${bad}::text from generate_series(1, 9)`.cursor(2, () => {}),
    "not a parameter",
  ],
  "of a cursor behind another query": [
    (tx) =>
      Promise.all([tx`select 1`, tx`select ${missing}::text`.cursor(2, () => {}), tx`select 2`]),
    "UNDEFINED_VALUE",
  ],
  "of a query that is read row by row": [
    (tx) => Promise.all([tx`select 1`, tx`select ${missing}::text`.forEach(() => {})]),
    "UNDEFINED_VALUE",
  ],
};

describe("a transaction fails at once by a parameter", () => {
  for (const [name, [body, code]] of Object.entries(ways))
    test(name, async () => {
      await using database = await emptyDatabase();
      const { sql } = database;
      await sql`create table note (text text)`;
      const failed = sql.begin(async (tx) => {
        await tx`insert into note values ('undone')`;
        await body(tx);
      });
      expect(await soon(codeOf(failed))).toBe(code);
      expect(await sql`select from note`).toHaveLength(0);
      await expectAnswers(sql);
    });
});

test("a query that cannot be sent fails, and those beside it on its connection do not", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  // So many that they share connections.
  const queries = Array.from({ length: 60 }, (_, n) =>
    n % 5 === 0
      ? codeOf(sql`select ${missing}::text`)
      : sql<{ n: number }[]>`select ${n}::int as n`.then(([row]) => row?.n),
  );
  const answers = await soon(Promise.all(queries));
  expect(answers).toEqual(Array.from({ length: 60 }, (_, n) => (n % 5 ? n : "UNDEFINED_VALUE")));
  await expectAnswers(sql);
});

test("a transaction that fails by another connection's end fails at once", async () => {
  await using database = await emptyDatabase();
  const other = database.connect();
  const failed = database.sql.begin(async (tx) => {
    await tx`select 1`;
    await other`select pg_terminate_backend(pg_backend_pid())`;
  });
  expect(await soon(codeOf(failed))).toBe("CONNECTION_CLOSED");
  await expectAnswers(database.sql);
  await other.end();
});

async function expectAnswers(sql: Pool) {
  const answers = Array.from({ length: 20 }, async (_, n) => {
    const [row] = await sql<{ n: number }[]>`select ${n}::int as n`;
    return row?.n;
  });
  expect(await soon(Promise.all(answers))).toEqual(Array.from({ length: 20 }, (_, n) => n));
}
