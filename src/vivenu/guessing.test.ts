import { describe, expect, test } from "bun:test";
import { countingBudget, fakeClock, recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import { EVENT_ID, listed, playedTickets } from "../../test/fixtures/vivenu/tickets.ts";
import { readAllTickets } from "./all-tickets.ts";
import { vivenuClient } from "./client.ts";
import { guessing } from "./guessing.ts";
import type { Segment } from "./segments.ts";

const TOP = 9;
const segment = (from: number, until: number, missing: number): Segment => ({
  ...{ from, until, known: [from], total: 1 + missing },
});
const whole = [segment(0, 100, 50)];
const asked = { from: 0, until: 100 };
const rising = { asked, times: [10, 20, 30] };
const falling = { asked, times: [90, 80, 70] };

describe("where a page seems sorted the next is asked for from its edge on", () => {
  test("to the end of what was asked for, or from its beginning", () => {
    expect(guessing().next(whole, rising)).toEqual({ from: 30, until: 100 });
    expect(guessing().next(whole, falling)).toEqual({ from: 0, until: 70 });
  });

  test("but not where it is in no order, ends at a bound, or left nothing to ask for", () => {
    expect(guessing().next(whole, { asked, times: [50, 10, 90, 20, 60, 30] })).toBeUndefined();
    expect(guessing().next(whole, { asked, times: [10, 100] })).toBeUndefined();
    expect(guessing().next(whole, { asked, times: [90, 0] })).toBeUndefined();
    expect(guessing().next([segment(31, 100, 50)], rising)).toBeUndefined();
    expect(guessing().next([segment(0, 60, 50)], rising)).toBeUndefined();
  });
});

test.each([
  ["rising", rising, segment(0, 29, 4), segment(30, 100, 40)],
  ["falling", falling, segment(71, 100, 4), segment(0, 70, 40)],
])(
  "guesses that leave too much behind of a %s page are given up after three",
  (_, page, left, rest) => {
    const guesses = guessing();
    for (let times = 1; times <= 3; times += 1) {
      expect(guesses.next(whole, page)).toBeDefined();
      guesses.judge([left, rest], TOP);
    }
    expect(guesses.next(whole, page)).toBeUndefined();
  },
);

test("a guess that leaves little behind earns another", () => {
  const guesses = guessing();
  for (const missing of [4, 4, 3, 4]) {
    expect(guesses.next(whole, rising)).toBeDefined();
    guesses.judge([segment(0, 29, missing), segment(30, 100, 40)], TOP);
  }
  expect(guesses.next(whole, rising)).toBeDefined();
  guesses.judge([segment(0, 29, 4), segment(30, 100, 40)], TOP);
  expect(guesses.next(whole, rising)).toBeUndefined();
});

test("pages that are sorted, and each a sample of all, lead to few guesses in vain", async () => {
  const begin = Date.parse("2026-01-01T00:00:00.000Z");
  const [all, pageSize] = [1_000, 20];
  const rows = listed(Array.from({ length: all }, (_, at) => begin + 1_000 * at)).toSorted(
    (a, b) => Bun.hash.crc32(a._id) - Bun.hash.crc32(b._id),
  );
  const { fetch } = playedTickets({
    rows,
    meddle: (_, answer) => ({
      ...answer,
      rows: answer.rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)),
    }),
  });
  const client = vivenuClient({
    ...{ baseUrl: "https://vivenu.example.com", apiKey: "key", region: "DACH", fetch },
    ...{ budget: countingBudget(), clock: fakeClock(), logger: recordingLog().logger },
  });
  const until = new Date(begin + 1_000 * all);
  const read = await readAllTickets(client, { eventId: EVENT_ID, until, pageSize });
  expect([read.complete, read.tickets.length]).toEqual([true, all]);
  // It takes some 2.5 requests a page, and 3.1 where guesses are never given up.
  expect(read.requests / (all / pageSize)).toBeLessThan(2.8);
});
