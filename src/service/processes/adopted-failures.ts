import type { Clock } from "../../lib/clock.ts";
import type { Failing, FailingLoop } from "../status/failing.ts";

/** Tells what fails in another process as if it failed here, until that says that it does no more. */
export function adopting(failing: Failing, clock: Clock) {
  const told = new Set<string>();
  return (loops: FailingLoop[]) => {
    for (const loop of told)
      if (!loops.some((one) => one.loop === loop)) {
        told.delete(loop);
        failing.clear(loop);
      }
    for (const { loop, message, account } of loops) {
      told.add(loop);
      failing.note(account === null ? loop : { loop, account }, message, clock.now());
    }
  };
}
