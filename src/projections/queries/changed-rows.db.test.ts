import { expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept, emptyRows, NOW, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { changedRowsReader } from "./changed-rows.ts";

const policy = { policy: defaultPolicy };
const at = (day: number) => `2026-03-0${day}T10:00:00.000Z`;
const described = (eventId: string, amount = 10) =>
  eventUpdated({ eventId, ticketTypes: [ticketType({ amount })] });
const counted = (eventId: string, sold: number, day = 1) =>
  salesCounted({ eventId, countedAt: at(day), ticketTypes: [typeCount({ sold })] });

const fact: fc.Arbitrary<NewFact> = fc
  .tuple(fc.constantFrom("e1", "e2", "e3"), fc.integer({ min: 1, max: 9 }), fc.boolean())
  .map(([eventId, n, isCount]) =>
    isCount
      ? counted(eventId, n, n)
      : eventUpdated({
          ...{ eventId, updatedAt: at(n), start: at((n % 4) + 1), sellStart: at(n) },
          ticketTypes: [ticketType({ amount: n }), ticketType({ ticketTypeId: `t${n}` })],
        }),
  );

test("who reads again and again has the rows of whoever reads everything, at any time", async () => {
  const { sql } = await reusedDatabase();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(fact, { maxLength: 3 }), fc.integer({ min: 1, max: 9 })), {
        maxLength: 5,
      }),
      async (rounds) => {
        await emptyRows(sql);
        const read = changedRowsReader(sql, policy);
        for (const [facts, day] of rounds) {
          await sql.begin((tx) => applyKept(tx, facts));
          const now = new Date(at(day));
          const { read: _, ...rows } = await read(now);
          expect(rows).toEqual(await readAllRows(sql, now));
        }
      },
    ),
    { numRuns: runs(8) },
  );
});

test("only what was written since is read, and what the clock turns needs no reading", async () => {
  const { sql } = await reusedDatabase();
  for (const id of ["e1", "e2", "e3"])
    await applyKept(sql, [
      eventUpdated({ eventId: id, sellStart: at(3), ticketTypes: [ticketType()] }),
    ]);
  await olderOnesEnd(sql);
  const read = changedRowsReader(sql, policy);
  expect((await read(new Date(at(1)))).read).toBe(3);
  await applyKept(sql, [counted("e2", 7)]);
  const after = await read(new Date(at(2)));
  expect(after.read).toBeLessThan(3);
  expect(after.events.map((row) => row.totalSold)).toEqual([null, 7, null]);
  const later = await read(new Date(at(4)));
  expect(later.read).toBeLessThan(3);
  expect(later.events.map((row) => row.status)).toEqual(["ON_SALE", "ON_SALE", "ON_SALE"]);
  expect(later.ticketTypes.map((row) => row.availableToBuy)).toEqual([null, 93, null]);
});

/** What is written while an older transaction runs, in any database of the server, is read once more. */
async function olderOnesEnd(sql: Pool) {
  const [mine] = await sql<{ id: string }[]>`select pg_current_xact_id()::text as id`;
  const isOver = async () => {
    const [found] = await sql<{ over: boolean }[]>`
      select pg_snapshot_xmin(pg_current_snapshot()) > ${mine?.id ?? "0"}::text::xid8 as over
    `;
    return found?.over;
  };
  while (!(await isOver())) await Bun.sleep(20);
}

test("a transaction that began before a reading and was committed after it is not missed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await applyKept(sql, [described("e1"), described("e2")]);
  const read = changedRowsReader(sql, policy);
  await read(NOW);
  const [written, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = sql.begin(async (tx) => {
    await applyKept(tx, [counted("e1", 5)]);
    written.resolve();
    await goOn.promise;
  });
  await written.promise;
  // Younger, and committed first. It shares no row and no lock with the slow one.
  await sql`update event_shown set fault = null where event_id = 'e2'`;
  expect((await read(NOW)).events.map((row) => row.totalSold)).toEqual([null, null]);
  expect((await read(NOW)).events.map((row) => row.totalSold)).toEqual([null, null]);
  goOn.resolve();
  await slow;
  expect((await read(NOW)).events.map((row) => row.totalSold)).toEqual([5, null]);
});

test("tables that took the place of those that were read are read from the beginning", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await applyKept(sql, [described("e1"), described("e2")]);
  const read = changedRowsReader(sql, policy);
  await read(NOW);
  await sql.begin(async (tx) => {
    await tx`create schema beside`;
    await tx`create table beside.event_shown as select * from event_shown where event_id = 'e2'`;
    await tx`alter table event_shown rename to replaced`;
    await tx`alter table beside.event_shown set schema public`;
    await tx`delete from event where event_id = 'e1'`;
  });
  expect((await read(NOW)).events.map((row) => row.eventId)).toEqual(["e2"]);
});

test("an event that somebody deleted is forgotten, and one that cannot be shown is named", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [described("e1"), described("e2"), described("e3")]);
  const faults: string[] = [];
  const read = changedRowsReader(sql, { ...policy, onFault: (id) => void faults.push(id) });
  await read(NOW);
  await sql`delete from event_shown where event_id = 'e1'`;
  await sql`delete from event where event_id = 'e1'`;
  await sql`update event set categories = '7' where event_id = 'e2'`;
  await applyKept(sql, [counted("e2", 5)]);
  const rows = await read(NOW);
  expect(rows.events.map((row) => row.eventId)).toEqual(["e3"]);
  expect([rows.unshown, faults]).toEqual([["e2"], ["e2"]]);
});
