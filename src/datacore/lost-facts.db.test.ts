import { describe, expect, test } from "bun:test";
import { fakeClock, recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import { eventUpdated } from "../../test/support/facts.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import type { NewFact } from "../contracts/index.ts";
import type { Datacore } from "./datacore.ts";
import { confirm, enqueue } from "./outbox.ts";
import { outboxRelay } from "./outbox-relay.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const FLOW_TYPE = "vivenu.event.0";

/** A log that takes facts and may lose them, read to its end every second. */
async function stageLog() {
  const { sql } = await reusedDatabase();
  const clock = fakeClock("2026-03-01T10:00:00.000Z");
  const log = { loses: false, isRead: true, held: [] as string[], delayMs: 0 };
  const stored: { key: string; at: number }[] = [];
  let taken = 0;
  let readAt = clock.now();
  const said: (number | undefined)[] = [];
  const take = (facts: readonly NewFact[]) => {
    taken += facts.length;
    const at = clock.now().getTime();
    if (!log.loses)
      stored.push(...facts.map(({ payload }) => ({ key: payload.idempotencyKey, at })));
    return facts.map(() => "an id");
  };
  const datacore: Pick<Datacore, "append" | "appendAll"> = {
    append: async (fact) => take([fact])[0] ?? "",
    appendAll: async (facts) => take(facts),
  };
  const step = outboxRelay({
    ...{ sql, clock, logger: recordingLog().logger, check: async () => {}, onSent: () => {} },
    // The cast: a relay only appends.
    datacore: datacore as Datacore,
    ...{ concurrency: 2, batchSize: 400, together: 100 },
    ...{ unconfirmedMs: 5 * MINUTE_MS, keepConfirmedMs: 24 * 60 * MINUTE_MS },
    readHeld: async () => log.held,
    lost: {
      readTimes: async () => new Map([[FLOW_TYPE, readAt]]),
      onLost: (lost) => void said.push(lost?.facts),
    },
  });
  let n = 0;
  return {
    ...{ sql, clock, log, said },
    taken: () => taken,
    async enqueue(facts = 1) {
      const some = Array.from({ length: facts }, (_, at) => eventUpdated({ name: `n${n + at}` }));
      n += facts;
      await enqueue(sql, some, clock.now());
    },
    async passes(ms: number) {
      for (let passed = 0; passed < ms; passed += SECOND_MS) {
        while ((await step()) === "more");
        await clock.pause(SECOND_MS);
        if (!log.isRead) continue;
        readAt = clock.now();
        const shown = stored.filter(({ at }) => at + log.delayMs <= readAt.getTime());
        await confirm(
          sql,
          shown.map(({ key }) => key),
          readAt,
        );
      }
    },
    waiting: async () =>
      (await sql`select from outbox where confirmed_at is null and refused_at is null`).length,
  };
}

test("a fact that the log took and lost is told within half a minute, while the log loses it", async () => {
  const { log, said, enqueue, passes } = await stageLog();
  log.loses = true;
  await enqueue();
  await passes(15 * SECOND_MS);
  expect(said).toEqual([]);
  await passes(15 * SECOND_MS);
  expect(said.at(-1)).toBe(1);
  await passes(6 * MINUTE_MS);
  expect(said.at(-1)).toBe(1);
  expect(said).not.toContain(undefined);
});

test("what a log lost for twenty minutes has arrived within a minute of its end, and few were sent meanwhile", async () => {
  const { log, said, taken, enqueue, passes, waiting } = await stageLog();
  log.loses = true;
  for (let n = 0; n < 20; n += 1) {
    await enqueue(15);
    await passes(MINUTE_MS);
  }
  expect(said.at(-1)).toBeGreaterThan(290);
  // Each is sent once and has its turns after 5 and 15 minutes; beside these six a minute ask.
  expect(taken()).toBeLessThanOrEqual(300 + 2 * 225 + 120);
  log.loses = false;
  await passes(MINUTE_MS);
  expect(said.at(-1)).toBeUndefined();
  expect(await waiting()).toBe(0);
});

test("what a log loses until a moment is told no more 40 s later, whenever each of it was sent", async () => {
  const { log, said, enqueue, passes, waiting } = await stageLog();
  log.loses = true;
  for (let n = 0; n < 20; n += 1) {
    await enqueue(8);
    await passes(3 * SECOND_MS);
  }
  log.loses = false;
  for (let n = 0; n < 13; n += 1) {
    await enqueue(8);
    await passes(3 * SECOND_MS);
  }
  expect(await waiting()).toBe(0);
  expect(said.at(-1)).toBeUndefined();
});

test("a single fact that is lost among others is sent again within a minute", async () => {
  const { log, said, enqueue, passes, waiting } = await stageLog();
  log.loses = true;
  await enqueue();
  await passes(2 * SECOND_MS);
  log.loses = false;
  for (let n = 0; n < 6; n += 1) {
    await enqueue(3);
    await passes(10 * SECOND_MS);
  }
  expect(await waiting()).toBe(0);
  expect(said).toContain(1);
  expect(said.at(-1)).toBeUndefined();
});

describe("is not said to be lost, nor sent again,", () => {
  test("what is shown within some seconds", async () => {
    const { log, said, taken, enqueue, passes } = await stageLog();
    log.delayMs = 15 * SECOND_MS;
    for (let n = 0; n < 10; n += 1) {
      await enqueue(3);
      await passes(10 * SECOND_MS);
    }
    expect(said).toEqual([]);
    expect(taken()).toBe(30);
  });

  test("what a log shows late that has shown everything late for a while", async () => {
    const { log, said, taken, enqueue, passes } = await stageLog();
    log.delayMs = 50 * SECOND_MS;
    for (let n = 0; n < 30; n += 1) {
      await enqueue(8);
      await passes(10 * SECOND_MS);
    }
    expect(said.at(-1)).toBeUndefined();
    expect(taken()).toBeLessThanOrEqual(30 * 8 + 10);
    said.length = 0;
    for (let n = 0; n < 12; n += 1) {
      await enqueue(8);
      await passes(10 * SECOND_MS);
    }
    expect(said).toEqual([]);
    log.delayMs = 0;
    log.loses = true;
    await enqueue();
    await passes(2 * MINUTE_MS);
    expect(said.at(-1)).toBeGreaterThan(0);
  });

  test.each([
    ["while nobody reads the log", { isRead: false }],
    ["while it is held on purpose", { held: [FLOW_TYPE] }],
  ])("%s", async (_, how) => {
    const { log, said, taken, enqueue, passes } = await stageLog();
    Object.assign(log, how, { loses: true });
    await enqueue(3);
    await passes(4 * MINUTE_MS);
    expect(said).toEqual([]);
    expect(taken()).toBe(3);
  });
});
