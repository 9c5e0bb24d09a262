import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  eventUpdated,
  pollFinished,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { projections, readAllRows } from "../../../test/support/given.ts";
import { playedDatacore } from "../../../test/support/played-datacore.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { flowTypes } from "../../contracts/index.ts";
import { enqueue, readOutboxState } from "../../datacore/outbox.ts";
import { outboxRelay } from "../../datacore/outbox-relay.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Applied, consumer } from "./consumer.ts";
import { countDeadLetters, readDeadFacts } from "./dead-letters.ts";
import { defaultPasses } from "./passes.ts";
import { deadLetterRetrier } from "./retry-dead-letters.ts";

const MINUTE_MS = 60_000;

/** Outbox, relay, embedded datacore over HTTP, reader and rows: all that is between intake and people. */
async function raise() {
  let time = new Date("2026-03-01T10:30:00Z");
  const clock: Clock = { now: () => time, pause: async () => {} };
  const database = await reusedDatabase();
  const { sql } = database;
  const played = await playedDatacore({ now: clock.now });
  const { logger } = recordingLog();
  const outcomes: Applied[] = [];
  let resent = 0;
  const carry = outboxRelay({
    check: async () => {},
    ...{ sql, datacore: played.datacore, clock, logger, concurrency: 4, batchSize: 100 },
    ...{ unconfirmedMs: 5 * MINUTE_MS, keepConfirmedMs: 60 * MINUTE_MS },
    onSent: () => {},
    onResent: () => {
      resent += 1;
    },
  });
  const startReaders = () =>
    flowTypes.map((flowType) =>
      consumer({
        ...{ flowType, datacore: played.datacore, sql, projections, clock, logger },
        settings: { ...defaultPasses, pageSize: 3 },
        check: async () => {},
        onApplied: (outcome) => outcomes.push(outcome),
      }),
    );
  let readers = startReaders();
  return {
    sql,
    played,
    outcomes,
    carry,
    clock,
    resent: () => resent,
    after: (ms: number) => {
      time = new Date(time.getTime() + ms);
    },
    enqueue: (...facts: Parameters<typeof enqueue>[1]) => enqueue(sql, facts, clock.now()),
    async read() {
      for (const step of readers) await step();
    },
    restart() {
      readers = startReaders();
    },
    rows: () => readAllRows(sql),
    async [Symbol.asyncDispose]() {
      await played[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const types = Array.from({ length: 5 }, (_, n) =>
  ticketType({ ticketTypeId: `t${n}`, name: `HYROX MEN ${n}` }),
);

test("what is enqueued becomes rows, and its reader says that it arrived", async () => {
  await using stage = await raise();
  const names = Array.from({ length: 10 }, (_, n) => `event ${n}`);
  await stage.enqueue(
    ...names.map((name) => eventUpdated({ eventId: name, name, ticketTypes: types })),
    ...names.map((eventId) =>
      salesCounted({
        eventId,
        ticketTypes: types.map(({ ticketTypeId }) => typeCount({ ticketTypeId, sold: 20 })),
      }),
    ),
    pollFinished(),
  );
  expect(await readOutboxState(stage.sql)).toMatchObject({ waiting: 21 });
  await stage.carry();
  expect(await readOutboxState(stage.sql)).toMatchObject({ waiting: 21 });
  await stage.read();
  expect(await readOutboxState(stage.sql)).toMatchObject({ waiting: 0, oldestWaitingAt: null });
  const { events, ticketTypes } = await stage.rows();
  expect(events.map(({ eventName }) => eventName)).toEqual(names);
  expect(new Set(events.map(({ percentSold }) => percentSold))).toEqual(new Set([20]));
  expect(ticketTypes).toHaveLength(50);
});

test("a fact that the datacore took and lost is sent again and becomes a row", async () => {
  await using stage = await raise();
  await stage.enqueue(eventUpdated({ name: "lost once" }));
  await stage.carry();
  await stage.played.sql`delete from datacore.event`;
  await stage.read();
  expect((await stage.rows()).events).toEqual([]);
  stage.after(5 * MINUTE_MS);
  await stage.carry();
  await stage.read();
  expect((await stage.rows()).events).toMatchObject([{ eventName: "lost once" }]);
  expect(stage.resent()).toBe(1);
  expect(await readOutboxState(stage.sql)).toMatchObject({ waiting: 0 });
});

test("a fact that is in the log under two ids changes nothing more", async () => {
  await using stage = await raise();
  const facts = [
    eventUpdated({ ticketTypes: types }),
    salesCounted({ ticketTypes: [typeCount({ sold: 7 })] }),
  ];
  await stage.enqueue(...facts);
  await stage.carry();
  await stage.read();
  const before = await stage.rows();
  for (const fact of facts) await stage.played.datacore.append(fact);
  await stage.read();
  expect(stage.outcomes.reduce((sum, { applied }) => sum + applied, 0)).toBe(4);
  expect(await stage.rows()).toEqual(before);
});

test("facts that are readable late, behind newer ones, become rows", async () => {
  await using stage = await raise();
  await stage.read();
  await stage.enqueue(eventUpdated({ eventId: "late", name: "late" }));
  await stage.carry();
  const visibleAt = new Date(stage.clock.now().getTime() + 3 * MINUTE_MS);
  await stage.played.sql`update datacore.event set visible_at = ${visibleAt}`;
  stage.after(30_000);
  await stage.enqueue(eventUpdated({ eventId: "newer", name: "newer" }));
  await stage.carry();
  await stage.read();
  expect((await stage.rows()).events).toMatchObject([{ eventName: "newer" }]);
  stage.after(3 * MINUTE_MS);
  await stage.read();
  expect((await stage.rows()).events.map(({ eventName }) => eventName).sort()).toEqual([
    "late",
    "newer",
  ]);
});

test("what nobody can read in the log is set aside, and what is around it becomes rows", async () => {
  await using stage = await raise();
  const { datacore, sql: log } = stage.played;
  for (const name of ["a", "b", "c", "d"])
    await datacore.append(eventUpdated({ eventId: name, name }));
  const ids = await log<{ seq: string }[]>`select seq from datacore.event order by seq`;
  await log`update datacore.event set payload = '"only text"' where seq = ${ids[1]?.seq ?? 0}`;
  await log`update datacore.event set payload = '{"idempotencyKey": "k", "start": 7}' where seq = ${ids[2]?.seq ?? 0}`;
  await stage.read();
  expect((await stage.rows()).events.map(({ eventName }) => eventName)).toEqual(["a", "d"]);
  expect(await countDeadLetters(stage.sql)).toBe(2);
});

test("a fact that the log has under no id of its kind is set aside alone, and becomes rows once it has one", async () => {
  await using stage = await raise();
  const { datacore, sql: log } = stage.played;
  const [, id = ""] = [
    await datacore.append(eventUpdated({ eventId: "a", name: "a" })),
    await datacore.append(eventUpdated({ eventId: "b", name: "b" })),
    await datacore.append(eventUpdated({ eventId: "c", name: "c" })),
  ];
  const other = "5b2f9c1e-0f7a-4c38-9d55-0a1b2c3d4e5f";
  await log`update datacore.event set event_id = ${other} where event_id = ${id}`;
  await stage.read();
  stage.restart();
  await stage.read();
  const names = async () => (await stage.rows()).events.map(({ eventName }) => eventName).sort();
  expect(await names()).toEqual(["a", "c"]);
  const dead = await readDeadFacts(stage.sql);
  expect(dead).toMatchObject([{ state: "dead", account: "DACH", type: "event.updated.0" }]);
  expect(dead[0]?.reason).toContain(`no UUID v1 (${other})`);

  const { logger } = recordingLog();
  const { sql, clock } = stage;
  const { retry } = deadLetterRetrier({ sql, datacore, projections, clock, logger });
  expect(await retry(dead)).toMatchObject([{ outcome: "kept", reason: dead[0]?.reason as string }]);
  await log`update datacore.event set event_id = ${id} where event_id = ${other}`;
  await stage.read();
  expect(await names()).toEqual(["a", "b", "c"]);
  expect(await retry(dead)).toMatchObject([
    { outcome: "kept", reason: "the log does not show it" },
  ]);
});

test("a reader that starts again in the middle ends with the same rows", async () => {
  await using stage = await raise();
  for (let n = 0; n < 6; n += 1) {
    await stage.enqueue(eventUpdated({ eventId: `e${n}`, name: `${n}`, ticketTypes: types }));
    await stage.carry();
    stage.after(25 * MINUTE_MS);
    stage.restart();
    await stage.read();
  }
  expect((await stage.rows()).events).toHaveLength(6);
  expect(stage.outcomes.reduce((sum, { applied }) => sum + applied, 0)).toBe(6);
});
