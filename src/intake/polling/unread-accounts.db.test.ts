import { expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import { clientFor, handClock, MINUTE, never, SECOND } from "../../../test/support/intake.ts";
import { type UnreadPoll, unreadAccounts } from "./unread-accounts.ts";

/** An account whose last poll could read nothing, looked at every half minute as the poller does. */
function stage(poll: Partial<UnreadPoll> = {}) {
  const clock = handClock();
  const answers = { status: 401, on: "/api/" };
  const model = modelVivenu({ now: clock.now });
  let asked = 0;
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", region: "DACH", clock },
    fetch: async (url) => {
      asked += 1;
      const isAnswered = answers.status === 200 || !new URL(url).pathname.startsWith(answers.on);
      return isAnswered ? model.fetch(url) : new Response("", { status: answers.status });
    },
  });
  const answered = unreadAccounts({ clientOf: () => client, clock, signal: never });
  const failures = [{ eventId: null, kind: "key_refused" }];
  const last = { account: "DACH", complete: false, eventsCounted: 0, failures, ...poll };
  return {
    answers,
    asked: () => asked,
    /** How many polls are due meanwhile, each of which could read nothing either. */
    async passes(ms: number) {
      let due = 0;
      for (let at = 0; at < ms; at += 30 * SECOND) {
        clock.forward(30 * SECOND);
        due += (await answered([last])).length;
      }
      return due;
    },
  };
}

test.each([
  { status: 401, on: "/api/" },
  { status: 503, on: "/api/events" },
  { status: 404, on: "/api/tickets" },
])(
  "an account whose poll could read nothing is polled within a minute after $on is answered with $status no more",
  async (trouble) => {
    const { answers, asked, passes } = stage();
    Object.assign(answers, trouble);
    expect(await passes(20 * MINUTE)).toBe(0);
    expect(asked()).toBeLessThanOrEqual(80);
    answers.status = 200;
    expect(await passes(MINUTE)).toBe(1);
  },
);

test("an account that is answered, and of which a poll still reads nothing, is polled once an hour", async () => {
  const { answers, passes } = stage();
  answers.status = 200;
  expect(await passes(59 * MINUTE)).toBe(1);
  expect(await passes(2 * MINUTE)).toBe(1);
});

test.each([
  ["that was complete", { complete: true, failures: [] }],
  ["of which some events were counted", { eventsCounted: 3 }],
  ["in which one event failed", { failures: [{ eventId: "one", kind: "unavailable" }] }],
  ["that found what Vivenu will say again", { failures: [{ eventId: null, kind: "malformed" }] }],
])("nobody asks after a poll %s", async (_, poll) => {
  const { answers, asked, passes } = stage(poll);
  answers.status = 200;
  expect(await passes(10 * MINUTE)).toBe(0);
  expect(asked()).toBe(0);
});
