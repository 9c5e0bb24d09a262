import { afterAll, beforeAll, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import {
  handClock,
  logger,
  MINUTE,
  never,
  playedVivenu,
  readFacts,
} from "../../test/support/intake.ts";
import { loadConfig } from "../config/config.ts";
import { readSellerIds } from "../intake/store/sellers.ts";
import { buildPoller, buildVivenuClient } from "./build/build-vivenu.ts";
import { poll } from "./poll.ts";

let database: TestDatabase;
let vivenu: Awaited<ReturnType<typeof playedVivenu>>;
const clock = handClock();

beforeAll(async () => {
  database = await freshDatabase();
  vivenu = await playedVivenu(clock);
});
afterAll(async () => {
  await vivenu[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const accountOf = (region: string) => {
  const account = vivenu.accounts.find((one) => one.region === region);
  if (!account) throw new Error(`no account ${region} is played`);
  return account;
};

/** The service with DACH's key, or whatever else somebody gave it under DACH's name. */
function surroundings(key: string, more: Record<string, string> = {}) {
  const config = loadConfig({
    DATABASE_URL: database.url,
    BACKEND_API_KEY: "a-key-for-tests-of-others-keys",
    FLOWCORE_TENANT: "t",
    FLOWCORE_DATA_CORE: "d",
    FLOWCORE_API_KEY: "fc_id_secret",
    VIVENU_BASE_URL: vivenu.url,
    VIVENU_REGIONS: "DACH",
    DACH_API: key,
    DACH_WEBHOOK_SECRET: "a-webhook-key-for-tests",
    ...more,
  });
  return { config, sql: database.sql, clock, logger };
}

test("another account's key under an account's name loses no event and counts nothing, whoever asks", async () => {
  const { sql } = database;
  const right = surroundings(accountOf("DACH").apiKey);
  const { complete } = await poll(right, never);
  expect(complete).toBe(true);
  const before = await readFacts(sql);
  const seller = await readSellerIds(sql);
  expect(seller.get("DACH")).toBe(accountOf("DACH").sellerId);

  clock.forward(20 * MINUTE);
  const wrong = surroundings(accountOf("FRANCE").apiKey);
  const { accounts } = await poll(wrong, never);
  expect(accounts[0]?.failures).toMatchObject([{ eventId: null, kind: "key_refused" }]);
  const { reason } = accounts[0]?.failures[0] ?? {};
  expect(reason).toContain(`DACH_API is the key of seller ${accountOf("FRANCE").sellerId}`);
  expect(reason).toContain(`DACH_SELLER_ID=${accountOf("FRANCE").sellerId}`);

  const poller = buildPoller(wrong);
  const [{ eventId = "" } = {}] = await sql<{ eventId: string }[]>`
    select event_id from running_count order by event_id limit 1
  `;
  const [account] = wrong.config.vivenu.accounts;
  if (!account) throw new Error("no account is configured");
  const client = () => buildVivenuClient(account, wrong, "recount");
  await expect(poller.pollEvent(client(), eventId, never)).rejects.toThrow("seller");
  await expect(poller.countChanges(client(), never, { withEvents: true })).rejects.toThrow(
    "seller",
  );
  await expect(poller.countChanges(client(), never)).rejects.toThrow("seller");
  const after = (await readFacts(sql)).filter(({ eventType }) => eventType !== "poll.finished.0");
  expect(after).toEqual(before.filter(({ eventType }) => eventType !== "poll.finished.0"));
  expect(await readSellerIds(sql)).toEqual(seller);
});

test("an account that changed hands is read once its new seller is configured", async () => {
  const { apiKey, sellerId } = accountOf("FRANCE");
  const { complete } = await poll(surroundings(apiKey, { DACH_SELLER_ID: sellerId }), never);
  expect(complete).toBe(true);
  expect((await readSellerIds(database.sql)).get("DACH")).toBe(sellerId);
});
