import { expect, test } from "bun:test";
import { emptyDatabase } from "../../../test/support/database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import { connect, type Pool } from "../../database/connect.ts";
import { createLogger } from "../../lib/logger.ts";
import { statusReader } from "./status.ts";

const statusOf = (sql: Pool) =>
  statusReader({
    ...{ sql, version: "1.2.3", logger: createLogger("silent"), mirror: () => null },
    config: loadConfig(usableEnvironment),
    clock: { now: () => new Date("2026-03-01T03:00:00Z"), pause: async () => {} },
    failing: { read: async () => [] },
  })();

test("a database that was emptied beneath the service is told with what to do", async () => {
  await using database = await emptyDatabase();
  await expect(statusOf(database.sql)).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringMatching(
      /^PostgreSQL: the database is not at this version's schema.+: run `migrate`, then `poll`\./,
    ),
  });
});

test("a database that is no longer there is told as that", async () => {
  await using database = await emptyDatabase();
  const url = new URL(database.url);
  url.pathname = "/taken_away";
  const sql = connect(url.href, { max: 1 });
  await expect(statusOf(sql)).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining("it has no database of the name in DATABASE_URL"),
  });
  await sql.end();
});
