/** fast-check by the seed of the run; a test that imports the package itself would go by the clock. */
import fc from "fast-check";
import { SEED } from "./seed.ts";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });

export { fc };
