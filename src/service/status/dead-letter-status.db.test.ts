import { expect, test } from "bun:test";
import { factIdAt } from "../../../test/support/facts.ts";
import {
  deliveryOf,
  eventJson,
  hyrox,
  logger,
  NOON,
  never,
  pace,
} from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { loadConfig } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { acceptance, pack } from "../../intake/webhooks/accept.ts";
import { translator } from "../../intake/webhooks/translate.ts";
import { dropFacts, keepDeadLetters } from "../../projections/consumer/dead-letters.ts";
import { statusReader } from "./status.ts";

const config = loadConfig({
  DATABASE_URL: "postgres://localhost/none",
  BACKEND_API_KEY: "a-key-for-tests-of-the-status",
  FLOWCORE_TENANT: "t",
  FLOWCORE_DATA_CORE: "d",
  FLOWCORE_API_KEY: "fc_a_b",
  DACH_API: "key",
  FRANCE_API: "key-of-france",
  DACH_WEBHOOK_SECRET: "a-webhook-key-for-tests",
});

const SECOND_MS = 1_000;

async function problemsOf(sql: Pool, now: Date) {
  const read = statusReader({
    ...{ sql, config, version: "1.2.3", logger, mirror: () => null },
    clock: { now: () => now, pause: () => Promise.resolve() },
    failing: { read: async () => [] },
  });
  const { problems, inbox, setAside } = await read();
  // Nothing was ever polled here.
  return { problems: problems.filter((problem) => !/polled/.test(problem)), inbox, setAside };
}

test("a delivery that fails as nobody foresaw is named within a minute, with the error's class", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  let now = NOON;
  const clock = { now: () => now, pause: async () => {} };
  const step = translator({ sql, filter: hyrox, pace, clock, logger });
  const deliver = async (changes: Record<string, unknown>) => {
    const body = Buffer.from(deliveryOf("event.updated", { event: eventJson(changes) }));
    const from = { account: "DACH", type: "event.updated", receivedAt: now, eventIds: [] };
    const accept = acceptance({ sql, pace, withinMs: 8_000 });
    await accept({ ...from, body: await pack(body) }, never);
    while ((await step()) === "more");
  };
  await deliver({ updatedAt: "2026-11-18T12:01:00.000Z" });
  // What is kept of the event is not what the program expects, whatever made it so.
  await sql`update event_seen set description = 'null', recorded = false`;
  await deliver({ name: "HYROX older", updatedAt: "2026-11-18T12:00:00.000Z" });
  now = new Date(now.getTime() + 30 * SECOND_MS);
  const { problems, inbox } = await problemsOf(sql, now);
  expect(inbox).toMatchObject({ waiting: 1, failing: 1, refused: 0 });
  expect(problems).toEqual([
    "In the inbox some webhook deliveries fail and are tried again: 1 of 1.",
    "delivery-2 (DACH, event.updated) fails and is tried again: TypeError.",
  ]);
});

test("facts that could not be applied are named until somebody drops them, the newest first and a few of many", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const ids = Array.from({ length: 8 }, (_, n) => factIdAt("2026-03-01T10:00:00Z", n));
  for (const [n, factId] of ids.entries())
    await keepDeadLetters(
      sql,
      [
        {
          ...{ factId, flowType: "vivenu.event.0", timeBucket: "20260301100000" },
          ...{ eventType: "event.updated.0", account: "FRANCE", nextAttemptAt: null },
          reason: "PostgreSQL: 22008",
        },
      ],
      new Date(NOON.getTime() + n * SECOND_MS),
    );
  const said = await problemsOf(sql, NOON);
  expect(said.setAside).toBe(8);
  expect(said.problems[0]).toStartWith("8 facts of the log could not be applied; ");
  expect(said.problems).toHaveLength(6);
  expect(said.problems[1]).toBe(
    `${ids[7]} (FRANCE, event.updated.0) is set aside: PostgreSQL: 22008.`,
  );
  await dropFacts(sql, ids.slice(1), NOON);
  expect((await problemsOf(sql, NOON)).problems[0]).toStartWith("1 fact of the log could not");
  await dropFacts(sql, ids, NOON);
  expect(await problemsOf(sql, NOON)).toMatchObject({ problems: [], setAside: 0 });
});

test("what many of one account's fail at hides nothing of another's, in no queue", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await sql`
    insert into inbox (digest, account, type, received_at, body, failures, first_failed_at, refused_at, reason)
    select sha256(n::text::bytea), account, 'event.updated', at, '', 5, at, at, 'RangeError'
    from ${manyOfOne(sql)}
  `;
  await sql`
    insert into outbox (idempotency_key, flow_type, event_type, payload, recorded_at, next_attempt_at, refused_at, reason)
    select n::text, 'vivenu.event.0', 'event.updated.0', jsonb_build_object('account', account), at, at, at, 'no such type'
    from ${manyOfOne(sql)}
  `;
  await sql`
    insert into set_aside (fact_id, flow_type, time_bucket, event_type, account, reason, set_aside_at)
    select gen_random_uuid(), 'vivenu.event.0', '20260301100000', 'event.updated.0', account, 'bad', at
    from ${manyOfOne(sql)}
  `;
  await sql`
    insert into event_failure (account, event_id, work, reason, first_failed_at, next_attempt_at, failures, own)
    select account, n::text, 'count', 'TypeError', at, at, 3, true from ${manyOfOne(sql)}
  `;
  // What is tried again is told by its channel, and is not what was given up.
  await sql`
    insert into notice (channel, told_of, content, made_at, wanted_at, due_at, attempts, refused_at, reason)
    select
      'races', n::text, jsonb_build_object('notice', jsonb_build_object('region', account)), at, at, at,
      1, case when account = 'FRANCE' then at end, 'it answered with 404'
    from ${manyOfOne(sql)}
  `;
  const { problems } = await problemsOf(sql, NOON);
  const of = (account: string) => problems.filter((problem) => problem.includes(`(${account}, `));
  expect(of("FRANCE").map((problem) => problem.replace(/^\S+ /, ""))).toEqual([
    "(FRANCE, event.updated) is set aside: RangeError.",
    "(FRANCE, event.updated.0) is set aside: no such type.",
    "(FRANCE, event.updated.0) is set aside: bad.",
    "(FRANCE, message to races) is set aside: it answered with 404.",
    "(FRANCE, count an event) fails and is tried again: TypeError.",
  ]);
  expect(of("DACH")).toHaveLength(5);
});

/** One of FRANCE, and a flood of newer ones of DACH. */
const manyOfOne = (sql: Pool) => sql`(
  select n, case when n = 0 then 'FRANCE' else 'DACH' end as account, ${NOON}::timestamptz + n * interval '1 s' as at
  from generate_series(0, 20) as made (n)
) letter`;
