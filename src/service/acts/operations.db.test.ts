import { beforeEach, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { OpenAPIHono } from "@hono/zod-openapi";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { addOperations } from "../../api/operation/operations.ts";
import type { AdminAction } from "../../api/operation/operations-shapes.ts";
import type { Caller } from "../../api/request/callers.ts";
import { type ApiEnv, answerError, Problem } from "../../api/request/problem.ts";
import { loadConfig } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { readActs } from "../../database/dead-letter.ts";
import { digestOfBody, keep, markTranslated, refuseDelivery } from "../../intake/store/inbox.ts";
import { systemClock } from "../../lib/clock.ts";
import { actor } from "../loops/acts.ts";
import { endAbandoned } from "./admin-actions.ts";
import { operationsOf } from "./operations.ts";

const config = loadConfig(usableEnvironment);
const { logger } = recordingLog();
const clock = systemClock;
const WORKER = "5f0c3ab1-0b54-4f0e-8a53-6f8d65b1f0aa";
let sql: Pool;

beforeEach(async () => {
  ({ sql } = await reusedDatabase());
});

/** As whoever has such a key. */
function asking(caller: Caller = { name: "ops", isAdmin: true }) {
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(answerError(logger));
  app.use(async (c, next) => {
    c.set("requestId", "r1");
    c.set("caller", caller);
    await next();
  });
  addOperations(app, operationsOf({ sql, clock, config }));
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    app.request("/api/operations/acts", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { app, post };
}

const retry = { act: "retry", confirm: "retry", all: true };

/** The processes that run the loops have their turn. */
async function work() {
  const step = actor(
    { sql, clock, logger, config, workerId: WORKER },
    ["poll", "deliver", "retry", "release", "drop"],
    new AbortController().signal,
  );
  while ((await step()) === "more");
}

async function webhookKept({ isDead = false } = {}) {
  const body = gzipSync(Buffer.from(`{"id":"${crypto.randomUUID()}"}`));
  const delivery = { account: "DACH", type: "event.updated", receivedAt: clock.now() };
  await keep(sql, [{ ...delivery, digest: digestOfBody(body), compressed: body }]);
  const [kept] = await sql<{ id: string }[]>`select max(delivery_id)::text as id from inbox`;
  const deliveryId = kept?.id ?? "";
  if (isDead)
    await refuseDelivery(sql, { deliveryId, failures: 0, at: clock.now(), reason: "RangeError" });
  else await markTranslated(sql, [deliveryId], clock.now());
  return `delivery-${deliveryId}`;
}

const readActions = async () => {
  const answer = await asking().app.request("/api/operations");
  // The cast: what the API promises is held by its own tests.
  return ((await answer.json()) as { actions: AdminAction[] }).actions;
};

describe("nothing is done for whoever is not an admin", () => {
  test("a key that reads", async () => {
    const { app, post } = asking({ name: "dashboard", isAdmin: false });
    expect((await post(retry)).status).toBe(403);
    expect((await app.request("/api/operations")).status).toBe(403);
    expect((await app.request("/api/operations/acts/1")).status).toBe(403);
    expect(await readActions()).toEqual([]);
  });

  test.each<[string, Record<string, string>, number]>([
    ["another site's page", { "sec-fetch-site": "cross-site" }, 403],
    ["a page beside ours", { "sec-fetch-site": "same-site" }, 403],
    ["another origin's page", { origin: "https://evil.example" }, 403],
    ["a page of no origin", { origin: "null" }, 403],
    ["a form", { "content-type": "text/plain" }, 415],
    ["a form of fields", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ])("nor for %s with an admin's key", async (_, headers, status) => {
    expect((await asking().post(retry, headers)).status).toBe(status);
    expect(await readActions()).toEqual([]);
  });

  test("our own page may", async () => {
    const headers = { origin: "http://localhost", "sec-fetch-site": "same-origin" };
    expect((await asking().post(retry, headers)).status).toBe(202);
  });
});

test.each<[unknown, string]>([
  ["{", "The body is no JSON."],
  [[], "body: must be an object"],
  [{}, "act: must be one of poll, deliver, retry, release, drop, replayDryRun."],
  [{ act: "format", confirm: "format" }, "act: must be one of poll,"],
  [{ ...retry, confirm: "yes" }, "confirm: must be retry"],
  [{ act: "retry", all: true }, "confirm: must be the act's name once more."],
  [{ act: "retry", confirm: "retry" }, "ids: must name which, or `all` be true"],
  [{ ...retry, all: "yes" }, "all: must be true or false"],
  [{ act: "retry", confirm: "retry", ids: "a" }, "ids: must be a list of ids"],
  [{ act: "retry", confirm: "retry", ids: [] }, "ids: must name at least one"],
  [{ act: "retry", confirm: "retry", ids: ["a"], all: true }, "all: must not stand here"],
  [{ act: "deliver", confirm: "deliver", all: true }, "ids: must name which"],
  [{ act: "poll", confirm: "poll" }, "region: must name the account"],
  [{ act: "replayDryRun", confirm: "replayDryRun", region: "DACH" }, "region: is nothing"],
  [{ act: "replayDryRun", confirm: "replayDryRun", all: true }, "all: must not stand here"],
  [{ act: "poll", confirm: "poll", region: "DACH", ids: ["a"] }, "ids: is nothing that poll knows"],
  [{ ...retry, swap: true }, "swap: is nothing here."],
])("what is not asked for as it must be is 400 and does nothing: %j", async (body, detail) => {
  const answer = await asking().post(body);
  expect(answer.status).toBe(400);
  expect(Problem.parse(await answer.json()).detail).toContain(detail);
  expect(await readActions()).toEqual([]);
});

test("an account that is not configured is not there", async () => {
  const answer = await asking().post({ act: "poll", confirm: "poll", region: "MARS" });
  expect(answer.status).toBe(404);
});

test("dead letters are retried and dropped as by the command, and who had it done is written down", async () => {
  const [one, other] = [await webhookKept({ isDead: true }), await webhookKept({ isDead: true })];
  const { app, post } = asking();
  const listed = await app.request("/api/operations");
  expect(await listed.json()).toMatchObject({
    deadLetters: [
      { id: other, reason: "RangeError", state: "dead" },
      { id: one, reason: "RangeError", state: "dead" },
    ],
  });
  const asked = await post({ act: "retry", confirm: "retry", ids: [one] });
  expect(asked.status).toBe(202);
  await post({ act: "drop", confirm: "drop", ids: [other] });
  await work();
  const told = await app.request(asked.headers.get("location") ?? "");
  expect(await told.json()).toMatchObject({
    ...{ act: "retry", by: "ops", state: "done", subject: { ids: [one] } },
    result: [`${one}: released`],
  });
  expect((await readActions()).map(({ act, state }) => [act, state])).toEqual([
    ["drop", "done"],
    ["retry", "done"],
  ]);
  expect((await readActs(sql, 5)).map(({ id, act, by }) => [id, act, by])).toEqual([
    [other, "drop", "ops (API)"],
    [one, "retry", "ops (API)"],
  ]);
});

test("a stored webhook is delivered again, and one whose body is gone is said to be", async () => {
  const [stored, worn] = [await webhookKept(), await webhookKept()];
  await sql`update inbox set body = null where ${worn} = 'delivery-' || delivery_id`;
  const { post } = asking();
  await post({ act: "deliver", confirm: "deliver", ids: [stored, worn] });
  await work();
  expect(await readActions()).toMatchObject([
    {
      state: "failed",
      result: [`${stored}: released`, `${worn}: kept, its body is not stored any more`],
    },
  ]);
  const waiting = await sql`select from inbox where translated_at is null`;
  expect(waiting).toHaveLength(1);
});

test("an act that cannot be done says why, and the next is done", async () => {
  const { post } = asking();
  await post({ act: "retry", confirm: "retry", ids: ["delivery-99"] });
  await post(retry);
  await work();
  expect((await readActions()).map(({ state, result }) => [state, result?.[0]])).toEqual([
    ["done", "nothing is set aside"],
    ["failed", "delivery-99 is not set aside; `set-aside list` shows what is"],
  ]);
});

test("asked again with its key it is the same act, and with it nothing else is asked for", async () => {
  const { post } = asking();
  const key = { "idempotency-key": "once" };
  const first = await (await post(retry, key)).json();
  expect(await (await post(retry, key)).json()).toEqual(first);
  const other = await post({ act: "drop", confirm: "drop", all: true }, key);
  expect(other.status).toBe(422);
  expect(await readActions()).toHaveLength(1);
  // Another caller's key is another's.
  await asking({ name: "night", isAdmin: true }).post(retry, key);
  expect(await readActions()).toHaveLength(2);
});

test("what a process that is gone had begun has failed", async () => {
  await asking().post(retry);
  await sql`
    update admin_action set started_at = now() - interval '5 minutes', worker_id = ${WORKER}
  `;
  await sql`
    insert into worker (worker_id, version, started_at, failing) values (${WORKER}, '1', now(), '[]')
  `;
  await endAbandoned(sql, clock.now());
  expect(await readActions()).toMatchObject([{ state: "running" }]);
  await sql`delete from worker`;
  await endAbandoned(sql, clock.now());
  expect(await readActions()).toMatchObject([
    { state: "failed", result: [expect.stringContaining("is gone")] },
  ]);
});
