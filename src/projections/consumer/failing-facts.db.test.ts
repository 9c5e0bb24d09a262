import { describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { eventUpdated, factIdAt } from "../../../test/support/facts.ts";
import { projections, readAllRows } from "../../../test/support/given.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { unstalled } from "../../../test/support/unstalled.ts";
import type { Fact } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { NO_CONTRACT } from "../../datacore/datacore.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import { projection } from "../tables/projection.ts";
import { consumer } from "./consumer.ts";
import { countDeadLetters, keepDeadLetters, readDeadFacts } from "./dead-letters.ts";
import { defaultPasses } from "./passes.ts";
import { deadLetterRetrier } from "./retry-dead-letters.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const EVENTS = "vivenu.event.0";
const POISON = "poison";

const named = (name: string) => eventUpdated({ eventId: name, name });

/** A projection before ours, in which what a test says happens at one fact. */
const failing = (fail: (sql: Sql) => Promise<void>) =>
  projection({
    tables: [],
    async keep(sql, facts: Fact[]) {
      for (const { payload } of facts)
        if ("eventId" in payload && payload.eventId === POISON) await fail(sql);
    },
    refresh: async () => {},
    rebuild: async () => {},
  });

/** A reader of a log in memory, whose clock the test moves. */
function stageReader(
  sql: Pool,
  fail: (sql: Sql) => Promise<void>,
  limitMs = 5_000,
  check = async () => {},
) {
  let time = new Date("2026-03-01T10:30:00Z");
  const clock: Clock = { now: () => time, pause: async () => {} };
  const datacore = memoryDatacore();
  const { logger, lines } = recordingLog();
  const all = [failing((tx) => fail(tx)), ...projections];
  const options = { datacore, sql, projections: all, clock, logger, limitMs };
  const read = consumer({
    ...{ ...options, flowType: EVENTS, settings: defaultPasses, check: async () => {} },
  });
  const appliedLater: string[] = [];
  const onApplied = (flowType: string) => void appliedLater.push(flowType);
  const { retry, retryDue } = deadLetterRetrier({ ...options, check, onApplied });
  return {
    datacore,
    lines,
    appliedLater,
    read,
    retry,
    retryDue,
    file: (...names: string[]) =>
      names.map((name) => datacore.file(named(name), new Date(time.getTime() - SECOND_MS))),
    async after(ms: number) {
      time = new Date(time.getTime() + ms);
      await retryDue();
    },
    names: async () => (await readAllRows(sql)).events.map(({ eventId }) => eventId).sort(),
  };
}

const throws = async () => {
  throw new TypeError("undefined is not an object (evaluating 'a name that is content')");
};
const hangs = () => new Promise<never>(() => {});
const waitsInPostgres = async (sql: Sql) => void (await sql`select pg_sleep(60)`);
const breaksARule = async (sql: Sql) => void (await sql`do $$ begin raise exception 'P'; end $$`);

const faults: [string, (sql: Sql) => Promise<void>, string | RegExp][] = [
  ["throws what nobody foresaw", throws, "TypeError"],
  ["hangs", hangs, "it took longer than 3000 ms"],
  [
    "waits in PostgreSQL",
    waitsInPostgres,
    "PostgreSQL: 57014 (a statement did not end in its time)",
  ],
  ["makes PostgreSQL raise what nobody foresaw", breaksARule, "PostgreSQL: P0001"],
];

describe.each(faults)("a fact at which a projection %s", (_, fail, reason) => {
  test(
    "is set aside with the class of what happened, and the others are applied",
    unstalled(async () => {
      await using database = await reusedDatabase();
      const { sql } = database;
      const stage = stageReader(sql, fail, 1_000);
      const factId = stage.file("a", "b", POISON, "c", "d")[2];
      await stage.read();
      expect(await stage.names()).toEqual(["a", "b", "c", "d"]);
      expect(await readDeadFacts(sql)).toMatchObject([
        { factId, account: "DACH", type: "event.updated.0", reason, failures: 1, state: "failing" },
      ]);
      expect(stage.lines.join()).not.toContain("is content");
    }),
  );

  test(
    "is tried four times more by itself, and then waits for a person",
    unstalled(async () => {
      await using database = await reusedDatabase();
      const { sql } = database;
      let tries = 0;
      const stage = stageReader(
        sql,
        (tx) => {
          tries += 1;
          return fail(tx);
        },
        300,
      );
      stage.file(POISON);
      await stage.read();
      await stage.after(SECOND_MS);
      await stage.read();
      tries = 1;
      for (let passed = 0; passed < 20 * MINUTE_MS; passed += 5 * SECOND_MS)
        await stage.after(5 * SECOND_MS);
      expect(tries).toBe(5);
      expect(await readDeadFacts(sql)).toMatchObject([{ failures: 5, state: "dead" }]);
    }),
  );
});

test(
  "a fact that takes longer than its time, and waits for nobody, is applied in three times that time",
  unstalled(async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(
      sql,
      async (tx) => {
        for (let n = 0; n < 3; n += 1) await tx`select pg_sleep(0.5)`;
      },
      1_000,
    );
    stage.file("a", POISON, "b");
    await stage.read();
    expect(await stage.names()).toEqual(["a", "b", POISON]);
    expect(await countDeadLetters(sql)).toBe(0);
  }),
);

test(
  "a fact that hangs outside of PostgreSQL is set aside before PostgreSQL ends its transaction",
  unstalled(async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql, hangs, 5_500);
    stage.file(POISON);
    await stage.read();
    expect(await readDeadFacts(sql)).toMatchObject([{ state: "failing", failures: 1 }]);
    stage.file("a");
    await stage.read();
    expect(await stage.names()).toEqual(["a"]);
  }),
);

test(
  "a fact that waits for somebody's lock gets no more time than others have",
  unstalled(async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    let tries = 0;
    const stage = stageReader(
      sql,
      async (tx) => {
        tries += 1;
        await tx`select pg_advisory_xact_lock(4711)`;
      },
      1_000,
    );
    stage.file("a", POISON, "b");
    await sql.begin(async (other) => {
      await other`select pg_advisory_xact_lock(4711)`;
      await stage.read();
    });
    expect(tries).toBe(2);
    expect(await stage.names()).toEqual(["a", "b"]);
    expect(await readDeadFacts(sql)).toMatchObject([
      { reason: "PostgreSQL: 55P03 (a lock was not had in time)" },
    ]);
  }),
);

test("of facts that are due, none is applied once their flow type is held or the lease is another's", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  let isBroken = true;
  let checks = 0;
  const stage = stageReader(
    sql,
    async () => {
      if (isBroken) throw new TypeError("broken");
    },
    5_000,
    async () => {
      checks += 1;
      if (checks > 1) throw new Failure("unavailable", "it is held");
    },
  );
  const due = ["first", "second"].map((name) =>
    eventUpdated({ ...named(POISON).payload, name, idempotencyKey: name }),
  );
  for (const fact of due) stage.datacore.file(fact, new Date("2026-03-01T10:29:00Z"));
  await stage.read();
  expect(await readDeadFacts(sql)).toHaveLength(2);
  isBroken = false;
  await expect(stage.after(10 * SECOND_MS)).rejects.toThrow("it is held");
  expect(await readDeadFacts(sql)).toMatchObject([{ failures: 1, state: "failing" }]);
  expect(await stage.names()).toEqual([POISON]);
});

test("a fact that can be applied at a later try is applied, and is set aside no more", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  let isBroken = true;
  const stage = stageReader(sql, async () => {
    if (isBroken) await throws();
  });
  stage.file("a", POISON);
  await stage.read();
  await stage.after(5 * SECOND_MS);
  expect(await stage.names()).toEqual(["a"]);
  expect(stage.appliedLater).toEqual([]);
  isBroken = false;
  await stage.after(30 * SECOND_MS);
  expect(await stage.names()).toEqual(["a", POISON]);
  expect(stage.appliedLater).toEqual([EVENTS]);
  expect(await countDeadLetters(sql)).toBe(0);
});

test("facts of a type that an older program did not know are applied by the first that does", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const stage = stageReader(sql, async () => {});
  const at = new Date("2026-03-01T10:29:59Z");
  const [factId = ""] = stage.file("a");
  const where = { flowType: EVENTS, timeBucket: "20260301100000", nextAttemptAt: null };
  const unknown = { ...where, eventType: "event.updated.0", reason: NO_CONTRACT };
  const broken = { ...where, eventType: "event.updated.0", reason: "name: expected string" };
  const newer = { ...where, eventType: "event.updated.9", reason: NO_CONTRACT };
  const letters = [
    { ...unknown, factId },
    { ...broken, factId: factIdAt(at, 8) },
    { ...newer, factId: factIdAt(at, 9) },
  ];
  await keepDeadLetters(sql, letters, at);
  await stage.retryDue();
  expect(await stage.names()).toEqual(["a"]);
  const left = (await readDeadFacts(sql)).map(({ reason, state }) => [reason, state]);
  expect(left.sort()).toEqual([
    ["name: expected string", "dead"],
    [NO_CONTRACT, "dead"],
  ]);
});

test(
  "of hundreds the one that hangs is found by few of its limits",
  unstalled(async () => {
    await using database = await reusedDatabase();
    let hung = 0;
    const stage = stageReader(
      database.sql,
      () => {
        hung += 1;
        return hangs();
      },
      1_000,
    );
    stage.file(...Array.from({ length: 299 }, (_, n) => `n${n}`), POISON);
    await stage.read();
    expect(await stage.names()).toHaveLength(299);
    // The whole, two parts, itself, and itself with patience.
    expect(hung).toBeLessThanOrEqual(5);
  }),
);

test(
  "while PostgreSQL takes nothing in its time, no fact is set aside, and the pass fails",
  unstalled(async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql, async () => {}, 300);
    stage.file("a", "b");
    const [locked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const locking = sql.begin(async (tx) => {
      await tx`lock table applied_fact in share mode`;
      locked.resolve();
      await over.promise;
    });
    await locked.promise;
    await expect(stage.read()).rejects.toThrow();
    over.resolve();
    await locking;
    expect(await countDeadLetters(sql)).toBe(0);
    await stage.read();
    expect(await stage.names()).toEqual(["a", "b"]);
  }),
);

test(
  "what waits behind somebody's lock is applied when it is gone, some of it at a later try",
  unstalled(async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql, async () => {}, 200);
    const names = Array.from({ length: 30 }, (_, n) => `n${n}`).sort();
    stage.file(...names);
    const [locked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const locking = sql.begin(async (tx) => {
      await tx`lock table event in access exclusive mode`;
      locked.resolve();
      await over.promise;
    });
    await locked.promise;
    await expect(stage.read()).rejects.toThrow();
    expect(await countDeadLetters(sql)).toBeLessThanOrEqual(4);
    over.resolve();
    await locking;
    await stage.read();
    // On a busy machine a try may take longer than the limit as well.
    for (const seconds of [5, 30, 120]) await stage.after(seconds * SECOND_MS);
    expect(await stage.names()).toEqual(names);
    expect(await countDeadLetters(sql)).toBe(0);
  }),
);

test("an outage in the middle of a page is no fact's fault", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const stage = stageReader(sql, async () => {
    throw new Failure("unavailable", "the lease consumer is held by another process");
  });
  stage.file("a", POISON);
  await expect(stage.read()).rejects.toThrow("lease");
  expect(await stage.names()).toEqual([]);
  expect(await countDeadLetters(sql)).toBe(0);
});

test("when PostgreSQL goes away while a page is split, nothing is dead-lettered", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  let tries = 0;
  const stage = stageReader(sql, async (tx) => {
    tries += 1;
    if (tries === 1) await throws();
    if (tries === 2) await tx`select pg_terminate_backend(pg_backend_pid())`;
  });
  stage.file("a", "b", POISON, "c", "d");
  await expect(stage.read()).rejects.toThrow();
  expect(tries).toBe(2);
  expect(await countDeadLetters(sql)).toBe(0);
  await stage.read();
  expect(await stage.names()).toEqual(["a", "b", "c", "d", POISON]);
  expect(await countDeadLetters(sql)).toBe(0);
});
