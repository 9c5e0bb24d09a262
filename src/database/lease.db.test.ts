import { describe, expect, test } from "bun:test";
import { recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import { stallingProxy } from "../../test/support/stalling-proxy.ts";
import { systemClock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import { type Lease, type LeaseOptions, whileHolding } from "./lease.ts";

const HEARTBEAT_MS = 20;

/** A process that wants the lease and, while it has it, waits to be told to go on. */
function candidate({ url }: TestDatabase, more: Partial<LeaseOptions> = {}) {
  const stop = new AbortController();
  const turns: Lease[] = [];
  let next = Promise.withResolvers<Lease>();
  const { logger, lines } = recordingLog();
  const options: LeaseOptions = {
    ...{ url, name: "consumer", clock: systemClock, logger, signal: stop.signal },
    ...{ heartbeatMs: HEARTBEAT_MS, silentMs: 5_000 },
    ...more,
  };
  const ended = whileHolding(options, async (lease) => {
    turns.push(lease);
    next.resolve(lease);
    await aborted(lease.signal);
    next = Promise.withResolvers<Lease>();
  });
  return {
    turns,
    lines,
    ended,
    holding: () => next.promise,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

const sessions = ({ sql }: TestDatabase) => sql<{ pid: number }[]>`
  select pid from pg_stat_activity
  where application_name = 'vivenu-event-monitor lease consumer' and datname = current_database()
`;

const holders = ({ sql }: TestDatabase) => sql<{ pid: number }[]>`
  select pid from pg_locks
  where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())
`;

describe("a lease", () => {
  test("has one holder, and a standby that takes over when it stops", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database);
    const first = await one.holding();
    await using two = candidate(database);
    await Bun.sleep(3 * HEARTBEAT_MS);
    expect(two.turns).toHaveLength(0);
    await one.stop();
    expect(first.signal.aborted).toBe(true);
    const second = await two.holding();
    expect(second.signal.aborted).toBe(false);
    await database.sql.begin((tx) => second.check(tx));
  });

  test("of another name is another lease", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database);
    await using two = candidate(database, { name: "courier" });
    await Promise.all([one.holding(), two.holding()]);
  });

  test("whose session was killed is lost within heartbeats, and goes to the standby", async () => {
    await using database = await freshDatabase();
    // Only a heartbeat tells before a minute.
    await using one = candidate(database, { silentMs: 60_000 });
    const lost = await one.holding();
    await using two = candidate(database, { silentMs: 60_000 });
    const [holder] = await holders(database);
    const startedAt = performance.now();
    await database.sql`select pg_terminate_backend(${holder?.pid ?? 0})`;
    await Promise.race([two.holding(), aborted(lost.signal).then(() => one.holding())]);
    await aborted(lost.signal);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    await expect(database.sql.begin((tx) => lost.check(tx))).rejects.toThrow("another process");
  });

  test("fences off a holder that does not know yet that it lost it", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database, { heartbeatMs: 60_000 });
    const lost = await one.holding();
    await database.sql.begin((tx) => lost.check(tx));
    const [holder] = await holders(database);
    await database.sql`select pg_terminate_backend(${holder?.pid ?? 0})`;
    await using two = candidate(database);
    await two.holding();
    expect(lost.signal.aborted).toBe(false);
    const late = database.sql.begin(async (tx) => {
      await lost.check(tx);
      await tx`insert into lease values ('written too late', 1)`;
    });
    await expect(late).rejects.toBeInstanceOf(Failure);
    expect(await database.sql`select from lease where name = 'written too late'`).toHaveLength(0);
  });

  test("waits with its new holder until a write of the old one is through", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database, { heartbeatMs: 60_000 });
    const lost = await one.holding();
    await using two = candidate(database);
    const order: string[] = [];
    await database.sql.begin(async (tx) => {
      await lost.check(tx);
      const [holder] = await holders(database);
      await database.sql`select pg_terminate_backend(${holder?.pid ?? 0})`;
      void two.holding().then(() => order.push("new holder"));
      await Bun.sleep(5 * HEARTBEAT_MS);
      order.push("written");
    });
    await two.holding();
    expect(order[0]).toBe("written");
  });

  test("of a frozen holder ends with its session, and goes to the standby", async () => {
    await using database = await freshDatabase();
    // A heartbeat that never comes is what PostgreSQL sees of a frozen process.
    await using one = candidate(database, { heartbeatMs: 60_000, silentMs: 500 });
    const lost = await one.holding();
    await using two = candidate(database);
    await two.holding();
    await expect(database.sql.begin((tx) => lost.check(tx))).rejects.toThrow("another process");
  });

  test("whose session no longer answers is lost after a limited time", async () => {
    await using database = await freshDatabase();
    await using proxy = stallingProxy(database.url);
    await using one = candidate(database, { url: proxy.url, silentMs: 500 });
    const lost = await one.holding();
    const startedAt = performance.now();
    proxy.stall();
    await aborted(lost.signal);
    // Without a limit nothing would ever end it.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    const stoppedAt = performance.now();
    await one.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(15_000);
  });

  test("is had again by who lost it, with a new token", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database);
    const first = await one.holding();
    const [holder] = await holders(database);
    await database.sql`select pg_terminate_backend(${holder?.pid ?? 0})`;
    await aborted(first.signal);
    await Bun.sleep(0);
    const second = await one.holding();
    await database.sql.begin((tx) => second.check(tx));
    await expect(database.sql.begin((tx) => first.check(tx))).rejects.toThrow("another process");
  });

  test("whose work fails is let go, and the failure ends no process", async () => {
    await using database = await freshDatabase();
    const stop = new AbortController();
    const { logger, lines } = recordingLog();
    let turns = 0;
    await whileHolding(
      {
        ...{ url: database.url, name: "consumer", clock: systemClock, logger, signal: stop.signal },
        ...{ heartbeatMs: 0, silentMs: 5_000 },
      },
      async () => {
        turns += 1;
        if (turns === 3) stop.abort();
        // Heartbeats without a pause: it fails in the middle of one.
        await Bun.sleep(12);
        throw new Error("the work failed");
      },
    );
    expect(turns).toBe(3);
    expect(lines.filter((line) => line.includes("the work failed"))).toHaveLength(2);
  });

  test("of a process that is to stop goes on to the standby though its work hangs", async () => {
    await using database = await freshDatabase();
    const stop = new AbortController();
    const { logger, lines } = recordingLog();
    const begun = Promise.withResolvers<Lease>();
    const ended = whileHolding(
      {
        ...{ url: database.url, name: "consumer", clock: systemClock, logger, signal: stop.signal },
        ...{ heartbeatMs: HEARTBEAT_MS, silentMs: 60_000, graceMs: 100 },
      },
      (lease) => {
        begun.resolve(lease);
        return new Promise<never>(() => {});
      },
    );
    const hanging = await begun.promise;
    await using next = candidate(database);
    const startedAt = performance.now();
    stop.abort();
    await ended;
    await next.holding();
    // Long before PostgreSQL would end the silent session.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(lines.some((line) => line.includes("lease.abandoned"))).toBe(true);
    await expect(database.sql.begin((tx) => hanging.check(tx))).rejects.toThrow("another process");
  });

  test("that was lost is not asked for again while its work goes on", async () => {
    await using database = await freshDatabase();
    const stop = new AbortController();
    const { logger } = recordingLog();
    const done = Promise.withResolvers<void>();
    const turns: Lease[] = [];
    const ended = whileHolding(
      {
        ...{ url: database.url, name: "consumer", clock: systemClock, logger, signal: stop.signal },
        ...{ heartbeatMs: HEARTBEAT_MS, silentMs: 5_000, graceMs: 5_000 },
      },
      async (lease) => {
        turns.push(lease);
        if (turns.length === 1) await done.promise;
        else stop.abort();
      },
    );
    while ((await holders(database)).length === 0 || turns.length === 0) await Bun.sleep(5);
    const [holder] = await holders(database);
    await database.sql`select pg_terminate_backend(${holder?.pid ?? 0})`;
    const [first] = turns;
    if (first) await aborted(first.signal);
    await Bun.sleep(5 * HEARTBEAT_MS);
    expect(turns).toHaveLength(1);
    done.resolve();
    await ended;
    expect(turns).toHaveLength(2);
  });

  test("that is given up goes to another, though its work hangs, and whose work hangs is told", async () => {
    await using database = await freshDatabase();
    const stop = new AbortController();
    const { logger, lines } = recordingLog();
    const begun = Promise.withResolvers<Lease>();
    const abandoned = Promise.withResolvers<void>();
    const ended = whileHolding(
      {
        ...{ url: database.url, name: "consumer", clock: systemClock, logger, signal: stop.signal },
        ...{ heartbeatMs: HEARTBEAT_MS, silentMs: 60_000, graceMs: 1, abandonMs: 1 },
        onAbandoned: abandoned.resolve,
      },
      (lease) => {
        begun.resolve(lease);
        return new Promise<never>(() => {});
      },
    );
    const dead = await begun.promise;
    dead.giveUp("the reader gets nothing done");
    await using next = candidate(database);
    // Long before PostgreSQL would end the silent session.
    await next.holding();
    await abandoned.promise;
    await expect(database.sql.begin((tx) => dead.check(tx))).rejects.toThrow("another process");
    expect(lines.some((line) => line.includes("lease.given_up"))).toBe(true);
    stop.abort();
    await ended;
  });

  test("that fails is given up where another waits for it, and kept where nobody does", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database);
    const failing = await one.holding();
    failing.giveUp("it fails", { toAnother: true });
    // Asked over the session that said whether anybody waits.
    await Bun.sleep(5 * HEARTBEAT_MS);
    expect(failing.signal.aborted).toBe(false);
    await using two = candidate(database);
    while ((await sessions(database)).length < 2) await Bun.sleep(HEARTBEAT_MS);
    failing.giveUp("it fails", { toAnother: true });
    await two.holding();
    expect(failing.signal.aborted).toBe(true);
  });

  test("whose work cannot even begin goes to another that can", async () => {
    await using database = await freshDatabase();
    const stop = new AbortController();
    const { logger } = recordingLog();
    const pauses: number[] = [];
    const clock = {
      now: systemClock.now,
      pause(ms: number, signal?: AbortSignal) {
        if (!pauses.includes(ms)) pauses.push(ms);
        // Rests are short here; PostgreSQL has all of its time to answer.
        return systemClock.pause(ms <= 30_000 ? Math.min(ms, HEARTBEAT_MS) : ms, signal);
      },
    };
    const failed = Promise.withResolvers<void>();
    let turns = 0;
    const ended = whileHolding(
      {
        ...{ url: database.url, name: "consumer", clock, logger, signal: stop.signal },
        ...{ heartbeatMs: 1_000, silentMs: 60_000 },
      },
      async () => {
        turns += 1;
        if (turns === 7) failed.resolve();
        throw new Error("no reader could be built");
      },
    );
    await failed.promise;
    await using other = candidate(database);
    await other.holding();
    stop.abort();
    await ended;
    // Each turn leaves the others more time, up to half a minute.
    expect(pauses.filter((ms) => ms <= 30_000)).toEqual(
      expect.arrayContaining([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]),
    );
  });

  test("leaves no session behind, and a standby keeps to one", async () => {
    await using database = await freshDatabase();
    await using one = candidate(database);
    await one.holding();
    await using two = candidate(database);
    await Bun.sleep(5 * HEARTBEAT_MS);
    expect(await sessions(database)).toHaveLength(2);
    await Promise.all([one.stop(), two.stop()]);
    let left = (await sessions(database)).length;
    for (let n = 0; left > 0 && n < 100; n += 1) {
      await Bun.sleep(10);
      left = (await sessions(database)).length;
    }
    expect(left).toBe(0);
  });
});
