import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  deliveryOf,
  eventJson,
  found,
  handClock,
  logger,
  MINUTE,
  receiver,
  SELLER_ID,
} from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { until } from "../../../test/support/stage.ts";
import { loadConfig } from "../../config/config.ts";
import { saveSeller } from "../../intake/store/sellers.ts";
import type { WebhookAccount } from "../../intake/webhooks/address.ts";
import type { Verdict } from "../../intake/webhooks/webhook-outcome.ts";
import { messageOf } from "../../lib/failure.ts";
import { failingLoops } from "./failing.ts";
import { statusReader } from "./status.ts";
import { webhookProblems } from "./webhook-problems.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await emptyTables(database.sql, "inbox, webhook_seen");
});

const config = loadConfig({
  DATABASE_URL: "postgres://db.example.com/monitor",
  BACKEND_API_KEY: "sixteen-letters-and-more",
  FLOWCORE_TENANT: "hyrox",
  FLOWCORE_DATA_CORE: "monitor",
  FLOWCORE_API_KEY: "fc_id_secret",
  DACH_API: "key_of_a_test",
});

/** The receiver, and what /status says of it. */
function start(options: { answerWithinMs?: number; accounts?: WebhookAccount[] } = {}) {
  const clock = handClock();
  const { sql } = database;
  const problems = webhookProblems(clock);
  const verdicts: Verdict[] = [];
  const door = receiver({
    ...{ sql, clock, ...options },
    onVerdict(verdict) {
      verdicts.push(verdict);
      problems.note(verdict);
    },
  });
  const readStatus = statusReader({
    ...{ sql, config, clock, logger, version: "0", mirror: () => null, failing: failingLoops(sql) },
    webhooks: problems,
  });
  return {
    ...{ clock, verdicts, note: problems.note, ...door },
    readAll: readStatus,
    readNotes: async () => (await readStatus()).notes,
    read: async () => (await readStatus()).problems.filter((one) => one.includes("got 503")),
  };
}

const updated = (changes = {}) => deliveryOf("event.updated", { event: eventJson() }, changes);

test("/status names the session that has the inbox for itself, and the webhooks that got 503", async () => {
  const { send, readAll } = start({ answerWithinMs: 400 });
  const locker = database.connect();
  const gate = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<number>();
  const holding = locker.begin(async (tx) => {
    await tx`set local application_name = 'psql'`;
    const [own] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    // Readers wait as well, as they do for `vacuum full` and `alter table`.
    await tx`lock table inbox in access exclusive mode`;
    locked.resolve(own?.pid ?? 0);
    await gate.promise;
  });
  const pid = await locked.promise;
  expect(await send(updated())).toBe(503);
  const failure = await readAll().catch((error: unknown) => error);
  gate.resolve();
  await holding;
  await locker.end();
  expect(failure).toMatchObject({ kind: "unavailable" });
  expect(messageOf(failure)).toContain(
    `(pid ${pid}, psql, idle in transaction) holds a lock on inbox`,
  );
  expect(messageOf(failure)).toContain("A webhook of DACH got 503");
  expect((await readAll()).inbox.waiting).toBe(0);
});

test("/status says that webhooks are not kept and why, and that they are again", async () => {
  const { send, read, clock } = start({ answerWithinMs: 400 });
  const locker = database.connect();
  const gate = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = locker.begin(async (tx) => {
    // Readers, as /status is one, go on.
    await tx`lock table inbox in share row exclusive mode`;
    locked.resolve();
    await gate.promise;
  });
  await locked.promise;
  const bodies = [updated(), updated()];
  for (const body of bodies) {
    expect(await send(body)).toBe(503);
    clock.forward(MINUTE);
  }
  // PostgreSQL gives it up a little before the receiver does, and on a busy machine a little after.
  expect(await read()).toEqual([
    expect.stringMatching(
      /^2 webhooks of DACH got 503 since 2026-11-18T12:00:00.000Z: (PostgreSQL: 55P03 \(a lock was not had in time\)|it took longer than 400 ms)\. Vivenu repeats them for two hours\.$/,
    ),
  ]);
  gate.resolve();
  await holding;
  await locker.end();
  for (const body of bodies)
    await until(async () => (await send(body)) === 200, { withinMs: 10_000, what: "it is kept" });
  expect(await read()).toEqual([]);
});

test("/status says of an account's first webhooks that its seller is not known yet, until one is taken", async () => {
  const { sql } = database;
  await emptyTables(sql, "seller");
  const { send, read } = start({
    accounts: [{ region: "DACH", keys: ["dach-key"], sellerId: undefined }],
  });
  expect(await send(updated())).toBe(503);
  expect(await read()).toEqual([
    "A webhook of DACH got 503 since 2026-11-18T12:00:00.000Z: the account's seller is not known before its first poll, and then they are taken (a _SELLER_ID of the account needs none). Vivenu repeats them for two hours.",
  ]);
  await saveSeller(sql, "DACH", { _id: SELLER_ID, currency: "EUR" }, new Date());
  expect(await send(updated())).toBe(200);
  expect(await read()).toEqual([]);
});

test("/status names the path that a listener has wrong, for as long as it may be so", async () => {
  const { send, read, clock } = start();
  expect(await send(updated(), { path: "/webhooks/vivenu/spain" })).toBe(503);
  expect(await send(updated({ sellerId: "another-seller" }))).toBe(503);
  expect(await read()).toEqual([
    "A webhook of an account that cannot be told got 503 since 2026-11-18T12:00:00.000Z: no account of this name is configured (sent to /webhooks/vivenu/spain). Vivenu repeats them for two hours.",
    "A webhook of DACH got 503 since 2026-11-18T12:00:00.000Z: its seller is not this account's. Vivenu repeats them for two hours.",
  ]);
  expect(await send(updated({ sellerId: SELLER_ID }))).toBe(200);
  expect(await read()).toHaveLength(1);
  clock.forward(30 * MINUTE);
  expect(await read()).toEqual([]);
});

test("/status says nothing of what strangers send", async () => {
  const { post, read, verdicts } = start();
  for (const path of ["/webhooks/vivenu/DACH", "/webhooks/vivenu/spain", "/webhooks/x"])
    await post(path, updated(), "0".repeat(64));
  expect(verdicts).toHaveLength(3);
  expect(await read()).toEqual([]);
  expect(found(JSON.stringify(verdicts), ["HYROX", "dach-key"])).toEqual([]);
});

test("/status notes that bodies take all the memory, and is no worse for it", async () => {
  const { clock, note, read, readNotes } = start();
  for (let i = 0; i < 20; i += 1) note({ outcome: "busy", account: "DACH", detail: "" });
  expect(await readNotes()).toEqual([]);
  note({ outcome: "slow", account: null, detail: "" });
  expect(await readNotes()).toEqual([
    expect.stringMatching(
      /^21 webhook bodies found no room or came too slowly since 2026-11-18T12/,
    ),
  ]);
  expect(await read()).toEqual([]);
  clock.forward(5 * MINUTE);
  expect(await readNotes()).toEqual([]);
});
