import { afterAll, beforeAll, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import { connect } from "./connect.ts";
import { databaseProblems, writeProbe } from "./write-probe.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** One look, which no machine is too slow for. */
const look = (now?: () => Date) =>
  writeProbe({ sql: database.sql, limitMs: 30_000, ...(now && { now }) })();

test("a PostgreSQL that takes writes is said to, and nothing of the look stays in it", async () => {
  const health = await look();
  expect(databaseProblems(health)).toEqual([]);
  expect(await database.sql`select from write_probe`).toHaveLength(0);
});

test("one that is read-only is told by its cause, and is well again when it is not", async () => {
  const { sql, name, url } = database;
  await sql`alter database ${sql(name)} set default_transaction_read_only = on`;
  const own = connect(url, { max: 1 });
  const read = writeProbe({ sql: own, limitMs: 30_000, freshMs: 0 });
  expect(databaseProblems(await read()).join()).toContain(
    "PostgreSQL takes no writes: it is read-only",
  );
  await own`set default_transaction_read_only = off`;
  expect(databaseProblems(await read())).toEqual([]);
  await own`set default_transaction_read_only = off`;
  await own`alter database ${own(name)} reset default_transaction_read_only`;
  await own.end({ timeout: 5 });
});

test("one that was read-only is well again for sessions that were begun meanwhile, but for whoever only looks", async () => {
  const { sql, name, url } = database;
  await sql`alter database ${sql(name)} set default_transaction_read_only = on`;
  const own = connect(url, { max: 3 });
  const idle = () => Promise.all([1, 2, 3].map(() => own`select pg_sleep(0.05)`));
  await idle();
  const looking = writeProbe({ sql: own, limitMs: 30_000, freshMs: 0 });
  const renewing = writeProbe({ sql: own, limitMs: 30_000, freshMs: 0, renewAfterMs: 0 });
  const isWritable = async (read: typeof looking) => (await read()).unwritable === null;
  expect(await isWritable(looking)).toBe(false);
  await sql`alter database ${sql(name)} reset default_transaction_read_only`;
  for (let n = 0; n < 6; n += 1) expect(await isWritable(looking)).toBe(false);
  const until = performance.now() + 5_000;
  let isWell = false;
  while (!isWell && performance.now() < until) {
    await isWritable(renewing);
    // Who is at work is left alone.
    await Bun.sleep(100);
    const looks = await Promise.all([1, 2, 3, 4, 5, 6].map(() => isWritable(looking)));
    isWell = looks.every(Boolean);
  }
  expect(isWell).toBe(true);
  await own.end({ timeout: 5 });
});

test("sessions of a pool that nobody looks through are renewed with those that are found read-only, however young they are", async () => {
  const { sql, name, url } = database;
  await sql`alter database ${sql(name)} set default_transaction_read_only = on`;
  const [looked, beside] = [connect(url, { max: 1 }), connect(url, { max: 1 })];
  await looked`select 1`;
  await Bun.sleep(1_000);
  await beside`select 1`;
  await sql`alter database ${sql(name)} reset default_transaction_read_only`;
  const [begun] = await looked<{ pid: number; age: number }[]>`
    select pid, (extract(epoch from clock_timestamp() - backend_start) * 1000)::float8 as age
    from pg_stat_activity where pid = pg_backend_pid()
  `;
  await writeProbe({ sql: looked, limitMs: 30_000, renewAfterMs: begun?.age ?? 0 })();
  // Whoever is at work is left alone, so nobody asks through the other pool before it is done.
  const pid = () =>
    looked`select pg_backend_pid() as pid`.then(
      ([row]) => row?.pid,
      () => begun?.pid,
    );
  while ((await pid()) === begun?.pid) await Bun.sleep(20);
  const isWritable = async () =>
    (await writeProbe({ sql: beside, limitMs: 30_000 })()).unwritable === null;
  await isWritable();
  expect(await isWritable()).toBe(true);
  await Promise.all([looked.end({ timeout: 5 }), beside.end({ timeout: 5 })]);
});

test("a disk that is full and a write that hangs are told", async () => {
  const { sql } = database;
  // No disk is filled for it: PostgreSQL says a full one by this state.
  await sql`
    create function full_disk() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$
  `;
  await sql`create trigger full_disk before insert on write_probe execute function full_disk()`;
  expect((await look()).unwritable).toBe("its disk is full");
  await sql`drop trigger full_disk on write_probe`;
  const locked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = sql.begin(async (tx) => {
    await tx`lock table write_probe`;
    locked.resolve();
    await over.promise;
  });
  await locked.promise;
  const hanging = writeProbe({ sql, limitMs: 200 });
  expect((await hanging()).unwritable).toStartWith("a write hangs");
  over.resolve();
  await holding;
  expect((await look()).unwritable).toBeNull();
});

test("one that is not there is no crash, and one without the table is not migrated", async () => {
  const nowhere = connect("postgres://nobody@127.0.0.1:1/none", { max: 1 });
  expect(await writeProbe({ sql: nowhere })()).toMatchObject({ aheadMs: null });
  await nowhere.end({ timeout: 1 });
  await database.sql`alter table write_probe rename to elsewhere`;
  expect((await look()).unwritable).toBeNull();
  await database.sql`alter table elsewhere rename to write_probe`;
});

test("a clock that is off is told by how much, and in which direction", async () => {
  const shifted = (ms: number) => look(() => new Date(Date.now() + ms));
  expect(databaseProblems(await shifted(600_000)).join()).toMatch(
    /^This machine's clock is (5[89]\d|60\d|61\d) s ahead of PostgreSQL's/,
  );
  expect(databaseProblems(await shifted(-3_600_000)).join()).toContain("s behind PostgreSQL's");
});

test("who asks at the same moment shares one look", async () => {
  const read = writeProbe({ sql: database.sql, limitMs: 30_000, freshMs: 60_000 });
  expect(read()).toBe(read());
  await read();
});
