import { describe, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase } from "../../../test/support/database.ts";
import { eventDeleted, eventUpdated, ticketType } from "../../../test/support/facts.ts";
import { projections, readAllRows } from "../../../test/support/given.ts";
import { type Misbehaviour, memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Fact, NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import type { PageRequest } from "../../datacore/datacore.ts";
import { enqueue, readOutboxState } from "../../datacore/outbox.ts";
import { lowestIdAt } from "../../datacore/time-uuid.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import { type Projection, projection } from "../tables/projection.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { type Applied, type ConsumerOptions, consumer } from "./consumer.ts";
import { countDeadLetters } from "./dead-letters.ts";
import { defaultPasses, type PassSettings } from "./passes.ts";

const EVENTS = "vivenu.event.0";
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const named = (name: string) => eventUpdated({ eventId: name, name });

interface StageOptions extends Partial<Omit<ConsumerOptions, "settings">> {
  now?: string;
  settings?: Partial<PassSettings>;
  misbehaviour?: Misbehaviour;
}

/** A reader, its log in memory, and a clock that the test moves. */
function stageReader(sql: Pool, { now = "2026-03-01T10:30:00Z", ...options }: StageOptions = {}) {
  let time = new Date(now);
  const clock: Clock = { now: () => time, pause: async () => {} };
  const datacore = memoryDatacore(options.misbehaviour);
  const outcomes: Applied[] = [];
  const { settings, misbehaviour: _, ...more } = options;
  const start = (also: Partial<ConsumerOptions> = {}) =>
    consumer({
      ...{ flowType: EVENTS, datacore, sql, projections, clock, logger: recordingLog().logger },
      settings: { ...defaultPasses, ...settings },
      check: async () => {},
      onApplied: (outcome) => outcomes.push(outcome),
      ...more,
      ...also,
    });
  let step = start();
  const stage = {
    datacore,
    outcomes,
    clock,
    start,
    at: (when: string) => {
      time = new Date(when);
    },
    after: (ms: number) => {
      time = new Date(time.getTime() + ms);
    },
    ago: (ms: number) => new Date(time.getTime() - ms),
    step: () => step(),
    /** The process ends and a new one begins. */
    restart: (also: Partial<ConsumerOptions> = {}) => {
      step = start(also);
    },
    /** Start pass, and the sweep that follows it: from here on a step is a tail pass. */
    async settle() {
      await step();
      await step();
      datacore.requests.length = 0;
    },
    names: async () => (await readAllRows(sql)).events.map(({ eventId }) => eventId).sort(),
    reached: () => readCheckpoint(sql, EVENTS),
    passesOf: (pass: string) => outcomes.filter((outcome) => outcome.pass === pass),
  };
  return stage;
}

/** Counts what it is given, as a projection that sums would. */
function counting() {
  const seen: string[] = [];
  const note = async (facts: Fact[]) => void seen.push(...facts.map(({ factId }) => factId));
  return { seen, projection: noting(note) };
}

/** A projection without tables, that is told what is kept. */
const noting = (keep: (facts: Fact[]) => Promise<void>): Projection =>
  projection({
    tables: [],
    keep: (_sql, facts) => keep(facts),
    refresh: async () => {},
    rebuild: async () => {},
  });

describe("a reader that starts", () => {
  test("for the first time reads the log from its beginning", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    stage.datacore.file(named("of 2019"), "2019-06-01T00:30:00Z");
    stage.datacore.file(named("of last month"), "2026-02-01T00:30:00Z");
    stage.datacore.file(named("of now"), "2026-03-01T10:29:59Z");
    expect(await stage.step()).toBe("more");
    expect(await stage.names()).toEqual(["of 2019", "of last month", "of now"]);
  });

  test("again reads from two hours before its checkpoint, and nothing twice", async () => {
    await using database = await reusedDatabase();
    const { seen, projection } = counting();
    const stage = stageReader(database.sql, { projections: [...projections, projection] });
    stage.datacore.file(named("before"), "2026-03-01T08:40:00Z");
    await stage.settle();
    stage.at("2026-03-03T12:00:00Z");
    for (const hour of ["01T10:27", "01T14", "02T03", "03T11"])
      stage.datacore.file(named(hour), `2026-03-${hour.padEnd(8, ":00")}:00Z`);
    stage.restart();
    await stage.step();
    expect(await stage.names()).toEqual(["01T10:27", "01T14", "02T03", "03T11", "before"]);
    expect(seen).toHaveLength(5);
    expect(stage.datacore.requests.map(({ timeBucket }) => timeBucket)[0]).toBe("20260301080000");
  });

  test("reads the newest buckets that it is told to, not the oldest", async () => {
    await using database = await reusedDatabase();
    const settings = { onStartBuckets: 3 };
    const stage = stageReader(database.sql, { settings });
    await stage.settle();
    // Back-filled after the reader had passed, and older than every sweep.
    for (const month of ["01", "02", "03", "04", "05"])
      stage.datacore.file(named(month), `2025-${month}-01T00:30:00Z`);
    stage.restart();
    await stage.step();
    expect(await stage.names()).toEqual(["03", "04", "05"]);
  });

  test("goes on where a catch-up was interrupted", async () => {
    await using database = await reusedDatabase();
    let reads = 0;
    const stage = stageReader(database.sql, {
      misbehaviour: {
        failing: () => {
          reads += 1;
          return reads === 5 ? new Failure("unavailable", "down") : undefined;
        },
      },
    });
    for (let hour = 10; hour < 20; hour += 1)
      stage.datacore.file(named(`${hour}`), `2025-06-01T${hour}:30:00Z`);
    await expect(stage.step()).rejects.toThrow("down");
    expect(await stage.names()).toEqual(["10", "11", "12"]);
    expect((await stage.reached())?.checkpoint).toEqual(new Date("2025-06-01T13:00:00Z"));
    // It did not read everything, so it does not say that it did.
    expect((await stage.reached())?.readAt.getUTCFullYear()).toBe(2025);
    stage.datacore.requests.length = 0;
    stage.restart();
    await stage.step();
    expect(await stage.names()).toHaveLength(10);
    expect(stage.datacore.requests[0]?.timeBucket).toBe("20250601130000");
    expect((await stage.reached())?.readAt).toEqual(stage.clock.now());
  });

  test("and is ended after each page gets through: of a full hour, of the next, and again later", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { settings: { pageSize: 2 } });
    const fileHours = () => {
      for (let minute = 130; minute > 0; minute -= 10)
        stage.datacore.file(
          named(`${minute} before ${stage.ago(0).toISOString()}`),
          stage.ago(minute * MINUTE_MS),
        );
    };
    fileHours();
    expect(await livesUntilThrough(stage)).toBeLessThan(14);
    expect(await stage.names()).toHaveLength(13);
    expect((await stage.reached())?.readAt).toEqual(stage.clock.now());
    stage.after(24 * HOUR_MS);
    fileHours();
    // Two hours before the checkpoint are read once more, and not once more in each life.
    expect(await livesUntilThrough(stage)).toBeLessThan(22);
    expect(await stage.names()).toHaveLength(26);
    expect((await stage.reached())?.readAt).toEqual(stage.clock.now());
    stage.datacore.requests.length = 0;
    stage.restart();
    await stage.step();
    expect(stage.datacore.requests[0]?.fromFactId).toBe(lowestIdAt(stage.ago(125 * MINUTE_MS)));
  });

  test("behind one that was ended finds what came late meanwhile, at the latest by the sweep behind it", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { settings: { pageSize: 2 } });
    for (const minute of [28, 26, 2, 1])
      stage.datacore.file(named(`${minute} ago`), stage.ago(minute * MINUTE_MS));
    for (let life = 0; life < 3; life += 1) expect(await isThroughInOneLife(stage)).toBe(false);
    expect((await stage.reached())?.checkpoint).toEqual(stage.ago(5 * MINUTE_MS));
    for (const minute of [27, 4, 1.5])
      stage.datacore.file(named(`${minute} ago, late`), stage.ago(minute * MINUTE_MS));
    stage.restart();
    await stage.step();
    expect(await stage.names()).toEqual([
      ...["1 ago", "1.5 ago, late", "2 ago", "26 ago", "28 ago", "4 ago, late"],
    ]);
    await stage.step();
    expect(await stage.names()).toContain("27 ago, late");
    expect(stage.passesOf("sweep")).toHaveLength(1);
  });

  test("long after one that was ended reads again from two hours before its checkpoint", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { settings: { pageSize: 2 } });
    for (const minute of [29, 28, 27])
      stage.datacore.file(named(`${minute} ago`), stage.ago(minute * MINUTE_MS));
    for (let life = 0; life < 2; life += 1) expect(await isThroughInOneLife(stage)).toBe(false);
    expect((await stage.reached())?.checkpoint).toEqual(stage.ago(28 * MINUTE_MS));
    stage.datacore.file(named("late"), stage.ago(28.5 * MINUTE_MS));
    stage.after(16 * MINUTE_MS);
    stage.restart();
    await stage.step();
    expect(await stage.names()).toEqual(["27 ago", "28 ago", "29 ago", "late"]);
  });
});

type Stage = ReturnType<typeof stageReader>;

/** A process that reads one page and ends while it waits for the next. */
async function isThroughInOneLife(stage: Stage): Promise<boolean> {
  const ended = new Failure("unavailable", "the process ended");
  let pages = 0;
  const readPage = async (request: PageRequest) => {
    pages += 1;
    if (pages > 1) throw ended;
    return stage.datacore.readPage(request);
  };
  stage.restart({ datacore: { ...stage.datacore, readPage } });
  return stage.step().then(
    () => true,
    (error: unknown) => {
      if (error !== ended) throw error;
      return false;
    },
  );
}

async function livesUntilThrough(stage: Stage): Promise<number> {
  for (let lives = 1; ; lives += 1)
    if (lives > 60 || (await isThroughInOneLife(stage))) return lives;
}

test("what is stored is soon read by a process whose clock is far ahead of the log's", async () => {
  await using database = await reusedDatabase();
  const stage = stageReader(database.sql);
  stage.datacore.file(named("a"), stage.ago(11 * MINUTE_MS));
  await stage.settle();
  stage.datacore.file(named("b"), stage.ago(10 * MINUTE_MS));
  stage.after(31 * SECOND_MS);
  await stage.step();
  expect(await stage.names()).toEqual(["a", "b"]);
});

describe("a fact", () => {
  test("is applied once, however often the log and restarts repeat it", async () => {
    await using database = await reusedDatabase();
    const { seen, projection } = counting();
    const stage = stageReader(database.sql, { projections: [...projections, projection] });
    stage.datacore.fileAgain(stage.datacore.file(named("a"), stage.ago(SECOND_MS)));
    await stage.settle();
    await stage.step();
    stage.restart();
    await stage.settle();
    expect(seen).toHaveLength(1);
  });

  test("that becomes readable behind a newer one is there on the next look", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    await stage.settle();
    stage.datacore.file(named("newer"), "2026-03-01T10:29:59.001Z");
    await stage.step();
    stage.datacore.file(named("older"), "2026-03-01T10:29:59.000Z");
    stage.after(2 * SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["newer", "older"]);
    expect(stage.passesOf("tail")).toHaveLength(2);
  });

  test("of the last tenth of an hour that is readable seconds into the next is not lost", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { now: "2026-03-01T10:59:59.950Z" });
    stage.datacore.file(named("seen"), "2026-03-01T10:59:59.800Z");
    await stage.settle();
    stage.at("2026-03-01T11:00:02Z");
    stage.datacore.file(named("next hour"), "2026-03-01T11:00:01Z");
    await stage.step();
    stage.datacore.file(named("late"), "2026-03-01T10:59:59.900Z");
    stage.after(SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["late", "next hour", "seen"]);
  });

  test("that is late by minutes, in an hour already left, is found by the overlap", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { now: "2026-03-01T10:50:00Z" });
    await stage.settle();
    stage.at("2026-03-01T11:10:00Z");
    stage.datacore.file(named("newest"), "2026-03-01T11:09:59Z");
    await stage.step();
    stage.datacore.file(named("late"), "2026-03-01T10:58:00Z");
    stage.after(SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["newest"]);
    stage.after(30 * SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["late", "newest"]);
    expect(stage.passesOf("overlap")).toHaveLength(2);
  });

  test("that is late by hours is found by the hourly sweep of three days", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    stage.datacore.file(named("in time"), stage.ago(SECOND_MS));
    await stage.settle();
    stage.datacore.file(named("two days late"), stage.ago(48 * HOUR_MS));
    stage.after(31 * SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["in time"]);
    stage.after(HOUR_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["in time", "two days late"]);
    expect(stage.passesOf("sweep")[0]?.ages[0]).toBeGreaterThan(48 * 3_600);
  });

  test("that is late is found as soon after our clock was set back by a month", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    stage.after(30 * 24 * HOUR_MS);
    await stage.settle();
    stage.after(-30 * 24 * HOUR_MS);
    stage.datacore.file(named("a minute late"), stage.ago(60 * SECOND_MS));
    stage.datacore.file(named("two days late"), stage.ago(48 * HOUR_MS));
    await stage.step();
    expect(await stage.names()).toEqual(["a minute late", "two days late"]);
  });

  test("that was back-filled into an old bucket under an id of now hides no later bucket", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    const bucket = "20200101000000";
    stage.datacore.file(named("back-filled"), stage.ago(SECOND_MS), { bucket });
    for (const year of [2019, 2021, 2023])
      stage.datacore.file(named(`${year}`), `${year}-05-01T05:00:00Z`);
    await stage.step();
    expect(await stage.names()).toEqual(["2019", "2021", "2023", "back-filled"]);
  });

  test("in a bucket that the list does not name yet is read all the same", async () => {
    await using database = await reusedDatabase();
    const misbehaviour = { hidesBucket: () => true };
    const stage = stageReader(database.sql, { now: "2026-03-01T11:00:01Z", misbehaviour });
    await stage.settle();
    stage.datacore.file(named("this hour"), "2026-03-01T11:00:00Z");
    stage.datacore.file(named("the hour before"), "2026-03-01T10:59:58Z");
    stage.after(31 * SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["the hour before", "this hour"]);
  });

  test("stamped by a clock that is ahead is read, and hides no fact of the others", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { now: "2026-03-01T10:58:00Z" });
    stage.datacore.file(named("ahead"), "2026-03-01T11:02:00Z");
    await stage.settle();
    stage.datacore.file(named("in time"), "2026-03-01T10:58:01Z");
    stage.after(2 * SECOND_MS);
    await stage.step();
    expect(await stage.names()).toEqual(["ahead", "in time"]);
    expect(stage.passesOf("tail")).toHaveLength(1);
  });

  test("behind short and empty pages is reached", async () => {
    await using database = await reusedDatabase();
    const misbehaviour = { pageLimit: 2, emptyPagesBetween: true };
    const stage = stageReader(database.sql, { misbehaviour });
    const names = Array.from({ length: 7 }, (_, n) => `n${n}`);
    for (const name of names) stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await stage.step();
    expect(await stage.names()).toEqual(names);
  });

  test("while its reader was stuck for 100 minutes is read afterwards, and so is every other", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { now: "2026-03-01T10:05:00Z" });
    await stage.settle();
    const names = ["10:10", "10:50", "11:10", "11:40"];
    for (const name of names) stage.datacore.file(named(name), `2026-03-01T${name}:00Z`);
    stage.at("2026-03-01T11:45:00Z");
    await stage.step();
    expect(await stage.names()).toEqual(names);
  });

  test("of an outage of a day is read afterwards", async () => {
    await using database = await reusedDatabase();
    let down = false;
    const failing = () => (down ? new Failure("unavailable", "down") : undefined);
    const stage = stageReader(database.sql, { misbehaviour: { failing } });
    await stage.settle();
    const before = await stage.reached();
    down = true;
    for (let hour = 0; hour < 24; hour += 1) {
      stage.after(HOUR_MS);
      stage.datacore.file(named(`hour ${hour}`), stage.ago(MINUTE_MS));
      await expect(stage.step()).rejects.toThrow("down");
    }
    expect(await stage.reached()).toEqual(before);
    down = false;
    await stage.step();
    expect(await stage.names()).toHaveLength(24);
  });
});

describe("the position", () => {
  test("is never nearer to now than facts may be late", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    stage.datacore.file(named("a"), stage.ago(SECOND_MS));
    await stage.step();
    expect(await stage.reached()).toMatchObject({
      checkpoint: stage.ago(5 * MINUTE_MS),
      newestSeen: stage.ago(SECOND_MS),
      readAt: stage.clock.now(),
    });
  });

  test("is not moved by a tail pass, but by the next one that overlaps", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    await stage.settle();
    const before = await stage.reached();
    stage.after(20 * SECOND_MS);
    await stage.step();
    expect((await stage.reached())?.checkpoint).toEqual(before?.checkpoint as Date);
    stage.after(10 * SECOND_MS);
    await stage.step();
    expect((await stage.reached())?.checkpoint).toEqual(stage.ago(5 * MINUTE_MS));
  });

  test("never moves back, even when the clock does", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    await stage.settle();
    const before = await stage.reached();
    stage.at("2026-03-01T07:00:00Z");
    stage.restart();
    await stage.settle();
    expect(await stage.reached()).toEqual(before);
  });

  test("stays where it is when a pass fails half-way through a bucket", async () => {
    await using database = await reusedDatabase();
    const refused = new Failure("refused", "Flowcore answered 401", { status: 401 });
    let revoked = false;
    const failing = () => (revoked ? refused : undefined);
    const stage = stageReader(database.sql, { misbehaviour: { failing } });
    await stage.settle();
    const before = await stage.reached();
    revoked = true;
    stage.after(31 * SECOND_MS);
    await expect(stage.step()).rejects.toBe(refused);
    expect(await stage.reached()).toEqual(before);
  });
});

describe("an hour that is none", () => {
  test("is read, and keeps no other hour from being noted as read", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { settings: { onStartBuckets: 2 } });
    stage.datacore.file(named("of now"), stage.ago(SECOND_MS));
    const bucket = "20261301000000";
    stage.datacore.file(named("of no hour"), stage.ago(SECOND_MS), { bucket });
    await stage.settle();
    expect(await stage.names()).toEqual(["of no hour", "of now"]);
    stage.after(31 * SECOND_MS);
    await stage.step();
    expect(await stage.reached()).toMatchObject({
      checkpoint: stage.ago(5 * MINUTE_MS),
      readAt: stage.clock.now(),
    });
    stage.restart();
    await stage.step();
    expect(await stage.names()).toHaveLength(2);
  });
});

describe("pages that lead back to one that was read", () => {
  test.each([1, 3])("fail the pass, with what they hold applied: after %d", async (round) => {
    await using database = await reusedDatabase();
    const { datacore: log, ...stage } = stageReader(database.sql);
    log.file(named("a"), stage.ago(SECOND_MS));
    let reads = 0;
    const leadingBack = {
      ...log,
      async readPage(request: PageRequest) {
        reads += 1;
        if (reads > 20) throw new Error("they are followed without end");
        const { cursor: _, ...place } = request;
        return { ...(await log.readPage(place)), cursor: `${reads % round}` };
      },
    };
    stage.restart({ datacore: leadingBack });
    await expect(stage.step()).rejects.toThrow("do not come to an end");
    expect(reads).toBe(round + 1);
    log.file(named("b"), stage.ago(SECOND_MS));
    stage.restart();
    await stage.step();
    expect(await stage.names()).toEqual(["a", "b"]);
  });
});

describe("a page", () => {
  test("is halved when it does not come in time, and the rest of the log is read in such pages", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, {
      settings: { pageSize: 400 },
      misbehaviour: { slowAbove: 100, pageLimit: 2 },
    });
    for (const name of ["a", "b", "c", "d", "e"])
      stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await stage.step();
    const asked = stage.datacore.requests.map(
      ({ timeBucket, pageSize }) => `${timeBucket.slice(8, 10)}h ${pageSize}`,
    );
    expect(asked).toEqual(["09h 400", "09h 200", "09h 100", "10h 100", "10h 100", "10h 100"]);
    expect(await stage.names()).toHaveLength(5);
  });

  test("that once did not come in time makes no page small for the rest of the log", async () => {
    await using database = await reusedDatabase();
    const misbehaviour: Misbehaviour = { slowAbove: 100, pageLimit: 2 };
    const stage = stageReader(database.sql, { settings: { pageSize: 400 }, misbehaviour });
    const sizesAsked = () => stage.datacore.requests.map(({ pageSize }) => pageSize);
    misbehaviour.failing = () => {
      if (sizesAsked().length > 3) misbehaviour.slowAbove = 1_000;
      return undefined;
    };
    for (const name of "abcdefghijklmnop") stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await stage.step();
    expect(sizesAsked()).toEqual([400, 200, 100, 100, 100, 100, 200, 400, 400, 400, 400]);
    expect(await stage.names()).toHaveLength(16);
  });

  test("that never comes in time fails the pass", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql, { misbehaviour: { slowAbove: 0 } });
    await expect(stage.step()).rejects.toThrow("too slow");
    expect(stage.datacore.requests.map(({ pageSize }) => pageSize)).toEqual([
      500, 250, 125, 62, 31,
    ]);
  });

  test("that a crash interrupts leaves no row and no memory, and is applied whole afterwards", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    let crashing = true;
    const { seen, projection } = counting();
    let forgotten = 0;
    const crash = {
      ...noting(async () => {
        if (crashing) throw new Error("crash");
      }),
      forget() {
        forgotten += 1;
      },
    };
    const stage = stageReader(sql, { projections: [...projections, crash, projection] });
    for (const name of ["a", "b", "c"]) stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await enqueue(sql, [named("a")], stage.clock.now());
    await expect(stage.step()).rejects.toThrow("crash");
    expect(await stage.names()).toEqual([]);
    expect(await sql`select fact_id from applied_fact`).toHaveLength(0);
    expect(await readOutboxState(sql)).toMatchObject({ waiting: 1 });
    // What is remembered in the program is of rows that are not there, at each try of a part of them.
    expect(forgotten).toBeGreaterThan(0);
    forgotten = 0;
    crashing = false;
    stage.restart();
    await stage.step();
    expect(await stage.names()).toEqual(["a", "b", "c"]);
    expect(seen).toHaveLength(3);
    expect(forgotten).toBe(0);
    expect(await readOutboxState(sql)).toMatchObject({ waiting: 0 });
  });

  test("whose last statement fails leaves no row and no memory, and is applied whole afterwards", async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    // It fails as a full disk does, behind all rows and right in front of the commit.
    await sql`
      create function has_no_space() returns trigger language plpgsql as $$
      begin raise exception 'no space left' using errcode = 'disk_full'; end $$
    `;
    await sql`create trigger no_space before insert on row_message execute function has_no_space()`;
    const applied: Applied[] = [];
    const onApplied = (outcome: Applied) => applied.push(outcome);
    const stage = stageReader(sql, { isFollowed: true, onApplied });
    stage.datacore.file(named("a"), stage.ago(SECOND_MS));
    await enqueue(sql, [named("a")], stage.clock.now());
    await expect(stage.step()).rejects.toThrow("no space left");
    expect(applied).toEqual([]);
    expect(await stage.names()).toEqual([]);
    expect(await sql`select fact_id from applied_fact`).toHaveLength(0);
    expect(await readOutboxState(sql)).toMatchObject({ waiting: 1 });
    await sql`drop trigger no_space on row_message`;
    await stage.step();
    expect(await stage.names()).toEqual(["a"]);
    expect(await readOutboxState(sql)).toMatchObject({ waiting: 0 });
    expect(applied).toMatchObject([{ applied: 1, deadLettered: 0 }]);
  });

  test("that two readers have in hand at once is applied once", async () => {
    await using database = await reusedDatabase();
    const { seen, projection } = counting();
    const stage = stageReader(database.sql, { projections: [projection] });
    for (const name of ["a", "b", "c"]) stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await Promise.all([stage.start()(), stage.start()(), stage.start()()]);
    expect(seen).toHaveLength(3);
  });

  test("is not written by a reader that lost its lease", async () => {
    await using database = await reusedDatabase();
    const check = async () => {
      throw new Failure("unavailable", "held by another");
    };
    const stage = stageReader(database.sql, { check });
    stage.datacore.file(named("a"), stage.ago(SECOND_MS));
    await expect(stage.step()).rejects.toThrow("held by another");
    expect(await stage.names()).toEqual([]);
    expect(await stage.reached()).toBeUndefined();
  });
});

describe("a fact that cannot be applied", () => {
  test("because the connection breaks half-way is applied on the next pass", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    let breaking = true;
    const breaks = projection({
      tables: [],
      async keep(tx) {
        if (!breaking) return;
        breaking = false;
        await tx`select pg_terminate_backend(pg_backend_pid())`;
      },
      refresh: async () => {},
      rebuild: async () => {},
    });
    const stage = stageReader(sql, { projections: [...projections, breaks] });
    stage.datacore.file(named("a"), stage.ago(SECOND_MS));
    await expect(stage.step()).rejects.toThrow();
    expect(await stage.names()).toEqual([]);
    await stage.step();
    expect(await stage.names()).toEqual(["a"]);
    expect(await countDeadLetters(sql)).toBe(0);
  });

  const tooLarge = eventUpdated({
    eventId: "poison",
    ticketTypes: [ticketType({ amount: 2 ** 40 })],
  });
  const withNul = eventUpdated({ eventId: "poison", name: "a\u0000b" });
  const keyWithNul = eventUpdated({
    eventId: "poison",
    name: "a\u0000b",
    idempotencyKey: "k\u0000",
  });
  const halfCharacter = eventUpdated({ eventId: "poison", name: "\ud83d" });
  const longId = eventUpdated({ eventId: Array.from({ length: 9_000 }, (_, n) => n).join() });
  const noTime = eventUpdated({ eventId: "poison", start: "0000-01-01T00:00:00Z" });

  test.each<[string, NewFact]>([
    ["a number too large for its column", tooLarge],
    ["NUL in a text", withNul],
    ["NUL in its key", keyWithNul],
    ["half a character", halfCharacter],
    ["an id too long for an index", longId],
    ["a time that is none", noTime],
  ])("(%s) is set aside, and the others are applied", async (_, poison) => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql);
    for (const name of ["a", "b"]) stage.datacore.file(named(name), stage.ago(2 * SECOND_MS));
    const factId = stage.datacore.file(poison, stage.ago(SECOND_MS));
    stage.datacore.file(named("c"), stage.ago(SECOND_MS));
    await stage.settle();
    await stage.step();
    expect(await stage.names()).toEqual(["a", "b", "c"]);
    expect([
      ...(await sql`select fact_id, event_type, time_bucket, reason from set_aside`),
    ]).toEqual([
      {
        factId,
        eventType: "event.updated.0",
        timeBucket: "20260301100000",
        reason: expect.stringMatching(/^PostgreSQL: (22|54)|^start is no date/),
      },
    ]);
    expect(stage.outcomes.reduce((sum, { applied }) => sum + applied, 0)).toBe(3);
    expect(stage.outcomes.reduce((sum, { deadLettered }) => sum + deadLettered, 0)).toBe(1);
  });

  test("has arrived all the same: the relay is told in the same transaction", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql);
    // As an older program enqueued it, which did not look whether any row can hold it.
    const { eventType, payload } = tooLarge;
    await sql`
      insert into outbox
        (idempotency_key, flow_type, event_type, payload, recorded_at, next_attempt_at)
      values (
        ${payload.idempotencyKey}, ${EVENTS}, ${eventType}, ${JSON.stringify(payload)}::text::jsonb,
        now(), now()
      )
    `;
    stage.datacore.file(tooLarge, stage.ago(SECOND_MS));
    await stage.step();
    expect(await countDeadLetters(sql)).toBe(1);
    expect(await readOutboxState(sql)).toMatchObject({ waiting: 0, refused: 0 });
  });

  test("because no contract reads it is set aside, whatever it is called and whyever", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql);
    const odd = {
      eventType: "event.\u0000.0",
      reason: "\ud83d\u0000 odd",
      idempotencyKey: "\u0000",
    };
    stage.datacore.fileUnreadable(EVENTS, stage.ago(SECOND_MS));
    stage.datacore.fileUnreadable(EVENTS, stage.ago(SECOND_MS), odd);
    stage.datacore.file(named("a"), stage.ago(SECOND_MS));
    await stage.settle();
    expect(await stage.names()).toEqual(["a"]);
    expect(await countDeadLetters(sql)).toBe(2);
    expect((await stage.reached())?.checkpoint).toEqual(stage.ago(5 * MINUTE_MS));
  });

  test("of hundreds in a page is found without trying each alone", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    let tries = 0;
    const stage = stageReader(sql, {
      check: async () => {
        tries += 1;
      },
    });
    for (let n = 0; n < 200; n += 1) stage.datacore.file(named(`n${n}`), stage.ago(SECOND_MS));
    stage.datacore.file(tooLarge, stage.ago(SECOND_MS));
    await stage.step();
    expect(await stage.names()).toHaveLength(200);
    expect(tries).toBeLessThan(30);
  });

  test("because the database fails is not set aside: the pass fails, and the next applies it", async () => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageReader(sql);
    stage.datacore.file(named("a"), stage.ago(SECOND_MS));
    await sql`alter table event_version rename to elsewhere`;
    await expect(stage.step()).rejects.toThrow("event_version");
    await sql`alter table elsewhere rename to event_version`;
    expect(await countDeadLetters(sql)).toBe(0);
    await stage.step();
    expect(await stage.names()).toEqual(["a"]);
  });
});

describe("a pass over many pages", () => {
  test("has the next page fetched while one is applied", async () => {
    await using database = await reusedDatabase();
    const asked: number[] = [];
    const watching = noting(async () => void asked.push(stage.datacore.requests.length));
    const stage = stageReader(database.sql, {
      projections: [watching],
      misbehaviour: { pageLimit: 1 },
    });
    for (const name of ["a", "b", "c"]) stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await stage.step();
    const [first = 0, second = 0] = asked;
    expect(second - first).toBe(1);
    // One page is under way while the first is applied, and no more than one.
    expect(first).toBe(stage.datacore.requests.findIndex(({ cursor }) => cursor !== undefined) + 1);
  });

  test("that takes many transactions says after each that it goes on", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    const ticketTypes = Array.from({ length: 900 }, (_, n) => ticketType({ ticketTypeId: `${n}` }));
    for (const name of ["a", "b", "c"])
      stage.datacore.file(eventUpdated({ eventId: name, name, ticketTypes }), stage.ago(HOUR_MS));
    let told = 0;
    let toldBefore = 0;
    stage.restart({
      onProgress: () => {
        told += 1;
      },
      onApplied: () => {
        toldBefore = told;
      },
    });
    await stage.step();
    expect(await stage.names()).toEqual(["a", "b", "c"]);
    expect(toldBefore).toBe(3);
  });

  test("that is interrupted between two of them has told of what was applied, and tells of the rest once", async () => {
    await using database = await reusedDatabase();
    let checks = 0;
    const held = new Failure("unavailable", "held on purpose");
    const stage = stageReader(database.sql, {
      check: async () => {
        checks += 1;
        if (checks === 2) throw held;
      },
    });
    const ticketTypes = Array.from({ length: 900 }, (_, n) => ticketType({ ticketTypeId: `${n}` }));
    for (const name of ["a", "b", "c"])
      stage.datacore.file(eventUpdated({ eventId: name, name, ticketTypes }), stage.ago(HOUR_MS));
    await expect(stage.step()).rejects.toThrow("held on purpose");
    expect(stage.outcomes).toMatchObject([{ pass: "start", applied: 1, deadLettered: 0 }]);
    await stage.step();
    expect(await stage.names()).toEqual(["a", "b", "c"]);
    expect(stage.outcomes.reduce((sum, { applied }) => sum + applied, 0)).toBe(3);
    expect(stage.outcomes.flatMap(({ ages }) => ages)).toHaveLength(3);
  });

  test("lets what was just stored not wait for its end", async () => {
    await using database = await reusedDatabase();
    const stage = stageReader(database.sql);
    await stage.settle();
    for (let hour = 2; hour < 8; hour += 1)
      stage.datacore.file(named(`${hour} h ago`), stage.ago(hour * HOUR_MS));
    stage.datacore.file(named("just now"), stage.ago(0));
    stage.restart({
      settings: { ...defaultPasses, onStartBuckets: 100 },
      onApplied: (outcome) => {
        stage.outcomes.push(outcome);
        stage.after(2 * SECOND_MS);
      },
    });
    await stage.step();
    expect(await stage.names()).toHaveLength(7);
    expect(stage.outcomes.map(({ pass }): string => pass)).toEqual([
      ...["start", "tail"],
      ...["start", "start", "start", "start", "start"],
    ]);
    const reached = await stage.reached();
    expect(reached?.readAt.getTime()).toBeLessThanOrEqual(stage.ago(0).getTime());
  });
});

test("a log whose tail is looked at is read up to now, however long a sweep takes, and not while a start catches up", async () => {
  await using database = await reusedDatabase();
  const stage = stageReader(database.sql);
  const takesLong = {
    onApplied: (outcome: Applied) => {
      stage.outcomes.push(outcome);
      stage.after(3 * SECOND_MS);
    },
  };
  const readAgo = async () => {
    const reached = await stage.reached();
    return (stage.ago(0).getTime() - (reached?.readAt.getTime() ?? 0)) / SECOND_MS;
  };
  const fileLate = () => {
    for (let hour = 4; hour < 44; hour += 1)
      stage.datacore.file(named(`${stage.outcomes.length} ${hour}`), stage.ago(hour * HOUR_MS));
  };
  stage.restart(takesLong);
  await stage.settle();
  stage.after(HOUR_MS);
  fileLate();
  await stage.step();
  expect(stage.passesOf("sweep")).toHaveLength(40);
  expect(await readAgo()).toBeLessThan(10);

  fileLate();
  const stop = new AbortController();
  stage.restart({
    signal: stop.signal,
    settings: { ...defaultPasses, onStartBuckets: 100 },
    onApplied(outcome) {
      takesLong.onApplied(outcome);
      if (stage.passesOf("start").length === 30) stop.abort();
    },
  });
  await expect(stage.step()).rejects.toThrow("is to stop");
  expect(await readAgo()).toBeGreaterThan(80);
});

describe("a reader that is to stop", () => {
  test("does not wait for an answer that does not come", async () => {
    await using database = await reusedDatabase();
    const stop = new AbortController();
    const stage = stageReader(database.sql, { signal: stop.signal });
    const step = stage.start({
      datacore: { ...stage.datacore, readTimeBuckets: () => new Promise(() => {}) },
    });
    const stopped = step();
    stop.abort();
    await expect(stopped).rejects.toThrow("is to stop");
  });

  test("stops between two pages, and the next one goes on", async () => {
    await using database = await reusedDatabase();
    const stop = new AbortController();
    const stage = stageReader(database.sql, {
      settings: { pageSize: 1 },
      onApplied: () => stop.abort(),
      signal: stop.signal,
    });
    for (const name of ["a", "b", "c"]) stage.datacore.file(named(name), stage.ago(SECOND_MS));
    await expect(stage.step()).rejects.toThrow("is to stop");
    expect(await stage.names()).toHaveLength(1);
    stage.restart({ signal: new AbortController().signal });
    await stage.step();
    expect(await stage.names()).toHaveLength(3);
  });
});

test("all types of a flow type are read by one request a page", async () => {
  await using database = await reusedDatabase();
  const stage = stageReader(database.sql);
  stage.datacore.file(named("a"), stage.ago(2 * SECOND_MS));
  stage.datacore.file(eventDeleted({ eventId: "a" }), stage.ago(SECOND_MS));
  await stage.settle();
  await stage.step();
  expect(stage.datacore.requests).toHaveLength(1);
});
