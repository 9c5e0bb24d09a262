import type { Metrics } from "../../lib/metrics.ts";
import type { LoopOptions } from "../processes/serve-options.ts";
import type { Failing } from "../status/failing.ts";
import type { Run } from "./runner.ts";
import type { Rush } from "./rush.ts";
import type { WakeSignals } from "./wake-signals.ts";

/** What every loop is built from. */
export interface LoopContext extends LoopOptions {
  metrics: Metrics;
  failing: Failing;
  wakeSignals: WakeSignals;
  run: Run;
  rush: Rush;
}
