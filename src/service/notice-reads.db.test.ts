import { expect, test } from "bun:test";
import { handClock, logger } from "../../test/support/intake.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import { failingLoops } from "../commands/failing.ts";
import { loadConfig } from "../config/config.ts";
import { noticeReads } from "./notice-reads.ts";

const config = loadConfig({
  DATABASE_URL: "postgres://localhost/none",
  BACKEND_API_KEY: "a-key-for-tests-of-notices",
  FLOWCORE_TENANT: "t",
  FLOWCORE_DATA_CORE: "d",
  FLOWCORE_API_KEY: "fc_a_b",
  DACH_API: "key",
});

test("of an account that is taken away nobody is told that its key is refused, as its last poll said", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const clock = handClock();
  for (const account of ["DACH", "NORWAY"])
    await sql`
      insert into poll values (
        ${account}, ${`poll of ${account}`}, ${clock.now()}, ${clock.now()}, false, 0, 0, 0, 1,
        ${JSON.stringify([{ eventId: null, kind: "key_refused", reason: "so" }])}::text::jsonb
      )
    `;
  const context = { sql, clock, logger, config, failing: failingLoops(sql), version: "0" };
  const { look } = noticeReads(context, async () => []);
  expect([...(await look.refusedKeys())]).toEqual(["DACH"]);
});
