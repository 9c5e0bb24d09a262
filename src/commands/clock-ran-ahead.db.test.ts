import { afterAll, beforeAll, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import {
  DAY,
  handClock,
  logger,
  MINUTE,
  never,
  playedVivenu,
  readCounts,
  SECOND,
} from "../../test/support/intake.ts";
import { loadConfig } from "../config/config.ts";
import { dueAccounts } from "../intake/polling/schedule.ts";
import { forgetNotedAhead } from "../intake/store/noted-ahead.ts";
import { readLastPolls } from "../intake/store/poll-state.ts";
import { buildPoller, buildVivenuClient } from "./build/build-vivenu.ts";
import { forgetNotedByWrongClock, poll } from "./poll.ts";

let database: TestDatabase;
let vivenu: Awaited<ReturnType<typeof playedVivenu>>;
/** Ours; Vivenu's is right all the time. */
const clock = handClock(new Date());
const theirs = handClock(new Date());

beforeAll(async () => {
  database = await freshDatabase();
  vivenu = await playedVivenu(theirs);
});
afterAll(async () => {
  await vivenu[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function surroundings() {
  const config = loadConfig({
    DATABASE_URL: database.url,
    BACKEND_API_KEY: "a-key-for-tests-of-clocks",
    FLOWCORE_TENANT: "t",
    FLOWCORE_DATA_CORE: "d",
    FLOWCORE_API_KEY: "fc_id_secret",
    VIVENU_BASE_URL: vivenu.url,
    VIVENU_REGIONS: "DACH",
    DACH_API: vivenu.accounts.find(({ region }) => region === "DACH")?.apiKey ?? "",
    DACH_WEBHOOK_SECRET: "a-webhook-key-for-tests",
    // Else Vivenu's own totals contradict what was read, and it is counted anew.
    COUNT_CHECK_INTERVAL: "0",
  });
  return { config, sql: database.sql, clock, logger };
}

/** Half a day from now, so that none becomes due while the test runs, whenever it does. */
const NIGHTLY = `0 ${(clock.now().getUTCHours() + 12) % 24} * * *`;

const due = async () =>
  dueAccounts(NIGHTLY, clock.now(), ["DACH"], await readLastPolls(database.sql));

test("once a clock that ran ahead is right again, nothing waits for the time that it had", async () => {
  const { sql } = database;
  const own = surroundings();
  clock.forward(30 * DAY);
  expect((await poll(own, never)).complete).toBe(true);
  clock.forward(-30 * DAY);
  theirs.forward(20 * MINUTE);

  const [account] = own.config.vivenu.accounts;
  if (!account) throw new Error("no account is configured");
  const poller = buildPoller(own);
  const client = buildVivenuClient(account, own, "launch");
  const [{ ticketId = "", eventId = "" } = {}] = await sql<{ ticketId: string; eventId: string }[]>`
    select ticket_id, event_id from ticket_state where status = 'VALID' order by ticket_id limit 1
  `;
  const refunded = await vivenu.act("POST", `/tickets/${ticketId}/refund`);
  expect(refunded.ok).toBe(true);
  const invalidOf = async () => {
    const [{ invalid = 0 } = {}] = await sql<{ invalid: number }[]>`
      select count(*)::int as invalid from ticket_state
      where event_id = ${eventId} and status = 'INVALID' and ticket_id = ${ticketId}
    `;
    return invalid;
  };
  expect(await due()).toEqual([]);
  await poller.countChanges(client, never);
  expect(await invalidOf()).toBe(0);

  await forgetNotedByWrongClock(own);
  expect(await due()).toEqual(["DACH"]);
  const counts = (await readCounts(sql)).length;
  expect((await poll(own, never)).complete).toBe(true);
  expect(await invalidOf()).toBe(1);
  expect((await readCounts(sql)).length).toBeGreaterThan(counts);
  expect(await due()).toEqual([]);
  clock.forward(5 * SECOND);
  expect(await poller.countChanges(client, never)).toBeDefined();
});

test("what was noted in time stays, and a clock of ours that PostgreSQL contradicts forgets nothing", async () => {
  expect(await forgetNotedAhead(database.sql, new Date())).toEqual([]);
  const behind = new Date(Date.now() - DAY);
  expect(await forgetNotedAhead(database.sql, behind)).toEqual([]);
});
