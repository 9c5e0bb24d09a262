import { expect, test } from "bun:test";
import { Hono } from "hono";
import { keptAnswers } from "./answer/kept-answers.ts";
import { kept } from "./kept.ts";
import type { ApiEnv } from "./request/problem.ts";

const PATH = "/api/events";
const clock = { now: () => new Date("2026-02-12T11:00:00.000Z"), pause: async () => {} };

/** What answers at this path, and is worked on until the test says so. */
function working() {
  const begun: { answer: (answer: Response) => void }[] = [];
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("caller", { name: "one", isAdmin: false });
    await next();
  });
  const answers = keptAnswers({ mostBytes: 1_000_000 });
  app.use(kept({ readRevision: async () => "rows", salt: "program", answers }, clock));
  app.get(PATH, () => {
    const { promise, resolve: answer } = Promise.withResolvers<Response>();
    begun.push({ answer });
    return promise;
  });
  const ask = async (query = "") => {
    const answer = await app.request(PATH + query);
    return `${answer.status} ${(await answer.text()).length}`;
  };
  /** Until all that is asked for waits for something. */
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { ask, begun, rest };
}

const whole = (letters = 3) => Response.json("x".repeat(letters - 2));

test("an answer is made once for all who ask while it is being made", async () => {
  const { ask, begun, rest } = working();
  const asked = Array.from({ length: 20 }, () => ask());
  await rest();
  expect(begun).toHaveLength(1);
  begun[0]?.answer(whole());
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["200 3"]));
  expect(await ask()).toBe("200 3");
  expect(begun).toHaveLength(1);
});

test("another question waits for nobody", async () => {
  const { ask, begun, rest } = working();
  const asked = [ask(), ask("?limit=2")];
  await rest();
  expect(begun).toHaveLength(2);
  begun[1]?.answer(whole(4));
  expect(await asked[1]).toBe("200 4");
  begun[0]?.answer(whole());
  expect(await asked[0]).toBe("200 3");
});

test("one that is too large to be kept is given to all who waited, and made anew for who asks later", async () => {
  const { ask, begun, rest } = working();
  const large = 600_000;
  const asked = [ask(), ask(), ask()];
  await rest();
  begun[0]?.answer(
    new Response(await whole(large).arrayBuffer(), {
      headers: { "content-type": "application/json", "content-length": String(large) },
    }),
  );
  expect(await Promise.all(asked)).toEqual(Array(3).fill(`200 ${large}`));
  const later = ask();
  await rest();
  expect(begun).toHaveLength(2);
  begun[1]?.answer(whole());
  await later;
});

test("where it could not be made one of those who wait has it made, and where that fails as well each hears why", async () => {
  const { ask, begun, rest } = working();
  const refused = () => new Response(null, { status: 503 });
  const asked = Array.from({ length: 5 }, () => ask());
  await rest();
  begun[0]?.answer(refused());
  await rest();
  expect(begun).toHaveLength(2);
  begun[1]?.answer(refused());
  await rest();
  expect(begun).toHaveLength(5);
  for (const { answer } of begun.slice(2)) answer(refused());
  expect(await Promise.all(asked)).toEqual(Array(5).fill("503 0"));
});

test("nobody waits for another's file", async () => {
  const { ask, begun, rest } = working();
  const asked = [ask("?format=csv"), ask("?format=csv")];
  await rest();
  expect(begun).toHaveLength(2);
  for (const { answer } of begun)
    answer(new Response("a,b", { headers: { "content-type": "text/csv" } }));
  expect(await Promise.all(asked)).toEqual(["200 3", "200 3"]);
});
