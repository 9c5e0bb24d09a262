import { expect, test } from "bun:test";
import { failuresIn, isByChance } from "./found.ts";

test("a test has chance in it that imports the run's seed, or fast-check with it", () => {
  expect(isByChance('import { fc } from "../../test/support/fast-check.ts";')).toBe(true);
  expect(isByChance('import { SEED, seeds } from "./support/seed.ts";')).toBe(true);
  expect(isByChance('import { runs } from "../support/runs.ts";')).toBe(false);
  // Somebody who writes of it has none.
  expect(isByChance('expect(`import { SEED } from "./support/seed.ts";`)')).toBe(false);
});

test("what failed is found with its file and what was said of it, once each", () => {
  const output = `bun test v1.4.5 (a7733435c) 2x PARALLEL

src/a.test.ts:
(pass) is well [1.00ms]

src/b.test.ts:
(pass) is well too [1.00ms]
error: Property failed after 3 tests
{ seed: 42, path: "2", endOnFailure: true }
(fail) counts nothing twice [3.00ms]

1 tests failed:
(fail) counts nothing twice [3.00ms]

 2 pass
 1 fail
`;
  expect(failuresIn(output)).toEqual([
    {
      file: "src/b.test.ts",
      said: `error: Property failed after 3 tests
{ seed: 42, path: "2", endOnFailure: true }
(fail) counts nothing twice [3.00ms]`,
    },
  ]);
  expect(failuresIn("src/a.test.ts:\n(pass) is well [1.00ms]\n")).toEqual([]);
});
