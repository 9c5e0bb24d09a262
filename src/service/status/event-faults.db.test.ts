import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { handClock, MINUTE } from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { eventFaults } from "./event-faults.ts";

const ID = "68f000000000000000000001";
const error = new TypeError("undefined is not an object (evaluating 'a name')");

/** Waits for what nobody is told the end of. */
async function until(check: () => Promise<boolean>) {
  while (!(await check())) await Bun.sleep(5);
}

test("what one process cannot show every process says, in plain words and without the error's", async () => {
  await using database = await reusedDatabase();
  const clock = handClock();
  const { logger, lines } = recordingLog();
  const { onFault } = eventFaults({ sql: database.sql, clock, logger });
  const other = eventFaults({ sql: database.sql, clock, logger });
  onFault(ID, error);
  onFault(ID, error);
  await until(async () => (await other.read()).length > 0);
  expect(await other.read()).toEqual([
    {
      account: null,
      text: `Event ${ID} cannot be shown (TypeError): the log has where; all others are. \`replay\` makes its rows anew.`,
    },
  ]);
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(await other.read())).not.toContain("a name");
});

test("what nobody meets any more is over after ten minutes, whoever met it and is gone", async () => {
  await using database = await reusedDatabase();
  const clock = handClock();
  const { onFault, read } = eventFaults({
    sql: database.sql,
    clock,
    logger: recordingLog().logger,
  });
  onFault(ID, error);
  await until(async () => (await read()).length > 0);
  clock.forward(9 * MINUTE);
  onFault(ID, error);
  await until(async () => {
    const [row] = await database.sql`select met_at from unshown_event`;
    return row?.metAt.getTime() === clock.now().getTime();
  });
  clock.forward(9 * MINUTE);
  expect(await read()).toHaveLength(1);
  clock.forward(2 * MINUTE);
  expect(await read()).toEqual([]);
});
