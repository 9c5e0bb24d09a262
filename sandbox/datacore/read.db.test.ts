import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  EventListCommand,
  EventsFetchCommand,
  EventsFetchTimeBucketsByNamesCommand,
  EventTypeInfoCommand,
  type FlowcoreEvent,
  TimeBucketListCommand,
} from "@flowcore/sdk";
import type { TestDatabase } from "../../test/support/database.ts";
import { playedDatabase } from "../../test/support/played-database.ts";
import { playDatacore } from "./server.ts";
import {
  apiKey,
  clientOf,
  fakeClock,
  idsOf,
  refusal,
  refusals,
  type Stage,
  stage,
} from "./testing.ts";
import { orderOf } from "./uuid-v1.ts";

const clock = fakeClock("2025-03-01T10:00:00Z");
const ten = "20250301100000";
const buckets = [ten, "20250301110000", "20250301120000", "20250301130000", "20250301140000"];
const ids: string[] = [];
let database: TestDatabase;
let core: Stage;

interface Boundaries {
  pageSize?: number;
  fromEventId?: string;
  afterEventId?: string;
  toEventId?: string;
}

/** Twenty events at ten, both types by turns and several in a millisecond; one in each later hour. */
beforeAll(async () => {
  database = await playedDatabase();
  core = await stage(database.sql, { now: clock.now });
  for (let n = 0; n < 20; n += 1) {
    clock.set(`2025-03-01T10:00:00.${String(Math.floor(n / 4) * 10).padStart(3, "0")}Z`);
    ids.push(await core.ingest(n % 2 === 0 ? "order.placed.0" : "order.paid.0", { n }));
  }
  for (const hour of [11, 12, 13, 14]) {
    clock.set(`2025-03-01T${hour}:00:00Z`);
    await core.ingest(hour % 2 === 0 ? "order.placed.0" : "order.paid.0", { hour });
  }
});
afterAll(async () => {
  await core[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const fetchByNames = (more: Boundaries & { cursor?: string } = {}, timeBucket = ten) =>
  core.client.execute(new EventsFetchCommand({ ...core.names, timeBucket, ...more }));
const listByIds = (more: Partial<EventListCommand["input"]> = {}, timeBucket = ten) =>
  core.client.execute(
    new EventListCommand({
      tenant: core.names.tenant,
      eventTypeId: core.eventTypeIds,
      timeBucket,
      ...more,
    }),
  );

async function followPages(boundaries: Boundaries) {
  const events: FlowcoreEvent[] = [];
  const pages: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchByNames({ ...boundaries, ...(cursor && { cursor }) });
    events.push(...page.events);
    pages.push(page.events.length);
    cursor = page.nextCursor;
  } while (cursor);
  return { ids: idsOf(events), pages };
}

const at = (index: number) => ids[index] ?? "";
/** Ids of the same tick as this one that no event has. */
const below = (id: string) => `${id.slice(0, 18)}-8080-808080808080`;
const above = (id: string) => `${id.slice(0, 18)}-7f7f-7f7f7f7f7f7f`;

test("a bucket's events come in the order of their ids, across event types", async () => {
  const { events, nextCursor } = await fetchByNames();
  expect(idsOf(events)).toEqual(ids);
  expect(events.map(({ payload }) => payload.n)).toEqual(ids.map((_, n) => n));
  expect(nextCursor).toBeUndefined();
  const times = ids.map((id) => orderOf(id).ts);
  expect(times).toEqual(times.toSorted((one, other) => (one < other ? -1 : 1)));
});

test("reads by names and by ids give the same events", async () => {
  for (const timeBucket of buckets) {
    expect(await fetchByNames({}, timeBucket)).toEqual(await listByIds({}, timeBucket));
  }
  expect(await fetchByNames({ pageSize: 7 })).toEqual(await listByIds({ pageSize: 7 }));
});

test("one event type is read alone", async () => {
  const { events } = await core.client.execute(
    new EventsFetchCommand({ ...core.names, eventTypes: ["order.paid.0"], timeBucket: ten }),
  );
  expect(idsOf(events)).toEqual(ids.filter((_, n) => n % 2 === 1));
  const [placed] = core.eventTypeIds;
  expect(idsOf((await listByIds({ eventTypeId: placed })).events)).toEqual(
    ids.filter((_, n) => n % 2 === 0),
  );
});

test("pages follow each other without a gap or a repetition", async () => {
  expect(await followPages({ pageSize: 7 })).toEqual({ ids, pages: [7, 7, 6] });
  expect(await followPages({ pageSize: 20 })).toEqual({ ids, pages: [20] });
  expect(await followPages({ pageSize: 1, fromEventId: at(5), toEventId: at(8) })).toEqual({
    ids: ids.slice(5, 9),
    pages: [1, 1, 1, 1],
  });
});

test("from is inclusive, after is exclusive, to is inclusive", async () => {
  const slice = async (boundaries: Boundaries) => idsOf((await fetchByNames(boundaries)).events);
  expect(await slice({ fromEventId: at(5) })).toEqual(ids.slice(5));
  expect(await slice({ afterEventId: at(5) })).toEqual(ids.slice(6));
  expect(await slice({ toEventId: at(5) })).toEqual(ids.slice(0, 6));
  expect(await slice({ fromEventId: at(2), afterEventId: at(9) })).toEqual(ids.slice(2));
  expect(await slice({ afterEventId: at(2), toEventId: at(4) })).toEqual(ids.slice(3, 5));
  expect(await slice({ fromEventId: at(9), toEventId: at(4) })).toEqual([]);
});

test("a boundary need not be the id of an event", async () => {
  const slice = async (boundaries: Boundaries) => idsOf((await fetchByNames(boundaries)).events);
  expect(await slice({ fromEventId: below(at(5)) })).toEqual(ids.slice(5));
  expect(await slice({ fromEventId: above(at(5)) })).toEqual(ids.slice(6));
  expect(await slice({ afterEventId: below(at(5)) })).toEqual(ids.slice(5));
  expect(await slice({ toEventId: below(at(5)) })).toEqual(ids.slice(0, 5));
  expect(await slice({ toEventId: above(at(5)) })).toEqual(ids.slice(0, 6));
});

test("the newest come first in descending order, in one page", async () => {
  const { events, nextCursor } = await listByIds({ order: "desc", pageSize: 5 });
  expect(idsOf(events)).toEqual(ids.toReversed().slice(0, 5));
  expect(nextCursor).toBeUndefined();
});

test("an hour without events is empty", async () => {
  expect(await fetchByNames({}, "19990101000000")).toEqual({ events: [] });
  expect(await listByIds({}, "19990101000000")).toEqual({ events: [] });
});

test("a cursor keeps its place while events are stored before and behind it", async () => {
  await using other = await playedDatabase();
  const time = fakeClock("2025-03-01T10:10:00Z");
  await using shop = await stage(other.sql, { now: time.now });
  const fetchPage = (cursor?: string) =>
    shop.client.execute(
      new EventsFetchCommand({
        ...{ ...shop.names, timeBucket: ten, pageSize: 2 },
        ...(cursor && { cursor }),
      }),
    );
  const [first = "", second = "", third = ""] = await shop.ingestBatch("order.placed.0", [
    {},
    {},
    {},
  ]);
  const page = await fetchPage();
  expect(idsOf(page.events)).toEqual([first, second]);

  time.set("2025-03-01T10:05:00Z");
  const late = await shop.ingest("order.paid.0", { late: true });
  time.set("2025-03-01T10:15:00Z");
  const next = await shop.ingest("order.paid.0", { next: true });
  const rest = await fetchPage(page.nextCursor);
  expect(idsOf(rest.events)).toEqual([third, next]);
  expect(rest.nextCursor).toBeUndefined();
  expect(idsOf((await fetchPage()).events)).toEqual([late, first]);
});

test("buckets are listed by names and by ids alike, ascending", async () => {
  const byNames = new EventsFetchTimeBucketsByNamesCommand(core.names);
  expect(await core.client.execute(byNames)).toEqual({ timeBuckets: buckets });
  const { tenant } = core.names;
  const byIds = new TimeBucketListCommand({ tenant, eventTypeId: core.eventTypeIds });
  expect(await core.client.execute(byIds)).toEqual({ timeBuckets: buckets });
  const [placed] = core.eventTypeIds;
  const one = new TimeBucketListCommand({ tenant, eventTypeId: placed, order: "desc" });
  expect(await core.client.execute(one)).toEqual({
    timeBuckets: ["20250301140000", "20250301120000", ten],
  });
});

test("bucket lists have inclusive ends and a numeric cursor", async () => {
  const range = { fromTimeBucket: buckets[1] ?? "", toTimeBucket: buckets[3] ?? "" };
  const listPage = (cursor?: number) =>
    core.client.execute(
      new EventsFetchTimeBucketsByNamesCommand({
        ...{ ...core.names, ...range, pageSize: 2 },
        ...(cursor && { cursor }),
      }),
    );
  const page = await listPage();
  expect(page.timeBuckets).toEqual(buckets.slice(1, 3));
  expect(await listPage(page.nextCursor)).toEqual({ timeBuckets: buckets.slice(3, 4) });

  const { tenant } = core.names;
  const descending = (cursor?: number) =>
    core.client.execute(
      new TimeBucketListCommand({
        ...{ tenant, eventTypeId: core.eventTypeIds, ...range, order: "desc", pageSize: 2 },
        ...(cursor && { cursor }),
      }),
    );
  const newest = await descending();
  expect(newest.timeBuckets).toEqual([buckets[3], buckets[2]] as string[]);
  expect(await descending(newest.nextCursor)).toEqual({ timeBuckets: buckets.slice(1, 2) });
});

test("an event type's first and last bucket and last events are told", async () => {
  const { tenant } = core.names;
  const command = new EventTypeInfoCommand({ tenant, eventTypeId: core.eventTypeIds, limit: 6 });
  const { lastEvents, ...found } = await core.client.execute(command);
  expect(found).toEqual({ firstTimeBucket: ten, lastTimeBucket: "20250301140000" });
  expect(lastEvents.map(({ payload }) => payload.hour ?? payload.n)).toEqual([
    14, 13, 12, 11, 19, 18,
  ]);
});

test("a page is 10,000 events at most", async () => {
  await using other = await playedDatabase();
  await using shop = await stage(other.sql, { now: () => new Date("2025-03-01T10:00:00Z") });
  const eventIds = await shop.ingestBatch(
    "order.placed.0",
    Array.from({ length: 10_001 }, (_, n) => ({ n })),
  );
  const fetchPage = (more: object) =>
    shop.client.execute(new EventsFetchCommand({ ...shop.names, timeBucket: ten, ...more }));
  const page = await fetchPage({ pageSize: 50_000 });
  expect(idsOf(page.events)).toEqual(eventIds.slice(0, 10_000));
  const rest = await fetchPage({ cursor: page.nextCursor });
  expect(idsOf(rest.events)).toEqual(eventIds.slice(10_000));
});

test("a read without a valid bucket, event type, cursor or boundary is refused with 422", async () => {
  const requests = [
    fetchByNames({}, ""),
    fetchByNames({}, "2025030110"),
    listByIds({}, "undefined"),
    fetchByNames({ fromEventId: "5" }),
    fetchByNames({ cursor: "nonsense" }),
    core.client.execute(new EventsFetchCommand({ ...core.names, eventTypes: [], timeBucket: ten })),
    core.client.execute(
      new EventsFetchTimeBucketsByNamesCommand({ ...core.names, fromTimeBucket: "2025" }),
    ),
  ];
  for (const refused of await refusals(requests)) {
    expect(refused).toMatchObject({
      status: 422,
      body: { status: 422, code: "UNPROCESSABLE_CONTENT" },
    });
  }
});

test("an unknown event type looks like a key without rights", async () => {
  const unknown = { ...core.names, eventTypes: ["order.placed.0", "unheard-of"] };
  const [placed] = core.eventTypeIds;
  const requests = [
    core.client.execute(new EventsFetchCommand({ ...unknown, timeBucket: ten })),
    core.client.execute(new EventsFetchTimeBucketsByNamesCommand(unknown)),
    listByIds({ eventTypeId: [placed, crypto.randomUUID()] }),
    listByIds({ eventTypeId: "no-uuid" }),
  ];
  for (const refused of await refusals(requests)) {
    expect(refused).toMatchObject({ status: 401, body: { code: "UNAUTHORIZED" } });
  }
});

test("an unknown event type can be told as not found instead", async () => {
  const options = { sql: database.sql, port: 0, apiKey, tenant: core.names.tenant, log: () => {} };
  const other = await playDatacore({ ...options, unknownTypeStatus: 404 });
  const unknown = { ...core.names, eventTypes: ["unheard-of"], timeBucket: ten };
  const refused = await refusal(clientOf(other.url).execute(new EventsFetchCommand(unknown)));
  expect(refused).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  await other.stop();
});

test("a key that is not known may not read", async () => {
  const client = clientOf(core.url, "fc_test_wrong");
  const command = new EventsFetchCommand({ ...core.names, timeBucket: ten });
  expect(await refusal(client.execute(command, true))).toMatchObject({ status: 401 });
  const headers = { authorization: apiKey };
  expect((await fetch(`${core.url}/api/v1/tenants/list`, { headers })).status).toBe(401);
});
