import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { keepShown } from "../tables/shown-rows.ts";
import { shownRefiller } from "./refill-shown.ts";
import { ROWS_CHANNEL } from "./rows-channel.ts";

const facts = ["berlin", "hamburg"].flatMap((eventId) => [
  eventUpdated({
    eventId,
    ticketTypes: [
      ticketType({ amount: 10 }),
      ticketType({ ticketTypeId: "seats", name: "SPECTATOR", amount: 50 }),
    ],
  }),
  salesCounted({ eventId, ticketTypes: [typeCount({ sold: 4 })] }),
]);

const refill = async (sql: Pool, classes: Record<string, "race"> = {}) => {
  const { logger } = recordingLog();
  const shown = { policy: defaultPolicy, classes };
  const step = shownRefiller({ sql, shown, logger, check: async () => {} });
  while ((await step()) === "more");
};

const kept = (sql: Pool) => sql<{ totalCapacity: number | null; writtenBy: string }[]>`
  select (document -> 'row' ->> 'totalCapacity')::int as total_capacity, xmin::text as written_by
  from event_shown order by event_id
`;

/** Of which events whoever follows the rows was told that they were made anew. */
const toldOf = async (sql: Pool) => {
  const told = await sql<{ eventIds: string[] }[]>`
    select event_ids from row_message where 'remade' = any(kinds) order by position
  `;
  return told.flatMap(({ eventIds }) => eventIds);
};

test("what another operator, or an older program, kept is made anew and told; what says the same is neither written nor told", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  const before = [...(await kept(sql))];
  expect(before.map((row) => row.totalCapacity)).toEqual([10, 10]);
  await refill(sql);
  expect([...(await kept(sql))]).toEqual(before);
  expect(await toldOf(sql)).toEqual([]);
  await refill(sql, { seats: "race" });
  expect(await toldOf(sql)).toEqual(["berlin", "hamburg"]);
  expect((await kept(sql)).map((row) => row.totalCapacity)).toEqual([60, 60]);
});

test("an event that is made anew is told, and no other that says the same", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  await refill(sql, { seats: "race" });
  // An older program made it since, and told of it itself.
  await keepShown(sql, ["hamburg"], { policy: defaultPolicy });
  await sql`delete from row_message`;
  await refill(sql, { seats: "race" });
  expect(await toldOf(sql)).toEqual(["hamburg"]);
});

/** Steps through all events, and what is written of it in the log. */
function stepper(sql: Pool, check: (tx: Sql) => Promise<void>) {
  const { logger, lines } = recordingLog();
  const shown = { policy: defaultPolicy, classes: { seats: "race" as const } };
  const step = shownRefiller({ sql, shown, logger, check });
  const written = () =>
    lines.splice(0).map((line) => {
      const { event, eventId, events, failed } = JSON.parse(line);
      return eventId === undefined ? { event, events, failed } : { event, eventId };
    });
  return {
    step,
    written,
    async all() {
      while ((await step()) === "more");
      return written();
    },
  };
}

test("a database that is gone for a moment is no event's fault: the same event is made when it is there again", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  let isGone = true;
  const { step, written, all } = stepper(sql, async (tx) => {
    if (isGone) await tx`select pg_terminate_backend(pg_backend_pid())`;
  });
  await expect(step()).rejects.toThrow();
  expect(written()).toEqual([]);
  isGone = false;
  expect(await all()).toEqual([{ event: "rows.refilled", events: 2, failed: 0 }]);
  expect((await kept(sql)).map((row) => row.totalCapacity)).toEqual([60, 60]);
});

test("all events are gone through again after one that could not be made, and then no more until one is left", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  let isBroken = true;
  let tried = 0;
  const { all } = stepper(sql, async (tx) => {
    tried += 1;
    if (isBroken && tried % 2 === 0) await tx`select 1 / 0`;
  });
  for (let n = 0; n < 2; n += 1)
    expect(await all()).toEqual([
      { event: "rows.not_refilled", eventId: "hamburg" },
      { event: "rows.refilled", events: 1, failed: 1 },
    ]);
  isBroken = false;
  expect(await all()).toEqual([{ event: "rows.refilled", events: 2, failed: 0 }]);
  expect(await all()).toEqual([]);
  // A program from before describes one until it is stopped.
  await keepShown(sql, ["berlin"], { policy: defaultPolicy });
  expect(await all()).toEqual([{ event: "rows.refilled", events: 2, failed: 0 }]);
  expect((await kept(sql)).map((row) => row.totalCapacity)).toEqual([60, 60]);
});

test("whoever shows the rows hears once all were gone through, though each says the same", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  await refill(sql, { seats: "race" });
  const heard = Promise.withResolvers<number>();
  let made = 0;
  const { step } = stepper(sql, async () => {
    made += 1;
  });
  const listening = await sql.listen(ROWS_CHANNEL, () => heard.resolve(made));
  try {
    while ((await step()) === "more");
    expect(await heard.promise).toBe(2);
  } finally {
    await listening.unlisten();
  }
});

test("an upgrade's events are made one after the other, and one that cannot be keeps none from it", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  await sql`update event_shown set document = null, digest = null`;
  await sql`delete from ticket_type_shown`;
  await sql`update event set categories = '7' where event_id = 'berlin'`;
  await refill(sql);
  expect((await kept(sql)).map((row) => row.totalCapacity)).toEqual([null, 10]);
  const [types] = await sql`select count(*)::int as rows from ticket_type_shown`;
  expect(types?.rows).toBe(2);
});

test("an event that somebody else has in hand for long is passed over, and made when all are gone through again", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, facts);
  const { logger } = recordingLog();
  const shown = { policy: defaultPolicy, classes: { seats: "race" as const } };
  const step = shownRefiller({ sql, shown, logger, check: async () => {}, limitMs: 4_000 });
  const [isHeld, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = sql.begin(async (tx) => {
    await keepShown(tx, ["berlin"], { policy: defaultPolicy });
    isHeld.resolve();
    await letGo.promise;
  });
  await isHeld.promise;
  while ((await step()) === "more");
  expect((await kept(sql)).map((row) => row.totalCapacity)).toEqual([10, 60]);
  letGo.resolve();
  await holding;
  while ((await step()) === "more");
  expect((await kept(sql)).map((row) => row.totalCapacity)).toEqual([60, 60]);
  expect(await step()).toBe("idle");
});
