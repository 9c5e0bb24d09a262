import { afterAll, beforeAll, expect, test } from "bun:test";
import { playSmall } from "../../sandbox/vivenu/testing.ts";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { systemClock } from "../lib/clock.ts";
import { listWebhooks, removeWebhooks, syncWebhooks, webhooksExitCode } from "./webhooks.ts";

const PUBLIC = "https://monitor.example.com";
const KEY = "0123456789abcdef-the-key-of-dach";

let database: TestDatabase;
let played: Awaited<ReturnType<typeof playSmall>>;

beforeAll(async () => {
  database = await playedDatabase();
  played = await playSmall(database.sql, {});
});
afterAll(async () => {
  await played.stop();
  await database[Symbol.asyncDispose]();
});

function parts(more: Record<string, string> = {}): { config: Config; clock: typeof systemClock } {
  const accounts = Object.fromEntries(
    played.accounts.map(({ region, apiKey }) => [`${region}_API`, apiKey]),
  );
  const config = loadConfig({
    DATABASE_URL: database.url,
    BACKEND_API_KEY: "a-long-enough-key",
    FLOWCORE_TENANT: "hyrox",
    FLOWCORE_DATA_CORE: "core",
    FLOWCORE_API_KEY: "fc_a_b",
    VIVENU_BASE_URL: played.url,
    VIVENU_SECRET: KEY,
    ...accounts,
    ...more,
  });
  return { config, clock: systemClock };
}

const outcomes = (reports: Awaited<ReturnType<typeof syncWebhooks>>) =>
  [...new Set(reports.map(({ outcome }) => outcome))].join();

test("sync registers one listener an account, and changes nothing the second time", async () => {
  expect(outcomes(await listWebhooks(parts(), PUBLIC))).toBe("missing");
  const first = await syncWebhooks(parts(), PUBLIC);
  expect(outcomes(first)).toBe("created");
  expect(webhooksExitCode(first)).toBe(0);
  expect(outcomes(await syncWebhooks(parts(), PUBLIC))).toBe("fine");
  expect(outcomes(await listWebhooks(parts(), PUBLIC))).toBe("fine");
});

test("a listener changed by hand is put right", async () => {
  await syncWebhooks(parts(), PUBLIC);
  await database.sql`
    update vivenu.listener set enabled = false, events = '{"event.created": true}', hmac_key = 'other'
    where url like ${`${PUBLIC}%dach`}
  `;
  const [dach] = (await listWebhooks(parts(), PUBLIC)).filter(({ region }) => region === "DACH");
  expect(dach?.outcome).toBe("differs");
  expect(dach?.detail).toContain("it is switched off");
  expect(dach?.detail).toContain("its key is another");
  const reports = await syncWebhooks(parts(), PUBLIC);
  expect(reports.find(({ region }) => region === "DACH")?.outcome).toBe("changed");
  expect(outcomes(await listWebhooks(parts(), PUBLIC))).toBe("fine");
});

test("remove deletes ours and no other", async () => {
  const count = async () =>
    (await database.sql<{ n: number }[]>`select count(*)::int as n from vivenu.listener`)[0]?.n ??
    0;
  await syncWebhooks(parts(), PUBLIC);
  const before = await count();
  expect(outcomes(await removeWebhooks(parts(), PUBLIC))).toBe("removed");
  expect(await count()).toBe(before - played.accounts.length);
});

test("an account without a key, or with a refused one, says so and stops no other", async () => {
  const reports = await syncWebhooks(
    parts({ DACH_API: "key_4c1f0b7d92e65a38d0b7f4621c9e85a" }),
    PUBLIC,
  );
  const dach = reports.find(({ region }) => region === "DACH");
  expect(dach?.outcome).toBe("refused");
  expect(dach?.detail.join()).toContain("API key of account DACH");
  expect(reports.filter(({ outcome }) => outcome === "created")).toHaveLength(reports.length - 1);
  const [keyless] = await syncWebhooks(parts({ VIVENU_SECRET: "" }), PUBLIC);
  expect(keyless?.detail.join()).toContain("_WEBHOOK_SECRET");
});

test("no key is ever in what is reported", async () => {
  const all = [
    ...(await listWebhooks(parts(), PUBLIC)),
    ...(await syncWebhooks(parts(), PUBLIC)),
    ...(await removeWebhooks(parts(), PUBLIC)),
  ];
  const said = JSON.stringify(all);
  expect(said).not.toContain(KEY);
  for (const { apiKey, hmacKey } of played.accounts) {
    expect(said).not.toContain(apiKey);
    expect(said).not.toContain(hmacKey);
  }
});
