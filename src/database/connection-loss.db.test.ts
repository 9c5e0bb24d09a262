import { describe, expect, test } from "bun:test";
import { emptyDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { Pool, Sql } from "./connect.ts";

const pidOf = async (sql: Sql) =>
  (await sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid ?? 0;

/** As a restart of PostgreSQL or a failover would do, from outside. */
async function kill({ connect }: TestDatabase, pid: number) {
  const other = connect();
  await other`select pg_terminate_backend(${pid}, 2000)`;
  await other.end();
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no failure",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

async function expectWellBehaved(sql: Pool) {
  for (let round = 0; round < 5; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const [row] = await sql<{ n: number }[]>`select ${n}::int as n`;
        return row?.n;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 12 }, (_, n) => n));
    const inTransaction = sql.begin(async (tx) => (await tx`select 1 as one`)[0]?.one);
    expect(await inTransaction).toBe(1);
  }
}

describe("a session that ends in a transaction fails the transaction and nothing else", () => {
  test("while a query is under way", async () => {
    await using database = await emptyDatabase();
    const { sql } = database;
    const failed = sql.begin(async (tx) => {
      const pid = await pidOf(tx);
      const slow = tx`select pg_sleep(10)`;
      await Promise.all([slow, kill(database, pid)]);
    });
    expect(await codeOf(failed)).toBe("CONNECTION_CLOSED");
    await expectWellBehaved(sql);
  });

  test("by the query itself", async () => {
    await using database = await emptyDatabase();
    const failed = database.sql.begin((tx) => tx`select pg_terminate_backend(pg_backend_pid())`);
    expect(await codeOf(failed)).toBe("CONNECTION_CLOSED");
    await expectWellBehaved(database.sql);
  });

  test("between two queries, and the second is asked of nobody", async () => {
    await using database = await emptyDatabase();
    const { sql } = database;
    await sql`create table note (text text)`;
    const failed = sql.begin(async (tx) => {
      await kill(database, await pidOf(tx));
      await Bun.sleep(20);
      await tx`insert into note values ('outside of any transaction')`;
    });
    expect(await codeOf(failed)).toBe("CONNECTION_CLOSED");
    await expectWellBehaved(sql);
    expect(await sql`select text from note`).toHaveLength(0);
  });

  test("in a savepoint", async () => {
    await using database = await emptyDatabase();
    const failed = database.sql.begin((tx) =>
      tx.savepoint((sp) => sp`select pg_terminate_backend(pg_backend_pid())`).catch(() => "caught"),
    );
    expect(await codeOf(failed)).toBe("CONNECTION_CLOSED");
    await expectWellBehaved(database.sql);
  });

  test("with queries of others waiting for the connection", async () => {
    await using database = await emptyDatabase();
    const { sql } = database;
    const transactions = Array.from({ length: 20 }, (_, n) =>
      codeOf(
        sql.begin(async (tx) => {
          if (n % 4 === 0) await tx`select pg_terminate_backend(pg_backend_pid())`;
          const [row] = await tx<{ n: number }[]>`select ${n}::int as n`;
          if (row?.n !== n) throw new Error(`asked for ${n}, got ${row?.n}`);
        }),
      ),
    );
    const outcomes = await Promise.all(transactions);
    expect(new Set(outcomes)).toEqual(new Set(["CONNECTION_CLOSED", "no failure"]));
    expect(outcomes.filter((outcome) => outcome === "no failure").length).toBeGreaterThanOrEqual(
      10,
    );
    await expectWellBehaved(sql);
  });
});
