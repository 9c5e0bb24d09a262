import { expect, test } from "bun:test";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import { pastDeadlocks } from "./replay.ts";

test("a replay that PostgreSQL ends for a deadlock is begun again, and not for ever", async () => {
  const { sql } = await reusedDatabase();
  let tries = 0;
  const failing = (times: number, state: string) => {
    tries = 0;
    return pastDeadlocks(async () => {
      tries += 1;
      if (tries <= times) await sql.unsafe(`do $$ begin raise sqlstate '${state}'; end $$`);
      return "done";
    });
  };
  expect(await failing(2, "40P01")).toBe("done");
  expect(tries).toBe(3);
  await expect(failing(9, "40P01")).rejects.toMatchObject({ code: "40P01" });
  expect(tries).toBe(5);
  await failing(9, "53100").catch(() => {});
  expect(tries).toBe(1);
});
