import { afterAll, beforeAll, expect, test } from "bun:test";
import { playSmall } from "../../../sandbox/vivenu/testing.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  handClock,
  logger,
  MINUTE,
  NOON,
  project,
  readFacts,
  SECOND,
} from "../../../test/support/intake.ts";
import { playedDatabase } from "../../../test/support/played-database.ts";
import { loadConfig } from "../../config/config.ts";
import type { Lease } from "../../database/lease.ts";
import { wakeSignal } from "../../lib/loop.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { readLastPolls } from "../../projections/tables/polls.ts";
import { failingLoops } from "../status/failing.ts";
import { rush } from "./rush.ts";
import { vivenuLoops } from "./vivenu.ts";

let outside: TestDatabase;
let played: Awaited<ReturnType<typeof playSmall>>;
let database: TestDatabase;

beforeAll(async () => {
  outside = await playedDatabase();
  played = await playSmall(outside.sql);
  database = await freshDatabase();
});
afterAll(async () => {
  await played.stop();
  await database[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

/** Whoever asks Vivenu for one account, whose loops take a step when the test says so. */
async function asking() {
  const { sql } = database;
  const clock = handClock(NOON);
  const dach = played.accounts.find(({ region }) => region === "DACH");
  const config = loadConfig({
    DATABASE_URL: database.url,
    BACKEND_API_KEY: "a-long-enough-key",
    FLOWCORE_TENANT: "hyrox",
    FLOWCORE_DATA_CORE: "core",
    FLOWCORE_API_KEY: "fc_a_b",
    VIVENU_BASE_URL: played.url,
    VIVENU_SECRET: "0123456789abcdef-the-key-of-dach",
    DACH_API: dach?.apiKey,
  });
  const over = new AbortController();
  const lease: Lease = {
    ...{ name: "poller", token: 1n, signal: over.signal, giveUp: () => over.abort() },
    check: async () => {},
  };
  const steps = new Map<string, (progress: () => void) => Promise<"more" | "idle">>();
  const context = {
    ...{ config, sql, clock, logger, version: "1.2.3", pollOnStart: false },
    ...{ failing: failingLoops(sql), metrics: createMetrics(), rush: rush(clock) },
    wakeSignals: {
      ...{ inbox: wakeSignal(), outbox: wakeSignal(), actionsFor: wakeSignal },
      ...{ rows: new Set<never>(), facts: new Set<never>() },
    },
    run: async (name: string, step: (progress: () => void) => Promise<"more" | "idle">) =>
      void steps.set(name, step),
  };
  await vivenuLoops(context)(lease);
  let projected = 0;
  return {
    clock,
    /** A look at which polls are due; says whether the last poll read everything. */
    async poller() {
      await steps.get("poller")?.(() => {});
      const facts = await readFacts(sql);
      await project(sql, facts.slice(projected));
      projected = facts.length;
      const [last] = await readLastPolls(sql);
      return last?.complete;
    },
  };
}

test("an account whose first poll found its key refused is polled within a minute after it is given another, also behind a restart", async () => {
  played.faults.set({ refused: { status: 401 } });
  const first = await asking();
  expect(await first.poller()).toBe(false);
  const next = await asking();
  next.clock.forward(5 * MINUTE);
  expect(await next.poller()).toBe(false);
  played.faults.clear();
  next.clock.forward(30 * SECOND);
  expect(await next.poller()).toBe(true);
});
