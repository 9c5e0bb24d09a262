import { expect, test } from "bun:test";
import { emptyDatabase } from "../../test/support/database.ts";
import { stallingProxy } from "../../test/support/stalling-proxy.ts";
import { connect, type Pool, silenceOf } from "./connect.ts";

const codeOf = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => "no failure",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

const openAll = (sql: Pool) => Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.02)`));

/** As a long collection of garbage, or a process that is stopped and continued. */
function freeze(ms: number) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("a process that was frozen itself takes no connection for silent", async () => {
  await using database = await emptyDatabase();
  const sql = connect(database.url, { max: 3, limitMs: 400, probeMs: 100 });
  await openAll(sql);
  for (let round = 0; round < 2; round += 1) {
    const asked = Promise.all(Array.from({ length: 5 }, () => sql`select 1, pg_sleep(0.05)`));
    const answered = codeOf(asked);
    await Bun.sleep(1);
    freeze(900);
    expect(await answered).not.toBe("CONNECTION_SILENT");
    await Bun.sleep(120);
    freeze(900);
  }
  expect(silenceOf(sql)).toBeUndefined();
  await sql.end();
});

test("a large answer and a slow reader of a cursor are no silence", async () => {
  await using database = await emptyDatabase();
  const sql = connect(database.url, { max: 2, limitMs: 4_000 });
  let rows = 0;
  await sql`select repeat('x', 20000) from generate_series(1, 2000)`.forEach(() => {
    rows += 1;
  });
  expect(rows).toBe(2_000);
  let batches = 0;
  await sql`select n from generate_series(1, 5) n`.cursor(1, async () => {
    await Bun.sleep(100);
    batches += 1;
  });
  expect(batches).toBe(5);
  expect(silenceOf(sql)).toBeUndefined();
  await sql.end();
});

test("transactions that begin behind large statements have a connection of their own", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  await sql`create table note (text text)`;
  const large = "x".repeat(1_000_000);
  const all = Array.from({ length: 40 }, async (_, n) => {
    if (n % 3 > 0) return sql`insert into note values (${large})`.then(() => n);
    return sql.begin(async (tx) => {
      await tx`insert into note values (${large})`;
      return (await tx<{ n: number }[]>`select ${n}::int as n`)[0]?.n;
    });
  });
  expect(await Promise.all(all)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(await sql`select from note`).toHaveLength(40);
});

test("a pool whose lines are silent can be ended, and its transactions end with it", async () => {
  await using database = await emptyDatabase();
  await using proxy = stallingProxy(database.url);
  const sql = connect(proxy.url, { max: 3 });
  await openAll(sql);
  proxy.stall();
  const failed = codeOf(sql.begin((tx) => tx`select 1`));
  const startedAt = performance.now();
  await sql.end({ timeout: 1 });
  expect(await failed).toBe("CONNECTION_DESTROYED");
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});

test("a session that is killed while it is probed leaves no wrong answer behind", async () => {
  await using database = await emptyDatabase();
  const sql = connect(database.url, { max: 3, limitMs: 2_000, probeMs: 1 });
  for (let round = 0; round < 20; round += 1) {
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await database.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
    await codeOf(sql`select 1`);
    const answers = [1, 2, 3, 4, 5, 6].map(async (n) => {
      const [answer] = await sql<{ n: number }[]>`select ${n}::int as n`.catch(() => [{ n }]);
      return answer?.n;
    });
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6]);
  }
  await sql.end({ timeout: 1 });
});
