import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyKept, PROJECTED, projections, readAllRows } from "../../../test/support/given.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { type Fact, flowTypes } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { rowsSince, rowsVersion } from "../../database/migrations.ts";
import type { Datacore, Page } from "../../datacore/datacore.ts";
import type { Clock } from "../../lib/clock.ts";
import { applyBegun, projection } from "../tables/projection.ts";
import { consumer } from "./consumer.ts";
import { countDeadLetters, readDeadFacts } from "./dead-letters.ts";
import { defaultPasses } from "./passes.ts";
import { deadLetterRetrier } from "./retry-dead-letters.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** When the newer program's first process migrated the database. */
const RELEASED = new Date("2026-03-01T10:00:00Z");
/** Fields that the older program's contracts do not have. */
const NEWER_FIELDS = ["childEventIds", "categoryAmounts", "reservedByUnderShop", "value"];

const after = (ms: number) => new Date(RELEASED.getTime() + ms);

/** As an older contract reads it: what it does not know is left out. */
function asOlder(fact: Fact): Fact {
  const text = JSON.stringify(fact, (key, value) =>
    NEWER_FIELDS.includes(key) ? undefined : value,
  );
  return JSON.parse(text) as Fact;
}

interface Reading {
  now: Date;
  read?: (page: Page) => Page;
  by?: typeof projections;
}

/** A process that has the lease for some passes. */
async function read(
  sql: Pool,
  datacore: Datacore,
  { now, read: readAs = (page) => page, by = projections }: Reading,
) {
  const clock: Clock = { now: () => now, pause: async () => {} };
  let facts = 0;
  for (const flowType of flowTypes) {
    const step = consumer({
      ...{ flowType, sql, projections: by, clock, logger: recordingLog().logger },
      datacore: {
        ...datacore,
        readPage: async (request) => readAs(await datacore.readPage(request)),
      },
      settings: defaultPasses,
      check: async () => {},
      onApplied: ({ applied }) => {
        facts += applied;
      },
    });
    for (let pass = 0; pass < 3; pass += 1) await step();
  }
  return facts;
}

/** An older program notes nothing of who it is. */
async function readAsOlder(sql: Pool, datacore: Datacore, reading: Reading) {
  const before = await sql<{ factId: string }[]>`select fact_id from applied_fact`;
  await read(sql, datacore, reading);
  await sql`
    update applied_fact set read_by = null
    where fact_id <> all(${before.map(({ factId }) => factId)}::uuid[])
  `;
}

const release = (sql: Pool) =>
  sql`update migration set applied_at = ${RELEASED} where name = ${rowsVersion.name}`;

const withoutNewer = (page: Page): Page => ({ ...page, facts: page.facts.map(asOlder) });

/** What the newer program's intake records of one event: its past before the release, and since. */
function newerFacts(datacore: ReturnType<typeof memoryDatacore>) {
  const shops = (n: number) => [underShop({ categoryAmounts: [{ ref: "solo", amount: 40 + n }] })];
  for (const [n, at] of [after(-HOUR_MS), after(HOUR_MS), after(2 * HOUR_MS)].entries()) {
    const said = at.toISOString();
    datacore.file(
      eventUpdated({
        updatedAt: said,
        observedAt: said,
        ticketTypes: [ticketType({ amount: 100 + n })],
        // Of the past nothing is known that was not known then.
        underShops: n === 0 ? [underShop()] : shops(n),
      }),
      at,
    );
    const reserved = n === 0 ? {} : { reserved: n, reservedByUnderShop: { partners: n } };
    datacore.file(
      salesCounted({
        countedAt: said,
        ticketTypes: [typeCount({ sold: 10 * n, ...reserved, newSales: { "2026-03-01T10": n } })],
      }),
      at,
    );
  }
}

async function rowsIn(sql: Pool) {
  const tables = await Promise.all(
    PROJECTED.map(async (table) => {
      const rows = await sql<{ row: string }[]>`
        select (to_jsonb(one) - 'change_id')::text as row from ${sql(table)} as one order by 1
      `;
      return [table, rows.map(({ row }) => row)] as const;
    }),
  );
  return Object.fromEntries(tables);
}

test("what an older program read of a newer one's facts is read again by the newer, a way back of days ago too", async () => {
  const datacore = memoryDatacore();
  newerFacts(datacore);
  await using wanted = await freshDatabase();
  await read(wanted.sql, datacore, { now: after(9 * DAY_MS) });
  await using database = await freshDatabase();
  const { sql } = database;
  await release(sql);
  await readAsOlder(sql, datacore, { now: after(3 * HOUR_MS), read: withoutNewer });
  expect(await rowsIn(sql)).not.toEqual(await rowsIn(wanted.sql));

  // Longer ago than any pass looks back: two descriptions and two counts.
  expect(await read(sql, datacore, { now: after(9 * DAY_MS) })).toBe(4);
  expect(await rowsIn(sql)).toEqual(await rowsIn(wanted.sql));
  expect(await read(sql, datacore, { now: after(9 * DAY_MS) })).toBe(0);
});

test("what an older program could not read at all is applied by the newer", async () => {
  const datacore = memoryDatacore();
  newerFacts(datacore);
  await using database = await freshDatabase();
  const { sql } = database;
  await release(sql);
  const refused = (page: Page): Page => ({
    facts: [],
    unreadable: page.facts.map(({ factId, eventType }) => ({
      factId,
      eventType,
      reason: "source",
    })),
  });
  await readAsOlder(sql, datacore, { now: after(3 * HOUR_MS), read: refused });
  expect(await countDeadLetters(sql)).toBe(6);
  await read(sql, datacore, { now: after(4 * HOUR_MS) });
  // Those of before the release this program has nothing to say of.
  expect(await countDeadLetters(sql)).toBe(2);
  const { ticketTypes } = await readAllRows(sql);
  expect(ticketTypes).toMatchObject([{ sold: 20, capacity: 102 }]);
});

test("what a newer program read stays as it is while an older one reads again", async () => {
  const datacore = memoryDatacore();
  newerFacts(datacore);
  await using database = await freshDatabase();
  const { sql } = database;
  await release(sql);
  await read(sql, datacore, { now: after(3 * HOUR_MS) });
  await sql`update applied_fact set read_by = ${rowsVersion.number + 1}`;
  const before = await rowsIn(sql);
  expect(await read(sql, datacore, { now: after(4 * HOUR_MS), read: withoutNewer })).toBe(0);
  expect(await rowsIn(sql)).toEqual(before);
});

test("what was stored while a release ran that was taken back is read again by the release after it", async () => {
  const datacore = memoryDatacore();
  newerFacts(datacore);
  await using wanted = await freshDatabase();
  await read(wanted.sql, datacore, { now: after(9 * DAY_MS) });
  await using database = await freshDatabase();
  const { sql } = database;
  const [first = "", ...later] = rowsSince(149);
  await sql`update migration set applied_at = ${RELEASED} where name = ${first}`;
  await sql`
    update migration set applied_at = ${after(8 * DAY_MS)} where name = any(${later}::text[])
  `;
  await readAsOlder(sql, datacore, { now: after(3 * HOUR_MS), read: withoutNewer });

  expect(await read(sql, datacore, { now: after(9 * DAY_MS) })).toBe(4);
  expect(await rowsIn(sql)).toEqual(await rowsIn(wanted.sql));
  // Who knew the first of these knew all that there was.
  await sql`update applied_fact set read_by = ${Number.parseInt(first, 10)}`;
  expect(await read(sql, datacore, { now: after(9 * DAY_MS) })).toBe(0);
});

test("what the newer program fails with when it reads it again is told anew when it is retried", async () => {
  const datacore = memoryDatacore();
  newerFacts(datacore);
  await using wanted = await freshDatabase();
  await read(wanted.sql, datacore, { now: after(4 * HOUR_MS) });
  await using database = await freshDatabase();
  const { sql } = database;
  await release(sql);
  await readAsOlder(sql, datacore, { now: after(3 * HOUR_MS), read: withoutNewer });
  const failing = projection({
    tables: [],
    keep: async (_sql, facts) => {
      if (facts.length > 0) throw new TypeError("of these facts");
    },
    refresh: async () => {},
    rebuild: async () => {},
  });
  const now = after(4 * HOUR_MS);
  await read(sql, datacore, { now, by: [failing, ...projections] });
  const dead = await readDeadFacts(sql);
  expect(dead).toHaveLength(4);

  const { retry } = deadLetterRetrier({
    ...{ sql, datacore, projections, logger: recordingLog().logger },
    clock: { now: () => now, pause: async () => {} },
  });
  expect((await retry(dead)).map(({ outcome }) => outcome)).toEqual(dead.map(() => "applied"));
  expect(await rowsIn(sql)).toEqual(await rowsIn(wanted.sql));
});

test("what is read again is looked for among its event's hours, and not among all", async () => {
  const { sql } = await reusedDatabase();
  const counted = salesCounted({ ticketTypes: [typeCount({ newSales: { "2026-03-01T10": 3 } })] });
  await applyKept(sql, [eventUpdated(), counted]);
  const throughAll = await sql.begin(async (tx) => {
    await tx`set local enable_seqscan = off`;
    // A plan that this connection kept from before was made with them.
    await tx`set local plan_cache_mode = force_custom_plan`;
    const before = await readScans(tx);
    for (const one of projections)
      await applyBegun(one.begin(tx, [asRead(counted)], { again: true }));
    return (await readScans(tx)) - before;
  });
  expect(throughAll).toBe(0);
});

/** Of this connection: those of transactions before this one are among them until it was idle for a second. */
async function readScans(sql: Sql) {
  const [found] = await sql<{ scans: number }[]>`
    select seq_scan::int as scans from pg_stat_xact_user_tables where relname = 'sales_hour'
  `;
  return found?.scans ?? 0;
}
