import { describe, expect, test } from "bun:test";
import { recordingLog, scripted } from "../../test/fixtures/vivenu/scripted.ts";
import {
  eventDeleted,
  eventUpdated,
  factIdAt,
  pollFinished,
  salesCounted,
} from "../../test/support/facts.ts";
import {
  API_KEY,
  DATA_CORE,
  playedDatacore,
  readManifest,
  TENANT,
} from "../../test/support/played-datacore.ts";
import type { NewFact } from "../contracts/index.ts";
import { Failure, type FailureKind } from "../lib/failure.ts";
import { sortArrived } from "./arrived-facts.ts";
import type { Datacore } from "./datacore.ts";
import { flowcore } from "./flowcore.ts";
import { provision, readDataCoreId } from "./provision.ts";
import { timeBucketOf } from "./time-bucket.ts";
import { isTimeUuid, lowestIdAt, storedAt } from "./time-uuid.ts";

const EVENTS = "vivenu.event.0";
const SALES = "vivenu.sales.0";

const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    (answer) => {
      throw new Error(`was answered: ${JSON.stringify(answer)}`);
    },
    (error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    },
  );

async function readAll(datacore: Datacore, flowType: string, timeBucket: string, pageSize = 3) {
  const found = [];
  const sizes = [];
  let cursor: string | undefined;
  do {
    const page = await datacore.readPage({
      ...{ flowType, timeBucket, pageSize },
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.facts);
    sizes.push(page.facts.length);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { facts: found, sizes };
}

describe("facts that were appended", () => {
  test("are read back page by page, all types of a flow type in the order of their times", async () => {
    let time = new Date("2026-03-01T10:00:00Z");
    await using played = await playedDatacore({ now: () => time });
    const { datacore } = played;
    const facts: NewFact[] = Array.from({ length: 8 }, (_, n) =>
      n % 3 === 0 ? eventDeleted({ name: `é ${n}` }) : eventUpdated({ name: `日本 ${n}` }),
    );
    const ids: string[] = [];
    for (const fact of facts) {
      ids.push(await datacore.append(fact));
      time = new Date(time.getTime() + 1_000);
    }
    const { facts: read, sizes } = await readAll(datacore, EVENTS, "20260301100000");
    expect(read).toEqual(
      facts.map((fact, n) => ({ ...fact, factId: ids[n] ?? "" }) as (typeof read)[number]),
    );
    expect(sizes).toEqual([3, 3, 2]);
  });

  test("in one request are each read back under its own id, and of none is anything stored if one is too large", async () => {
    let time = new Date("2026-03-01T10:00:00Z");
    await using played = await playedDatacore({ now: () => time });
    const { datacore } = played;
    const facts = ["a", "b", "c"].map((name) => eventUpdated({ name }));
    const ids = await datacore.appendAll(facts);
    time = new Date(time.getTime() + 1_000);
    const large = eventUpdated({ name: "x".repeat(64_001) });
    expect(await failureOf(datacore.appendAll([...facts, large]))).toMatchObject({
      ...{ kind: "refused", context: { status: 400 } },
    });
    const { facts: read } = await readAll(datacore, EVENTS, "20260301100000");
    expect(read.map(({ factId, payload }) => [factId, payload])).toEqual(
      facts.map(({ payload }, n) => [ids[n] ?? "", payload]),
    );
  });

  test("are in their own flow type, in the bucket of their hour", async () => {
    let time = new Date("2026-03-01T10:59:59.999Z");
    await using played = await playedDatacore({ now: () => time });
    const { datacore } = played;
    await datacore.append(eventUpdated());
    time = new Date("2026-03-01T11:00:00Z");
    await datacore.append(eventUpdated({ name: "next hour" }));
    await datacore.append(salesCounted());
    await datacore.append(pollFinished());
    expect(await datacore.readTimeBuckets(EVENTS)).toEqual(["20260301100000", "20260301110000"]);
    expect(await datacore.readTimeBuckets(EVENTS, "20260301110000")).toEqual(["20260301110000"]);
    expect(await datacore.readTimeBuckets(SALES)).toEqual(["20260301110000"]);
    expect((await readAll(datacore, SALES, "20260301110000")).facts).toHaveLength(2);
    expect((await readAll(datacore, SALES, "20260301100000")).facts).toEqual([]);
  });

  test("are read from a moment on, that moment included", async () => {
    let time = new Date("2026-03-01T10:00:00Z");
    await using played = await playedDatacore({ now: () => time });
    const { datacore } = played;
    for (let second = 0; second < 4; second += 1) {
      time = new Date(Date.UTC(2026, 2, 1, 10, 0, second));
      await datacore.append(eventUpdated({ name: `${second}` }));
    }
    const from = new Date("2026-03-01T10:00:02Z");
    const { facts } = await datacore.readPage({
      ...{ flowType: EVENTS, timeBucket: timeBucketOf(from), pageSize: 10 },
      fromFactId: lowestIdAt(from),
    });
    expect(facts.map(({ factId }) => storedAt(factId).getUTCSeconds())).toEqual([2, 3]);
  });
});

test("more buckets than a page of the list holds are all listed", async () => {
  await using played = await playedDatacore();
  const { datacore, sql } = played;
  await datacore.append(eventUpdated());
  await sql`
    insert into datacore.time_bucket (event_type_id, time_bucket)
    select event_type_id, to_char(timestamp '2020-01-01' + n * interval '1 hour', 'YYYYMMDDHH24"0000"')
    from datacore.time_bucket, generate_series(1, 2500) as n
  `;
  const buckets = await datacore.readTimeBuckets(EVENTS);
  expect(buckets).toHaveLength(2_501);
  expect(buckets).toEqual(buckets.toSorted());
});

test("facts of event types that only the datacore knows are read, and set apart", async () => {
  await using played = await playedDatacore();
  const { to, options } = played;
  await provision(to, {
    dataCore: {
      ...{ name: DATA_CORE, description: "", deleteProtection: true, isPublic: false },
      flowTypes: {
        [EVENTS]: { description: "", eventTypes: { "event.eaten.0": { description: "" } } },
      },
    },
  });
  const path = `${TENANT}/${options.dataCoreId}/${EVENTS}/event.eaten.0`;
  await fetch(`${played.url}/event/${path}`, {
    method: "POST",
    headers: { authorization: API_KEY, "content-type": "application/json" },
    body: JSON.stringify({ idempotencyKey: "eaten" }),
  });
  const [timeBucket = ""] = await played.datacore.readTimeBuckets(EVENTS);
  const page = await played.datacore.readPage({ flowType: EVENTS, timeBucket, pageSize: 10 });
  expect(page.unreadable).toMatchObject([
    { eventType: "event.eaten.0", reason: "no contract of this name", idempotencyKey: "eaten" },
  ]);
});

test("a page ends where it is told to", async () => {
  await using played = await playedDatacore();
  const { datacore } = played;
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) ids.push(await datacore.append(eventUpdated({ name })));
  const [first = "", second = ""] = ids;
  const timeBucket = timeBucketOf(storedAt(first));
  const page = await datacore.readPage({
    ...{ flowType: EVENTS, timeBucket, pageSize: 10, fromFactId: second, toFactId: second },
  });
  expect(page.facts.map(({ factId }) => factId)).toEqual([second]);
});

describe("what no contract can read", () => {
  const id = (n: number) => factIdAt("2026-03-01T10:00:00Z", n);
  const good = eventUpdated();
  const arrived = [
    { eventId: id(5), eventType: "event.updated.0", payload: good.payload },
    { eventId: id(1), eventType: "event.eaten.0", payload: { idempotencyKey: "k1" } },
    { eventId: id(2), eventType: "event.updated.0", payload: { ...good.payload, start: "soon" } },
    { eventId: id(3), eventType: "event.updated.0", payload: "only text", metadata: null },
    { eventId: id(4), eventType: "toString", payload: null },
    { eventId: id(0).toUpperCase(), eventType: "event.updated.0", payload: good.payload },
  ];
  const hour = "20260301100000";

  test("is set apart with its reason, and the rest is read", () => {
    const { facts, unreadable } = sortArrived(arrived, hour);
    expect(facts.map(({ factId }) => factId)).toEqual([id(0), id(5)]);
    expect(unreadable.map(({ factId, idempotencyKey }) => [factId, idempotencyKey])).toEqual([
      [id(1), "k1"],
      [id(2), good.payload.idempotencyKey],
      [id(3), undefined],
      [id(4), undefined],
    ]);
    expect(unreadable[1]?.reason).toContain("start");
  });

  test("does not keep its page, whatever its envelope looks like, from being read over HTTP", async () => {
    await using server = scripted((_, url) =>
      url.pathname.endsWith("/instance")
        ? Response.json({ isDedicated: false, instance: null })
        : Response.json({ events: [...nameless, ...arrived], nextCursor: null }),
    );
    const datacore = flowcore({
      ...{ tenant: "odd-pages", dataCoreId: "a", apiKey: API_KEY, baseUrl: server.url },
      ...{ ingestTimeoutMs: 10_000, readTimeoutMs: 10_000 },
    });
    const page = await datacore.readPage({
      ...{ flowType: EVENTS, timeBucket: "20260301100000", pageSize: 10 },
    });
    datacore.close();
    expect(page.facts).toHaveLength(2);
    expect(page.unreadable).toHaveLength(4 + nameless.length);
    expect(page).not.toHaveProperty("cursor");
  });

  const nameless = [
    { eventId: "5b2f9c1e-0f7a-4c38-9d55-0a1b2c3d4e5f", eventType: "event.updated.0" },
    { eventId: "ann@example.org", eventType: "event.updated.0", payload: good.payload },
    { eventId: "", eventType: "event.updated.0", payload: { idempotencyKey: "k1" } },
    { eventId: "", eventType: "event.updated.0", payload: { idempotencyKey: "k2" } },
    { eventType: 7, payload: null },
    null,
  ];

  test("because its id is none is set apart under one that stays, and keeps no other from being read", () => {
    const { facts, unreadable } = sortArrived([...nameless, ...arrived], hour);
    expect(facts.map(({ factId }) => factId)).toEqual([id(0), id(5)]);
    const apart = unreadable.slice(0, nameless.length);
    expect(new Set(apart.map(({ factId }) => factId)).size).toBe(5);
    for (const { factId, reason } of apart) {
      expect(isTimeUuid(factId)).toBe(false);
      expect(storedAt(factId)).toEqual(new Date("2026-03-01T10:00:00Z"));
      expect(reason).toContain("its id in the log is no UUID v1");
      expect(reason).not.toContain("example.org");
    }
    expect(apart[0]?.reason).toContain("5b2f9c1e-0f7a-4c38-9d55-0a1b2c3d4e5f");
    expect(apart[1]).toMatchObject({
      account: "DACH",
      idempotencyKey: good.payload.idempotencyKey,
    });
    expect(sortArrived(nameless, hour).unreadable).toEqual(apart);
    const [elsewhere] = sortArrived(nameless, "20260301110000").unreadable;
    expect(elsewhere?.factId).not.toBe(apart[0]?.factId as string);
  });

  test("does not keep hours from being listed whose last page says that nothing is behind it", async () => {
    await using server = scripted((_, url) =>
      url.pathname.endsWith("/instance")
        ? Response.json({ isDedicated: false, instance: null })
        : Response.json({ timeBuckets: ["20260301100000"], nextCursor: null }),
    );
    const datacore = flowcore({
      ...{ tenant: "odd-hours", dataCoreId: "a", apiKey: API_KEY, baseUrl: server.url },
      ...{ ingestTimeoutMs: 10_000, readTimeoutMs: 10_000 },
    });
    expect(await datacore.readTimeBuckets(EVENTS)).toEqual(["20260301100000"]);
    datacore.close();
  });

  test("is described without a word of what it holds", () => {
    const { unreadable } = sortArrived(
      [
        {
          eventId: id(0),
          eventType: "event.updated.0",
          payload: { ...good.payload, start: "Ann Example" },
        },
        {
          eventId: id(1),
          eventType: "sales.counted.0",
          payload: {
            ...salesCounted().payload,
            ticketTypes: [
              { ...salesCounted().payload.ticketTypes[0], newSales: { "Ann Example": 1 } },
            ],
          },
        },
      ],
      hour,
    );
    expect(unreadable).toHaveLength(2);
    expect(JSON.stringify(unreadable)).not.toContain("Example");
  });
});

describe("a failure", () => {
  /** A Flowcore that answers everything alike. */
  const answering = (
    answer: () => Response | Promise<Response>,
    tenant: string,
    limitMs = 10_000,
  ) => {
    const server = scripted(answer);
    const datacore = flowcore({
      ...{ tenant, dataCoreId: "a", apiKey: API_KEY, baseUrl: `${server.url}/` },
      ...{ ingestTimeoutMs: limitMs, readTimeoutMs: limitMs },
    });
    return {
      datacore,
      requests: server.urls,
      async [Symbol.asyncDispose]() {
        datacore.close();
        await server[Symbol.asyncDispose]();
      },
    };
  };
  const calls = (datacore: Datacore) => [
    datacore.append(eventUpdated()),
    datacore.readTimeBuckets(EVENTS),
    datacore.readPage({ flowType: EVENTS, timeBucket: "20260301100000", pageSize: 10 }),
  ];

  test.each([
    [400, "refused"],
    [401, "refused"],
    [403, "refused"],
    [409, "refused"],
    [422, "refused"],
    [402, "unavailable"],
    [407, "unavailable"],
    [408, "unavailable"],
    [429, "unavailable"],
    [500, "unavailable"],
    [502, "unavailable"],
    [503, "unavailable"],
  ] satisfies [number, FailureKind][])(
    "by status %d is %s, on every call",
    async (status, kind) => {
      const body = { status, code: "NO", message: `the key ${API_KEY} was not liked` };
      await using stage = answering(() => Response.json(body, { status }), `status-${status}`);
      for (const failure of await Promise.all(calls(stage.datacore).map(failureOf))) {
        expect(failure).toMatchObject({ kind, context: { status } });
      }
    },
  );

  test.each([
    [400, "unavailable"],
    [401, "unavailable"],
    [403, "unavailable"],
    [422, "unavailable"],
    [413, "refused"],
  ] satisfies [number, FailureKind][])(
    "by status %d in HTML is a proxy's, and %s",
    async (status, kind) => {
      const page = () => new Response("<html>no</html>", { status });
      await using stage = answering(page, `proxy-${status}`);
      for (const failure of await Promise.all(calls(stage.datacore).map(failureOf)))
        expect(failure).toMatchObject({ kind, context: { status } });
    },
  );

  test("to answer in time is unavailable and says after how long", async () => {
    await using stage = answering(() => new Promise<Response>(() => {}), "hanging", 100);
    const startedAt = performance.now();
    for (const failure of await Promise.all(calls(stage.datacore).map(failureOf))) {
      expect(failure).toMatchObject({ kind: "unavailable", context: { timeoutMs: 100 } });
    }
    // Without a limit they would wait for ever.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test.each([
    ["HTML", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["a body of another shape", () => Response.json({ hello: "there" })],
    ["nothing", () => new Response(null, { status: 204 })],
  ])(
    "to make sense (%s with 200) is unavailable, and names no class of ours",
    async (name, answer) => {
      await using stage = answering(answer, `senseless-${name}`);
      for (const failure of await Promise.all(calls(stage.datacore).map(failureOf))) {
        expect(failure.kind).toBe("unavailable");
        expect(failure.message).not.toMatch(/Command/);
      }
    },
  );

  test("to reach the other side is unavailable", async () => {
    const stage = answering(() => new Response(), "unreachable");
    await stage[Symbol.asyncDispose]();
    for (const failure of await Promise.all(calls(stage.datacore).map(failureOf))) {
      expect(failure.kind).toBe("unavailable");
    }
    stage.datacore.close();
  });

  test("of an append is not tried again behind our back: each try may be a fact", async () => {
    await using stage = answering(() => new Response("{}", { status: 503 }), "no-retries");
    await failureOf(stage.datacore.append(eventUpdated()));
    expect(stage.requests).toHaveLength(1);
  });

  test("with success: false is not taken for a stored fact", async () => {
    await using stage = answering(
      () => Response.json({ eventId: "x", success: false }),
      "not-a-success",
    );
    expect((await failureOf(stage.datacore.append(eventUpdated()))).kind).toBe("unavailable");
  });

  test("never shows the key, in its message or in the log", async () => {
    const { logger, lines } = recordingLog();
    const body = { message: `${API_KEY} no` };
    await using refusing = answering(() => Response.json(body, { status: 401 }), "secret");
    await using senseless = answering(() => Response.json(body), "secret-2");
    const failures = await Promise.all(
      [...calls(refusing.datacore), ...calls(senseless.datacore)].map(failureOf),
    );
    for (const error of failures) {
      logger.error({ error }, "failed");
      expect(error.message).not.toContain(API_KEY);
      expect(JSON.stringify(error.context)).not.toContain(API_KEY);
    }
    expect(lines).toHaveLength(6);
    expect(lines.join("")).not.toContain(API_KEY);
  });

  test("to look the data core up is not remembered", async () => {
    await using played = await playedDatacore();
    let lookups = 0;
    const datacore = flowcore({
      ...played.options,
      async dataCoreId() {
        lookups += 1;
        if (lookups === 1) throw new Failure("unavailable", "not yet");
        return readDataCoreId(played.to);
      },
    });
    await failureOf(datacore.append(eventUpdated()));
    await Promise.all([1, 2, 3].map((n) => datacore.append(eventUpdated({ name: `${n}` }))));
    datacore.close();
    expect(lookups).toBe(2);
  });

  test("of a revoked key is refused on append and on read", async () => {
    await using played = await playedDatacore();
    const datacore = flowcore({ ...played.options, apiKey: "fc_gone_00000000" });
    for (const failure of await Promise.all(calls(datacore).map(failureOf)))
      expect(failure).toMatchObject({ kind: "refused", context: { status: 401 } });
    datacore.close();
  });
});

describe("the manifest", () => {
  test("is created once, whatever was there before", async () => {
    await using played = await playedDatacore();
    const { to, sql } = played;
    const again = await provision(to, await readManifest());
    expect(again.created).toEqual([]);
    await sql`delete from datacore.event_type where name = 'poll.finished.0'`;
    const mended = await provision(to, await readManifest());
    expect(mended).toEqual({
      dataCoreId: again.dataCoreId,
      created: [`${SALES}/poll.finished.0`],
    });
    expect(await readDataCoreId(to)).toBe(again.dataCoreId);
  });

  test("that nobody applied is named as what is missing", async () => {
    await using played = await playedDatacore();
    const failure = await failureOf(readDataCoreId({ ...played.to, dataCore: "another" }));
    expect(failure).toMatchObject({ kind: "missing" });
    expect(failure.message).toContain(`tenant ${TENANT} has no data core another`);
    expect(failure.message).not.toContain(DATA_CORE);
  });

  test("of a tenant that Flowcore does not know names the tenant, looked for and applied", async () => {
    await using played = await playedDatacore();
    const to = { ...played.to, tenant: "nobody" };
    const manifest = await readManifest();
    for (const work of [() => readDataCoreId(to), () => provision(to, manifest)])
      expect(await failureOf(work())).toMatchObject({
        kind: "missing",
        message: "Flowcore knows no tenant nobody: check FLOWCORE_TENANT",
      });
  });
});
