import { describe, expect, test } from "bun:test";
import { answering, failureOf, noAnswers } from "../../test/support/no-answers.ts";
import { createLogger } from "../lib/logger.ts";
import { vivenuClient } from "./client.ts";
import { listeners } from "./listeners.ts";

const EVENT_ID = "68f000000000000000000001";

const clientOf = (baseUrl: string) =>
  vivenuClient({
    ...{ baseUrl, region: "DACH", apiKey: "key_0123456789", logger: createLogger("silent") },
    clock: { now: () => new Date(), pause: async () => {} },
    budget: { take: async () => {} },
  });

const listenersOf = (baseUrl: string) =>
  listeners({
    ...{ baseUrl, region: "DACH", apiKey: "key_0123456789", timeoutMs: 2_000 },
    now: () => new Date(),
  });

const wish = { name: "A listener", url: "https://x.example", types: [], hmacKey: "a-key" };

const calls: Record<string, (baseUrl: string) => Promise<unknown>> = {
  "the list of events": (url) => clientOf(url).readEvents(),
  "the number of events": (url) => clientOf(url).readEventTotal(),
  "an event": (url) => clientOf(url).readEvent(EVENT_ID),
  "a page of tickets": (url) => clientOf(url).readTicketsPage({ eventId: EVENT_ID, top: 100 }),
  "the number of tickets": (url) => clientOf(url).readTicketTotal({ eventId: EVENT_ID }),
  "the seller": (url) => clientOf(url).readSeller(),
  "the list of listeners": (url) => listenersOf(url).list(),
};

describe.each(Object.keys(calls))("%s", (name) => {
  test.each(Object.keys(noAnswers))("is not what %s says", async (kind) => {
    await using server = await answering(noAnswers[kind] ?? (() => {}));
    const failure = await failureOf(calls[name]?.(server.url) ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: "unavailable" });
    expect(String(failure)).not.toContain("Sign in");
    // What may be a moment's trouble is asked for again; listeners are a person's business.
    expect(server.asked.length).toBe(name.includes("listeners") ? 1 : 4);
  });
});

test.each(["a sign-in page", "a page that says it is JSON", "cut off JSON"])(
  "no listener is made, changed or removed by %s",
  async (kind) => {
    await using server = await answering(noAnswers[kind] ?? (() => {}));
    const client = listenersOf(server.url);
    for (const done of [client.create(wish), client.replace("a", wish), client.remove("a")])
      expect(await failureOf(done)).toMatchObject({ kind: "unavailable" });
  },
);

test.each([404, 401, 403])("a proxy's page with %d says nothing of Vivenu", async (status) => {
  await using server = await answering((response) => {
    response.writeHead(status, { "content-type": "text/html" });
    response.end("<html>blocked</html>");
  });
  // Else an event would be taken for deleted, or a key for revoked.
  expect(await failureOf(clientOf(server.url).readEvent(EVENT_ID))).toMatchObject({
    kind: "unavailable",
  });
});
