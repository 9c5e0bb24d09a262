import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { eventUpdated, ticketType, underShop } from "../../../test/support/facts.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { until } from "../../../test/support/stage.ts";
import { type Fact, flowTypes, type NewFact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { rowsVersion } from "../../database/migrations.ts";
import { timeBucketOf } from "../../datacore/time-bucket.ts";
import { systemClock } from "../../lib/clock.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { consumer } from "../consumer/consumer.ts";
import { countDeadLetters, dropFacts, readDeadFacts } from "../consumer/dead-letters.ts";
import { defaultPasses } from "../consumer/passes.ts";
import { projectionsFor } from "../derived/projections.ts";
import { projection } from "../tables/projection.ts";
import { isSame } from "./compare.ts";
import { type ReplayOptions, replay } from "./replay.ts";
import { checkShadow, dropReplaced, openShadow } from "./shadow.ts";

const projections = projectionsFor({ policy: defaultPolicy });
const HOUR_MS = 3_600_000;
const { logger } = recordingLog();
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
const named = (name: string, eventId = name) => eventUpdated({ eventId, name });

/** The live reader and a replay on one database and one log. */
function stage({ sql, url }: TestDatabase, all = projections, limitMs?: number) {
  const datacore = memoryDatacore();
  const common = {
    datacore,
    sql,
    projections: all,
    settings: defaultPasses,
    clock: systemClock,
    logger,
  };
  return {
    datacore,
    async live(check: (tx: Sql) => Promise<void> = async () => {}) {
      for (const flowType of flowTypes) {
        const step = consumer({ ...common, flowType, check, ...(limitMs && { limitMs }) });
        for (let pass = 0; pass < 3; pass += 1) await step();
      }
    },
    replay: (options: Partial<ReplayOptions> = {}) =>
      replay({
        ...{ ...common, url, signal: new AbortController().signal, dryRun: false, concurrency: 3 },
        ...options,
      }),
    async names() {
      const rows = await sql<{ name: string }[]>`select name from event order by name`;
      return rows.map(({ name }) => name);
    },
  };
}

test.each<[string, NewFact]>([
  [
    "a number too large for its column",
    eventUpdated({ eventId: "poison", ticketTypes: [ticketType({ amount: 2 ** 40 })] }),
  ],
  ["a cap too large for its column", eventUpdated({ eventId: "poison", maxAmount: 2 ** 40 })],
  ["NUL in a text", named("a\u0000b", "poison")],
  ["a time that is none", eventUpdated({ eventId: "poison", start: "0000-01-01T00:00:00Z" })],
  [
    "an undershop's cap too large for its column",
    eventUpdated({ eventId: "poison", underShops: [underShop({ maxAmount: 2 ** 40 })] }),
  ],
])(
  "a fact that PostgreSQL cannot take (%s) is dead-lettered by a replay as it is by the live reader",
  async (_, poison) => {
    await using database = await freshDatabase();
    const { datacore, live, replay, names } = stage(database);
    for (const name of ["a", "b"]) datacore.file(named(name), hoursAgo(3));
    const factId = datacore.file(poison, hoursAgo(3));
    datacore.file(named("c"), hoursAgo(3));
    // A newer version of the same event must not hide that the older one cannot be taken.
    datacore.file(
      eventUpdated({ eventId: "poison", name: "d", updatedAt: "2026-02-02T10:00:00.000Z" }),
      hoursAgo(2),
    );
    await live();
    const report = await replay();
    expect(report).toMatchObject({ swapped: true, setAside: 1, facts: 4 });
    expect(report.tables.filter((table) => !isSame(table))).toEqual([]);
    expect(await names()).toEqual(["a", "b", "c", "d"]);
    const aside = await database.sql`select fact_id, reason from set_aside`;
    expect([...aside]).toEqual([
      { factId, reason: expect.stringMatching(/^PostgreSQL: (22|54)|^start is no date/) },
    ]);
    await live();
    expect(await names()).toEqual(["a", "b", "c", "d"]);
  },
);

const failures: [string, () => Promise<void>, unknown][] = [
  ["throws what nobody foresaw", () => Promise.reject(new RangeError("a name")), "RangeError"],
  [
    "hangs",
    () => new Promise<never>(() => {}),
    expect.stringContaining("took longer than 3000 ms"),
  ],
];
test.each(failures)(
  "a fact at which a projection %s is dead-lettered by a replay as it is by the live reader",
  async (_, fail, reason) => {
    await using database = await freshDatabase();
    const failing = projection({
      tables: [],
      async keep(_sql, facts: Fact[]) {
        const isPoison = ({ payload }: Fact) => "name" in payload && payload.name === "poison";
        if (facts.some(isPoison)) await fail();
      },
      refresh: async () => {},
      rebuild: async () => {},
    });
    const { datacore, live, replay, names } = stage(database, [...projections, failing], 1_000);
    for (const name of ["a", "poison", "c"]) datacore.file(named(name), hoursAgo(3));
    await live();
    const setAside = () => database.sql`select fact_id, reason, failures from set_aside`;
    const before = [...(await setAside())];
    const report = await replay({ limitMs: 1_000 });
    expect(report).toMatchObject({ swapped: true, setAside: 1, facts: 2 });
    expect(report.tables.filter((table) => !isSame(table))).toEqual([]);
    expect(await names()).toEqual(["a", "c"]);
    expect(before).toMatchObject([{ reason, failures: 1 }]);
    expect(await setAside()).toHaveLength(1);
  },
  60_000,
);

test("an hour of which nothing can be read is dead-lettered by a replay as it is by the live reader", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay, names } = stage(database);
  datacore.file(named("a"), hoursAgo(3));
  const factId = datacore.fileUnreadable("vivenu.event.0", hoursAgo(5));
  await live();
  expect(await replay()).toMatchObject({ swapped: true, setAside: 1, facts: 1 });
  expect([...(await database.sql`select fact_id from set_aside`)]).toEqual([{ factId }]);
  expect(await names()).toEqual(["a"]);
});

test("a fact that was dropped degrades nothing after a replay that finds it again", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay } = stage(database);
  const { sql } = database;
  datacore.file(eventUpdated({ start: "0000-01-01T00:00:00Z" }), hoursAgo(3));
  await live();
  expect(await countDeadLetters(sql)).toBe(1);
  const ids = (await readDeadFacts(sql)).map(({ id }) => id);
  await dropFacts(sql, ids, new Date());
  await replay();
  expect(await countDeadLetters(sql)).toBe(0);
  expect(await readDeadFacts(sql, { all: true })).toMatchObject([{ state: "dropped" }]);
});

test("a replay catches up with a live reader that is ahead of every look", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay, names } = stage(database);
  const { sql } = database;
  await sql`insert into lease (name, token) values ('consumer', 1)`;
  datacore.file(named("first"), hoursAgo(2));
  await live();
  let added = 0;
  const report = await replay({
    datacore: {
      ...datacore,
      async readPage(request) {
        const page = await datacore.readPage(request);
        added += 1;
        datacore.file(named(`meanwhile ${String(added).padStart(3, "0")}`), new Date());
        // The live reader waits while somebody else has the row that it checks; here it comes again.
        await live(
          async (tx) => void (await tx`select from lease where name = 'consumer' for share nowait`),
        ).catch(() => {});
        return page;
      },
    },
  });
  expect(report.swapped).toBe(true);
  expect(report.tables.filter((table) => !isSame(table))).toEqual([]);
  await live();
  expect(await names()).toHaveLength(added + 1);
});

test("a partial replay has what the live reader read again meanwhile of what an older program read", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { datacore, live, replay, names } = stage(database);
  datacore.file(named("whole", "e1"), hoursAgo(5));
  await live();
  // As an older program leaves it.
  await sql`update applied_fact set read_by = null`;
  await sql`update migration set applied_at = ${hoursAgo(6)} where name = ${rowsVersion.name}`;
  await sql`update event_head_version set content = content || '{"name": "half"}'`;
  await sql`update event set name = 'half'`;
  let seen: string[] = [];
  await replay({
    from: timeBucketOf(hoursAgo(1)),
    datacore: {
      ...datacore,
      async readTimeBuckets(...asked) {
        if (seen.length === 0) {
          await live();
          seen = await names();
        }
        return datacore.readTimeBuckets(...asked);
      },
    },
  });
  expect(seen).toEqual(["whole"]);
  expect(await names()).toEqual(["whole"]);
});

test("whoever reads rows while they are swapped gets an answer, and the swap is made", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay } = stage(database);
  datacore.file(named("a"), hoursAgo(2));
  await live();
  const reader = database.connect();
  let replaying: ReturnType<typeof replay> | undefined;
  await reader.begin("isolation level repeatable read read only", async (tx) => {
    // In another order than the swap: each would wait for what the other has.
    await tx`select from event_count`;
    replaying = replay();
    replaying.catch(() => {});
    await somebodyWaits(database.sql);
    await tx`select from event_version`;
  });
  expect((await replaying)?.swapped).toBe(true);
  await reader.end();
});

test.each([
  ["a", "b"],
  ["b", "a"],
])(
  "whoever still reads %s of what was replaced, and then %s, gets an answer, and all of it is dropped",
  async (first, second) => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`create schema replay_replaced`;
    for (const name of ["a", "b"]) await sql`create table ${sql(`replay_replaced.${name}`)} ()`;
    const reader = database.connect();
    let dropping: Promise<unknown> | undefined;
    await reader.begin(async (tx) => {
      await tx`select from ${tx(`replay_replaced.${first}`)}`;
      dropping = dropReplaced(sql);
      dropping.catch(() => {});
      await somebodyWaits(sql);
      await tx`select from ${tx(`replay_replaced.${second}`)}`;
      // Whoever reads on and on is left alone.
      expect(await dropReplaced(sql, 1)).toBe(false);
    });
    await dropping;
    const [schema] = await sql`select to_regnamespace('replay_replaced') as left`;
    expect(schema?.left).toBeNull();
    await reader.end();
  },
);

test.each([null, "20260301110000"])(
  "a replay (%p) that begins while another ends begins anew, and neither fails",
  async (fromBucket) => {
    await using database = await freshDatabase();
    const { sql } = database;
    const opening = () => openShadow(sql, { fromBucket, now: new Date(), projections });
    const { state } = await openShadow(sql, { fromBucket: null, now: new Date(), projections });
    let next: ReturnType<typeof opening> | undefined;
    await database.connect().begin(async (tx) => {
      await checkShadow(tx, state);
      next = opening();
      next.catch(() => {});
      await somebodyWaits(sql);
      await tx`drop schema replay cascade`;
    });
    expect((await next)?.resumed).toBe(false);
  },
);

/** For a lock of a table or a row. */
const somebodyWaits = (sql: Sql) =>
  until(
    async () => {
      const [waiting] = await sql<{ locks: number }[]>`
        select count(*)::int as locks from pg_locks
        where not granted and (database is null or database = (
          select oid from pg_database where datname = current_database()
        ))
      `;
      return (waiting?.locks ?? 0) > 0;
    },
    { withinMs: 20_000, what: "somebody waits for a lock" },
  );

test("a replay that another one took the place of stops, and writes nothing into the live rows", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay, names } = stage(database);
  const first = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  datacore.file(named("a"), hoursAgo(3));
  await live();
  // Known to the log and not yet to the live reader.
  datacore.file(named("b"), hoursAgo(2));
  const slow = replay({
    datacore: {
      ...datacore,
      async readPage(request) {
        first.resolve();
        await over.promise;
        return datacore.readPage(request);
      },
    },
  });
  slow.catch(() => {});
  await first.promise;
  await replay({ from: timeBucketOf(hoursAgo(1)), dryRun: true });
  over.resolve();
  await expect(slow).rejects.toThrow("another replay");
  const [known] = await database.sql`select count(*)::int as facts from applied_fact`;
  expect(known?.facts).toBe(1);
  await live();
  expect(await names()).toEqual(["a", "b"]);
});

test("rows of a schema that is not the database's any more are not swapped in", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay } = stage(database);
  datacore.file(named("a"), hoursAgo(3));
  await live();
  const migrating = replay({
    datacore: {
      ...datacore,
      async readPage(request) {
        await database.sql`
          insert into migration (name) values ('9999_projections_of_a_newer_program.sql')
          on conflict do nothing
        `;
        return datacore.readPage(request);
      },
    },
  });
  await expect(migrating).rejects.toThrow("schema");
  expect([...(await database.sql`select name from event`)]).toEqual([{ name: "a" }]);
});

test("a fact of an hour that has not begun by our clock is caught up with, though no list names it", async () => {
  await using database = await freshDatabase();
  const now = new Date("2026-03-01T10:59:30.000Z");
  const clock = { ...systemClock, now: () => now };
  const { datacore, replay } = stage(database);
  datacore.file(named("ahead"), "2026-03-01T11:00:20.000Z");
  const unlisted = { ...datacore, readTimeBuckets: async () => [] };
  for (const flowType of flowTypes) {
    const common = { sql: database.sql, projections, settings: defaultPasses, clock, logger };
    const check = async () => {};
    await consumer({ ...common, datacore: unlisted, flowType, check })();
  }
  const report = await replay({ datacore: unlisted, clock });
  expect(report).toMatchObject({ swapped: true, facts: 1 });
});

test("a replay that is killed right after its swap leaves nothing that the next one would go on with", async () => {
  await using database = await freshDatabase();
  const { datacore, live, replay, names } = stage(database);
  datacore.file(named("a"), hoursAgo(3));
  await live();
  let isSwapped = false;
  const killed = new Proxy(database.sql, {
    get(target, name) {
      if (name === "begin" && isSwapped) throw new Error("killed");
      return Reflect.get(target, name);
    },
  });
  const onSwap = async () => {
    isSwapped = true;
  };
  await expect(replay({ sql: killed, onSwap })).rejects.toThrow("killed");
  datacore.file(named("b"), hoursAgo(2));
  expect(await replay()).toMatchObject({ resumed: false, swapped: true, facts: 2 });
  await live();
  expect(await names()).toEqual(["a", "b"]);
});
