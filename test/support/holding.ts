import type { TestDatabase } from "./database.ts";

/** Another session that has one of the program's locks, and does not let go of it until it is told to. */
export async function holding(database: Pick<TestDatabase, "connect">, lock: string) {
  const other = database.connect();
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const transaction = other.begin(async (tx) => {
    await tx`set local idle_in_transaction_session_timeout = 0`;
    await tx`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`;
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
