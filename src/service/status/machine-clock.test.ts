import { expect, test } from "bun:test";
import { clockProblems } from "../../database/write-probe.ts";
import { clockLoop, machineClock } from "./clock-problems.ts";

const [POSTGRES, GOOGLE] = ["PostgreSQL's", "Google's"];
const beside = (whose: string, aheadMs: number) => clockProblems(aheadMs, whose);
const failing = (whose: string, aheadMs: number) =>
  beside(whose, aheadMs).map((message) => ({ loop: clockLoop(whose), message, account: null }));
const other = { loop: "poller", message: "it stands still", account: null };

test("a machine's clock that is off is told once, though each process sees it beside two others", () => {
  const both = [...failing(POSTGRES, 301_000), other, ...failing(GOOGLE, 299_000)];
  const told = machineClock(beside(POSTGRES, 300_000), both);
  expect(told).toEqual({
    sentences: [
      "This machine's clock is 300 s ahead of PostgreSQL's and Google's: it has to be set (NTP).",
    ],
    others: [other],
  });
  // Where only the loops' machine is off, or nobody but they can say so.
  expect(machineClock([], both).sentences).toEqual([
    "This machine's clock is 301 s ahead of PostgreSQL's and Google's: it has to be set (NTP).",
  ]);
});

test("a clock that differs from one other, or from two to both sides, may be right", () => {
  const one = "This machine's clock is 95 s behind PostgreSQL's: one of them has to be set (NTP).";
  expect(machineClock(beside(POSTGRES, -95_000), []).sentences).toEqual([one]);
  expect(machineClock(beside(POSTGRES, -95_000), failing(POSTGRES, -95_000)).sentences).toEqual([
    one,
  ]);
  expect(machineClock([], failing(GOOGLE, 40_000)).sentences).toEqual([
    "This machine's clock is 40 s ahead of Google's: one of them has to be set (NTP).",
  ]);
  expect(machineClock(beside(POSTGRES, -95_000), failing(GOOGLE, 40_000)).sentences).toHaveLength(
    2,
  );
  expect(machineClock([], [other])).toEqual({ sentences: [], others: [other] });
});
