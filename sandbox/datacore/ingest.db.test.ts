import { afterAll, beforeAll, expect, test } from "bun:test";
import { deflateSync, gzipSync } from "node:zlib";
import { EventsFetchCommand, IngestBatchCommand, IngestEventCommand } from "@flowcore/sdk";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { apiKey, clientOf, fakeClock, idsOf, refusal, type Stage, stage } from "./testing.ts";
import { orderOf } from "./uuid-v1.ts";

const clock = fakeClock("2025-03-01T12:30:00.250Z");
const noon = "20250301120000";
let database: TestDatabase;
let core: Stage;

beforeAll(async () => {
  database = await playedDatabase();
  core = await stage(database.sql, { now: clock.now });
});
afterAll(async () => {
  await core[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const readBucket = async (timeBucket = noon) =>
  (await core.client.execute(new EventsFetchCommand({ ...core.names, timeBucket }))).events;
const readEvent = async (eventId: string, timeBucket = noon) =>
  (await readBucket(timeBucket)).find((event) => event.eventId === eventId);

/** `{"text": "..."}` of exactly so many bytes. */
const payloadOf = (bytes: number) => ({ text: `é${"x".repeat(bytes - 13)}` });

const path = (kind: "event" | "events") =>
  `/${kind}/made-up/${core.dataCoreId}/order.0/order.placed.0`;
const post = (to: string, init: RequestInit & { headers?: Record<string, string> }) =>
  fetch(`${core.url}${to}`, {
    method: "POST",
    ...init,
    headers: { authorization: apiKey, "content-type": "application/json", ...init.headers },
  });

/** What ingestion answers; only the one or the other field is there. */
const answerOf = async (response: Promise<Response>) =>
  (await (await response).json()) as { eventId: string; eventIds: string[] };

test("an event is read back as it was sent, with its names, hour and times", async () => {
  const payload = { n: 1.5, nested: { list: [null, true, "\u0000 ü 🎟 \ud800"] } };
  const eventId = await core.ingest("order.placed.0", payload, {
    metadata: { "audit/user-id": "7" },
  });
  expect(await readEvent(eventId)).toEqual({
    eventId,
    timeBucket: noon,
    ...{ tenant: "made-up", dataCoreId: core.dataCoreId },
    ...{ flowType: "order.0", eventType: "order.placed.0" },
    payload,
    metadata: {
      "audit/user-id": "7",
      producer: "webhook",
      "ingested-at": "2025-03-01T12:30:00.250Z",
      "event-time": "2025-03-01T12:30:00.250Z",
      "valid-time-on/stored-event": "2025-03-01T12:30:00.250Z",
    },
    validTime: "2025-03-01T12:30:00.250Z",
  });
});

test("a batch keeps its order and gives every event an id of its own", async () => {
  const events = Array.from({ length: 500 }, (_, n) => ({ n, text: "x".repeat(1_000) }));
  const eventIds = await core.ingestBatch("order.paid.0", events);
  const stored = (await readBucket()).filter(({ eventType }) => eventType === "order.paid.0");
  expect(idsOf(stored)).toEqual(eventIds);
  expect(stored.map(({ payload }) => payload)).toEqual(events);
});

test("event time decides the hour and valid time, but not the id", async () => {
  const eventId = await core.ingest(
    "order.placed.0",
    {},
    { eventTime: "2025-02-28T23:59:59.999Z" },
  );
  const event = await readEvent(eventId, "20250228230000");
  expect(event?.validTime).toBe("2025-02-28T23:59:59.999Z");
  expect(Number(orderOf(eventId).ts / 10_000n) - 12_219_292_800_000).toBe(clock.now().getTime());
});

test("valid time alone leaves the hour alone", async () => {
  const eventId = await core.ingest(
    "order.placed.0",
    {},
    { validTime: "2024-01-01T01:00:00+01:00" },
  );
  expect((await readEvent(eventId))?.validTime).toBe("2024-01-01T00:00:00.000Z");
});

test("a batch names the fields its times are in and ignores the headers of a single event", async () => {
  const body = JSON.stringify([{ at: "2025-01-01T00:10:00Z", valid: "2025-01-02T00:00:00Z" }, {}]);
  const headers = {
    "x-flowcore-event-time-key": "at",
    "x-flowcore-valid-time-key": "valid",
    "x-flowcore-event-time": "2020-01-01T00:00:00Z",
  };
  const { eventIds } = await answerOf(post(path("events"), { body, headers }));
  expect((await readEvent(eventIds[0] ?? "", "20250101000000"))?.validTime).toBe(
    "2025-01-02T00:00:00.000Z",
  );
  expect((await readEvent(eventIds[1] ?? ""))?.validTime).toBe("2025-03-01T12:30:00.250Z");
});

test("metadata is UTF-8, and Latin-1 as the SDK sends it arrives as mojibake", async () => {
  const encoded = Buffer.from(JSON.stringify({ note: "é 🎟", count: 3 })).toString("base64");
  const { eventId } = await answerOf(
    post(path("event"), {
      body: "{}",
      headers: { "x-flowcore-metadata-json": encoded },
    }),
  );
  expect((await readEvent(eventId))?.metadata).toMatchObject({ note: "é 🎟", count: "3" });
  const latin = await core.ingest("order.placed.0", {}, { metadata: { note: "é" } });
  expect((await readEvent(latin))?.metadata).toMatchObject({ note: "\ufffd" });
});

test("64,000 bytes are stored and one more is refused", async () => {
  const fits = payloadOf(64_000);
  expect(Buffer.byteLength(JSON.stringify(fits))).toBe(64_000);
  await core.ingest("order.placed.0", fits);
  expect(await refusal(core.ingest("order.placed.0", payloadOf(64_001)))).toMatchObject({
    status: 400,
    body: { message: "Event size exceeds maximum limit of 64000 bytes", error: "BAD_REQUEST" },
  });
});

test("one event that is too large keeps the whole batch out", async () => {
  const before = await readBucket();
  expect(
    await refusal(core.ingestBatch("order.placed.0", [{ n: 1 }, payloadOf(64_001), { n: 3 }])),
  ).toMatchObject({
    status: 400,
    body: { message: "Event size exceeds maximum limit of 64000 bytes" },
  });
  expect(await readBucket()).toHaveLength(before.length);
});

test.each(["tenantName", "dataCoreId", "flowTypeName", "eventTypeName"])(
  "an unknown %s is an event type that is not found",
  async (field) => {
    const target = { ...core.target("order.placed.0"), [field]: "unheard-of" };
    const name = Object.values(target).join("/");
    const expected = {
      status: 404,
      body: { code: "NOT_FOUND", message: `EventType not found with name = ${name}` },
    };
    const single = new IngestEventCommand({ ...target, eventData: {} });
    expect(await refusal(core.client.execute(single))).toMatchObject(expected);
    const batch = new IngestBatchCommand({ ...target, events: [{}] });
    expect(await refusal(core.client.execute(batch))).toMatchObject(expected);
  },
);

test("a data core is found by its name too", async () => {
  const target = { ...core.target("order.placed.0"), dataCoreId: "shop" };
  const { success } = await core.client.execute(
    new IngestEventCommand({ ...target, eventData: {} }),
  );
  expect(success).toBe(true);
});

test("what is no event is refused", async () => {
  const base64 = (text: string) => ({ "x-flowcore-metadata-json": btoa(text) });
  const single = (body: string, headers = {}) => post(path("event"), { body, headers });
  const batch = (body: string, headers = {}) => post(path("events"), { body, headers });
  const answers = await Promise.all([
    single("{"),
    single(""),
    single("[]"),
    single("null"),
    single('"text"'),
    single("{}", { "x-flowcore-metadata-json": "%%%" }),
    single("{}", base64("no json")),
    single("{}", base64("[]")),
    single("{}", { "x-flowcore-event-time": "yesterday" }),
    single("{}", { "x-flowcore-event-time": "2025-01-01T00:00:00" }),
    single("{}", { "x-flowcore-valid-time": "2025-02-30T99:00:00Z" }),
    single("{}", { "content-encoding": "gzip" }),
    batch("[]"),
    batch("{}"),
    batch("[{}, 1]"),
    batch('[{"at": 5}]', { "x-flowcore-event-time-key": "at" }),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ status: 400, code: "BAD_REQUEST" });
  }
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
] as const)("a body packed by %s is unpacked", async (encoding, pack) => {
  const { eventId } = await answerOf(
    post(path("event"), {
      body: new Uint8Array(pack(JSON.stringify({ packed: encoding }))),
      headers: { "content-encoding": encoding },
    }),
  );
  expect((await readEvent(eventId))?.payload).toEqual({ packed: encoding });
});

test("a base URL with a trailing slash works, and so does the key in the URL", async () => {
  const client = clientOf(`${core.url}/`);
  const command = new IngestEventCommand({ ...core.target("order.placed.0"), eventData: {} });
  expect(await client.execute(command)).toMatchObject({ success: true });
  const url = `${core.url}/${path("event")}?key=${apiKey}`;
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(200);
});

test("a key that is not known may not ingest", async () => {
  const client = clientOf(core.url, "fc_test_wrong");
  const command = new IngestEventCommand({ ...core.target("order.placed.0"), eventData: {} });
  expect(await refusal(client.execute(command))).toMatchObject({
    status: 401,
    body: { status: 401, code: "UNAUTHORIZED", error: "UNAUTHORIZED" },
  });
  const bare = await fetch(`${core.url}${path("event")}`, { method: "POST", body: "{}" });
  expect(bare.status).toBe(401);
});

test("an id can follow the event's time, where that is how Flowcore does it", async () => {
  await using other = await playedDatabase();
  await using back = await stage(other.sql, { now: clock.now, idFromEventTime: true });
  const eventTime = "2024-06-01T00:00:00.000Z";
  const eventId = await back.ingest("order.placed.0", {}, { eventTime });
  expect(Number(orderOf(eventId).ts / 10_000n) - 12_219_292_800_000).toBe(Date.parse(eventTime));
});
