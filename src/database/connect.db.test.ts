import { expect, test } from "bun:test";
import { emptyDatabase } from "../../test/support/database.ts";
import { connect, limitStatements } from "./connect.ts";

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

test("a statement that fails behind its first rows leaves nothing in what is read next on that connection", async () => {
  await using database = await emptyDatabase();
  const sql = connect(database.url, { max: 1 });
  const broken = sql`
    select n, repeat('x', 9000) as text, 1 / (n - 50) as one_in from generate_series(1, 100) n
  `;
  await expect(Promise.resolve(broken)).rejects.toThrow("division by zero");
  expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }]);
  // Also where it was sent before the other failed.
  const again = sql`
    select n, repeat('x', 9000) as text, 1 / (n - 50) as one_in from generate_series(1, 100) n
  `;
  const [failed, next] = await Promise.allSettled([again, sql`select 2 as two`]);
  expect(failed.status).toBe("rejected");
  expect(next).toMatchObject({ status: "fulfilled", value: [{ two: 2 }] });
  await sql.end();
});

test("every connection of a pool reads lists, also one that is kept for somebody, though the first one alone asks of which types there are any", async () => {
  await using database = await emptyDatabase();
  const { sql } = database;
  await sql`select 1`;
  const kept = await Promise.all([1, 2, 3].map(() => sql.reserve()));
  const rows = await Promise.all(
    kept.map(async (one) => {
      const [row] = await one`
        select pg_backend_pid() as pid, array['a', 'b,c'] as words, ${[1, 2]}::int[] as numbers
      `;
      return row;
    }),
  );
  for (const one of kept) one.release();
  expect(new Set(rows.map((row) => row?.pid)).size).toBe(3);
  for (const row of rows) expect(row).toMatchObject({ words: ["a", "b,c"], numbers: [1, 2] });
});

test("columns are read in camel case, and the keys inside a document as they are", async () => {
  await using database = await emptyDatabase();
  const rows = await database.sql`select 1 as one_column, '{"a_key": 1}'::jsonb as two`;
  expect([...rows]).toEqual([{ oneColumn: 1, two: { a_key: 1 } }]);
});

test.each([
  ...["0001-01-01T00:00:00.000Z", "0013-06-01T12:00:00.000Z", "0026-12-01T10:00:00.000Z"],
  ...["0099-12-31T23:59:59.999Z", "0100-01-01T00:00:00.000Z", "1890-01-01T00:00:00.000Z"],
  ...["1969-12-31T23:59:59.999Z", "2026-10-25T01:30:00.120Z", "9999-12-31T23:59:59.999Z"],
])(
  "a moment is read back as it was written, whatever clock the server goes by: %s",
  async (written) => {
    await using database = await emptyDatabase();
    await database.sql`alter database ${database.sql(database.name)} set timezone to 'Europe/Berlin'`;
    const sql = database.connect();
    const [row] = await sql<{ moment: Date; given: Date }[]>`
    select ${written}::timestamptz as moment, ${new Date(written)}::timestamptz as given
  `;
    await sql.end();
    expect([row?.moment.toISOString(), row?.given.toISOString()]).toEqual([written, written]);
  },
);

test("a moment that is given as a text is PostgreSQL's to read, with each of its digits", async () => {
  await using database = await emptyDatabase();
  const texts = ["2026-07-01 12:00:00.123456+00", "0001-01-01 00:00:00+00", "infinity"];
  const [row] = await database.sql`
    select
      ${texts}::timestamptz[]::text[] as listed,
      array[${texts[0] ?? ""}::timestamptz::text, ${texts[1] ?? ""}::timestamptz::text] as given
  `;
  expect(row).toEqual({ listed: texts, given: texts.slice(0, 2) });
});

test("a process that freezes in a transaction keeps its locks for a limited time", async () => {
  await using database = await emptyDatabase();
  const [row] = await database.sql`show idle_in_transaction_session_timeout`;
  expect(Object.values(row ?? {})).toEqual(["15s"]);
});

test("a lock is waited for as long as the work may take, however little the role's own lock_timeout is", async () => {
  await using database = await emptyDatabase();
  const { sql, name } = database;
  await sql`create table note (text text)`;
  await sql`alter database ${sql(name)} set lock_timeout = '50ms'`;
  const impatient = database.connect();
  const waited = await sql.begin(async (tx) => {
    await tx`lock table note in access exclusive mode`;
    const reading = impatient.begin(async (other) => {
      await limitStatements(other, 20_000);
      return other`select from note`;
    });
    await tx`select pg_sleep(0.3)`;
    return { reading };
  });
  expect(await waited.reading).toHaveLength(0);
  await impatient.end({ timeout: 1 });
});

test.each(["German", "SQL, DMY", "Postgres, MDY"])(
  "an instant and bytes are read as they were written, whatever a role has set: %s",
  async (style) => {
    await using database = await emptyDatabase();
    const { sql, name } = database;
    await sql`alter database ${sql(name)} set datestyle = ${sql.unsafe(`'${style}'`)}`;
    await sql`alter database ${sql(name)} set bytea_output = 'escape'`;
    const odd = database.connect();
    const at = new Date("2026-11-12T10:20:30.456Z");
    const bytes = Buffer.from([0, 92, 39, 120, 127, 128, 255, 10]);
    const [row] = await odd`select ${at}::timestamptz as at, ${bytes}::bytea as bytes`;
    expect(row).toEqual({ at, bytes });
    await odd.end({ timeout: 1 });
  },
);
