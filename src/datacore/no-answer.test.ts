import { describe, expect, test } from "bun:test";
import { eventUpdated } from "../../test/support/facts.ts";
import { answering, failureOf, noAnswers } from "../../test/support/no-answers.ts";
import type { Datacore } from "./datacore.ts";
import { flowcore } from "./flowcore.ts";
import { readDrift } from "./inspect.ts";
import { provision, readDataCoreId } from "./provision.ts";

const flowType = "vivenu.event.0";
const page = { flowType, timeBucket: "20260301100000", pageSize: 10 };
const manifest = {
  dataCore: {
    ...{ name: "core", description: "", deleteProtection: true, isPublic: false },
    flowTypes: { [flowType]: { description: "", eventTypes: {} } },
  },
};
const tenant = "a-tenant";
const to = { tenant, dataCore: "core", apiKey: "fc_test_0123" };

const calls: Record<string, (datacore: Datacore, baseUrl: string) => Promise<unknown>> = {
  "that a fact is stored": (datacore) => datacore.append(eventUpdated()),
  "the hours that have facts": (datacore) => datacore.readTimeBuckets(flowType),
  "a page of facts": (datacore) => datacore.readPage(page),
  "a data core's id": (_, baseUrl) => readDataCoreId({ ...to, baseUrl }),
  "what is not there": (_, baseUrl) => readDrift({ ...to, baseUrl }, manifest),
  "what was created": (_, baseUrl) => provision({ ...to, baseUrl }, manifest),
};

const core = (baseUrl: string) =>
  flowcore({
    ...{ tenant, baseUrl, apiKey: to.apiKey, dataCoreId: "11111111-1111-4111-8111-111111111111" },
    ...{ ingestTimeoutMs: 2_000, readTimeoutMs: 2_000 },
  });

describe.each(Object.keys(calls))("%s", (name) => {
  test.each(Object.keys(noAnswers))("is not what %s says", async (kind) => {
    await using server = await answering(noAnswers[kind] ?? (() => {}));
    const failure = await failureOf(
      calls[name]?.(core(server.url), server.url) ?? Promise.resolve(),
    );
    expect(failure).toMatchObject({ kind: "unavailable" });
    expect(String(failure)).not.toContain("Sign in");
  });
});

const proxy =
  "Flowcore's address answered with something else than was asked for: is a proxy in between?";
const told = {
  "a sign-in page": proxy,
  "JSON of another shape": proxy,
  "cut off JSON": "Flowcore sent an answer that is cut off or not JSON",
  "a body that ends too early": "Flowcore broke off its answer",
};

test.each(Object.entries(told))("%s is told as such", async (kind, words) => {
  await using server = await answering(noAnswers[kind] ?? (() => {}));
  const datacore = core(server.url);
  const asked = [datacore.append(eventUpdated()), datacore.readTimeBuckets(flowType)];
  const failure = { kind: "unavailable", message: words };
  expect(await Promise.all(asked.map(failureOf))).toMatchObject([failure, failure]);
});

test.each([
  ["an id that is none", { eventId: "ok", success: true }],
  ["no id", { success: true }],
])("a fact is not stored by %s", async (_, body) => {
  await using server = await answering((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  expect(await failureOf(core(server.url).append(eventUpdated()))).toMatchObject({
    kind: "unavailable",
  });
});

const shared = {
  [`/api/v1/tenants/by-name/${tenant}/instance`]: { isDedicated: false, instance: null },
  "/api/v1/flow-types": [],
};

test("hours that are none are not read as hours", async () => {
  await using server = await answering((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ timeBuckets: ["yesterday"] }));
  }, shared);
  const failure = await failureOf(core(server.url).readTimeBuckets(flowType));
  expect(failure).toMatchObject({ kind: "unavailable" });
  expect(String(failure)).toContain("some that are none");
});

test.each([3, 0])(
  "hours that are listed without end are not followed: by the cursor %d",
  async (nextCursor) => {
    let asked = 0;
    await using server = await answering((response) => {
      asked += 1;
      response.writeHead(asked > 20 ? 500 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify({ timeBuckets: ["20260301100000"], nextCursor }));
    });
    const failure = await failureOf(core(server.url).readTimeBuckets(flowType));
    expect(failure).toMatchObject({ kind: "unavailable" });
    expect(String(failure)).toContain("do not come to an end");
  },
);
