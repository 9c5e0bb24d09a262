import { afterAll, beforeAll, expect, test } from "bun:test";
import { setImmediate } from "node:timers/promises";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { Sql } from "./connect.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** What a part of a transaction's body finds that goes on after the body has failed. */
async function askLate(questions: (tx: Sql) => Promise<unknown>): Promise<unknown> {
  const isOver = Promise.withResolvers<void>();
  let late: Promise<unknown> = Promise.resolve();
  const running = database.sql.begin(async (tx) => {
    await tx`select 1`;
    late = isOver.promise.then(() => questions(tx));
    throw new Error("given up");
  });
  await expect(running).rejects.toThrow("given up");
  isOver.resolve();
  return late;
}

test("what a part of a failed transaction asks late is sent to nobody, and fails where it is waited for", async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => void unheard.push(reason);
  process.on("unhandledRejection", hear);
  const one = async (tx: Sql) => tx`create table late ()`;
  await expect(askLate((tx) => Promise.all([one(tx), tx`create table late ()`]))).rejects.toThrow(
    "the transaction's session has ended",
  );
  await expect(askLate((tx) => one(tx))).rejects.toThrow("session has ended");
  const atOnce = (tx: Sql) =>
    Promise.all([tx`create table late ()`.execute(), tx`select 1`.cursor(1, () => {})]);
  await expect(askLate(async (tx) => atOnce(tx))).rejects.toThrow("session has ended");
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  process.off("unhandledRejection", hear);
  expect(unheard).toEqual([]);
  const [found] = await database.sql`select to_regclass('late') as late`;
  expect(found).toEqual({ late: null });
});
