import { describe, expect, test } from "bun:test";
import { asRead, eventUpdated, ticketType, typeCount } from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyPages, emptyRows, readAllRows } from "../../../test/support/given.ts";
import { readCounts, readFacts } from "../../../test/support/intake.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { Pool } from "../../database/connect.ts";
import { countTickets } from "../../rules/count.ts";
import { countFacts } from "../events/fact-parts.ts";
import { recordCount, typeCountsOf } from "./record-count.ts";

const count = (countedAt: string, newSales: Record<string, number>) => ({
  eventId: "68f000000000000000000001",
  countedAt,
  complete: true,
  ticketsRead: 1,
  expectedTotal: 1,
  currencies: [],
  ticketTypes: [typeCount({ sold: 1, newSales })],
});

test("a count that says everything anew says 0 for an hour that fell to nothing", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const record = (said: ReturnType<typeof count>, force: boolean) =>
    sql.begin((tx) => recordCount(tx, "DACH", said, { force, source: "backfill" }));
  await record(
    count("2026-03-01T10:00:00.000Z", { "2026-02-12T11": 2, "2026-02-12T12": 1 }),
    false,
  );
  await record(count("2026-03-02T10:00:00.000Z", { "2026-02-12T12": 1 }), true);
  const facts = await sql<{ payload: { ticketTypes: { newSales: object }[] } }[]>`
    select payload from outbox order by outbox_id
  `;
  expect(facts.map(({ payload }) => payload.ticketTypes[0]?.newSales)).toEqual([
    { "2026-02-12T11": 2, "2026-02-12T12": 1 },
    { "2026-02-12T11": 0, "2026-02-12T12": 1 },
  ]);
});

type Sold = Record<string, number>;

const EVENT = "68f000000000000000000001";
const HOUR = "2026-02-12T11";
const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();

/** So many were sold of each ticket type, all of them in one hour. */
const countOf = (minute: number, sold: Sold) => ({
  ...count(at(minute), {}),
  ticketTypes: Object.entries(sold).map(([ticketTypeId, tickets]) =>
    typeCount({ ticketTypeId, sold: tickets, newSales: tickets > 0 ? { [HOUR]: tickets } : {} }),
  ),
});

const record = (sql: Pool, minute: number, sold: Sold, options: { isFull?: boolean } = {}) =>
  sql.begin((tx) => recordCount(tx, "DACH", countOf(minute, sold), options));

async function told(sql: Pool) {
  return (await readFacts(sql)).map(({ eventType, payload }) => [
    eventType,
    "ticketTypes" in payload &&
      payload.ticketTypes.map((type) =>
        "sold" in type ? [type.ticketTypeId, type.sold, type.newSales] : [],
      ),
  ]);
}

describe("a count is recorded", () => {
  test("with all ticket types at first, then with those that changed, and by a full count with all again", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1, women: 5 });
    await record(sql, 2, { men: 2, women: 5 });
    await record(sql, 3, { men: 2, women: 5 });
    await record(sql, 4, { men: 2, women: 5 }, { isFull: true });
    await record(sql, 5, { men: 2, women: 5 }, { isFull: true });
    expect(await told(sql)).toEqual([
      [
        "sales.counted.0",
        [
          ["men", 1, { [HOUR]: 1 }],
          ["women", 5, { [HOUR]: 5 }],
        ],
      ],
      ["sales.changed.0", [["men", 2, { [HOUR]: 2 }]]],
      // The hours that were said since all were: one that the log lost is said again.
      [
        "sales.counted.0",
        [
          ["men", 2, { [HOUR]: 2 }],
          ["women", 5, {}],
        ],
      ],
    ]);
  });

  test("by another account, which the event moved to, with what fell to nothing since and as the later one", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const by = (account: string, minute: number, sold: Sold, isFull = false) =>
      sql.begin((tx) => recordCount(tx, account, countOf(minute, sold), { isFull }));
    await by("DACH", 5, { men: 2, women: 1, old: 3 });
    // It was begun before the other's last count was.
    await by("FRANCE", 4, { men: 2, women: 0 }, true);
    const [, moved] = await readCounts(sql);
    expect(moved).toMatchObject({ account: "FRANCE", countedAt: "2026-03-01T10:05:00.001Z" });
    expect((await told(sql))[1]).toEqual([
      "sales.counted.0",
      [
        ["men", 2, { [HOUR]: 2 }],
        ["women", 0, { [HOUR]: 0 }],
        ["old", 0, { [HOUR]: 0 }],
      ],
    ]);
    await by("FRANCE", 6, { men: 3, women: 0 });
    await by("DACH", 7, { men: 2, women: 0 }, true);
    expect((await told(sql)).slice(2)).toEqual([
      ["sales.changed.0", [["men", 3, { [HOUR]: 3 }]]],
      [
        "sales.counted.0",
        [
          ["men", 2, { [HOUR]: 2 }],
          ["women", 0, {}],
        ],
      ],
    ]);
  });

  test("by two accounts that both list the event, and nothing is recorded while nothing changes", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const by = (account: string, minute: number, sold: Sold) =>
      sql.begin((tx) => recordCount(tx, account, countOf(minute, sold)));
    await by("DACH", 1, { men: 2, women: 1 });
    await by("FRANCE", 2, { men: 2, women: 1 });
    const outcomes: boolean[] = [];
    for (const minute of [3, 5, 7])
      for (const [at, account] of ["DACH", "FRANCE"].entries())
        outcomes.push(await by(account, minute + at, { men: 2, women: 1 }));
    expect(outcomes).not.toContain(true);
    await by("DACH", 9, { men: 3, women: 1 });
    expect((await told(sql)).slice(2)).toEqual([["sales.changed.0", [["men", 3, { [HOUR]: 3 }]]]]);
  });

  test("whatever its ticket types are called: an id may be a word that every object knows", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    for (const id of ["__proto__", "constructor"]) {
      await emptyTables(sql, "outbox, count_seen");
      await record(sql, 1, { men: 1, [id]: 5 });
      await record(sql, 2, { men: 1, [id]: 6 });
      await record(sql, 3, { men: 1 }, { isFull: true });
      const [, changed, full] = await readCounts(sql);
      expect(changed?.ticketTypes).toMatchObject([{ ticketTypeId: id, sold: 6 }]);
      expect(full?.ticketTypes).toMatchObject([
        { ticketTypeId: "men", sold: 1 },
        { ticketTypeId: id, sold: 0, newSales: { [HOUR]: 0 } },
      ]);
    }
  });

  test("with what a ticket type fell to when it vanished, once more by the next full count", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1, women: 5 });
    await record(sql, 2, { men: 1 });
    await record(sql, 3, { men: 1 }, { isFull: true });
    const [, changed, full] = await readCounts(sql);
    expect(changed?.ticketTypes).toMatchObject([{ ticketTypeId: "women", sold: 0 }]);
    expect(full?.ticketTypes).toMatchObject([
      { ticketTypeId: "men", sold: 1 },
      { ticketTypeId: "women", sold: 0, newSales: { [HOUR]: 0 } },
    ]);
  });

  test("of all hours where none was complete before", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const incomplete = { ...countOf(1, { men: 1 }), complete: false };
    await sql.begin((tx) => recordCount(tx, "DACH", incomplete));
    await record(sql, 2, { men: 1 });
    await sql.begin((tx) => recordCount(tx, "DACH", { ...incomplete, countedAt: at(3) }));
    await record(sql, 4, { men: 1 });
    expect(
      (await readCounts(sql)).map(({ complete, ticketTypes }) => [complete, ticketTypes.length]),
    ).toEqual([
      [false, 1],
      [true, 1],
      [false, 1],
      // Complete again, and nothing else is new.
      [true, 0],
    ]);
  });
});

test("what the log lost of what changed is right again after the next full count", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const sold = fc.record({ men: fc.nat(3), women: fc.nat(3), mixed: fc.nat(3) });
  const step = fc.record({ sold, isFull: fc.boolean(), isLost: fc.boolean() });
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      await emptyTables(sql, "outbox, count_seen");
      await emptyRows(sql);
      const types = ["men", "women", "mixed"].map((id) =>
        ticketType({ ticketTypeId: id, name: `HYROX ${id.toUpperCase()}` }),
      );
      const kept = [asRead(eventUpdated({ eventId: EVENT, ticketTypes: types }))];
      let read = 0;
      for (const [index, { sold: now, isFull, isLost }] of steps.entries()) {
        const isLast = index === steps.length - 1;
        await record(sql, index, now, { isFull: isFull || isLast });
        const facts = (await readFacts(sql)).slice(read);
        read += facts.length;
        const isChange = facts.some(({ eventType }) => eventType === "sales.changed.0");
        if (isChange && isLost) lost += 1;
        else kept.push(...facts.map((fact) => asRead(fact)));
      }
      await applyPages(sql, [kept]);
      const { ticketTypes } = await readAllRows(sql);
      const shown = Object.fromEntries(ticketTypes.map((row) => [row.ticketTypeId, row.sold]));
      expect(shown).toEqual({ ...steps.at(-1)?.sold });
      const hours = await sql<{ id: string; tickets: number }[]>`
        select ticket_type_id as id, tickets from sales_hour where tickets > 0
      `;
      const wanted = Object.entries(steps.at(-1)?.sold ?? {}).filter(([, tickets]) => tickets > 0);
      expect(Object.fromEntries(hours.map(({ id, tickets }) => [id, tickets]))).toEqual(
        Object.fromEntries(wanted),
      );
    }),
    { numRuns: runs(30) },
  );
  expect(lost).toBeGreaterThan(runs(1));
});

test("a type with very many hours and undershops still fits its facts", () => {
  const told = (underShops: number) => {
    const ticket = (at: number, origin?: string) => ({
      ...{ ticketId: `k${at}`, ticketTypeId: "68f000000000000000000101", status: "VALID", origin },
      ...{ hasTrigger: false, addOnNames: [], alike: 1_000 },
      createdAt: new Date(Date.UTC(2026, 0, 1, at)).toISOString(),
      underShopId: `68f0000000000000${String(at % underShops).padStart(8, "0")}`,
    });
    const tickets = Array.from({ length: 3_000 }, (_, at) => at).flatMap((at) => [
      ticket(at),
      ticket(at, "transfer"),
    ]);
    const facts = countFacts(
      { key: "k", account: "DACH", source: "poll", observedAt: "2026-03-01T10:00:00.000Z" },
      {
        ...count("2026-03-01T10:00:00.000Z", {}),
        ticketTypes: typeCountsOf(countTickets(tickets, [])),
      },
    );
    const bytes = facts.map(({ payload }) => Buffer.byteLength(JSON.stringify(payload)));
    expect(Math.max(...bytes)).toBeLessThanOrEqual(60_000);
    return facts.map(({ payload }) =>
      "ticketTypes" in payload &&
      payload.ticketTypes[0] &&
      "soldByUnderShop" in payload.ticketTypes[0]
        ? Object.keys(payload.ticketTypes[0].soldByUnderShop ?? {}).length
        : 0,
    );
  };
  expect(new Set(told(200))).toEqual(new Set([200]));
  expect(new Set(told(2_000))).toEqual(new Set([0]));
});
