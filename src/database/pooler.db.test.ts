import { expect, test } from "bun:test";
import { emptyDatabase } from "../../test/support/database.ts";
import { transactionPooler } from "../../test/support/transaction-pooler.ts";
import { lendsSessions, refuseLentSessions } from "./pooler.ts";

test("a pooler that lends sessions for a transaction is told from PostgreSQL, by two connections", async () => {
  await using database = await emptyDatabase();
  expect(await lendsSessions(database.url)).toBe(false);
  await refuseLentSessions(database.url);
  using pooler = await transactionPooler(database.url);
  expect(await lendsSessions(pooler.url)).toBe(true);
  await expect(refuseLentSessions(pooler.url)).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringContaining("session mode"),
  });
});
