import { expect, test } from "bun:test";
import { fc, fixed } from "../../../test/support/fast-check.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Sql } from "../../database/connect.ts";
import { ticketTypeRows } from "./description-tables.ts";
import { orderOf } from "./history-tables.ts";
import { readNewestRows } from "./newest-before.ts";
import { type RowsMemory, rowsMemory } from "./remembered-rows.ts";

const EVENTS = ["e1", "e2"];
const TYPES = ["t1", "t2", "t3"];
const day = (n: number) => new Date(Date.UTC(2026, 2, 1 + n));
const before = (at: Date, isLate = false) =>
  EVENTS.map((eventId) => ({
    ...{ eventId, from: orderOf(at, at, ""), isLate },
    ...{ fresh: [], forgotten: new Set<string>() },
  }));

interface Asked {
  memory?: RowsMemory;
  types?: string[];
  /** Before a late fact of that moment, and not before the newest of all. */
  late?: number;
}

const read = (tx: Sql, { memory, types = TYPES, late }: Asked) =>
  readNewestRows(tx, ticketTypeRows, before(day(late ?? 9), late !== undefined), {
    idsOf: new Map(EVENTS.map((eventId) => [eventId, types])),
    memory,
  });

const eventId = fc.constantFrom(...EVENTS);
const someTypes = fc.subarray(TYPES, { minLength: 1 });
const moment = fc.integer({ min: 0, max: 4 });
/** What a transaction does: rows come or go, of a late fact also behind others, or somebody reads. */
const act = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    eventId,
    types: someTypes,
    moment,
    amount: moment,
  }),
  fc.record({ kind: fc.constant("delete" as const), eventId, types: someTypes, moment }),
  fc.record({ kind: fc.constant("read" as const), types: someTypes }),
  fc.record({ kind: fc.constant("late" as const), moment }),
);
type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;
const transaction = fc.record({
  by: fc.constantFrom(0, 1),
  acts: fc.array(act, { minLength: 1, maxLength: 4 }),
  isRolledBack: fc.boolean(),
});
const history = fc.array(transaction, { minLength: 2, maxLength: 8 });

class RolledBack extends Error {}

test("the newest rows of a history are those that are there, whoever wrote, deleted or rolled back what since they were read", async () => {
  const { sql } = await reusedDatabase();
  let found = 0;
  const expectSame = async (tx: Sql, asked: Asked) => {
    const remembered = await read(tx, asked);
    const { memory: _, ...anew } = asked;
    expect(remembered).toEqual(await read(tx, anew));
    found += remembered.length;
  };
  const perform = async (tx: Sql, one: Act, memory: RowsMemory) => {
    if (one.kind === "write") await write(tx, one);
    else if (one.kind === "delete") await remove(tx, one);
    else if (one.kind === "late") await expectSame(tx, { memory, late: one.moment });
    else await expectSame(tx, { memory, types: one.types });
  };
  await fc.assert(
    fc.asyncProperty(history, async (transactions) => {
      await emptyTables(sql, "ticket_type_version");
      // One of the two has not even room for both events.
      const memories = [rowsMemory(), rowsMemory(5)];
      for (const { by, acts, isRolledBack } of transactions) {
        const memory = memories[by];
        if (!memory) throw new Error("there are two");
        await sql
          .begin(async (tx) => {
            for (const one of acts) await perform(tx, one, memory);
            await expectSame(tx, { memory });
            if (isRolledBack) throw new RolledBack();
          })
          .catch((error) => {
            if (!(error instanceof RolledBack)) throw error;
          });
      }
    }),
    { numRuns: 1 + runs(40), examples: [[fixed(history, 13)]] },
  );
  expect(found).toBeGreaterThan(40);
});

test("a row that is remembered is the same object until another stands in its place, or another PostgreSQL says what it is", async () => {
  const { sql } = await reusedDatabase();
  const memory = rowsMemory();
  const placed = { eventId: "e1", moment: 1, amount: 1 };
  await write(sql, { ...placed, types: TYPES });
  const rows = await read(sql, { memory });
  await write(sql, { ...placed, types: ["t2"], moment: 2 });
  const later = await read(sql, { memory });
  expect(later.map((row, n) => row === rows[n])).toEqual([true, false, true]);
  await sql
    .begin(async (tx) => {
      await tx`create schema another`;
      await tx`
        create function another.pg_postmaster_start_time() returns timestamptz language sql
        as $$ select '2031-01-01T00:00Z'::timestamptz $$
      `;
      await tx`set local search_path = another, pg_catalog, public`;
      const ofAnother = await read(tx, { memory });
      expect(ofAnother).toEqual(later);
      expect(ofAnother.some((row, n) => row === later[n])).toBe(false);
      throw new RolledBack();
    })
    .catch((error) => expect(error).toBeInstanceOf(RolledBack));
});

const write = (
  tx: Sql,
  {
    eventId,
    types,
    moment,
    amount,
  }: { eventId: string; types: string[]; moment: number; amount: number },
) => tx`
  insert into ticket_type_version (
    event_id, ticket_type_id, version_at, observed_at, fact_key, content, since
  )
  select ${eventId}, id, ${day(moment)}, ${day(moment)}, 'a key', ${tx.json({ amount })}, ${day(moment)}
  from unnest(${types}::text[]) as id
  where not exists (
    select from ticket_type_version there
    where there.event_id = ${eventId} and ticket_type_id = id and version_at = ${day(moment)}
  )
`;

const remove = (
  tx: Sql,
  { eventId, types, moment }: { eventId: string; types: string[]; moment: number },
) => tx`
  delete from ticket_type_version
  where event_id = ${eventId} and ticket_type_id = any(${types}::text[]) and version_at = ${day(moment)}
`;
