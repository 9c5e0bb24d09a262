import { expect, test } from "bun:test";
import { emptyDatabase } from "../../test/support/database.ts";
import { transactionPooler } from "../../test/support/transaction-pooler.ts";
import { connect } from "./connect.ts";
import { lendsSessions, refuseLentSessions } from "./pooler.ts";

test("a pooler that lends sessions for a transaction is told from PostgreSQL, by two connections", async () => {
  await using database = await emptyDatabase();
  expect(await lendsSessions(database.sql)).toBe(false);
  await refuseLentSessions(database.url);
  using pooler = await transactionPooler(database.url);
  const sql = connect(pooler.url, { max: 2 });
  expect(await lendsSessions(sql)).toBe(true);
  await sql.end({ timeout: 1 });
  await expect(refuseLentSessions(pooler.url)).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringContaining("session mode"),
  });
});
