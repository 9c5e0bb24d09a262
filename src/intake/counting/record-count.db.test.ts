import { describe, expect, test } from "bun:test";
import { asRead, eventUpdated, ticketType, typeCount } from "../../../test/support/facts.ts";
import { fc, fixed } from "../../../test/support/fast-check.ts";
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
    // It is no change of anything: all ticket types are in it.
    expect((await told(sql))[1]).toEqual(["sales.counted.0", [["men", 1, { [HOUR]: 1 }]]]);
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

type Given = Parameters<typeof recordCount>[2];
type Options = Parameters<typeof recordCount>[3];

/** Whether it was news. */
const give = (sql: Pool, minute: number, more: Partial<Given>, options: Options = {}) =>
  sql.begin((tx) => recordCount(tx, "DACH", { ...count(at(minute), {}), ...more }, options));

const moments = async (sql: Pool) =>
  (await readCounts(sql)).map(({ countedAt }) => countedAt.slice(14));

describe("a count is news", () => {
  const one = (more: Parameters<typeof typeCount>[0] = {}) => [
    typeCount({ sold: 6, newSales: { [HOUR]: 6 }, ...more }),
  ];
  const [next, third] = ["2026-02-12T12", "2026-02-12T13"];
  const worth = (paid: number) => ({ EUR: { tickets: 6, paid, list: 60_000 } });
  const ofTwo = { newSales: { [HOUR]: 5 }, replacements: { [HOUR]: 1 } };

  test.each<[string, Given["ticketTypes"], Given["ticketTypes"]]>([
    ["one sale is of another hour", one(), one({ newSales: { [HOUR]: 5, [next]: 1 } })],
    [
      "one replacement is of another hour",
      one(ofTwo),
      one({ ...ofTwo, replacements: { [next]: 1 } }),
    ],
    [
      "a sale and a replacement are of another hour",
      one({ newSales: { [HOUR]: 1 }, replacements: { [HOUR]: 1 } }),
      one({ newSales: { [next]: 1 }, replacements: { [next]: 1 } }),
    ],
    ["one fell to an earlier kind", one({ reserved: 1 }), one({ invalid: 1 })],
    [
      "another undershop sold it",
      one({ soldByUnderShop: { partners: 6 } }),
      one({ soldByUnderShop: { partners: 5, staff: 1 } }),
    ],
    [
      "another undershop reserved it",
      one({ reservedByUnderShop: { partners: 6 } }),
      one({ reservedByUnderShop: { staff: 6 } }),
    ],
    ["it was sold for another price", one({ value: worth(60_000) }), one({ value: worth(59_000) })],
    ["its value is told for the first time, and is none", one(), one({ value: {} })],
    ["a ticket type comes", one(), [...one(), typeCount({ ticketTypeId: "women" })]],
  ])("where %s", async (_, before, now) => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await give(sql, 1, { ticketTypes: before });
    expect(await give(sql, 2, { ticketTypes: now })).toBe(true);
    expect(await give(sql, 3, { ticketTypes: now })).toBe(false);
  });

  test.each<[string, Given["ticketTypes"], Given["ticketTypes"]]>([
    [
      "what it is made of comes in another order",
      one({
        newSales: { [HOUR]: 5, [next]: 1 },
        // PostgreSQL's jsonb has shorter keys first.
        soldByUnderShop: { partners: 4, staff: 2 },
        reservedByUnderShop: { partners: 1, staff: 1 },
        value: { GBP: { tickets: 5, paid: 1, list: 1 }, EUR: { paid: 1, list: 1, tickets: 5 } },
      }),
      one({
        newSales: { [next]: 1, [HOUR]: 5 },
        soldByUnderShop: { staff: 2, partners: 4 },
        reservedByUnderShop: { staff: 1, partners: 1 },
        value: { EUR: { list: 1, tickets: 5, paid: 1 }, GBP: { tickets: 5, paid: 1, list: 1 } },
      }),
    ],
    [
      "a ticket type goes that had none",
      [...one(), typeCount({ ticketTypeId: "women", newSales: { [HOUR]: 0 } })],
      one(),
    ],
    ["an hour is named that has none", one(), one({ newSales: { [HOUR]: 6, [third]: 0 } })],
  ])("and none where %s", async (_, before, now) => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await give(sql, 1, { ticketTypes: before });
    expect(await give(sql, 2, { ticketTypes: now })).toBe(false);
  });

  test("whatever was said before, where everything is to be said anew", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1, women: 5 });
    expect(await give(sql, 2, countOf(2, { men: 1, women: 5 }), { force: true })).toBe(true);
    const [first, anew] = await told(sql);
    expect(anew).toEqual(first);
  });

  test("that is incomplete once, and again where it read something else", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1 });
    await record(sql, 2, { men: 2 });
    const isNews = [];
    const hours = { [HOUR]: 5, [next]: 1 };
    const other = { [next]: 1, [HOUR]: 5 };
    for (const [at, ticketTypes] of [one({ newSales: hours }), one({ newSales: other })].entries())
      for (const minute of [3, 4])
        isNews.push(
          await give(sql, 10 * at + minute, { ticketTypes, complete: false }, { isFull: true }),
        );
    const more = { ticketTypes: one({ newSales: hours }), ticketsRead: 2, complete: false };
    isNews.push(await give(sql, 20, more, { isFull: true }), await give(sql, 21, more));
    expect(isNews).toEqual([true, false, false, false, true, false]);
  });

  test("that is incomplete, and leaves nothing to say for the full one after it", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1 });
    expect(await give(sql, 2, { ...countOf(2, { men: 7 }), complete: false })).toBe(true);
    expect(await record(sql, 3, { men: 1 })).toBe(true);
    expect(await record(sql, 4, { men: 1 }, { isFull: true })).toBe(false);
  });

  test("that is full, where an incomplete one came between it and what was said since the last full one", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1 });
    await record(sql, 2, { men: 2 });
    await give(sql, 3, { ...countOf(3, { men: 7 }), complete: false });
    await record(sql, 4, { men: 2 });
    expect(await record(sql, 5, { men: 2 }, { isFull: true })).toBe(true);
    expect((await told(sql)).at(-1)).toEqual(["sales.counted.0", [["men", 2, { [HOUR]: 2 }]]]);
  });

  test("that is full, where all that was sold fell to nothing since the last full one", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1 });
    await record(sql, 2, {});
    expect(await record(sql, 3, {})).toBe(false);
    expect(await record(sql, 4, {}, { isFull: true })).toBe(true);
    expect((await told(sql)).at(-1)).toEqual(["sales.counted.0", [["men", 0, { [HOUR]: 0 }]]]);
  });

  test("of its own moment, and of one just after where the last count bears that or a later one", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    await record(sql, 1, { men: 1 });
    await record(sql, 3, { men: 2 });
    await record(sql, 3, { men: 3 });
    expect(await record(sql, 7, { men: 3 })).toBe(false);
    // It was begun before one that found nothing new.
    await record(sql, 5, { men: 4 });
    expect(await moments(sql)).toEqual(["01:00.000Z", "03:00.000Z", "03:00.001Z", "07:00.001Z"]);
  });
});

test("what another account counts of an event at first names all its ticket types", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await record(sql, 1, { men: 2, women: 1 });
  await sql.begin((tx) => recordCount(tx, "FRANCE", countOf(2, { men: 2, women: 1 })));
  const [first, moved] = await told(sql);
  expect(moved).toEqual(first);
});

test("two counts of one event at the same time are recorded one after the other", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const [written, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = sql.begin(async (tx) => {
    await recordCount(tx, "DACH", countOf(1, { men: 1, women: 5 }));
    written.resolve();
    await go.promise;
  });
  await written.promise;
  const second = record(sql, 2, { men: 2, women: 5 });
  const isWaiting = async () => {
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
    `;
    return waiting.length > 0;
  };
  while (!(await isWaiting()));
  go.resolve();
  await Promise.all([first, second]);
  expect((await told(sql))[1]).toEqual(["sales.changed.0", [["men", 2, { [HOUR]: 2 }]]]);
});

test("who sold and who reserved what is told by undershop, where they fit into 8,000 bytes", () => {
  const toldOf = (underShopId: string, status: string) => {
    const ticket = { ticketTypeId: "men", hasTrigger: false, addOnNames: [], underShopId, status };
    const tickets = [{ ...ticket, ticketId: "k1", createdAt: "2026-02-12T11:00:00.000Z" }];
    const [type] = typeCountsOf(countTickets(tickets, []));
    return { sold: type?.soldByUnderShop, reserved: type?.reservedByUnderShop };
  };
  expect(toldOf("partners", "VALID")).toMatchObject({ sold: { partners: 1 } });
  expect(toldOf("partners", "RESERVED")).toMatchObject({ reserved: { partners: 1 } });
  const around = '{"soldByUnderShop":{"":1}}'.length;
  expect(toldOf("x".repeat(8_000 - around), "VALID").sold).toBeDefined();
  expect(toldOf("x".repeat(8_001 - around), "VALID").sold).toBeUndefined();
});

test("what the log lost of what changed is right again after the next full count", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const sold = fc.record({ men: fc.nat(3), women: fc.nat(3), mixed: fc.nat(3) });
  const step = fc.record({ sold, isFull: fc.boolean(), isLost: fc.boolean() });
  const history = fc.array(step, { minLength: 2, maxLength: 8 });
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
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
    { numRuns: 1 + runs(30), examples: [[fixed(history, 4)]] },
  );
  expect(lost).toBeGreaterThan(1);
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
