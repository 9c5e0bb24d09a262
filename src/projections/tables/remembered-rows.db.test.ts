import { expect, test } from "bun:test";
import { eventUpdated, ticketType } from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { applyKept } from "../../../test/support/given.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Sql } from "../../database/connect.ts";
import { typesTable } from "./described-types.ts";
import { readEventsInRows } from "./event-state.ts";
import { type RowsMemory, readRemembered, rowsMemory } from "./remembered-rows.ts";
import { readKept, shownMemory } from "./shown-types.ts";

const described = (eventId: string) =>
  eventUpdated({
    eventId,
    ticketTypes: [ticketType(), ticketType({ ticketTypeId: "women" })],
  });

async function twoEvents() {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [described("e1"), described("e2")]);
  return sql;
}

test("an event keeps its ticket types where others take its place in the memory while it is read", async () => {
  const sql = await twoEvents();
  // It has room for what is of one event: two ticket types, and that nothing else is there.
  const memory = rowsMemory(6);
  const read = async (eventIds: string[]) =>
    (await readEventsInRows(sql, eventIds, memory)).map(({ event, types }) => [
      event.eventId,
      types.length,
    ]);
  expect(await read(["e2"])).toEqual([["e2", 2]]);
  expect(await read(["e1", "e2"])).toEqual([
    ["e1", 2],
    ["e2", 2],
  ]);
});

test("what is known of shown rows is what was asked of, whatever is remembered when it is answered", async () => {
  const sql = await twoEvents();
  const { kept: memory } = shownMemory();
  const anew = await readKept(sql, ["e1"]);
  const [known] = anew.values();
  if (!known) throw new Error("the event has rows");
  memory.set("e1", known);
  const reading = readKept(sql, ["e1"], memory);
  // As a transaction leaves it that is rolled back.
  memory.set("e1", { ...known, digest: "another", types: new Map([["men", "another"]]) });
  expect(await reading).toEqual(anew);
});

test("nothing is believed that another PostgreSQL said, whose transactions have the same numbers", async () => {
  const sql = await twoEvents();
  const memory = rowsMemory();
  const read = (tx: Sql) => readRemembered(tx, [typesTable], ["e1"], memory);
  const rows = (await read(sql))(typesTable, "e1");
  const again = (await read(sql))(typesTable, "e1");
  expect(again).toEqual(rows);
  expect(again[0]).toBe(rows[0] ?? {});
  await sql
    .begin(async (tx) => {
      // What PostgreSQL says of its start is said by another from now on.
      await tx`create schema another`;
      await tx`
      create function another.pg_postmaster_start_time() returns timestamptz language sql
      as $$ select '2031-01-01T00:00Z'::timestamptz $$
    `;
      await tx`set local search_path = another, pg_catalog, public`;
      const ofAnother = (await read(tx))(typesTable, "e1");
      expect(ofAnother).toEqual(rows);
      expect(ofAnother[0]).not.toBe(rows[0] ?? {});
      throw new Error("nothing of it stays");
    })
    .catch((error: Error) => expect(error.message).toBe("nothing of it stays"));
});

const EVENTS = ["e1", "e2"];
const ids = fc.subarray(["t1", "t2", "t3", "t4"], { minLength: 1 });
const of = fc.constantFrom(...EVENTS);
/** What a transaction does: it writes ticket types, takes some away, or reads. */
const act = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    eventId: of,
    ids,
    name: fc.constantFrom("MEN", "WOMEN"),
    amount: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), eventId: of, ids }),
  fc.record({ kind: fc.constant("read" as const) }),
);
const transaction = fc.record({
  by: fc.constantFrom(0, 1),
  acts: fc.array(act, { minLength: 1, maxLength: 4 }),
  isRolledBack: fc.boolean(),
});
const history = fc.array(transaction, { minLength: 2, maxLength: 8 });

test("remembered rows are those that are there, whoever wrote, deleted or rolled back what", async () => {
  const { sql } = await reusedDatabase();
  let read = 0;
  await fc.assert(
    fc.asyncProperty(history, async (transactions) => {
      await emptyTables(sql, "ticket_type");
      // One of the two has not even room for both events.
      const memories = [rowsMemory(), rowsMemory(5)];
      for (const { by, acts, isRolledBack } of transactions) {
        const memory = memories[by];
        if (!memory) throw new Error("there are two");
        await sql
          .begin(async (tx) => {
            for (const one of acts) {
              if (one.kind === "read") await expectRead(tx, memory);
              else if (one.kind === "delete") await deleteTypes(tx, one.eventId, one.ids);
              else await writeTypes(tx, one);
            }
            await expectRead(tx, memory);
            if (isRolledBack) throw new RolledBack();
          })
          .catch((error) => {
            if (!(error instanceof RolledBack)) throw error;
          });
      }
    }),
    { numRuns: 1 + runs(40), examples: [[fixed(history, 6)]] },
  );
  expect(read).toBeGreaterThan(40);

  async function expectRead(tx: Sql, memory: RowsMemory) {
    const rowsOf = await readRemembered(tx, [typesTable], EVENTS, memory);
    for (const eventId of EVENTS) {
      const found = rowsOf(typesTable, eventId).map(({ ticketTypeId, name, amount }) => {
        return { ticketTypeId, name, amount };
      });
      const there = await tx`
        select ticket_type_id, name, amount from ticket_type where event_id = ${eventId}
        order by name, ticket_type_id
      `;
      expect(found).toEqual([...there] as typeof found);
      read += found.length;
    }
  }
});

class RolledBack extends Error {}

const deleteTypes = (tx: Sql, eventId: string, gone: string[]) => tx`
  delete from ticket_type where event_id = ${eventId} and ticket_type_id = any(${gone}::text[])
`;

interface TypesToWrite {
  eventId: string;
  ids: string[];
  name: string;
  amount: number;
}

const writeTypes = (tx: Sql, { eventId, ids: written, name, amount }: TypesToWrite) => tx`
  insert into ticket_type (
    event_id, ticket_type_id, name, amount, active, auto_added, ignore_for_max_amounts,
    conditional_availability, hidden_in_selection_area, allocations, changed_at
  )
  select ${eventId}, id, ${name}, ${amount}, true, false, false, false, false, '[]', now()
  from unnest(${written}::text[]) as id
  on conflict (event_id, ticket_type_id) do update set
    name = excluded.name, amount = excluded.amount
`;
