import type { Sql } from "../../src/database/connect.ts";
import type { TestDatabase } from "./database.ts";

/** Another session that has one of the program's locks, and does not let go of it until it is told to. */
export async function holding(
  database: Pick<TestDatabase, "connect">,
  lock: (tx: Sql) => PromiseLike<unknown>,
) {
  const other = database.connect();
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const transaction = other.begin(async (tx) => {
    await tx`set local idle_in_transaction_session_timeout = 0`;
    await lock(tx);
    held.resolve();
    await over.promise;
  });
  await held.promise;
  const release = async () => {
    over.resolve();
    await transaction;
  };
  return {
    release,
    async [Symbol.asyncDispose]() {
      await release();
      await other.end({ timeout: 5 });
    },
  };
}
