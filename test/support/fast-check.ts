/** fast-check by the seed of the run; a test that imports the package itself would go by the clock. */
import fc from "fast-check";
import { SEED } from "./seed.ts";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });

/**
 * A value that is the same whatever the seed of the run, as an example before those of chance: what a property has
 * to have met to be worth something, it meets in this one.
 */
export function fixed<Value>(arbitrary: fc.Arbitrary<Value>, seed: number): Value {
  const [value] = fc.sample(arbitrary, { seed, numRuns: 1 });
  if (value === undefined) throw new Error(`nothing has the seed ${seed}`);
  return value;
}

export { fc };
