import { expect, test } from "bun:test";
import { fakeClock } from "../../../test/fixtures/vivenu/scripted.ts";
import { attempt } from "../../sheets/google/google-failure.ts";
import type { Failing } from "../status/failing.ts";
import { clockWatch } from "./clocks.ts";

const NOW = new Date("2026-11-29T10:00:00Z");

function stage() {
  const told = new Map<string, string>();
  const failing: Failing = {
    note: (name, words) => void told.set(`${name}`, words),
    clear: (name) => void told.delete(name),
    here: () => [...told].map(([loop, message]) => ({ loop, message, account: null })),
    read: async () => [],
  };
  return { told, ...clockWatch({ failing, clock: fakeClock(), now: () => NOW }) };
}

test("a clock that is off beside Google's is told from the head of an answer, and no more when it is right", async () => {
  const { told, onGoogleDate } = stage();
  const answered = (date: string, headers: unknown = new Headers({ date })) =>
    attempt("read", Promise.resolve({ data: {}, headers }), {
      isAnswer: () => true,
      onDate: onGoogleDate,
    });
  await answered("Sun, 29 Nov 2026 09:58:00 GMT");
  expect([...told]).toEqual([
    [
      "the clock beside Google's",
      "This machine's clock is 120 s ahead of Google's: one of them has to be set (NTP).",
    ],
  ]);
  await answered("Sun, 29 Nov 2026 09:59:45 GMT");
  expect(told.size).toBe(0);
  await answered("", { date: "Sun, 29 Nov 2026 10:10:00 GMT" });
  expect([...told.values()].join()).toContain("600 s behind Google's");
  // An answer without a date, or with none that can be read, says nothing.
  await answered("", {});
  await answered("yesterday");
  expect(told.size).toBe(1);
});

test("a clock that is off beside PostgreSQL's is told, and one that does not answer says nothing", async () => {
  const { told, besidePostgres } = stage();
  let aheadMs: number | null = -95_000;
  const step = besidePostgres(async () => ({ unwritable: null, aheadMs }));
  await step();
  aheadMs = null;
  await step();
  expect([...told.values()].join()).toContain("95 s behind PostgreSQL's");
  aheadMs = 900;
  await step();
  expect(told.size).toBe(0);
});
