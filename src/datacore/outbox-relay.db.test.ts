import { describe, expect, test } from "bun:test";
import { fakeClock, recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import { eventDeleted, eventUpdated } from "../../test/support/facts.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import type { NewFact } from "../contracts/index.ts";
import type { Pool } from "../database/connect.ts";
import { Failure } from "../lib/failure.ts";
import type { Datacore } from "./datacore.ts";
import { readUnsentFacts } from "./dead-facts.ts";
import { confirm, enqueue, readOutboxState } from "./outbox.ts";
import { type OutboxRelayOptions, outboxRelay } from "./outbox-relay.ts";

const MINUTE_MS = 60_000;

const unavailable = () => new Failure("unavailable", "Flowcore answered 503", { status: 503 });
const refused = (status: number) =>
  new Failure("refused", `Flowcore answered ${status}`, { status });

/** A datacore that takes facts or answers as told, and notes who came when. */
function stageRelay(sql: Pool, more: Partial<OutboxRelayOptions> = {}) {
  const clock = fakeClock("2026-03-01T10:00:00.000Z");
  const came: { name: string; at: number }[] = [];
  const startedAt = clock.now().getTime();
  const stage = {
    clock,
    came,
    /** Minutes since the start at which a fact was carried. */
    minutesOf: (name: string) =>
      came.flatMap((one) => (one.name === name ? one.at / MINUTE_MS : [])),
    answer: async (_name: string): Promise<string> => "an id",
    /** How many facts each request of several had. */
    requests: [] as number[],
    resent: 0,
    rung: 0,
    enqueue: (...facts: NewFact[]) => enqueue(sql, facts, clock.now()),
    step: async (): Promise<"more" | "idle"> => "idle",
    /** Steps every `everyMs` for `forMs`. */
    async run(forMs: number, everyMs = 1_000) {
      for (let passed = 0; passed < forMs; passed += everyMs) {
        await stage.step();
        await clock.pause(everyMs);
      }
    },
  };
  const datacore: Pick<Datacore, "append" | "appendAll"> = {
    /** Takes all of them or none, as Flowcore does, and says what is wrong with the first that it does not take. */
    async appendAll(facts) {
      stage.requests.push(facts.length);
      const names = facts.map(({ payload }) => ("name" in payload ? (payload.name ?? "") : ""));
      const ids: string[] = [];
      for (const name of names) ids.push(await stage.answer(name));
      const at = clock.now().getTime() - startedAt;
      came.push(...names.map((name) => ({ name, at })));
      return ids;
    },
    async append({ payload }) {
      const name = "name" in payload ? (payload.name ?? "") : "";
      came.push({ name, at: clock.now().getTime() - startedAt });
      return stage.answer(name);
    },
  };
  stage.step = outboxRelay({
    sql,
    // The cast: a relay only appends.
    datacore: datacore as Datacore,
    clock,
    logger: recordingLog().logger,
    check: async () => {},
    concurrency: 2,
    batchSize: 50,
    unconfirmedMs: 5 * MINUTE_MS,
    keepConfirmedMs: 24 * 60 * MINUTE_MS,
    onSent: () => {
      stage.rung += 1;
    },
    onResent: () => {
      stage.resent += 1;
    },
    ...more,
  });
  return stage;
}

const named = (name: string) => eventUpdated({ name });
const keyOf = (name: string) => named(name).payload.idempotencyKey;
/** Seconds of five minutes in which nothing is taken. */
const OUTAGE_TRIES = [0, 1, 3, 7, 15, ...Array.from({ length: 14 }, (_, n) => 31 + 20 * n)];
const several = (count: number) => Array.from({ length: count }, (_, n) => named(`n${n}`));

test("a fact that was taken is not sent again while its reader may still come", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  await stage.enqueue(named("a"));
  expect(await stage.step()).toBe("more");
  expect(await stage.step()).toBe("idle");
  expect(stage.rung).toBe(1);
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 1 });
});

test("a fact that nobody reads back is sent again, with growing pauses, and counted", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  await stage.enqueue(named("a"));
  await stage.run(200 * MINUTE_MS, MINUTE_MS);
  expect(stage.minutesOf("a")).toEqual([0, 5, 15, 35, 75, 135, 195]);
  expect(stage.resent).toBe(6);
});

test("a fact that was read back is not sent again", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  await stage.enqueue(named("a"));
  await stage.step();
  await confirm(database.sql, [keyOf("a")], stage.clock.now());
  await stage.run(60 * MINUTE_MS, MINUTE_MS);
  expect(stage.came).toHaveLength(1);
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 0 });
});

test("while Flowcore is down a fact waits with growing pauses of at most 20 s", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  stage.answer = async () => {
    throw unavailable();
  };
  await stage.enqueue(named("a"));
  await stage.run(5 * MINUTE_MS);
  const seconds = stage.came.map(({ at }) => at / 1_000);
  expect(seconds).toEqual(OUTAGE_TRIES);
});

test("after an outage the backlog leaves at once, and its resends start from short pauses", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  const answer = stage.answer;
  stage.answer = async () => {
    throw unavailable();
  };
  await stage.enqueue(...several(40));
  await stage.run(30 * MINUTE_MS, 2_000);
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 40, refused: 0 });
  // A couple at a time tries, never the whole backlog.
  expect(stage.came.length).toBeLessThanOrEqual(2 * 900);

  stage.answer = answer;
  stage.came.length = 0;
  await stage.run(MINUTE_MS, 2_000);
  expect(new Set(stage.came.map(({ name }) => name)).size).toBe(40);
  await stage.run(5 * MINUTE_MS, 2_000);
  expect(stage.came.filter(({ name }) => name === "n0")).toHaveLength(2);
});

describe("after our clock was set back by a month", () => {
  const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

  test("an outage is over as soon as the datacore answers, and so is the lack of an event type", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql);
    const { answer } = stage;
    for (const failure of [unavailable(), refused(404)]) {
      stage.answer = async () => {
        throw failure;
      };
      await stage.clock.pause(MONTH_MS);
      await stage.enqueue(named(failure.message));
      await stage.run(10_000);
      await stage.clock.pause(-MONTH_MS);
      stage.answer = answer;
      stage.came.length = 0;
      await stage.run(2_000);
      expect(stage.came.map(({ name }) => name)).toContain(failure.message);
    }
  });

  test("what was confirmed goes in its time", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql);
    await stage.clock.pause(MONTH_MS);
    await stage.step();
    await stage.clock.pause(-MONTH_MS);
    await stage.enqueue(named("a"));
    await stage.step();
    await confirm(database.sql, [keyOf("a")], stage.clock.now());
    await stage.clock.pause(25 * 60 * MINUTE_MS);
    await stage.step();
    expect(await database.sql`select from outbox`).toHaveLength(0);
  });
});

test("in an outage one fact asks for all, no wake-up makes it ask sooner, and each try is one line", async () => {
  await using database = await reusedDatabase();
  const { logger, lines } = recordingLog();
  const told: (string | undefined)[] = [];
  const stage = stageRelay(database.sql, { logger, onOutage: (reason) => told.push(reason) });
  const { answer } = stage;
  stage.answer = async () => {
    throw unavailable();
  };
  for (let n = 0; n < 300; n += 1) {
    // Each new fact wakes it.
    await stage.enqueue(named(`w${n}`));
    await stage.step();
    await stage.clock.pause(1_000);
  }
  const tries = OUTAGE_TRIES;
  expect(stage.came.map(({ at }) => at / 1_000)).toEqual(tries);
  expect(lines.filter((line) => line.includes("datacore.unavailable"))).toHaveLength(tries.length);
  const shown = lines.filter((line) => !line.includes('"level":"debug"'));
  expect(shown).toHaveLength(tries.length);
  // The first try has told already.
  expect(told).toEqual(tries.map(() => "Flowcore answered 503"));

  stage.answer = answer;
  stage.came.length = 0;
  await stage.clock.pause(20_000);
  for (let n = 0; n < 10; n += 1) await stage.step();
  expect(new Set(stage.came.map(({ name }) => name)).size).toBe(300);
  expect(told.at(-1)).toBeUndefined();
});

test("in an outage as few facts ask as requests go at one time, and its end wakes the reader", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql, { concurrency: 3 });
  const { answer } = stage;
  stage.answer = async () => {
    throw unavailable();
  };
  await stage.enqueue(...several(30));
  await stage.step();
  expect(stage.came.length).toBeGreaterThanOrEqual(3);
  expect(stage.came.length).toBeLessThanOrEqual(5);
  expect(stage.rung).toBe(0);
  await stage.clock.pause(1_000);
  await stage.step();
  expect(stage.rung).toBe(0);
  stage.answer = answer;
  await stage.clock.pause(2_000);
  // The one that asks is taken, and the reader need not wait for the others.
  expect(await stage.step()).toBe("more");
  expect(stage.rung).toBe(1);
});

test("an outage is told of by its first fact, and over when the datacore answers, whatever it says", async () => {
  await using database = await reusedDatabase();
  const told: (string | undefined)[] = [];
  const stage = stageRelay(database.sql, { onOutage: (reason) => told.push(reason) });
  stage.answer = async () => {
    throw unavailable();
  };
  await stage.enqueue(named("bad"));
  await stage.step();
  expect(told).toEqual(["Flowcore answered 503"]);
  stage.answer = async () => {
    throw refused(400);
  };
  await stage.clock.pause(1_000);
  await stage.step();
  expect(told).toEqual(["Flowcore answered 503", undefined]);
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 0, refused: 1 });
});

test("one fact that the datacore does not answer for is no outage", async () => {
  await using database = await reusedDatabase();
  const told: unknown[] = [];
  const stage = stageRelay(database.sql, { onOutage: (reason) => told.push(reason) });
  stage.answer = async (name) => {
    if (name === "odd") throw unavailable();
    return "an id";
  };
  await stage.enqueue(named("odd"), ...several(5));
  await stage.step();
  expect(told).toEqual([]);
  expect(new Set(stage.came.map(({ name }) => name)).size).toBe(6);
});

test("a fact that Flowcore refuses is dead-lettered and keeps no other from leaving", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  stage.answer = async (name) => {
    if (name === "bad") throw refused(400);
    return "an id";
  };
  await stage.enqueue(named("bad"), named("good"));
  await stage.run(60 * MINUTE_MS, MINUTE_MS);
  expect(stage.minutesOf("bad")).toEqual([0]);
  expect(stage.minutesOf("good")[0]).toBe(0);
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 1, refused: 1 });
});

test.each([401, 403])(
  "a refused key (%d) stops the pass and is no fact's fault",
  async (status) => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql);
    stage.answer = async () => {
      throw refused(status);
    };
    await stage.enqueue(...several(10));
    await expect(stage.step()).rejects.toThrow(String(status));
    expect(stage.came.length).toBeLessThanOrEqual(2);
    expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 10, refused: 0 });
  },
);

const keptBack = (status: number) =>
  new Failure("unavailable", `something before Flowcore answered ${status}`, { status });

test.each([400, 403])(
  "a fact that a proxy keeps back (%d) while it lets others pass is a dead letter in the end",
  async (status) => {
    await using database = await reusedDatabase();
    const { sql } = database;
    const stage = stageRelay(sql);
    stage.answer = async (name) => {
      if (name === "kept back") throw keptBack(status);
      return "an id";
    };
    await stage.enqueue(named("kept back"));
    for (let minute = 0; minute < 20; minute += 1) {
      await stage.enqueue(named(`m${minute}`));
      await stage.run(MINUTE_MS, 5_000);
    }
    expect(await readOutboxState(sql)).toMatchObject({ waiting: 20, refused: 1 });
    expect(await readUnsentFacts(sql)).toMatchObject([
      { reason: `something before Flowcore answered ${status}` },
    ]);
    expect(stage.minutesOf("kept back")).toHaveLength(18);
  },
);

test("while a proxy lets nothing pass no fact is a dead letter, however long", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const stage = stageRelay(sql);
  const { answer } = stage;
  await stage.enqueue(named("before"));
  await stage.run(MINUTE_MS, 5_000);
  stage.answer = async () => {
    throw keptBack(403);
  };
  await stage.enqueue(...several(3));
  await stage.run(90 * MINUTE_MS, 10_000);
  expect(stage.minutesOf("n0").length).toBeGreaterThan(18);
  expect(await readOutboxState(sql)).toMatchObject({ waiting: 4, refused: 0 });
  stage.answer = answer;
  await stage.run(2 * MINUTE_MS, 5_000);
  const [row] = await sql`select count(*)::int as sent from outbox where sent_at is not null`;
  expect(row?.sent).toBe(4);
});

test("a data core that is not there stops the pass and is no fact's fault", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  stage.answer = async () => {
    throw new Failure("missing", "no data core");
  };
  await stage.enqueue(named("a"));
  await expect(stage.step()).rejects.toThrow("no data core");
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 1, refused: 0 });
});

test("a fact of an event type that only a newer program knows waits for that, also after an outage", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const stage = stageRelay(sql);
  const answer = stage.answer;
  await stage.enqueue(named("newer"), named("known"));
  await sql`
    update outbox set event_type = 'event.sung.0' where idempotency_key = ${keyOf("newer")}
  `;
  await stage.run(30 * MINUTE_MS, MINUTE_MS);
  stage.answer = async () => {
    throw unavailable();
  };
  await stage.enqueue(named("in an outage"));
  await stage.run(5 * MINUTE_MS);
  stage.answer = answer;
  await stage.run(5 * MINUTE_MS);
  expect(stage.minutesOf("newer")).toEqual([]);
  expect(stage.minutesOf("known")[0]).toBe(0);
  expect(stage.minutesOf("in an outage").length).toBeGreaterThan(1);
  expect(await readOutboxState(sql)).toMatchObject({ waiting: 3, failing: 0, refused: 0 });
});

test("a fact whose event type nobody has created yet waits for it", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  stage.answer = async (name) => {
    if (name === "early") throw refused(404);
    return "an id";
  };
  await stage.enqueue(named("early"), named("other"));
  await stage.run(MINUTE_MS);
  expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 2, refused: 0 });
  expect(stage.minutesOf("other")).toEqual([0]);
});

test("of an event type that is not there one fact asks, however often the relay is woken, and it is named", async () => {
  await using database = await reusedDatabase();
  const told: string[][] = [];
  const stage = stageRelay(database.sql, { onMissingTypes: (reasons) => told.push(reasons) });
  const { answer } = stage;
  stage.answer = async (name) => {
    if (name.startsWith("early")) throw refused(404);
    return "an id";
  };
  const early = Array.from({ length: 500 }, (_, n) =>
    eventDeleted({ name: `early${n}`, eventId: `e${n}` }),
  );
  await stage.enqueue(...early);
  for (let n = 0; n < 20; n += 1) {
    await stage.enqueue(named(`other${n}`));
    await stage.step();
    await stage.clock.pause(1_000);
  }
  const asked = stage.came.filter(({ name }) => name.startsWith("early"));
  // Two at a time at first, and then one after 1, 2, 4 and 8 seconds.
  expect(asked.length).toBeLessThanOrEqual(2 + 4);
  expect(told[0]).toEqual(["event.deleted.0: Flowcore answered 404"]);
  const others = stage.came.filter(({ name }) => name.startsWith("other"));
  expect(new Set(others.map(({ name }) => name)).size).toBe(20);

  stage.answer = answer;
  stage.came.length = 0;
  await stage.run(2 * MINUTE_MS, 5_000);
  expect(new Set(stage.came.map(({ name }) => name)).size).toBeGreaterThanOrEqual(500);
  expect(told.at(-1)).toEqual([]);
});

describe("a fact that fails as nobody foresaw", () => {
  const throws = () => Promise.reject(new TypeError("undefined is not an object"));
  const hangs = () => new Promise<never>(() => {});
  test.each([
    ["throws", throws, "TypeError"],
    ["hangs", hangs, "it took longer than 20 ms"],
  ])(
    "and %s keeps no other from leaving, and is a dead letter after five tries",
    async (_, fails, reason) => {
      await using database = await reusedDatabase();
      const stage = stageRelay(database.sql, { limitMs: 20 });
      stage.answer = async (name) => (name === "bad" ? fails() : "an id");
      await stage.enqueue(named("bad"), named("good"));
      await stage.step();
      expect(await readOutboxState(database.sql)).toMatchObject({ failing: 1, refused: 0 });
      expect(await readUnsentFacts(database.sql)).toMatchObject([
        { account: "DACH", type: "event.updated.0", reason, failures: 1, state: "failing" },
      ]);
      await stage.run(5 * MINUTE_MS, 5_000);
      await stage.enqueue(named("later"));
      await stage.run(15 * MINUTE_MS, 5_000);
      expect(stage.minutesOf("good")[0]).toBe(0);
      expect(stage.minutesOf("later")[0]).toBe(5);
      expect(stage.minutesOf("bad")).toHaveLength(5);
      expect(await readUnsentFacts(database.sql)).toMatchObject([{ reason, state: "dead" }]);
      expect(await readOutboxState(database.sql)).toMatchObject({ failing: 0, refused: 1 });
    },
  );

  test("is no dead letter while Flowcore takes nothing from anybody in any time", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, { limitMs: 5 });
    stage.answer = hangs;
    await stage.enqueue(named("a"), named("b"));
    await stage.run(60 * MINUTE_MS, MINUTE_MS);
    expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 2, refused: 0 });
    stage.answer = async () => "an id";
    await stage.run(10 * MINUTE_MS, MINUTE_MS);
    expect(await readOutboxState(database.sql)).toMatchObject({ failing: 0, refused: 0 });
  });
});

test("our own database failing stops the pass and sets nothing aside", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  await stage.enqueue(named("a"));
  await database.sql`alter table outbox rename column sent_at to gone`;
  await expect(stage.step()).rejects.toThrow("sent_at");
  await database.sql`alter table outbox rename column gone to sent_at`;
});

test("as many facts are under way at a time as it is told, and no more", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql, { concurrency: 4 });
  let [underWay, most] = [0, 0];
  stage.answer = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Bun.sleep(2);
    underWay -= 1;
    return "an id";
  };
  await stage.enqueue(...several(20));
  await stage.step();
  expect(stage.came).toHaveLength(20);
  expect(most).toBe(4);
});

test("a fact that was taken before a crash is sent again under its key", async () => {
  await using database = await reusedDatabase();
  const stage = stageRelay(database.sql);
  const crashed = Promise.withResolvers<never>();
  await stage.enqueue(named("a"));
  stage.answer = () => crashed.promise;
  const lost = stage.step();
  while (stage.came.length === 0) await Bun.sleep(1);

  const next = stageRelay(database.sql);
  await next.step();
  expect(next.came.map(({ name }) => name)).toEqual(["a"]);
  crashed.reject(new DOMException("the process is gone", "AbortError"));
  await expect(lost).rejects.toThrow("gone");
});

test("on a stop no further fact leaves, and what is under way is finished", async () => {
  await using database = await reusedDatabase();
  const stop = new AbortController();
  const stage = stageRelay(database.sql, { signal: stop.signal });
  stage.answer = async () => {
    stop.abort();
    return "an id";
  };
  await stage.enqueue(...several(10));
  await stage.step();
  expect(stage.came.length).toBeLessThanOrEqual(2);
  const [row] =
    await database.sql`select count(*)::int as sent from outbox where sent_at is not null`;
  expect(row?.sent).toBe(stage.came.length);
});

test("a relay that lost its turn changes nothing more, whatever it learns of the facts under way", async () => {
  await using database = await reusedDatabase();
  const lost = new Failure("unavailable", "the lease is held by another process");
  let isLost = false;
  const stage = stageRelay(database.sql, {
    concurrency: 4,
    check: async () => {
      if (isLost) throw lost;
    },
  });
  await stage.step();
  isLost = true;
  stage.answer = async (name) => {
    if (name === "late") throw unavailable();
    if (name === "bad") throw refused(400);
    return "an id";
  };
  for (const name of ["sent", "late", "bad"]) {
    await stage.enqueue(named(name));
    await expect(stage.step()).rejects.toBe(lost);
  }
  expect(new Set(stage.came.map(({ name }) => name))).toEqual(new Set(["sent", "late", "bad"]));
  const touched = await database.sql`
    select from outbox
    where attempts > 0 or sent_at is not null or refused_at is not null or reason is not null
  `;
  expect(touched).toHaveLength(0);
});

describe("facts that wait together", () => {
  const together = { together: 10, batchSize: 100 };

  test("go in requests of one event type, in the order in which they wait", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, { ...together, concurrency: 1 });
    await stage.enqueue(...several(15), eventDeleted({ name: "gone" }), named("last"));
    expect(await stage.step()).toBe("more");
    expect(stage.requests).toEqual([10, 6]);
    expect(stage.came.map(({ name }) => name)).toEqual([
      ...several(10).map((_, n) => `n${n}`),
      ...["n10", "n11", "n12", "n13", "n14", "last", "gone"],
    ]);
    expect(await stage.step()).toBe("idle");
    expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 17, refused: 0 });
  });

  test("leave without the one that is refused, which alone is dead-lettered", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, together);
    stage.answer = async (name) => {
      if (name === "n3") throw refused(400);
      return "an id";
    };
    await stage.enqueue(...several(8));
    await stage.step();
    expect(new Set(stage.came.map(({ name }) => name)).size).toBe(8);
    expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 7, refused: 1 });
    expect(await readUnsentFacts(database.sql)).toMatchObject([
      { reason: "Flowcore answered 400" },
    ]);
    const [row] = await database.sql`
      select count(*)::int as sent from outbox where sent_at is not null and attempts = 1
    `;
    expect(row?.sent).toBe(7);
  });

  test("leave without the one that a proxy keeps from Flowcore, which waits alone", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, together);
    stage.answer = async (name) => {
      if (name === "n3") throw new Failure("unavailable", "a proxy answered 400", { status: 400 });
      return "an id";
    };
    await stage.enqueue(...several(8));
    await stage.step();
    const [row] = await database.sql`
      select count(*)::int as sent from outbox where sent_at is not null
    `;
    expect(row?.sent).toBe(7);
    await stage.run(2 * MINUTE_MS, 5_000);
    expect(stage.minutesOf("n3").length).toBeGreaterThan(2);
    expect(await readOutboxState(database.sql)).toMatchObject({ waiting: 8, refused: 0 });
  });

  test("leave without the one that fails as nobody foresaw, which is tried alone until it is dead", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, together);
    stage.answer = async (name) => {
      if (name === "n3") throw new RangeError("of this fact alone");
      return "an id";
    };
    await stage.enqueue(...several(8));
    await stage.run(14 * MINUTE_MS, 5_000);
    expect(stage.requests[0]).toBe(8);
    expect(await readOutboxState(database.sql)).toMatchObject({ refused: 1 });
    expect(await readUnsentFacts(database.sql)).toMatchObject([{ reason: "RangeError" }]);
  });

  test("are asked for by one fact alone when their event type is not there", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, { ...together, concurrency: 1 });
    stage.answer = async () => {
      throw refused(404);
    };
    await stage.enqueue(...several(8));
    await stage.step();
    expect(stage.requests).toEqual([8]);
    expect(stage.came).toHaveLength(1);
    stage.answer = async () => "an id";
    await stage.run(5_000);
    expect(new Set(stage.came.map(({ name }) => name)).size).toBe(8);
  });

  test("may be stored when no answer comes: none is sent again at once, and one asks for all", async () => {
    await using database = await reusedDatabase();
    const stage = stageRelay(database.sql, together);
    stage.answer = async () => {
      throw unavailable();
    };
    await stage.enqueue(...several(8));
    expect(await stage.step()).toBe("idle");
    expect([stage.requests, stage.came.length]).toEqual([[8], 0]);
    stage.answer = async () => "an id";
    await stage.run(5_000);
    expect(new Set(stage.came.map(({ name }) => name)).size).toBe(8);
  });
});

test("a pass that could send nothing ends, and is not begun again at once", async () => {
  await using db = await reusedDatabase();
  const stage = stageRelay(db.sql);
  await stage.enqueue(named("one"));
  expect(await stage.step()).toBe("more");
  await stage.enqueue(named("two"));
  stage.answer = async () => {
    throw refused(422);
  };
  // It is a dead letter, and no other is due.
  expect(await stage.step()).toBe("idle");
});
