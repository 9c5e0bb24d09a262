import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import type { SheetsFaultSettings } from "./faults.ts";
import { type PlayedSheets, playSheets } from "./server.ts";
import { visit } from "./visit.ts";

const spreadsheetId = "played-spreadsheet";
const serviceAccountEmail = "mirror@played.example.com";

let database: TestDatabase;
let played: PlayedSheets;
let client: ReturnType<typeof visit>;
let tabs = 0;

beforeAll(async () => {
  database = await playedDatabase();
  played = await playSheets({
    ...{ sql: database.sql, port: 0, spreadsheetId, serviceAccountEmail, log: () => {} },
    quota: { readsPerMinute: 10_000, writesPerMinute: 10_000 },
  });
  client = visit({ ...played, serviceAccountEmail });
});
afterEach(() => played.faults.clear());
afterAll(async () => {
  await played.stop();
  await database[Symbol.asyncDispose]();
});

/** A status, or how the connection ended. */
const outcome = (call: Promise<{ status: number }>) =>
  call.then(
    ({ status }) => status,
    ({ status, code, name }) => status ?? code ?? name,
  );
const read = (signal?: AbortSignal) =>
  outcome(client.get({ spreadsheetId }, { retry: false, ...(signal && { signal }) }));
const addTab = (title: string, signal?: AbortSignal) => {
  const requestBody = { requests: [{ addSheet: { properties: { title } } }] };
  const options = { retry: false, ...(signal && { signal }) };
  return outcome(client.batchUpdate({ spreadsheetId, requestBody }, options));
};
const newTitle = () => `Tab ${++tabs}`;
const hasTab = async (title: string) => {
  const { data } = await client.get({ spreadsheetId });
  return data.sheets?.some(({ properties }) => properties?.title === title) ?? false;
};
const waitUntil = async (isSo: () => Promise<boolean> | boolean) => {
  while (!(await isSo())) await Bun.sleep(2);
};

/** What became of a write under a fault: what the caller saw, and whether it was carried out. */
async function writeUnder(settings: SheetsFaultSettings) {
  played.faults.set(settings);
  const title = newTitle();
  const seen = await addTab(title);
  played.faults.clear();
  return [seen, await hasTab(title)];
}

test("a write fails before or after it was carried out", async () => {
  for (const status of [401, 403, 429, 500, 503] as const)
    expect(await writeUnder({ failBefore: { on: "write", status } })).toEqual([status, false]);
  for (const status of [500, 503] as const)
    expect(await writeUnder({ failAfter: { status } })).toEqual([status, true]);
  const reset = { status: "reset" } as const;
  expect(await writeUnder({ failBefore: { on: "write", ...reset } })).toEqual([
    "ECONNRESET",
    false,
  ]);
  expect(await writeUnder({ failAfter: reset })).toEqual(["ECONNRESET", true]);
  const hanging = { status: "timeout", holdMs: 10 } as const;
  expect(await writeUnder({ failBefore: { on: "write", ...hanging } })).toEqual([
    "ECONNRESET",
    false,
  ]);
  expect(await writeUnder({ failAfter: hanging })).toEqual(["ECONNRESET", true]);
});

test("a request hangs until its caller gives up", async () => {
  played.faults.set({ failAfter: { status: "timeout" } });
  const caller = new AbortController();
  const title = newTitle();
  const answer = addTab(title, caller.signal);
  await waitUntil(() => played.faults.read().injected.failAfter === 1);
  caller.abort();
  expect(String(await answer)).toMatch(/abort/i);
  expect(await hasTab(title)).toBe(true);
});

test("a refusal is in Google's words", async () => {
  played.faults.set({ failBefore: { on: "read", status: 429 } });
  const error = await client.get({ spreadsheetId }).catch((thrown) => thrown);
  expect(error.response.data.error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
});

test("reads, writes and tokens fail each on their own", async () => {
  played.faults.set({ failBefore: { on: "read", status: 503 } });
  expect([await read(), await addTab(newTitle())]).toEqual([503, 200]);
  played.faults.set({ failBefore: { on: "write", status: 503 } });
  expect([await read(), await addTab(newTitle())]).toEqual([200, 503]);
  played.faults.set({ failBefore: { on: "token", status: 500 } });
  expect(await read()).toBe(200);
  const newcomer = visit({ ...played, serviceAccountEmail });
  expect(await outcome(newcomer.get({ spreadsheetId }))).toBe(500);
  expect((await fetch(`${played.url}/sheets`)).status).toBe(200);
});

test("a late write is carried out though its caller has given up", async () => {
  const caller = new AbortController();
  const title = newTitle();
  played.faults.set({ lateWrite: { ms: 300, next: 1 } });
  const answer = addTab(title, caller.signal);
  await waitUntil(() => played.faults.read().injected.lateWrite === 1);
  await Bun.sleep(5);
  caller.abort();
  expect(String(await answer)).toMatch(/abort/i);
  expect(await hasTab(title)).toBe(false);
  await waitUntil(() => hasTab(title));
});

test("the same seed strikes the same writes again, over HTTP too", async () => {
  const run = async () => {
    const body = JSON.stringify({ seed: 4, failBefore: { status: 500, probability: 0.5 } });
    const put = await fetch(`${played.url}/sandbox/faults`, { method: "PUT", body });
    expect(put.status).toBe(200);
    const seen: unknown[] = [];
    for (let n = 0; n < 8; n += 1) seen.push(await read());
    return seen;
  };
  const first = await run();
  expect(await run()).toEqual(first);
  expect(new Set(first)).toEqual(new Set([200, 500]));
  const off = await fetch(`${played.url}/sandbox/faults`, { method: "DELETE" });
  expect(await off.json()).toMatchObject({ settings: {} });
  expect(await read()).toBe(200);
});
