import { expect, test } from "bun:test";
import type { TestDatabase } from "../../../test/support/database.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { until } from "../../../test/support/stage.ts";
import { connect, type Pool } from "../../database/connect.ts";
import type { Lease } from "../../database/lease.ts";
import { saveAccountReading } from "../../intake/store/account-reading.ts";
import { systemClock as clock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { type Failing, failingLoops } from "./failing.ts";
import { keyWatch, readRefusedKeys } from "./keys.ts";
import { measure } from "./measure.ts";

const at = (hour: number) => new Date(Date.UTC(2026, 1, 3, hour));

const polled = ({ sql }: TestDatabase, account: string, hour: number, kinds: string[]) => sql`
  insert into poll values (
    ${account}, ${`poll of ${hour}`}, ${at(hour)}, ${at(hour)}, ${kinds.length === 0}, 0, 0, 0, 1,
    ${JSON.stringify(kinds.map((kind) => ({ eventId: null, kind, reason: "so" })))}::text::jsonb
  )
`;

/** One replica's view, whoever it is. */
const refusedOf = async ({ sql }: TestDatabase) =>
  [...(await readRefusedKeys(sql, failingLoops(sql))).refused].sort();

/** The turn of one process at a lease. */
async function turn({ sql }: TestDatabase, token: number) {
  await sql`
    insert into lease (name, token) values ('poller', ${token})
    on conflict (name) do update set token = excluded.token
  `;
  const signal = new AbortController().signal;
  const lease: Lease = {
    name: "poller",
    token: BigInt(token),
    signal,
    check: async () => {},
    giveUp: () => {},
  };
  const failing = failingLoops(sql);
  return { failing, ...keyWatch({ failing, clock, lease }) };
}

test("a key that the last poll was refused with is refused for whoever is asked, and no other is", async () => {
  await using database = await reusedDatabase();
  await polled(database, "DACH", 2, ["key_refused"]);
  await polled(database, "FRANCE", 2, ["unavailable"]);
  await polled(database, "ITALY", 1, ["key_refused"]);
  await polled(database, "ITALY", 2, []);
  expect(await refusedOf(database)).toEqual(["DACH"]);
});

test("a key is good again once its account was followed after that poll", async () => {
  await using database = await reusedDatabase();
  await polled(database, "DACH", 2, ["key_refused"]);
  await saveAccountReading(database.sql, "DACH", { followedAt: at(1) });
  expect(await refusedOf(database)).toEqual(["DACH"]);
  await saveAccountReading(database.sql, "DACH", { followedAt: at(3) });
  expect(await refusedOf(database)).toEqual([]);
});

test("what a count was refused with is seen by every replica until it is not, or the lease is another's", async () => {
  await using database = await reusedDatabase();
  const first = await turn(database, 1);
  const sees = (accounts: string[]) =>
    until(async () => (await refusedOf(database)).join() === accounts.join(), {
      withinMs: 10_000,
      what: `refused: ${accounts}`,
    });
  first.onFailed({ account: "DACH", isKeyRefused: true });
  first.onFailed({ account: "FRANCE", isKeyRefused: false });
  await sees(["DACH"]);
  // Vivenu being away says nothing of the key.
  first.onFailed({ account: "DACH", isKeyRefused: false });
  await sees(["DACH"]);
  first.onCounted({ account: "DACH" });
  await sees([]);
  first.onFailed({ account: "DACH", isKeyRefused: true });
  await sees(["DACH"]);
  const second = await turn(database, 2);
  await sees([]);
  // Nor does the process that lost it go on saying so.
  first.end();
  expect(await first.failing.read()).toEqual([]);
  second.onFailed({ account: "ITALY", isKeyRefused: true });
  await sees(["ITALY"]);
  second.end();
  await sees([]);
});

test("the metric says so for every account, and /status in words", async () => {
  await using database = await reusedDatabase();
  await polled(database, "FRANCE", 2, ["key_refused"]);
  const { failing, onFailed } = await turn(database, 1);
  onFailed({ account: "DACH", isKeyRefused: true });
  const metrics = createMetrics();
  const logger = createLogger("silent");
  const budget = { accounts: ["DACH", "FRANCE", "ITALY"], perHour: 1 };
  await measure({
    ...{ sql: database.sql, clock, logger, metrics, budget, failing, channels: [] },
  });
  const text = await metrics.registry.metrics();
  for (const [account, value] of Object.entries({ DACH: 1, FRANCE: 1, ITALY: 0 }))
    expect(text).toContain(`account_key_refused{account="${account}"} ${value}\n`);
  // Who was never polled completely is told by an alert of its own.
  expect(text).toContain(`last_complete_poll_timestamp_seconds{account="ITALY"} 0\n`);
  // It is no loop: one alert is enough.
  expect(text).not.toContain("loop_failing{");
  expect(await failing.read()).toEqual([
    {
      ...{ loop: "the key of DACH", account: "DACH" },
      message: expect.stringContaining("valid seller API key"),
    },
  ]);
});

test("an account that is configured no more is measured no more, whatever is known of its polls", async () => {
  await using database = await reusedDatabase();
  await polled(database, "NORWAY", 2, []);
  await polled(database, "DACH", 2, []);
  const { failing } = await turn(database, 1);
  const text = await measured(database.sql, failing);
  const at = /last_complete_poll_timestamp_seconds\{account="DACH"\} (\d+)/.exec(text)?.[1];
  expect(Number(at)).toBeGreaterThan(1_000_000_000);
  expect(text).not.toContain("NORWAY");
});

test("while PostgreSQL does not answer, what fails in this process is measured and nothing of before", async () => {
  await using database = await reusedDatabase();
  const { failing } = await turn(database, 1);
  const metrics = createMetrics();
  failing.note("courier", "it fails", clock.now());
  await measured(database.sql, failing, metrics);
  failing.clear("courier");
  failing.note("translator", "PostgreSQL: 57P01", clock.now());
  const gone = connect("postgres://nobody:x@127.0.0.1:1/none");
  const text = await measured(gone, failing, metrics);
  await gone.end();
  const said = [...text.matchAll(/loop_failing\{loop="(\w+)"\} (\d)/g)].map(([, ...one]) => one);
  expect(said).toEqual([["translator", "1"]]);
});

test("whoever scrapes is answered while a lock keeps PostgreSQL from answering", async () => {
  await using database = await reusedDatabase();
  const { failing } = await turn(database, 1);
  const locker = database.connect();
  await locker.begin(async (tx) => {
    await tx`lock table outbox in access exclusive mode`;
    const begun = performance.now();
    const text = await measured(database.sql, failing, createMetrics(), 300);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(text).not.toMatch(/^\w+outbox_waiting_facts \d/m);
  });
  await locker.end({ timeout: 5 });
  expect(await measured(database.sql, failing)).toMatch(/^\w+outbox_waiting_facts 0$/m);
});

async function measured(sql: Pool, failing: Failing, metrics = createMetrics(), limitMs = 5_000) {
  const budget = { accounts: ["DACH"], perHour: 1 };
  const logger = createLogger("silent");
  await measure({ sql, clock, logger, metrics, budget, failing, channels: [], limitMs });
  return metrics.registry.metrics();
}
