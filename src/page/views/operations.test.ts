import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { KEY, status, type TestApi, testApi } from "../../../test/support/test-api.ts";
import type { AskedAct, OperationsOptions } from "../../api/operation/operations.ts";
import { actionExample } from "../../api/operation/operations-shapes.ts";
import { pages } from "../pages.ts";

const HTML = { accept: "text/html" };
const clock = { now: () => new Date("2026-02-12T11:00:00.000Z"), pause: async () => {} };
const shown = await pages({ clock });
const HOSTILE = `<img src=x onerror=alert(1)>"'&`;

function site({ isAdmin = true, ...options }: TestApi & { isAdmin?: boolean } = {}) {
  const asked: AskedAct[] = [];
  const operations: OperationsOptions = {
    read: async () => ({
      actions: [actionExample],
      deadLetters: [
        {
          ...{ id: "delivery-41", account: "DACH", type: "event.updated", reason: HOSTILE },
          ...{ at: "2026-02-12T10:00:00.000Z", failures: 3, state: "dead" },
        },
      ],
      webhooks: [
        {
          ...{ id: "delivery-42", account: "DACH", type: "ticket.created", isStored: true },
          ...{ receivedAt: "2026-02-12T10:59:00.000Z", translatedAt: "2026-02-12T10:59:01.000Z" },
        },
      ],
      budgets: [{ region: "DACH", requestsLastHour: 4_100, perHour: 4_500 }],
    }),
    readAction: async () => actionExample,
    ask: async (act) => {
      asked.push(act);
      return { ...actionExample, id: "18" };
    },
  };
  const digest = createHash("sha256").update(KEY).digest();
  const made = testApi({
    ...{ pages: shown, clock, operations },
    keys: { read: async () => [{ name: "ops-laptop", isAdmin, digest }] },
    ...options,
  });
  const send = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    made.app.request("/operations/acts", {
      method: "POST",
      body: new URLSearchParams(form),
      headers: {
        ...{ ...HTML, "x-api-key": KEY, host: "monitor.example.com" },
        ...{ origin: "https://monitor.example.com", "sec-fetch-site": "same-origin" },
        ...headers,
      },
    });
  return { ...made, asked, send };
}

test("the first line says how many things are to be looked at, and the flow where something waits", async () => {
  const { get } = site({
    readStatus: async () => ({
      ...status,
      problems: ["DACH was never polled."],
      inbox: {
        waiting: 1_204,
        oldestWaitingAt: "2026-02-12T10:59:20.000Z",
        failing: 2,
        refused: 0,
      },
    }),
  });
  const html = await (await get("/operations", HTML)).text();
  expect(html).toContain("<h1>One thing to look at</h1>");
  expect(html).toContain("DACH was never polled.");
  expect(html).toContain("1,204 waiting");
  expect(html).toContain("oldest 40 s, 2 failing, 0 refused");
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(html).not.toContain("<img");
});

test("instants in what it says are by the clock of who looks, and the exact ones are theirs still", async () => {
  const at = "2026-02-11T22:30:05.123Z";
  const { get } = site({
    readStatus: async () => ({ ...status, problems: [`The inbox waits since ${at}, <b>.`] }),
  });
  const html = await (await get("/operations", { ...HTML, cookie: "tz=Europe/Berlin" })).text();
  expect(html).toContain(
    `The inbox waits since <time datetime="${at}" title="Wed 11 Feb 2026, 23:30">11 Feb, 23:30</time>, &lt;b&gt;.`,
  );
});

test("of an earlier moment it says that what is shown is now", async () => {
  const { get } = site();
  const at = await get("/operations?as_of=2026-02-11T11:00:00.000Z", HTML);
  expect(await at.text()).toContain("This is how it is now");
  expect(await (await get("/operations", HTML)).text()).not.toContain("This is how it is now");
});

test("who has no admin key sees how it stands, and nothing that could be done", async () => {
  const { get } = site({ isAdmin: false });
  const html = await (await get("/operations", HTML)).text();
  expect(html).toContain("<h1>Everything runs</h1>");
  expect(html).toContain("You look with “ops-laptop”.");
  expect(html).not.toContain("/operations/confirm");
  expect(html).not.toContain("delivery-42");
  expect((await get("/operations/confirm?act=poll&region=DACH", HTML)).status).toBe(403);
});

test("an act is asked once more on a page of its own, and done by its form, with who asked for it", async () => {
  const { get, send, asked } = site();
  const html = await (await get("/operations/confirm?act=drop&ids=delivery-41", HTML)).text();
  expect(html).toContain("<h1>Drop this for good?</h1>");
  expect(html).toContain("delivery-41");
  const [, token = ""] = /name="key" value="([^"]+)"/.exec(html) ?? [];
  const answer = await send({ act: "drop", ids: "delivery-41", key: token });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("/operations#act-18");
  expect(asked).toEqual([
    { act: "drop", subject: { ids: ["delivery-41"] }, by: "ops-laptop", idempotencyKey: token },
  ]);
});

test("nothing is done for another site's page, for another key, or without what it needs", async () => {
  const { send, asked } = site();
  const form = { act: "poll", region: "DACH", key: "a" };
  const refused = [
    await send(form, { origin: "https://evil.example.com" }),
    await send(form, { "sec-fetch-site": "cross-site" }),
    await site({ isAdmin: false }).send(form),
  ];
  expect(refused.map((answer) => answer.status)).toEqual([403, 403, 403]);
  const wrong = [
    await send({ act: "poll", key: "a" }),
    await send({ act: "explode", key: "a" }),
    await send({ act: "drop", key: "a" }),
    await send({ act: "poll", region: "DACH" }),
  ];
  expect(wrong.map((answer) => answer.status)).toEqual([400, 400, 400, 400]);
  expect(asked).toEqual([]);
  expect((await send(form)).status).toBe(303);
});

test("what came of webhooks is told by outcome, and of each account what is left of its budget", async () => {
  const outcomes = { accepted: 1_204, unsigned: 3, unavailable: 2, somethingNew: 1 };
  const { get } = site({
    readStatus: async () => ({
      ...status,
      webhooks: {
        ...{ lastHour: { accepted: 41 }, lastDay: outcomes },
        ofNobody: { lastHour: {}, lastDay: { unsigned: 3 } },
      },
    }),
  });
  const html = await (await get("/operations", HTML)).text();
  for (const [name, hour, day] of [
    ["kept", "41", "1,204"],
    ["not signed", "0", "3"],
    ["it could not be taken then", "0", "2"],
    ["somethingNew", "0", "1"],
  ] as const) {
    const row = html.slice(html.indexOf(name), html.indexOf("</tr>", html.indexOf(name)));
    const numbers = [...row.matchAll(/<td class="number"[^>]*>([\d,]+)/g)].map(([, text]) => text);
    expect([name, ...numbers]).toEqual([name, hour, day]);
  }
  expect(html).toContain("4,100 of 4,500");
});
