import { expect, test } from "bun:test";
import { addedUp, progressOf } from "./progress.ts";

/** A stream, and a clock that stands until it is moved. */
function seen({ isTTY, json }: { isTTY: boolean; json: boolean }) {
  let at = 0;
  const texts: string[] = [];
  const stream = { isTTY, write: (text: string | Uint8Array) => texts.push(String(text)) > 0 };
  const shown = progressOf({ name: "poll", unit: "events", stream, json, now: () => at });
  const forward = (ms: number) => {
    at += ms;
  };
  return { ...shown, texts, forward };
}

test("on a terminal it is a bar with the time left, which is gone in the end", () => {
  const { show, end, texts, forward } = seen({ isTTY: true, json: false });
  forward(10_000);
  show({ done: 10, of: 40, beside: { facts: 7 } });
  expect(texts[0]).toContain("10/40 events, 7 facts, about 30 s left");
  expect(texts[0]?.match(/█/g)).toHaveLength(8);
  end();
  expect(texts.at(-1)).toBe("\r\u001b[K");
});

test.each([
  { isTTY: false, json: false },
  { isTTY: true, json: true },
])("elsewhere, and with --json, it is a JSON line now and then: %p", (where) => {
  const { show, end, texts, forward } = seen(where);
  const showAll = addedUp(show);
  showAll({ account: "DACH", done: 0, of: 3 });
  forward(1_000);
  showAll({ account: "FRANCE", done: 1, of: 5 });
  forward(5_000);
  showAll({ account: "DACH", done: 2, of: 3 });
  end();
  expect(texts.map((text) => JSON.parse(text))).toEqual([
    { event: "poll.advanced", done: 0, of: 3, accounts: 1, secondsLeft: null },
    { event: "poll.advanced", done: 3, of: 8, accounts: 2, secondsLeft: 10 },
  ]);
});
