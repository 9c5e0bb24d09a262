import { describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { readAllRows } from "../../../test/support/given.ts";
import { type Misbehaviour, memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { flowTypes, type NewFact } from "../../contracts/index.ts";
import { timeBucketOf } from "../../datacore/time-bucket.ts";
import { systemClock } from "../../lib/clock.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { consumer } from "../consumer/consumer.ts";
import { defaultPasses } from "../consumer/passes.ts";
import { projectionsFor } from "../derived/projections.ts";
import { readNewestChanges } from "../queries/change-list.ts";
import { salesByDayReader } from "../queries/sales-by-day.ts";
import { isSame } from "./compare.ts";
import { type ReplayOptions, replay } from "./replay.ts";

const projections = projectionsFor({ policy: defaultPolicy });
const HOUR_MS = 3_600_000;
const { logger } = recordingLog();

function stage({ sql, url }: TestDatabase) {
  const misbehaviour: Misbehaviour = {};
  const datacore = memoryDatacore(misbehaviour);
  const common = {
    datacore,
    sql,
    projections,
    settings: defaultPasses,
    clock: systemClock,
    logger,
  };
  return {
    ...{ datacore, misbehaviour },
    /** Reads everything as the live reader does. */
    async live() {
      for (const flowType of flowTypes) {
        const step = consumer({ ...common, flowType, check: async () => {} });
        for (let pass = 0; pass < 3; pass += 1) await step();
      }
    },
    replay: (options: Partial<ReplayOptions> = {}) =>
      replay({
        ...common,
        url,
        signal: new AbortController().signal,
        dryRun: false,
        ...options,
      }),
  };
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

/** Ten events over twenty hours, counted, changed and counted again. */
function history(): { fact: NewFact; at: Date }[] {
  return Array.from({ length: 10 }, (_, n) => {
    const eventId = `68f00000000000000000010${n}`;
    const of = (hours: number) => ({
      at: hoursAgo(hours),
      observedAt: hoursAgo(hours).toISOString(),
    });
    const [made, counted, changed] = [of(21 - n), of(20 - n), of(12 - n)];
    return [
      {
        at: made.at,
        fact: eventUpdated({ eventId, name: `HYROX ${n}`, observedAt: made.observedAt }),
      },
      {
        at: counted.at,
        fact: salesCounted({
          eventId,
          countedAt: counted.observedAt,
          ticketTypes: [typeCount({ sold: 10 + n })],
        }),
      },
      {
        at: changed.at,
        fact: eventUpdated({
          eventId,
          name: `HYROX ${n} renamed`,
          updatedAt: changed.observedAt,
          observedAt: changed.observedAt,
          ticketTypes: [ticketType({ amount: 200 })],
        }),
      },
    ];
  }).flat();
}

async function filled(database: TestDatabase) {
  const all = stage(database);
  for (const { fact, at } of history()) all.datacore.file(fact, at);
  await all.live();
  return all;
}

const spoil = ({ sql }: TestDatabase) =>
  sql`update event set name = 'spoiled' where name like '%3%'`;
const names = async ({ sql }: TestDatabase) =>
  (await readAllRows(sql)).events.map(({ eventName }) => eventName).sort();

describe("a replay", () => {
  test("gives the rows that live gave, and says so table by table", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    const before = await readAllRows(database.sql);
    const report = await replay();
    expect(report.swapped).toBe(true);
    expect(report.facts).toBe(30);
    expect(report.tables.filter((table) => !isSame(table))).toEqual([]);
    expect(report.tables.find(({ table }) => table === "event")?.replayedRows).toBe(10);
    expect(await readAllRows(database.sql)).toEqual(before);
  });

  test("asks for smaller pages where large ones do not come in time, and once for all hours", async () => {
    await using database = await freshDatabase();
    const { datacore, misbehaviour, live, replay } = stage(database);
    for (const { fact, at } of history()) datacore.file(fact, at);
    for (let n = 0; n < 120; n += 1)
      datacore.file(
        eventUpdated({ eventId: `68f0000000000000000009${n}`, name: `HYROX dense ${n}` }),
        hoursAgo(n % 2 === 0 ? 30 : 29),
      );
    await live();
    misbehaviour.slowAbove = 15;
    const readBefore = datacore.requests.length;
    const report = await replay({ dryRun: true });
    expect(report.facts).toBe(150);
    expect(report.tables.every(isSame)).toBe(true);
    const tooLarge = datacore.requests.slice(readBefore).filter(({ pageSize }) => pageSize > 15);
    // Some forty hours of two flow types: in each of them it would have been too large twice.
    expect(tooLarge.length).toBeLessThan(20);
  });

  test("puts spoiled rows right and names them", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    const before = await names(database);
    await spoil(database);
    const report = await replay();
    const [event] = report.tables.filter((table) => !isSame(table));
    expect(event).toMatchObject({ table: "event", differing: ["spoiled"] });
    expect(await names(database)).toEqual(before);
  });

  test("is seen by whoever remembers what it read of the rows before", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    const readSalesByDay = salesByDayReader(database.sql);
    const read = async () => [
      await readNewestChanges(database.sql, { limit: 100 }),
      await readSalesByDay({
        rows: await readAllRows(database.sql),
        countedClasses: defaultPolicy.countedClasses,
        ...{ days: 10, now: new Date("2026-03-05T12:00:00Z") },
      }),
    ];
    // As the wrong program made them, in as many versions and counts as there are.
    await database.sql`update ticket_type_count set sold = 1000`;
    await database.sql`update sales_hour set tickets = tickets + 1`;
    await database.sql`
      update ticket_type_version set content = jsonb_set(content, '{amount}', '7')
    `;
    await database.sql`update event_change set new_value = '7'`;
    const wrong = await read();
    await replay();
    const anew = [
      await readNewestChanges(database.sql, { limit: 100 }),
      await salesByDayReader(database.sql)({
        rows: await readAllRows(database.sql),
        countedClasses: defaultPolicy.countedClasses,
        ...{ days: 10, now: new Date("2026-03-05T12:00:00Z") },
      }),
    ];
    expect(await read()).toEqual(anew);
    expect(anew).not.toEqual(wrong);
  });

  test("as a trial reports the differences and changes nothing", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    await spoil(database);
    const before = await names(database);
    const report = await replay({ dryRun: true });
    expect(report.swapped).toBe(false);
    expect(report.tables.filter((table) => !isSame(table)).map(({ table }) => table)).toEqual([
      "event",
    ]);
    expect(await names(database)).toEqual(before);
    expect(await schemas(database)).toEqual(["public"]);
  });

  test("leaves the live reader where it can go on, with nothing applied twice", async () => {
    await using database = await freshDatabase();
    const { replay, datacore, live } = await filled(database);
    await replay();
    datacore.file(
      eventUpdated({ eventId: "68f0000000000000000001aa", name: "HYROX late" }),
      new Date(),
    );
    await live();
    expect(await names(database)).toContain("HYROX late");
    const [twice] = await database.sql`
      select event_id from event_version group by event_id, fact_key having count(*) > 1
    `;
    expect(twice).toBeUndefined();
  });

  test("catches up with what live applied while it ran", async () => {
    await using database = await freshDatabase();
    const { replay, datacore, live } = await filled(database);
    let added = false;
    const report = await replay({
      onProgress: () => {
        if (added) return;
        added = true;
        // Behind what the replay may have read already, and known to the live reader.
        datacore.file(
          eventUpdated({ eventId: "68f0000000000000000001bb", name: "HYROX meanwhile" }),
          hoursAgo(15),
        );
      },
    });
    expect(report.swapped).toBe(true);
    await live();
    const again = await replay();
    expect(again.tables.filter((table) => !isSame(table))).toEqual([]);
    expect(await names(database)).toContain("HYROX meanwhile");
  });

  test("refuses to swap when the log no longer shows what the live rows are made of", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    await database.sql`
      insert into applied_fact (fact_id, flow_type, stored_at)
      values ('00000000-0000-1000-8000-000000000001', 'vivenu.event.0', ${hoursAgo(1)})
    `;
    const before = await names(database);
    await expect(replay()).rejects.toThrow("1 fact that the log no longer shows");
    expect(await names(database)).toEqual(before);
  });

  test("from a bucket makes again what the facts since then made, over what older ones left", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    const before = await readAllRows(database.sql);
    await database.sql`update event_head_version set content = content || '{"name": "spoiled"}'`;
    const report = await replay({ from: timeBucketOf(hoursAgo(12)) });
    expect(report.facts).toBeLessThan(30);
    // The newest version of each event was recorded within the last twelve hours.
    expect(
      (await readAllRows(database.sql)).events.map(({ eventName }) => eventName).sort(),
    ).toEqual(before.events.map(({ eventName }) => eventName).sort());
  });

  test("from a bucket leaves the earlier record of a fact that stands before it", async () => {
    await using database = await freshDatabase();
    const { replay, datacore, live } = stage(database);
    // One key: who saw it and when is no part of what it says.
    for (const hours of [20, 10]) {
      const observedAt = hoursAgo(hours).toISOString();
      datacore.file(eventUpdated({ name: "HYROX twice", observedAt }), hoursAgo(hours));
    }
    await live();
    const report = await replay({ from: timeBucketOf(hoursAgo(12)), dryRun: true });
    expect(report.facts).toBe(1);
    expect(report.tables.filter((table) => !isSame(table))).toEqual([]);
  });

  test("goes on after it was killed, without reading the finished hours again", async () => {
    await using database = await freshDatabase();
    const { replay, datacore } = await filled(database);
    const before = await readAllRows(database.sql);
    const stop = new AbortController();
    const killed = replay({
      signal: stop.signal,
      onProgress: ({ bucketsDone, buckets }) => bucketsDone > buckets / 2 && stop.abort(),
    });
    await expect(killed).rejects.toThrow();
    const readBefore = datacore.requests.length;
    const report = await replay();
    expect(report.resumed).toBe(true);
    expect(datacore.requests.length - readBefore).toBeLessThan(readBefore);
    expect(report.tables.filter((table) => !isSame(table))).toEqual([]);
    expect(await readAllRows(database.sql)).toEqual(before);
  });

  test("of everything begins anew where a killed partial one was left, and has what came late meanwhile", async () => {
    await using database = await freshDatabase();
    const { replay, datacore, live } = await filled(database);
    const stop = new AbortController();
    const killed = replay({
      from: timeBucketOf(hoursAgo(12)),
      signal: stop.signal,
      onProgress: ({ bucketsDone, buckets }) => bucketsDone > buckets / 2 && stop.abort(),
    });
    await expect(killed).rejects.toThrow();
    // Behind where the live reader and the partial replay begin.
    const late = eventUpdated({ eventId: "68f0000000000000000001cc", name: "HYROX late" });
    datacore.file(late, hoursAgo(15));
    await database.sql`update event_head_version set content = content || '{"name": "spoiled"}'`;
    const report = await replay();
    expect(report).toMatchObject({ resumed: false, swapped: true, facts: 31 });
    await live();
    const expected = Array.from({ length: 10 }, (_, n) => `HYROX ${n} renamed`);
    expect(await names(database)).toEqual([...expected, "HYROX late"].sort());
  });

  test("leaves indexes and constraints named as the migrations named them", async () => {
    await using database = await freshDatabase();
    const { replay } = await filled(database);
    const read = () => database.sql`
      select tablename, indexname from pg_indexes where schemaname = 'public' order by 1, 2
    `;
    const before = [...(await read())];
    await replay();
    expect([...(await read())]).toEqual(before);
    expect(await schemas(database)).toEqual(["public"]);
  });
});

const schemas = async ({ sql }: TestDatabase) =>
  (
    await sql<{ name: string }[]>`
      select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
      order by 1
    `
  ).map(({ name }) => name);
