import { expect, test } from "bun:test";
import { emptyDatabase, freshDatabase } from "../../../test/support/database.ts";
import { connect, type Pool } from "../../database/connect.ts";
import { writeProbe } from "../../database/write-probe.ts";
import { readiness } from "./readiness.ts";

/** The sentence that keeps it from being ready; null where nothing does. */
const keptBy = (sql: Pool, more: Partial<Parameters<typeof readiness>[0]> = {}) =>
  readiness({
    ...{ sql, readHealth: writeProbe({ sql, freshMs: 0 }) },
    ...{ stopping: new AbortController().signal, ...more },
  })().then(
    () => null,
    (error: Error) => error.message,
  );

test("who is not ready says what keeps it: the schema, reads, its own end", async () => {
  await using empty = await emptyDatabase();
  expect(await keptBy(empty.sql)).toMatch(/^The database is not at this version's schema: /);
  await using fresh = await freshDatabase();
  expect(await keptBy(fresh.sql)).toBeNull();
  const areReadsThere = () => false;
  expect(await keptBy(fresh.sql, { areReadsThere })).toBe("What is read is not there yet.");
  const stopping = AbortSignal.abort();
  expect(await keptBy(fresh.sql, { stopping })).toBe("This process is stopping.");
});

test("who is not ready says why PostgreSQL lets it in no more, and not that it is to be migrated", async () => {
  await using fresh = await freshDatabase();
  const gone = Object.assign(new URL(fresh.url), { pathname: "/taken_away" });
  const wrong = Object.assign(new URL(fresh.url), { hostname: "127.0.0.1", port: "1" });
  const sentenceOf = async (url: URL) => {
    const sql = connect(url.href, { max: 1 });
    const sentence = await keptBy(sql);
    await sql.end();
    return sentence;
  };
  expect(await sentenceOf(gone)).toBe(
    "PostgreSQL: it has no database of the name in DATABASE_URL.",
  );
  expect(await sentenceOf(wrong)).toBe("PostgreSQL: it cannot be reached at DATABASE_URL.");
});

test("who is not ready because a lock holds PostgreSQL up says that it does not answer in time", async () => {
  await using fresh = await freshDatabase();
  await using other = await lockedMigrations(fresh);
  expect(await keptBy(fresh.sql, { limitMs: 50 })).toBe("PostgreSQL does not answer in time.");
  await other.release();
  expect(await keptBy(fresh.sql)).toBeNull();
});

async function lockedMigrations(database: { connect: () => Pool }) {
  const sql = database.connect();
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = sql.begin(async (tx) => {
    await tx`lock table migration in access exclusive mode`;
    held.resolve();
    await over.promise;
  });
  await Promise.race([held.promise, holding]);
  const release = async () => {
    over.resolve();
    await holding;
  };
  return {
    release,
    async [Symbol.asyncDispose]() {
      await release();
      await sql.end();
    },
  };
}
