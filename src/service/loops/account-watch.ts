import type { Lease } from "../../database/lease.ts";
import { standingWatch } from "../status/standing.ts";
import { standingTold } from "../status/standing-told.ts";
import type { LoopContext } from "./loop-context.ts";

type Asking = Pick<LoopContext, "failing" | "clock" | "logger" | "onRequest" | "onWaiting">;

/**
 * Watches what is done for several accounts side by side: one that stands still is told of by its name
 * while the others go on. Its requests, answered or not, or waiting for their turn, are its progress;
 * that they are not answered is told by whoever watches Vivenu. `nameOf` gives the name for /status.
 */
export function accountWatch<Context extends Asking>(
  given: Context,
  lease: Lease,
  nameOf: (account: string) => string,
) {
  const accounts = new Map<string, string>();
  const works = standingWatch(standingTold(given, lease, (name) => accounts.get(name)));
  const goesOn = new Map<string, () => void>();
  let stepGoesOn = () => {};
  const progress = (account: string) => {
    goesOn.get(account)?.();
    stepGoesOn();
  };
  const context: Context & Required<Pick<Asking, "onRequest" | "onWaiting">> = {
    ...given,
    onWaiting: progress,
    onRequest(account: string) {
      const over = given.onRequest?.(account);
      return (outcome) => {
        over?.(outcome);
        progress(account);
      };
    },
  };
  return {
    /** Of which the clients are built. */
    context,
    watch<Result>(account: string, work: () => Promise<Result>) {
      const name = nameOf(account);
      accounts.set(name, account);
      return works.watch(
        name,
        () => given.clock.now(),
        (ownGoesOn) => {
          goesOn.set(account, ownGoesOn);
          return work();
        },
      );
    },
    /** What is any account's progress is that of the step that works for all of them. */
    stepOf(told: () => void) {
      stepGoesOn = told;
    },
  };
}
