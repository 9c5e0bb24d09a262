import { describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase } from "../../../test/support/database.ts";
import { eventUpdated, salesCounted, ticketType } from "../../../test/support/facts.ts";
import { applyKept, PROJECTED, projections } from "../../../test/support/given.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { systemClock } from "../../lib/clock.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultPasses } from "../consumer/passes.ts";
import { shownRefiller } from "../consumer/refill-shown.ts";
import { refill } from "../derived/refill-derived.ts";
import { replay } from "../rebuild/replay.ts";
import { openShadow } from "../rebuild/shadow.ts";
import { revisionReader } from "./rows-revision.ts";

const now = new Date("2026-04-01T10:00:30Z");
const check = async () => {};
const berlin = eventUpdated({ eventId: "berlin", ticketTypes: [ticketType({ amount: 10 })] });
const hamburg = eventUpdated({ eventId: "hamburg" });

/** Polls are in no answer but /status, and a set of ids is written with the rows that name it. */
const WITHOUT = ["named_set", "poll"];

async function refilled(sql: Pool, classes: Record<string, "race">) {
  const settings = { policy: defaultPolicy, classes };
  const { logger } = recordingLog();
  const shown = shownRefiller({ sql, shown: settings, logger, check });
  while ((await shown()) === "more");
  const derived = refill({ sql, clock: systemClock, check, tell: check, ...settings });
  while ((await derived()) === "more");
}

describe("the revision of the rows", () => {
  test("is another one after whatever wrote any, and the same one otherwise", async () => {
    const { sql } = await reusedDatabase();
    const read = revisionReader(sql);
    const seen = new Set<string | undefined>();
    const isNew = async () => {
      const revision = await read(now);
      expect(revision).toBe(await read(now));
      return seen.size < seen.add(revision).size;
    };
    expect(await isNew()).toBe(true);
    await applyKept(sql, [berlin]);
    expect(await isNew()).toBe(true);
    await applyKept(sql, [salesCounted({ eventId: "berlin" })]);
    expect(await isNew()).toBe(true);
    // The operator says otherwise what a ticket type is: no fact, and other rows.
    await refilled(sql, { men: "race" });
    await isNew();
    await refilled(sql, { men: "race" });
    expect(await isNew()).toBe(false);
    await refilled(sql, {});
    await sql`update event set name = 'by hand' where event_id = 'berlin'`;
    expect(await isNew()).toBe(true);
    await sql`truncate event_change`;
    expect(await isNew()).toBe(true);
    await expect(
      sql.begin(async (tx) => {
        await tx`update event set name = 'never'`;
        throw new Error("it is rolled back");
      }),
    ).rejects.toThrow("it is rolled back");
    expect(await isNew()).toBe(false);
  });

  test("is another one at each commit, whichever transaction began first", async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await applyKept(sql, [berlin, hamburg]);
    const read = revisionReader(sql);
    const before = await read(now);
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const written = Promise.withResolvers<void>();
    const early = sql.begin(async (tx) => {
      await tx`update event set name = 'early' where event_id = 'berlin'`;
      written.resolve();
      await first.promise;
    });
    await written.promise;
    const late = sql.begin(async (tx) => {
      await tx.savepoint((sp) => sp`update event set name = 'late' where event_id = 'hamburg'`);
      await second.promise;
    });
    expect(await read(now)).toBe(before);
    second.resolve();
    await late;
    const afterLate = await read(now);
    expect(afterLate).not.toBe(before);
    first.resolve();
    await early;
    expect([before, afterLate]).not.toContain(await read(now));
  });

  test("is the sum of a few rows, however many wrote", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, [berlin]);
    const write = (n: number) => sql`update event set name = ${`name ${n}`}`;
    for (let n = 0; n < 100; n += 1) await write(n);
    const [sum] = await sql`select sum(weight) as weight from rows_revision`;
    for (let n = 0; n < 20; n += 1) await write(n);
    const [after] = await sql<{ rows: number; weight: string }[]>`
      select count(*)::int as rows, sum(weight) as weight from rows_revision
    `;
    expect(after?.rows).toBeLessThan(100);
    expect(Number(after?.weight)).toBeGreaterThan(Number(sum?.weight));
  });

  test("is untouched by a replay until that swaps its rows in", async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const datacore = memoryDatacore();
    datacore.file(berlin, new Date(Date.now() - 3_600_000));
    await applyKept(sql, [berlin]);
    const read = revisionReader(sql);
    const before = await read(now);
    await openShadow(sql, { fromBucket: "20200101000000", now, projections });
    expect(await read(now)).toBe(before);
    const { logger } = recordingLog();
    const common = { sql, datacore, projections, settings: defaultPasses, clock: systemClock };
    const asked = { url: database.url, logger, signal: new AbortController().signal };
    await replay({ ...common, ...asked, dryRun: true, onProgress: () => {} });
    expect(await read(now)).toBe(before);
    const { swapped } = await replay({ ...common, ...asked, dryRun: false });
    expect([swapped, await read(now)]).not.toContain(before);
    // The tables that are there now tell as well.
    const after = await read(now);
    await sql`delete from event_shown`;
    expect(await read(now)).not.toBe(after);
  });

  test("is noted by every table that answers are made of", async () => {
    const { sql } = await reusedDatabase();
    const noting = await sql<{ name: string }[]>`
      select distinct relname as name from pg_trigger join pg_class on pg_class.oid = tgrelid
      where tgname = 'rows_revision' and tgenabled = 'O'
    `;
    const named = noting.map(({ name }) => name);
    expect(PROJECTED.filter((table) => !named.includes(table)).sort()).toEqual(WITHOUT);
  });

  test("is read once for all who ask meanwhile, and again for whoever asks after that began", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, [berlin]);
    const read = revisionReader(sql);
    const before = await read(now);
    const [first, ...others] = Array.from({ length: 20 }, () => read(now));
    await first;
    await sql`update event set name = 'new'`;
    expect(await first).toBe(before);
    await Promise.all(others);
    expect(await read(now)).not.toBe(before);
  });
});

describe("when statuses turn", () => {
  /** A pool that counts how often that is looked for, and whose looks fail while they are told to. */
  function lookedAt(sql: Pool) {
    const looks = { count: 0, fail: false };
    const counted: Pool = new Proxy(sql, {
      apply(target, of, given: [TemplateStringsArray, ...unknown[]]) {
        if (!given[0].join("").includes("unnest(turns_at)"))
          return Reflect.apply(target, of, given);
        looks.count += 1;
        return looks.fail ? Promise.reject(new Error("gone")) : Reflect.apply(target, of, given);
      },
    });
    return { looks, read: revisionReader(counted) };
  }

  test("is looked for once for each revision, however many ask for it at once", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, [berlin]);
    const { looks, read } = lookedAt(sql);
    const ask = () => Promise.all(Array.from({ length: 20 }, () => read(now)));
    // Who asks while the token is looked up shares the next one: of both the turns are the same.
    const askTwice = async () => new Set([...(await ask()), ...(await ask())]).size;
    const asking = ask();
    await read(now);
    await asking;
    expect([await askTwice(), looks.count]).toEqual([1, 1]);
    await applyKept(sql, [hamburg]);
    expect([await askTwice(), looks.count]).toEqual([1, 2]);
  });

  test("is looked for again by whoever asks after a look that failed", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, [berlin]);
    const { looks, read } = lookedAt(sql);
    looks.fail = true;
    const failed = await Promise.allSettled([read(now), read(now)]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    looks.fail = false;
    expect(await read(now)).toBeString();
  });
});

describe("what turns with time alone", () => {
  const at = (time: string) => new Date(`2026-04-01T${time}Z`);

  test("is told at the instant at which a status turns, and not before the next one", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, [
      eventUpdated({ eventId: "even", sellStart: "2026-04-01T10:02:00.000Z" }),
      eventUpdated({ eventId: "odd", sellStart: "2026-04-01T10:01:20.500Z" }),
    ]);
    const read = revisionReader(sql);
    const times = [
      "09:00:00",
      "10:01:20.499",
      "10:01:20.500",
      "10:01:59.999",
      "10:02:00",
      "18:00:00",
    ];
    const told = [];
    for (const time of times) told.push(await read(at(time)));
    expect(told[1]).toBe(told[0]);
    expect(told[3]).toBe(told[2]);
    expect(told[5]).toBe(told[4]);
    expect(new Set(told).size).toBe(3);
  });

  test("cannot be told of events whose rows are yet to be made", async () => {
    const { sql } = await reusedDatabase();
    await applyKept(sql, [berlin, hamburg]);
    await sql`delete from event_shown where event_id = 'berlin'`;
    const read = revisionReader(sql);
    expect(await read(now)).toBeUndefined();
    await sql`insert into event_shown (event_id) values ('berlin')`;
    expect(await read(now)).toBeUndefined();
    await refilled(sql, {});
    expect(await read(now)).toBeString();
  });
});
