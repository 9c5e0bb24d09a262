import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import {
  EventsFetchCommand,
  EventsFetchTimeBucketsByNamesCommand,
  type FlowcoreEvent,
  TenantTranslateNameToIdCommand,
} from "@flowcore/sdk";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import type { DatacoreFaultSettings } from "./fault-catalogue.ts";
import { apiKey, fakeClock, idsOf, refusal, type Stage, stage, tenant } from "./testing.ts";

const START = Date.parse("2025-03-01T00:30:00.000Z");
const HOUR_MS = 3_600_000;
const clock = fakeClock(new Date(START).toISOString());
let hour = 0;
let database: TestDatabase;
let core: Stage;

beforeAll(async () => {
  database = await playedDatabase();
  core = await stage(database.sql, { now: clock.now });
});
/** Every test has an hour of its own. */
afterEach(() => {
  core.faults.clear();
  hour += 3;
  forward(0);
});
afterAll(async () => {
  await core[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const at = (ms: number) => new Date(START + hour * HOUR_MS + ms);
const forward = (ms: number) => clock.set(at(ms).toISOString());
const bucketAt = (ms = 0) => `${at(ms).toISOString().slice(0, 13).replaceAll(/[-T]/g, "")}0000`;

const fetchPage = (more: { pageSize?: number; cursor?: string } = {}, timeBucket = bucketAt()) =>
  core.client.execute(new EventsFetchCommand({ ...core.names, timeBucket, ...more }));
const readBuckets = async () => {
  const range = { fromTimeBucket: bucketAt(), toTimeBucket: bucketAt(HOUR_MS) };
  const command = new EventsFetchTimeBucketsByNamesCommand({ ...core.names, ...range });
  return (await core.client.execute(command)).timeBuckets;
};
const ingest = (n: number) => core.ingest("order.placed.0", { n });
const ingestMany = (count: number) =>
  core.ingestBatch(
    "order.placed.0",
    Array.from({ length: count }, (_, n) => ({ n })),
  );
const numbersOf = (events: FlowcoreEvent[]) => events.map(({ payload }) => Number(payload.n));
const stored = async () => numbersOf((await fetchPage()).events);

/** Every page to the end; more pages than that are no progress. */
async function readPages(pageSize: number) {
  const pages: FlowcoreEvent[][] = [];
  for (let cursor: string | undefined; pages.length < 200; ) {
    const page = await fetchPage({ pageSize, ...(cursor && { cursor }) });
    pages.push(page.events);
    cursor = page.nextCursor;
    if (!cursor) return pages;
  }
  throw new Error("no end");
}

test("a delayed fact is stored, and read when its delay is over", async () => {
  core.faults.set({ visibilityDelay: { minMs: 2_000, maxMs: 2_000, next: 1 } });
  await ingest(1);
  forward(10);
  await ingest(2);
  expect(await stored()).toEqual([2]);
  forward(2_000);
  expect(await stored()).toEqual([1, 2]);
});

test("facts become visible in another order than that of their ids, the same for a seed", async () => {
  const settings = { seed: 5, visibilityDelay: { maxMs: 1_000 } };
  const appearances: number[][] = [];
  for (const round of [0, 1]) {
    core.faults.set(settings);
    forward(round * 10_000);
    const ids = await ingestMany(8);
    const order: number[] = [];
    for (let ms = 0; order.length < 8 && ms <= 1_000; ms += 20) {
      forward(round * 10_000 + ms);
      const visible = idsOf((await fetchPage()).events);
      for (const [n, id] of ids.entries())
        if (visible.includes(id) && !order.includes(n)) order.push(n);
    }
    appearances.push(order);
  }
  const [first = [], second] = appearances;
  expect(second).toEqual(first);
  expect(first.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(first).not.toEqual(first.toSorted());
});

test("revealing ends every delay", async () => {
  core.faults.set({ visibilityDelay: { maxMs: 86_400_000, minMs: 86_400_000 } });
  await ingestMany(3);
  expect(await stored()).toEqual([]);
  expect(await core.reveal()).toEqual({ revealed: 3 });
  expect(await stored()).toEqual([0, 1, 2]);
});

test("writers stamp ids and hours by clocks that differ", async () => {
  forward(-29 * 60_000);
  core.faults.set({ clockSkew: { skewsMs: [0, -120_000] } });
  for (let n = 0; n < 12; n += 1) await ingest(n);
  const own = numbersOf((await fetchPage()).events);
  const before = numbersOf((await fetchPage({}, bucketAt(-HOUR_MS))).events);
  expect([...own, ...before].toSorted((a, b) => a - b)).toEqual([...Array(12).keys()]);
  expect([own.length > 0, before.length > 0]).toEqual([true, true]);
});

test("a fact is stored twice under one id", async () => {
  core.faults.set({ duplicateSameId: { next: 1 } });
  const eventId = await ingest(1);
  await ingest(2);
  const { events } = await fetchPage();
  expect(numbersOf(events)).toEqual([1, 1, 2]);
  expect(idsOf(events).slice(0, 2)).toEqual([eventId, eventId]);
});

test("a fact is stored twice under two ids, one of which is answered", async () => {
  core.faults.set({ duplicateNewId: { next: 1 } });
  const eventId = await ingest(1);
  const { events } = await fetchPage();
  expect(numbersOf(events)).toEqual([1, 1]);
  expect(new Set(idsOf(events)).size).toBe(2);
  expect(idsOf(events)).toContain(eventId);
});

test("a dropped fact is answered with an id and never stored; the rest of its batch is", async () => {
  core.faults.set({ silentDrop: { skip: 1, next: 1 } });
  expect(await ingestMany(3)).toHaveLength(3);
  expect(await stored()).toEqual([0, 2]);
  core.faults.set({ silentDrop: {} });
  expect(await ingest(9)).toMatch(/^[0-9a-f-]{36}$/);
  expect(await stored()).toEqual([0, 2]);
});

test("short and empty pages carry a cursor, and following it reads everything once", async () => {
  const ids = await ingestMany(30);
  core.faults.set({
    shortPages: { probability: 0.7 },
    emptyPages: { probability: 0.5 },
    danglingCursor: {},
  });
  const pages = await readPages(10);
  expect(idsOf(pages.flat())).toEqual(ids);
  expect(pages.some((page) => page.length > 0 && page.length < 10)).toBe(true);
  expect(pages.at(-1)).toEqual([]);

  core.faults.set({ emptyPages: {} });
  expect((await readPages(10)).map(({ length }) => length)).toEqual([0, 10, 0, 10, 0, 10]);
  core.faults.set({ danglingCursor: {} });
  expect((await readPages(100)).map(({ length }) => length)).toEqual([30, 0]);
  core.faults.set({ shortPages: { next: 1 } });
  expect((await fetchPage({ pageSize: 100 })).nextCursor).toBeString();
});

test("an empty page does not lose the boundary that the reading began with", async () => {
  const ids = await ingestMany(3);
  core.faults.set({ emptyPages: { next: 1 } });
  const query = { ...core.names, timeBucket: bucketAt(), afterEventId: ids[0] ?? "" };
  const { nextCursor = "" } = await core.client.execute(new EventsFetchCommand(query));
  const { events } = await fetchPage({ cursor: nextCursor });
  expect(idsOf(events)).toEqual(ids.slice(1));
});

test("a page takes as long as its size says, and above some size it never comes", async () => {
  await ingest(1);
  core.faults.set({ slowPages: { msPerEvent: 0.5, hangAbove: 1_000 } });
  const began = performance.now();
  await fetchPage({ pageSize: 200 });
  expect(performance.now() - began).toBeGreaterThanOrEqual(95);
  const query = { ...core.names, timeBucket: bucketAt() };
  const answer = post("/api/v1/events?pageSize=1001", query, AbortSignal.timeout(30));
  expect(await answer.catch(({ name }) => name)).toBe("TimeoutError");
});

/** Past the SDK, which never gives up. */
const post = (path: string, body: unknown, signal = AbortSignal.timeout(5_000)) =>
  fetch(`${core.url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { authorization: path.startsWith("/api") ? `ApiKey test:${apiKey}` : apiKey },
    signal,
  });
const postEvent = (n: number, signal?: AbortSignal) =>
  post(`/event/${tenant}/${core.dataCoreId}/order.0/order.placed.0`, { n }, signal);

/** What a caller sees: a status, or how the connection ended. */
const outcome = (answer: Promise<Response>) =>
  answer.then(
    ({ status }) => status,
    ({ code, name }) => (code === "ECONNRESET" ? "reset" : name),
  );

/** The same of a request that hangs: its caller gives up when the fault has struck. */
async function outcomeOfHanging(n: number) {
  const caller = new AbortController();
  const answer = outcome(postEvent(n, caller.signal));
  while (Object.keys(core.faults.read().injected).length === 0) await Bun.sleep(1);
  caller.abort();
  return answer;
}

test("ingestion fails before or after the fact was stored", async () => {
  const seen: unknown[] = [];
  const expected: unknown[] = [];
  for (const [n, status] of ([429, 500, 502, 503, 504, "timeout", "reset"] as const).entries()) {
    const ask = () => (status === "timeout" ? outcomeOfHanging(n) : outcome(postEvent(n)));
    core.faults.set({ failBefore: { on: "ingest", status } });
    seen.push([await ask(), (await stored()).includes(n)]);
    core.faults.set({ failAfter: { status } });
    seen.push([await ask(), (await stored()).includes(n)]);
    const caller = status === "timeout" ? "AbortError" : status;
    expected.push([caller, false], [caller, true]);
  }
  expect(seen).toEqual(expected);
});

test("a hanging request can end by itself, and a failed one say when to come again", async () => {
  core.faults.set({ failAfter: { status: "timeout", holdMs: 20 } });
  expect(await outcome(postEvent(1))).toBe("reset");
  core.faults.set({ failBefore: { status: 429, retryAfterS: 3 } });
  const answer = await postEvent(2);
  expect(answer.headers.get("retry-after")).toBe("3");
  expect(await answer.json()).toMatchObject({ status: 429, error: "TOO_MANY_REQUESTS" });
  core.faults.clear();
  expect(await stored()).toEqual([1]);
});

test("a batch that fails afterwards is stored whole; a refused one is not said to have failed", async () => {
  core.faults.set({ failAfter: { status: 503, next: 1 } });
  const failed = (await refusal(core.ingest("order.placed.0", "no object"))).status;
  expect([failed, core.faults.read().injected]).toEqual([400, {}]);
  expect((await refusal(ingestMany(3))).status).toBe(503);
  expect(await stored()).toEqual([0, 1, 2]);
});

test("a fault can be limited to one kind of request", async () => {
  await ingest(1);
  const failing = async () => {
    const resource = new TenantTranslateNameToIdCommand({ tenant });
    const all = [() => ingest(2), fetchPage, readBuckets, () => core.client.execute(resource)];
    const names = ["ingest", "read", "buckets", "resources"];
    const failed: (string | undefined)[] = [];
    for (const [place, ask] of all.entries()) {
      await ask().catch(({ status }) => failed.push(`${names[place]} ${status}`));
    }
    return failed;
  };
  expect(await failing()).toEqual([]);
  for (const on of ["ingest", "buckets"] as const) {
    core.faults.set({ failBefore: { on, status: 502 } });
    expect(await failing()).toEqual([`${on} 502`]);
    core.faults.set({ revokedKey: { on } });
    expect(await failing()).toEqual([`${on} 401`]);
    core.faults.set({ forbidden: { on } });
    expect(await failing()).toEqual([`${on} 403`]);
  }
  core.faults.set({ revokedKey: { on: "read" } });
  expect(await failing()).toEqual(["read 401"]);
});

test("the list of buckets lags behind what is stored", async () => {
  core.faults.set({ bucketLag: { ms: 60_000 } });
  await ingest(1);
  expect([await readBuckets(), await stored()]).toEqual([[], [1]]);
  forward(59_000);
  expect(await readBuckets()).toEqual([]);
  await ingest(2);
  forward(60_000);
  expect(await readBuckets()).toEqual([bucketAt()]);
});

test("the switchboard is set, read and cleared over HTTP", async () => {
  const ask = async (method: string, body?: unknown) => {
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await fetch(`${core.url}/sandbox/faults`, { method, body: text });
    return { status: answer.status, body: await answer.json() };
  };
  const settings: DatacoreFaultSettings = { seed: 9, failBefore: { on: "ingest", status: 503 } };
  expect((await ask("PUT", settings)).status).toBe(200);
  expect((await refusal(ingest(1))).status).toBe(503);
  expect((await ask("GET")).body).toEqual({
    settings: { seed: 9, failBefore: [{ probability: 1, skip: 0, on: "ingest", status: 503 }] },
    injected: { failBefore: 1 },
  });
  const wrong = await ask("PUT", { failBefore: { status: 200 } });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toMatchObject({ message: expect.stringContaining("failBefore.0.status: ") });
  expect((await ask("PUT", { visibilityDelay: { minMs: 2, maxMs: 1 } })).body).toMatchObject({
    message: "visibilityDelay.0.maxMs: must not be less than minMs",
  });
  expect((await ask("POST", {})).status).toBe(405);
  expect((await ask("DELETE")).body).toEqual({ settings: {}, injected: { failBefore: 1 } });
  const revealed = await fetch(`${core.url}/sandbox/reveal`, { method: "POST" });
  expect(await revealed.json()).toEqual({ revealed: 0 });
  await ingest(1);
});
