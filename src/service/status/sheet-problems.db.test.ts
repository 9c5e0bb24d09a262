import { expect, test } from "bun:test";
import { handClock, logger, MINUTE } from "../../../test/support/intake.ts";
import { sheetProblems } from "./sheet-problems.ts";

function stage() {
  const clock = handClock();
  const said = { problems: [] as string[], reads: 0, fails: false };
  const read = sheetProblems({
    clock,
    logger,
    everyMs: 5 * MINUTE,
    async read() {
      said.reads += 1;
      if (said.fails) throw new Error("no");
      return said.problems;
    },
  });
  const shown = async () =>
    (await read()).flatMap(({ item, value, at }) => (value === null ? [] : [[item, value, at]]));
  return { clock, said, read, shown };
}

test("where all is well the first line says so, and the others are empty", async () => {
  const { read, shown } = stage();
  expect(await shown()).toEqual([["Problem 1", "none", null]]);
  expect(await read()).toHaveLength(8);
});

test("each problem has a line with since when it is known, and its line is empty when it is over", async () => {
  const { clock, said, shown } = stage();
  const began = clock.now().toISOString();
  said.problems = ["DACH: its key is refused."];
  await shown();
  clock.forward(6 * MINUTE);
  const later = clock.now().toISOString();
  said.problems = ["FRANCE was never polled.", "DACH: its key is refused."];
  expect(await shown()).toEqual([
    ["Problem 1", "FRANCE was never polled.", later],
    ["Problem 2", "DACH: its key is refused.", began],
  ]);
  clock.forward(6 * MINUTE);
  said.problems = [];
  expect(await shown()).toEqual([["Problem 1", "none", null]]);
});

test("they stand for a while as they were read", async () => {
  const { clock, said, shown } = stage();
  await shown();
  said.problems = ["the outbox has waited 12 s"];
  clock.forward(4 * MINUTE);
  expect([await shown(), said.reads]).toEqual([[["Problem 1", "none", null]], 1]);
});

test("after a clock was set back they are read again", async () => {
  const { clock, said, shown } = stage();
  await shown();
  said.problems = ["DACH: its key is refused."];
  clock.forward(-60 * MINUTE);
  expect((await shown()).map(([, value]) => value)).toEqual(["DACH: its key is refused."]);
});

test("more than there are lines for are counted in the last", async () => {
  const { said, shown } = stage();
  said.problems = Array.from({ length: 11 }, (_, index) => `problem ${index}`);
  const lines = await shown();
  expect(lines).toHaveLength(8);
  expect(lines.at(-1)).toEqual(["Problem 8", "4 more; /status has them all", null]);
});

test("what cannot be read is said, and stops nothing", async () => {
  const { said, shown } = stage();
  said.fails = true;
  expect(await shown()).toMatchObject([
    ["Problem 1", "What is wrong could not be read; /status says more.", expect.any(String)],
  ]);
});
